"""``chapar audit``: is the ledger as Chapar wrote it, and what did persons do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from connector.cli.errors import ExitCode
from connector.cli.language import say
from connector.cli.options import ConfigFile, Json
from connector.cli.output import print_json, print_table, print_text
from connector.cli.quiet import quiet_log
from connector.domain.text import to_persian_digits

if TYPE_CHECKING:
    from connector.ledger.audit import Watch
    from connector.ledger.audit_findings import Finding, Verification
    from connector.ledger.ledger import Ledger

__all__ = ["application"]

application = typer.Typer(
    help="Prove that nobody changed the ledger by other means. بازرسی دفتر", no_args_is_help=True
)
_SEAL: Final = re.compile(r"\d{1,9}:[0-9a-f]{64}")


@application.command()
def verify(
    letter: Annotated[
        str | None,
        typer.Option(help="Only this letter: a tracking code, a registration number or a letter id."),
    ] = None,
    expect: Annotated[
        str | None,
        typer.Option(help="A last seal that an earlier run printed; it must still be there.", metavar="SEAL"),
    ] = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Look at every event, seal and act, and name the first one that is not as Chapar wrote it. Changes nothing.

    Ends with 0 where all is whole, 1 where something was changed, removed or added, 3 where a key is missing.
    """
    if expect is not None and not _SEAL.fullmatch(expect):
        raise typer.BadParameter("A seal is a number, a colon and 64 digits.", param_hint="--expect")
    if expect is not None and letter is not None:
        raise typer.BadParameter("Seals are over all letters; leave --letter away.", param_hint="--expect")
    with _ledger(config) as ledger, _progress(quiet=json) as watch:
        letter_id = None if letter is None else ledger.find_letter(letter)
        result = ledger.audit.verify(letter_id, expected_seal=expect, watch=watch)
    if json:
        print_json({"whole": result.is_whole, **asdict(result)})
    else:
        _print_result(result, is_of_all=letter is None)
    if result.found:
        raise typer.Exit(ExitCode.FAILED)
    if result.unreadable:
        raise typer.Exit(ExitCode.CONFIGURATION)


@application.command("acts")
def list_acts(
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=100_000)] = 50,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """List who paused, settled, released or withdrew what, and when; newest first."""
    with _ledger(config) as ledger:
        rows = [asdict(act) for act in ledger.audit.acts(limit)]
    if json:
        print_json(rows)
    elif rows:
        columns = ("at", "who", "act", "about", "reason")
        shown = [{**row, "at": row["acted_at"], "who": row["actor"], "about": row["subject"]} for row in rows]
        print_table(columns, shown)
    else:
        print_text("No acts. · کاری ثبت نشده است.")


def _print_result(result: "Verification", *, is_of_all: bool) -> None:
    seen = f"{result.letters} letters, {result.events} events"
    if is_of_all:
        seen += f", {result.seals} seals, {result.acts} acts"
    if result.first is not None:
        print_text(f"NOT AS IT WAS WRITTEN, at {result.found} places. First: {_place(result.first)}")
        print_text(f"  {result.first.says}")
        persian = to_persian_digits(f"دفتر در {result.found} جا دست خورده است.")
        print_text(f"  {persian}")
        print_text(
            f"{say('Next step')}: keep a copy of the database as it is, then compare it with a backup."
        )
    elif result.is_whole:
        print_text("Whole: everything is as Chapar wrote it. · دفتر دست‌نخورده است.")
    print_text(f"Seen: {seen}.")
    for sentence in _remarks(result, is_of_all=is_of_all):
        print_text(sentence)


def _place(finding: "Finding") -> str:
    parts: list[str] = []
    if finding.letter_id is not None:
        parts.append(f"letter {finding.letter or finding.letter_id}")
    if finding.position is not None:
        parts.append(f"row {finding.position}")
    if finding.act is not None:
        parts.append(f"act {finding.act}")
    if finding.letter_id is None and finding.seal is not None:
        parts.append(f"seal {finding.seal}")
    if finding.at is not None:
        parts.append(f"of {_shown(finding.at)}")
    if finding.sealed_at is not None:
        since = "the beginning" if finding.sealed_after is None else _shown(finding.sealed_after)
        parts.append(f"made between {since} and {_shown(finding.sealed_at)}")
    return ", ".join(parts) + f" ({finding.what})"


def _remarks(result: "Verification", *, is_of_all: bool) -> Iterator[str]:
    if result.unreadable:
        keys = ", ".join(result.missing_keys)
        yield (
            f"{result.unreadable} events are sealed with a key that is not in the key ring ({keys});"
            " what is personal in them was not looked at."
        )
        yield f"{say('Next step')}: put the old key back into [ledger.keys] and try again."
    if result.uncovered:
        yield f"{result.uncovered} events are older than the chain and not covered by it."
    if result.unsealed and is_of_all:
        yield f"{result.unsealed} events are so new that no seal is over them yet."
    if result.last_seal is not None:
        yield f"Last seal: {result.last_seal}"


def _shown(instant: Any) -> str:
    return f"{instant.astimezone():%Y-%m-%d %H:%M:%S}"


@contextmanager
def _ledger(config: Any) -> "Iterator[Ledger]":
    from connector.assembly.ledger import open_settings_ledger
    from connector.settings.load import find_file, load_settings

    quiet_log()
    ledger = open_settings_ledger(load_settings(find_file(config)))
    try:
        yield ledger
    finally:
        ledger.close()


@contextmanager
def _progress(*, quiet: bool) -> "Iterator[Watch]":
    """Yield what shows on a terminal how far it is; nothing is shown where machines read."""
    if quiet:
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("chapar audit verify ...") as status:
        yield lambda seen: status.update(f"{seen.letters} letters, {seen.events} events ...")
