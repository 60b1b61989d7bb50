"""``chapar rehearse``: an operator's fire drill: the real daemon, a simulated agency, everything going wrong."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.errors import ExitCode
from connector.cli.options import Json

if TYPE_CHECKING:
    from connector.simulator.rehearsal.options import RehearsalOptions

__all__ = ["rehearse"]


class Report(StrEnum):
    """How the drill reports."""

    TEXT = "text"
    JSON = "json"


class Level(StrEnum):
    """What the simulated offices offer after a lost answer."""

    A = "A"
    B = "B"
    C = "C"


class Gateway(StrEnum):
    """What the simulated gateway offers after a lost answer."""

    ASKED = "asked"
    UNASKED = "unasked"


Letters = Annotated[int, typer.Option(help="How many letters the simulated citizens send.", min=1, max=9_999)]
Nodes = Annotated[int, typer.Option(help="How many daemons share the work.", min=1, max=20)]
Database = Annotated[
    str,
    typer.Option(
        help="sqlite, postgresql (a temporary server), or the URL of a PostgreSQL where a database of the "
        "drill's own is made and dropped again."
    ),
]
Faults = Annotated[str, typer.Option(help="all, none, names between commas, or list to see which there are.")]
Kills = Annotated[
    int | None,
    typer.Option(help="How often a node is killed without warning. [by the letters]", min=0, max=1_000),
]
Seed = Annotated[int, typer.Option(help="The same seed gives the same schedule of faults.", min=0)]
LevelOption = Annotated[
    Level,
    typer.Option(
        help="What the offices offer after a lost answer: A a look-up by our key, B a search, C nothing."
    ),
]
GatewayOption = Annotated[
    Gateway,
    typer.Option(
        help="Whether the SMS gateway can be asked for a message by our own id after a lost answer."
    ),
]
ReportOption = Annotated[Report, typer.Option(help="text for people, json: one object for machines.")]
Within = Annotated[
    str | None, typer.Option(help="The bound on the whole drill, such as 90s or 10m.", show_default=False)
]
Ui = Annotated[bool, typer.Option("--ui/--no-ui", help="Show what happens.")]
Keep = Annotated[
    Path | None,
    typer.Option(help="Leave configuration, logs and ledger in this folder.", show_default=False),
]


def rehearse(
    letters: Letters = 100,
    nodes: Nodes = 1,
    database: Database = "sqlite",
    faults: Faults = "all",
    kills: Kills = None,
    seed: Seed = 1,
    level: LevelOption = Level.A,
    gateway: GatewayOption = Gateway.ASKED,
    report: ReportOption = Report.TEXT,
    json: Json = False,
    within: Within = None,
    ui: Ui = True,
    keep: Keep = None,
) -> None:
    """Rehearse every fault on a simulated agency with the real daemon, and judge each promise.

    Ends with 0 only if every promise was kept, every letter is at its end or with a person, and every fault was played.
    --json is the same as --report json.
    """
    from connector.simulator.rehearsal.command import list_faults, run_rehearsal

    as_json = json or report is Report.JSON
    if faults.strip() == "list":
        list_faults(as_json=as_json)
        raise typer.Exit(ExitCode.DONE)
    options = _options(
        letters=letters,
        nodes=nodes,
        database=database,
        faults=faults,
        kills=kills,
        seed=seed,
        level=level,
        gateway=gateway,
        within=within,
    )
    raise typer.Exit(run_rehearsal(options, database=database, ui=ui, as_json=as_json, keep=keep))


def _options(**wished: Any) -> "RehearsalOptions":
    from connector.simulator.rehearsal.wishes import options_of

    try:
        return options_of(**wished)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
