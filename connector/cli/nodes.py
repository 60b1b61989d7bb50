"""``chapar nodes``: which daemons share this ledger, and how each one is."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from connector.cli.options import ConfigFile, Json
from connector.cli.output import print_json, print_table, print_text
from connector.cli.quiet import quiet_log
from connector.domain.text import to_persian_digits

if TYPE_CHECKING:
    from connector.ledger.nodes import NodeRow

__all__ = ["list_nodes"]


def list_nodes(config: ConfigFile = None, json: Json = False) -> None:
    """List the daemons of the last week on this ledger: running, silent (killed, cut off, held up) or stopped.

    What a silent node had in hand is free when its leases run out, or when a daemon of the same name starts.
    """
    from connector.assembly.ledger import open_settings_ledger
    from connector.settings.load import find_file, load_settings

    quiet_log()
    ledger = open_settings_ledger(load_settings(find_file(config)))
    try:
        rows = ledger.nodes.all()
    finally:
        ledger.close()
    if json:
        print_json([asdict(row) for row in rows])
    elif rows:
        columns = ("node", "state", "seen", "since", "in hand", "version", "holder")
        print_table(columns, [_shown(row) for row in rows], least=("holder", "version", "since"))
        print_text(_summary(rows))
    else:
        print_text("No daemon has run on this ledger yet. · هنوز هیچ چاپاری روی این دفتر اجرا نشده است.")


def _shown(row: "NodeRow") -> dict[str, Any]:
    return {
        **asdict(row),
        "seen": row.seen_at,
        "since": row.started_at,
        "in hand": row.in_hand,
    }


def _summary(rows: "list[NodeRow]") -> str:
    number = {state: sum(row.state == state for row in rows) for state in ("running", "silent", "stopped")}
    english = ", ".join(f"{count} {state}" for state, count in number.items() if count)
    words = {"running": "در حال کار", "silent": "بی‌خبر", "stopped": "متوقف"}
    persian = "، ".join(f"{count} گره {words[state]}" for state, count in number.items() if count)
    return f"{english}. · {to_persian_digits(persian)}."
