"""``chapar run``: the daemon in the foreground, as systemd wants it."""

import typer

from connector.cli.options import ConfigFile

__all__ = ["run"]


def run(config: ConfigFile = None) -> None:
    """Carry letters until told to stop: TERM or ctrl-C finishes the deed in hand, HUP reloads."""
    from connector.daemon.run import run_daemon
    from connector.settings.load import find_file

    raise typer.Exit(run_daemon(find_file(config)))
