"""``chapar db``: the database's own upkeep."""

import typer

from connector.cli.options import ConfigFile, Json
from connector.cli.output import print_json, print_text
from connector.cli.quiet import quiet_log

__all__ = ["application"]

application = typer.Typer(help="Look after the database. پایگاه داده", no_args_is_help=True)


@application.command()
def upgrade(config: ConfigFile = None, json: Json = False) -> None:
    """Bring the database to this version of Chapar; does nothing where it is there. Stop the daemon before."""
    from connector.assembly.ledger import prepare_settings_database
    from connector.settings.load import find_file, load_settings

    quiet_log()
    version = prepare_settings_database(load_settings(find_file(config)))
    if json:
        print_json({"version": version})
    else:
        print_text(f"The database is at version {version}.")
