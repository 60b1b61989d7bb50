"""``make bench``: every measure of speed and memory, with its goal and the ratio reached in this run."""

import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from time import monotonic

from rich.console import Console
from rich.table import Table

from connector.simulator.postgresql_server import running_server
from tests.bench import (
    claims,
    durable_steps,
    isolation,
    loading,
    nodes,
    outage,
    soap_calls,
    telling,
    whole_way,
)

Result = Mapping[str, float]
Row = tuple[str, str, str, bool]
SLOWER_BY = timedelta(milliseconds=5)


def steps_rows(result: Result) -> list[Row]:
    """Rows about durable steps."""
    rates = f"{result['group_steps_per_second']:.0f} against {result['lock_steps_per_second']:.0f} steps/s"
    return [
        ("durable steps/s, 64 waiting, SQLite FULL: group commit over one connection behind a lock",
         ">= 3", f"{result['ratio']:.1f}  ({rates})", result["ratio"] >= 3),
        ("fairness of the group: fewest over most steps of one waiter",
         ">= 0.9", f"{result['fairness']:.2f}  (lock: {result['lock_fairness']:.2f})", result["fairness"] >= 0.9),
    ]  # fmt: skip


def slow_steps_rows(result: Result) -> list[Row]:
    """The row about durable steps on a slow disk."""
    rates = f"{result['group_steps_per_second']:.0f} against {result['lock_steps_per_second']:.0f} steps/s"
    what = "the same with every sync slowed by 5 ms (a pause at each commit, on both sides)"
    return [(what, ">= 15", f"{result['ratio']:.1f}  ({rates})", result["ratio"] >= 15)]


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


def outage_rows(result: Result) -> list[Row]:
    """Rows about 100 000 letters due at once."""
    first, busy, grown = result["first_call_after_ms"], result["callers_busy"], result["growth_mb"]
    few = result["growth_of_few_mb"]
    return [
        ("100 k letters due at once: from the start of the lanes to the office's book, first letter",
         "<= 200 ms", f"{first:.0f} ms", first <= 200),
        (f"the same: share of {outage.CALLERS} callers' time that is spent in the office (200 ms a call)",
         ">= 0.8", f"{busy:.2f}  ({result['letters_per_second']:.0f} letters/s)", busy >= 0.8),
        ("the same: peak of the daemon's memory over one that finds an empty ledger",
         "<= 10 MB", f"{grown:.1f} MB  (peak {result['peak_mb']:.0f} MB; {few:.1f} MB of it with {outage.FEW} letters)",
         grown <= 10),
    ]  # fmt: skip


def telling_rows(result: Result) -> list[Row]:
    """Rows about texts over a gateway that takes batches."""
    ratio, calls, full = result["ratio"], int(result["calls"]), int(result["full_batches"])
    rates = f"{result['texts_per_second']:.0f} against {result['allowed_per_second']:.0f} texts/s"
    batches = f"{telling.BATCH} texts in a call, {telling.POOL} calls at once, 200 ms each"
    return [
        (f"{telling.TEXTS} texts over one gateway ({batches}): share of what these allow",
         ">= 0.85", f"{ratio:.2f}  ({rates}; daemon {result['cpu_us_per_text']:.0f} us a text)", ratio >= 0.85),
        ("the same: calls beyond one for each full batch, and texts told twice",
         "0, 0", f"{calls - full}, {int(result['doubled'])}  ({calls} calls)",
         calls <= full and not result["doubled"]),
    ]  # fmt: skip


def isolation_rows(result: Result) -> list[Row]:
    """The row about a dead office."""
    rates = f"{result['beside_dead']:.1f} against {result['alone']:.1f} letters/s"
    what = "an office's rate beside a dead one (timeouts), over its rate alone, one daemon"
    return [(what, ">= 0.9", f"{result['ratio']:.2f}  ({rates})", result["ratio"] >= 0.9)]


