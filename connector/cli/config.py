"""``chapar config``: what is in force, and the schema of what may be written."""

import typer

from connector.cli.options import ConfigFile, Json
from connector.cli.output import print_json, print_text

__all__ = ["application"]

application = typer.Typer(help="Look at the configuration. پیکربندی", no_args_is_help=True)


@application.command()
def show(config: ConfigFile = None, json: Json = False) -> None:
    """Print the configuration in force: file and environment together, defaults filled in, no secret in it."""
    from connector.settings.in_force import as_plain, as_text
    from connector.settings.load import find_file, load_settings

    file = find_file(config)
    settings = load_settings(file)
    if json:
        print_json({"file": str(file), "settings": as_plain(settings)})
    else:
        print_text(f"# {file}\n{as_text(settings)}")


@application.command()
def schema() -> None:
    """Print the JSON schema of the configuration file."""
    from connector.settings.example import schema as build

    print_json(build())


@application.command()
def reference() -> None:
    """Print the page of all options, in Markdown."""
    from connector.settings.reference import reference_text

    print_text(reference_text().rstrip())


@application.command()
def example() -> None:
    """Print the example configuration with every option explained."""
    from connector.settings.example import example_text

    print_text(example_text().rstrip())
