"""``chapar messages optouts``: which numbers want no messages, and a person's word about one."""

from dataclasses import asdict
from typing import Annotated

import typer

from connector.cli.actor import acting_person
from connector.cli.opened_ledger import opened_ledger
from connector.cli.options import ConfigFile, Json
from connector.cli.output import print_json, print_table, print_text

__all__ = ["application"]

_LONGEST_REASON = 500
application = typer.Typer(
    help="Numbers that want no messages. شماره‌هایی که پیامک نمی‌خواهند", no_args_is_help=True
)
Reason = Annotated[
    str, typer.Option("--reason", help="Why; it stands in the audit. Write no number and no name into it.")
]


@application.command("list")
def list_opt_outs(
    personal: Annotated[
        bool,
        typer.Option("--personal", help="Show the numbers of those who said it by SMS. For eyes that may."),
    ] = False,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 50,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """List the numbers that want no messages, the last one first; each by the beginning of its digest."""
    with opened_ledger(config) as ledger:
        rows = [asdict(row) for row in ledger.opt_outs.listed(limit=limit, personal=personal)]
    if not personal:
        rows = [{name: value for name, value in row.items() if name != "mobile"} for row in rows]
    if json:
        print_json(rows)
    elif rows:
        said = [{**row, "by": "sms" if row["is_own_word"] else "operator"} for row in rows]
        print_table(("number", "since", "by", "mobile"), said)
    else:
        print_text("Every number wants messages. · همهٔ شماره‌ها پیامک می‌خواهند.")


@application.command()
def add(reason: Reason, config: ConfigFile = None, json: Json = False) -> None:
    """Send a number no messages any more, for a citizen who asked for it otherwise than by SMS.

    Asks for the number, or reads it from standard input: it does not belong on a command line, which others can see.
    """
    mobile, why = _asked(), _reason(reason)
    with opened_ledger(config) as ledger:
        is_news = ledger.opt_outs.add(mobile, actor=acting_person(), reason=why)
    _say(json, is_news, "It is sent no messages any more.", "It was sent none before.")


@application.command()
def remove(reason: Reason, config: ConfigFile = None, json: Json = False) -> None:
    """Send a number messages again, for a citizen who asked for it otherwise than by SMS.

    Asks for the number, or reads it from standard input.
    """
    mobile, why = _asked(), _reason(reason)
    with opened_ledger(config) as ledger:
        is_news = ledger.opt_outs.remove(mobile, actor=acting_person(), reason=why)
    _say(json, is_news, "It is sent messages again.", "It was sent messages before, too.")


def _asked() -> str:
    from connector.domain.mobile import normalise_mobile

    try:
        return normalise_mobile(typer.prompt("Mobile", err=True))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _reason(reason: str) -> str:
    plain = reason.strip()
    if not plain or len(plain) > _LONGEST_REASON:
        raise typer.BadParameter(f"Say why, in 1 to {_LONGEST_REASON} letters.", param_hint="--reason")
    return plain


def _say(json: bool, is_news: bool, done: str, as_before: str) -> None:
    if json:
        print_json({"changed": is_news})
    else:
        print_text(done if is_news else as_before)
