"""``chapar messages incoming`` and ``chapar messages survey``."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from connector.cli.opened_ledger import opened_ledger
from connector.cli.options import ConfigFile, Json
from connector.cli.output import print_json, print_table, print_text

__all__ = ["list_incoming", "survey"]

_MARKS = range(1, 6)


def list_incoming(
    gateway: Annotated[str | None, typer.Option(help="Only what this gateway brought.")] = None,
    personal: Annotated[
        bool, typer.Option("--personal", help="Show numbers and texts too. For eyes that may see them.")
    ] = False,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 50,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """List what citizens wrote to us, newest first: what each asked for and what it was answered. پیامک‌های رسیده

    Nothing personal is shown unless --personal is given.
    """
    with opened_ledger(config) as ledger:
        rows = [asdict(row) for row in ledger.incoming.rows(gateway=gateway, limit=limit, personal=personal)]
    if not personal:
        rows = [{name: row[name] for name in row if name not in {"sender", "text", "line"}} for row in rows]
    if json:
        print_json(rows)
    elif rows:
        columns = ("received", "gateway", "command", "outcome", "reply", "code", "sender", "text")
        print_table(columns, [_renamed(row) for row in rows], least=("gateway", "reply"))
    else:
        print_text("Nobody has written. · هیچ پیامکی نرسیده است.")


def survey(
    newer_than: Annotated[
        str | None, typer.Option(help="Only marks given within this time: 7d, 30d.", metavar="TIME")
    ] = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Sum up the marks that citizens gave after the close of their letters, by service. نظرسنجی"""
    from connector.clock import now
    from connector.settings.quantities import read_duration

    try:
        since = now() - read_duration(newer_than) if newer_than else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--newer-than") from None
    with opened_ledger(config) as ledger:
        found = ledger.incoming.marks(since=since)
    rows = [_summed(service, given) for service, given in found.items()]
    if len(rows) > 1:
        together = {mark: sum(given.get(mark, 0) for given in found.values()) for mark in _MARKS}
        rows.append(_summed("*", together))
    if json:
        print_json(rows)
    elif rows:
        print_table(
            ("service", "letters", "average", *map(str, _MARKS)), [row | row["marks"] for row in rows]
        )
    else:
        print_text("Nobody has given a mark. · هنوز امتیازی نرسیده است.")


def _summed(service: str, given: Mapping[int, int]) -> dict[str, Any]:
    letters = sum(given.values())
    return {
        "service": service,
        "letters": letters,
        "average": round(sum(mark * count for mark, count in given.items()) / letters, 2),
        "marks": {str(mark): given.get(mark, 0) for mark in _MARKS},
    }


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    waiting = {} if row["handled_at"] else {"outcome": "waiting"}
    return {**row, "received": row["received_at"], "code": row["tracking_code"], **waiting}
