"""``chapar demo``: the whole way on loopback, against a simulated agency, with trouble on purpose."""

from enum import StrEnum
from typing import Annotated

import typer

from connector.cli.options import Json

__all__ = ["demo"]


class Report(StrEnum):
    """How the demo reports."""

    TEXT = "text"
    JSON = "json"


def demo(
    letters: Annotated[
        int, typer.Option(help="How many letters the simulated citizens send.", min=1, max=10_000)
    ] = 50,
    ui: Annotated[bool, typer.Option("--ui/--no-ui", help="Show the letters on their way.")] = True,
    report: Annotated[
        Report, typer.Option(help="text for people, json: one object for machines.")
    ] = Report.TEXT,
    json: Json = False,
) -> None:
    """Carry letters through a simulated agency, with trouble on purpose, and count what became of them.

    Ends with 0 only if no letter was lost, registered twice or silent, and no fact was told twice. --json is the
    same as --report json.
    """
    from connector.simulator.demo import run_demo

    raise typer.Exit(run_demo(letters=letters, ui=ui, report=str(Report.JSON if json else report)))
