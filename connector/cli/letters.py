"""``chapar letters``: which letters there are, how one stands, and what happens to it next."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import letters_word
from connector.cli.options import ConfigFile, Json
from connector.cli.output import print_json, print_table, print_text
from connector.cli.quiet import quiet_log
from connector.domain.lifecycle import Status

if TYPE_CHECKING:
    from connector.ledger.ledger import Ledger
    from connector.ledger.records import LetterFilter

__all__ = ["application"]

application = typer.Typer(
    help="Look at letters, and say what only a person can. نامه‌ها", no_args_is_help=True
)
Which = Annotated[
    str, typer.Argument(help="A tracking code, a registration number or a letter id.", metavar="LETTER")
]


@application.command("list")
def list_letters(
    status: Annotated[
        list[Status] | None, typer.Option(help="Only these; may be given several times.")
    ] = None,
    office: Annotated[str | None, typer.Option(help="Only letters of this office.")] = None,
    portal: Annotated[str | None, typer.Option(help="Only letters of this portal.")] = None,
    older_than: Annotated[
        str | None, typer.Option(help="Only letters received longer ago than this: 2h, 7d.")
    ] = None,
    reason_was: Annotated[
        str | None, typer.Option(help="Only letters for which the list shows this reason.")
    ] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 50,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """List letters, newest first. Nothing personal is shown."""
    from connector.clock import now
    from connector.ledger.records import LetterFilter
    from connector.settings.quantities import read_duration

    try:
        before = now() - read_duration(older_than) if older_than else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--older-than") from None
    which = LetterFilter(
        statuses=frozenset(status or ()),
        office=office,
        portal=portal,
        older_than=before,
        last_reason=reason_was,
        limit=limit,
    )
    _print_rows(which, config, json=json)


@application.command()
def find(
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 50,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Find the letters of a citizen who has lost the tracking code.

    Asks for the mobile or the national or legal id, or reads it from standard input: what is personal does not
    belong on a command line, which others can see.
    """
    from connector.ledger.records import LetterFilter

    asked = typer.prompt("Mobile, national id or legal id", err=True)
    mobile, identity_number = _read_citizen(asked)
    which = LetterFilter(mobile=mobile, identity_number=identity_number, limit=limit)
    _print_rows(which, config, json=json)


@application.command()
def show(
    letter: Which,
    personal: Annotated[
        bool,
        typer.Option("--personal", help="Show sender, subject and text too. For eyes that may see them."),
    ] = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Show one letter. What is personal stays hidden unless --personal is given."""
    from connector.cli.letter_view import letter_view, print_view

    with _ledger(config) as ledger:
        letter_id = ledger.find_letter(letter)
        view = letter_view(ledger.letter_row(letter_id), ledger.state(letter_id), personal=personal)
    if json:
        print_json(view)
        return
    print_view(view)
    if not personal:
        print_text("Sender, subject and text are hidden; --personal shows them.")


@application.command()
def explain(
    letter: Which,
    personal: Annotated[
        bool,
        typer.Option("--personal", help="Show the vendors' own wording too; it may name the citizen."),
    ] = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Tell a letter's whole way, what happens next, when, who owns that and why."""
    from connector.cli.letter_view import explanation, print_explanation

    with _ledger(config) as ledger:
        letter_id = ledger.find_letter(letter)
        told = explanation(ledger.letter_row(letter_id), ledger.timeline(letter_id), personal=personal)
    if json:
        print_json(told)
    else:
        print_explanation(told)


for _word in (
    letters_word.settle,
    letters_word.release,
    letters_word.withdraw,
    letters_word.approve,
    letters_word.refuse,
):
    application.command()(_word)


def _print_rows(which: "LetterFilter", config: Any, *, json: bool) -> None:
    with _ledger(config) as ledger:
        rows = [asdict(row) for row in ledger.letters(which)]
    if json:
        print_json(rows)
    elif rows:
        print_table(
            ("code", "status", "owner", "next", "office", "number", "received", "attempts", "reason"),
            [_renamed(row) for row in rows],
            least=("attempts", "received", "owner", "office"),
        )
    else:
        print_text("No letters.")


def _read_citizen(text: str) -> tuple[str | None, str | None]:
    """Return the mobile or the identity number that was meant; the other is None."""
    from connector.domain.identifiers import normalise_legal_id, normalise_national_id
    from connector.domain.mobile import normalise_mobile

    readings: tuple[tuple[Callable[[str], str], bool], ...] = (
        (normalise_mobile, True), (normalise_legal_id, False), (normalise_national_id, False)
    )  # fmt: skip
    for read, is_mobile in readings:
        try:
            found = read(text)
        except ValueError:
            continue
        return (found, None) if is_mobile else (None, found)
    raise typer.BadParameter("That is neither a mobile nor a national or legal id; a digit may be wrong.")


class _ledger:  # noqa: N801 - read as a verb where it is used
    """Opens the ledger of a configuration for looking, beside a running daemon."""

    def __init__(self, config: Any) -> None:
        self._config = config

    def __enter__(self) -> "Ledger":
        from connector.assembly.ledger import open_settings_ledger
        from connector.settings.load import find_file, load_settings

        quiet_log()
        self._opened = open_settings_ledger(load_settings(find_file(self._config)))
        return self._opened

    def __exit__(self, *_: object) -> None:
        self._opened.close()


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "code": row["tracking_code"],
        "next": row["due_at"],
        "received": row["received_at"],
        "reason": row["last_reason"],
    }
