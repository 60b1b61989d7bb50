"""``make bench``: every measure of speed and memory, with its goal and the ratio reached in this run."""

import sys
from collections.abc import Callable, Mapping

from rich.console import Console
from rich.table import Table

from connector.simulator.postgresql_server import running_server
from tests.bench import claims, durable_steps, whole_way

Result = Mapping[str, float]
Row = tuple[str, str, str, bool]


def steps_rows(result: Result) -> list[Row]:
    """Rows about durable steps."""
    rates = f"{result['group_steps_per_second']:.0f} against {result['lock_steps_per_second']:.0f} steps/s"
    return [
        ("durable steps/s, 64 waiting, SQLite FULL: group commit over one connection behind a lock",
         ">= 3", f"{result['ratio']:.1f}  ({rates})", result["ratio"] >= 3),
        ("fairness of the group: fewest over most steps of one waiter",
         ">= 0.9", f"{result['fairness']:.2f}  (lock: {result['lock_fairness']:.2f})", result["fairness"] >= 0.9),
    ]  # fmt: skip


def claims_rows(database: str, result: Result) -> list[Row]:
    """Rows about claims on one database."""
    claim, poll = result["claim_ratio"], result["empty_poll_ratio"]
    claim_times = f"{result['claim_1m_us']:.0f} against {result['claim_1k_us']:.0f} us"
    poll_times = f"{result['empty_poll_1m_us']:.0f} against {result['empty_poll_1k_us']:.0f} us"
    return [
        (
            f"{database}: a claim of 10 at 1 M rows over 1 k rows",
            "<= 2",
            f"{claim:.2f}  ({claim_times})",
            claim <= 2,
        ),
        (
            f"{database}: an empty poll at 1 M rows over 1 k rows",
            "<= 1.5",
            f"{poll:.2f}  ({poll_times})",
            poll <= 1.5,
        ),
    ]


def whole_way_rows(result: Result) -> list[Row]:
    """Rows about the running daemon."""
    p50, idle = result["ack_to_call_p50_ms"], result["idle_share_of_a_core_percent"]
    rows = [
        ("from acknowledgement to the office's book, p50", "< 10 ms",
         f"{p50:.1f} ms  (p90 {result['ack_to_call_p90_ms']:.1f} ms)", p50 < 10),
        ("idle daemon, share of one core", "< 0.5 %", f"{idle:.2f} %", idle < 0.5),
    ]  # fmt: skip
    for office in ("soap", "rest"):
        grown = result[f"attachment_50mb_{office}_growth_mb"]
        title = f"a 50 MB attachment from API to office over {office.upper()}: growth of the daemon's peak"
        rows.append((title, "<= 8 MB", f"{grown:.1f} MB", grown <= 8))
    return rows


def on_postgresql() -> list[Row]:
    """Rows about claims on PostgreSQL, none where its binaries are missing."""
    with running_server() as server:
        return [] if server is None else claims_rows("PostgreSQL", claims.measure_postgresql(server.url))


def main() -> int:
    """Measure everything, print the table, and return 1 where a goal was missed."""
    table = Table(title="Chapar, measured", show_lines=False)
    for heading in ("what", "goal", "reached", ""):
        table.add_column(heading, overflow="fold")
    parts: list[tuple[str, Callable[[], list[Row]]]] = [
        ("durable steps", lambda: steps_rows(durable_steps.measure())),
        ("claims on SQLite", lambda: claims_rows("SQLite", claims.measure_sqlite())),
        ("claims on PostgreSQL", on_postgresql),
        ("the whole way", lambda: whole_way_rows(whole_way.measure())),
    ]
    missed = 0
    for name, part in parts:
        sys.stderr.write(f"measuring {name} ...\n")
        for what, goal, reached, is_met in part():
            table.add_row(what, goal, reached, "yes" if is_met else "NO")
            missed += not is_met
    Console(width=150).print(table)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
