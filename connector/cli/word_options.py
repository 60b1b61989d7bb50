"""The options of a person's word: which letters it is about, and how it is said."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.deeds import FITS, Deed
from connector.domain.lifecycle import Status

__all__ = ["Manner", "Which", "which_letters"]

_NAMES = "A tracking code, a registration number or a letter id."

OneLetter = Annotated[str, typer.Argument(help=_NAMES, metavar="LETTER")]
Letter = Annotated[
    str | None,
    typer.Argument(
        help=f"{_NAMES} Leave it away to choose many by the options.", metavar="LETTER", show_default=False
    ),
]
Reason = Annotated[str | None, typer.Option("--reason", help="Why. Asked for where it is not given.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask whether to go on.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
Statuses = Annotated[list[Status] | None, typer.Option("--status", help="Many: only these.")]
Office = Annotated[str | None, typer.Option("--office", help="Many: only letters of this office.")]
Portal = Annotated[str | None, typer.Option("--portal", help="Many: only letters of this portal.")]
OlderThan = Annotated[
    str | None, typer.Option("--older-than", help="Many: only letters received longer ago than this: 2h, 7d.")
]
ReasonWas = Annotated[
    str | None, typer.Option("--reason-was", help="Many: only letters whose list shows this reason.")
]
Limit = Annotated[int | None, typer.Option("--limit", help="Many: at most so many.", min=1, max=10_000)]

Registered = Annotated[
    str | None, typer.Option(help="It was registered by hand under this number.", metavar="NUMBER")
]
On = Annotated[
    str | None, typer.Option(help="The day of the registration: 1405/08/30 or 2026-11-21.", metavar="DATE")
]
Secretariat = Annotated[str | None, typer.Option(help="Whose number it is; by default the one of its route.")]
Reference = Annotated[str | None, typer.Option(help="The office's own handle, where it asks by that.")]
At = Annotated[
    str | None,
    typer.Option(
        help="The office that registered it, where that is not the one of its route.", metavar="OFFICE"
    ),
]
ZerosMatter = Annotated[
    bool,
    typer.Option(
        "--zeros-matter",
        help="Although another letter has the same number but for leading zeros: they are two numbers.",
    ),
]
NotThere = Annotated[bool, typer.Option("--not-there", help="The office does not have it: send it again.")]
RefusedThere = Annotated[
    bool,
    typer.Option("--refused", help="The office took it and refused it; the citizen reads the reason."),
]
EvenNow = Annotated[
    bool,
    typer.Option(
        "--even-now", help="Say so although a call may still take effect. It may be registered twice."
    ),
]
Step = Annotated[
    str | None, typer.Option(help="A step after the number that waits for a person.", metavar="NAME")
]
StepDone = Annotated[bool, typer.Option("--done", help="The step is done, or need not be.")]
StepAgain = Annotated[bool, typer.Option("--again", help="The step is to be done by Chapar.")]


@dataclass(frozen=True, kw_only=True, slots=True)
class Which:
    """Which letters are meant: one by its name, or many by a filter."""

    letter: str | None
    statuses: frozenset[Status] = frozenset()
    office: str | None = None
    portal: str | None = None
    older_than: str | None = None
    reason_was: str | None = None
    limit: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Manner:
    """How it is said."""

    reason: str | None
    is_sure: bool
    """Whether nobody needs to be asked."""
    is_dry_run: bool
    is_json: bool
    config: Path | None


def which_letters(
    deed: Deed,
    letter: str | None,
    statuses: list[Status] | None,
    office: str | None,
    portal: str | None,
    older_than: str | None,
    reason_was: str | None,
    limit: int | None,
) -> Which:
    """Return which letters are meant. Raise BadParameter where none are named, or one and many at once."""
    narrowed = (statuses, office, portal, older_than, reason_was, limit)
    if (letter is None) is not any(narrowed):
        raise typer.BadParameter(
            "Name one letter, or choose many by --status, --office, --portal, --older-than, --reason-was, --limit."
        )
    if set(statuses or ()) - FITS[deed]:
        fits = ", ".join(sorted(FITS[deed]))
        raise typer.BadParameter(f"This can be said of letters that are: {fits}.", param_hint="--status")
    return Which(
        letter=letter,
        statuses=frozenset(statuses or ()),
        office=office,
        portal=portal,
        older_than=older_than,
        reason_was=reason_was,
        limit=limit,
    )