def nodes_rows(result: Result) -> list[Row]:
    """Rows about several daemons."""
    rows = []
    for count in (2, 4):
        share = result[f"linear_{count}"]
        rates = f"{result[f'rate_{count}']:.1f} against {result['rate_1']:.1f} letters/s"
        what = f"{count} daemons on one PostgreSQL, office of 200 ms, {nodes.CALLS_AT_ONCE} calls each: share of linear"
        rows.append((what, ">= 0.9", f"{share:.2f}  ({rates})", share >= 0.9))
    return rows


def soap_rows(result: Result) -> list[Row]:
    """Rows about one SOAP call beside zeep's."""
    rows = []
    for name, title, goal in (
        ("register", "a register call over SOAP, letter to outcome: CPU over a plain zeep call", 0.5),
        ("poll", "a poll over SOAP, question to progress: CPU over a plain zeep call", 0.25),
    ):
        ratio, costs = (
            result[f"{name}_ratio"],
            f"{result[f'{name}_us']:.0f} against {result[f'{name}_zeep_us']:.0f} us",
        )
        rows.append((title, f"<= {goal}", f"{ratio:.2f}  ({costs})", ratio <= goal))
    grown, ratio = result["large_growth_mb"], result["large_ratio"]
    costs = f"{result['large_ms']:.0f} against {result['large_zeep_ms']:.0f} ms"
    return [
        *rows,
        ("50 MB inline over SOAP: growth of the peak", "<= 8 MB",
         f"{grown:.1f} MB  (zeep {result['large_growth_zeep_mb']:.0f} MB)", grown <= 8),
        ("50 MB inline over SOAP: CPU over zeep's", "<= 0.25", f"{ratio:.2f}  ({costs})", ratio <= 0.25),
    ]  # fmt: skip


def loading_rows(result: Result) -> list[Row]:
    """The row about loading profiles."""
    seconds, different = result["seconds"], int(result["different"])
    what = (
        f"loading {loading.PROFILES} profiles in a fresh process, mapping and WSDL to an office that can be called "
        f"({different} shipped ones, then from the first again; modules not counted)"
    )
    return [(what, "< 1 s", f"{seconds:.2f} s  (CPU {result['cpu_seconds']:.2f} s)", seconds < 1)]


def on_postgresql() -> list[Row]:
    """Rows that need PostgreSQL, none where its binaries are missing."""
    with running_server() as server:
        if server is None:
            return []
        rows = claims_rows("PostgreSQL", claims.measure_postgresql(server.url))
        sys.stderr.write("measuring several daemons ...\n")
        return rows + nodes_rows(nodes.measure(server))


def main() -> int:
    """Measure everything, print the table, and return 1 where a goal was missed."""
    table = Table(title="Chapar, measured", show_lines=False)
    for heading in ("what", "goal", "reached", ""):
        table.add_column(heading, overflow="fold")
    parts: list[tuple[str, Callable[[], list[Row]]]] = [
        ("durable steps", lambda: steps_rows(durable_steps.measure())),
        ("durable steps on a slow disk", lambda: slow_steps_rows(durable_steps.measure(SLOWER_BY, rounds=3))),
        ("claims on SQLite", lambda: claims_rows("SQLite", claims.measure_sqlite())),
        ("claims on PostgreSQL", on_postgresql),
        ("a long outage", lambda: outage_rows(outage.measure())),
        ("texts in batches", lambda: telling_rows(telling.measure())),
        ("a dead office", lambda: isolation_rows(isolation.measure())),
        ("SOAP calls", lambda: soap_rows(soap_calls.measure())),
        ("loading profiles", lambda: loading_rows(loading.measure())),
        ("the whole way", lambda: whole_way_rows(whole_way.measure())),
    ]
    missed, began = 0, monotonic()
    for name, part in parts:
        sys.stderr.write(f"measuring {name} ...\n")
        for what, goal, reached, is_met in part():
            table.add_row(what, goal, reached, "yes" if is_met else "NO")
            missed += not is_met
    Console(width=150).print(table)
    sys.stderr.write(f"measured in {monotonic() - began:.0f} s\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
