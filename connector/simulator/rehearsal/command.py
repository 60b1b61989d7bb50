"""``chapar rehearse`` behind its options: prepares the place, runs the drill, prints the verdict."""

import gc
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from connector.domain.message import FactKind
from connector.settings.shipped import shipped_folder
from connector.simulator.agency import SimulatedAgency
from connector.simulator.book import Duplicates
from connector.simulator.labels import NUMBERS
from connector.simulator.reading import MessageReader, openings_in
from connector.simulator.rehearsal.acts import ANSWER_WITHIN
from connector.simulator.rehearsal.databases import DrillDatabase, drill_database
from connector.simulator.rehearsal.drill import Drill
from connector.simulator.rehearsal.names import SENTENCES, FaultName
from connector.simulator.rehearsal.options import GatewayKind, RehearsalOptions
from connector.simulator.rehearsal.report import RehearsalReport
from connector.simulator.rehearsal.schedule import Schedule, build_schedule
from connector.simulator.rehearsal.watching import drill_watcher
from connector.simulator.writing_direction import right_aligned, right_to_left

__all__ = ["list_faults", "run_rehearsal"]

_PERSIAN_WIDTH: Final = 30
_WIDE: Final = 46
_SHORT_PATIENCE: Final[dict[str, dict[str, Any]]] = {
    "daemon": {"lease": "10s", "stop_within": "10s"},
    "registration": {
        "retry_first_after": "500ms",
        "retry_at_most_every": "2s",
        "retry_without_credentials": "2s",
        "look_up_first_after": "300ms",
        "look_up_at_most_every": "2s",
    },
}
_EVERY_FACT: Final[dict[str, dict[str, Any]]] = {
    "sending": {
        "window": "00:00-24:00",
        "window_on_closed_days": "00:00-24:00",
        "stale_after": "0s",
        "join_within": "0s",
        "at_least_once": [str(kind) for kind in FactKind],
        "send_again_after": "1s",
        "most_doubles": 5,
    }
}
"""Where nobody can be asked: each fact is sent again after a lost answer, and that is counted."""
PROMISES: Final = {
    "nothing_lost": ("هیچ نامه‌ای گم نشد", "nothing lost"),
    "nothing_registered_twice": ("هیچ نامه‌ای دو بار ثبت نشد", "nothing registered twice"),
    "never_silent": ("هیچ شهروندی بی‌خبر نماند", "never silent"),
    "no_fact_told_twice": ("هیچ خبری دو بار یا نابه‌جا گفته نشد", "no fact told twice, none out of order"),
    "nothing_where_it_does_not_belong": (
        "هیچ چیز شهروند جایی که نباید نرفت",
        "nothing about a citizen where it does not belong",
    ),
    "trouble_stays_its_own": ("گرفتاری یکی به دیگری نرسید", "one vendor's trouble stayed its own"),
}
VERDICTS: Final = {
    "kept": ("هر شش پیمان پابرجا ماند.", "Every promise was kept."),
    "broken": ("پیمانی شکست؛ جدول بالا نشان می‌دهد کدام.", "A promise was broken; see the table above."),
    "open": (
        "پیمانی نشکست، اما رزمایش کامل نشد.",
        "No promise was broken, but the drill is not complete.",
    ),
}


def list_faults(*, as_json: bool = False) -> None:
    """Print every fault that can be named, with a sentence each in both tongues."""
    if as_json:
        listed = [{"fault": name, "fa": fa, "en": en} for name, (fa, en) in SENTENCES.items()]
        sys.stdout.write(orjson.dumps(listed, option=orjson.OPT_INDENT_2).decode() + "\n")
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for name, (persian, english) in SENTENCES.items():
        table.add_row(name, right_aligned(persian, _WIDE), english)
    Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(table)


def run_rehearsal(
    options: RehearsalOptions, *, database: str, ui: bool, as_json: bool, keep: Path | None = None
) -> int:
    """Run the drill, print what came of it, and return the exit code: 0 only if every promise was kept.

    With ``as_json`` exactly one JSON object goes to standard output, and the progress (with ui) to standard error.
    Raise OperatorError, with its next step, when there is no such database.
    """
    gc.enable()
    _leave_in_order_when_told()
    console = Console(stderr=as_json, highlight=False)
    schedule = build_schedule(options)
    if options.letters < options.enough_letters:
        sys.stderr.write(
            f"Note: with {options.letters} letters some faults may find no call to spoil, and then the drill is not "
            f"complete. For those that are chosen {options.enough_letters} are enough: "
            f"--letters {options.enough_letters}\n"
        )
    with (
        _place(keep) as folder,
        drill_database(database, folder, options.node_names) as there,
        _agency(folder, options, there) as agency,
    ):
        report = _run(agency, there, options, schedule, console if ui else None)
    if as_json:
        sys.stdout.write(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        _show(console, report)
    return report.exit_code


def _run(
    agency: SimulatedAgency,
    database: DrillDatabase,
    options: RehearsalOptions,
    schedule: Schedule,
    console: Console | None,
) -> RehearsalReport:
    texts = MessageReader(openings_in(shipped_folder("mappings") / "messages"))
    with drill_watcher(console, options.letters, len(schedule.planned)) as watcher:
        return Drill(agency, database, options, schedule, texts, watcher).run()


def _agency(folder: Path, options: RehearsalOptions, database: DrillDatabase) -> SimulatedAgency:
    """Return an agency whose offices make a second entry of every second create: a wrong repeat shows."""
    agency = SimulatedAgency(
        folder,
        seed=options.seed,
        level=options.level,
        duplicates=Duplicates.NAIVE,
        nodes=0,
        answer_within=ANSWER_WITHIN,
        is_gateway_asked=options.gateway is GatewayKind.ASKED,
        changes=_SHORT_PATIENCE if options.gateway is GatewayKind.ASKED else _SHORT_PATIENCE | _EVERY_FACT,
    )
    for node in options.node_names:
        agency.add_node(ledger_url=database.url_for(node))
    return agency


@contextmanager
def _place(keep: Path | None) -> Iterator[Path]:
    """Yield the folder of the drill: a temporary one, or one that is kept."""
    if keep is not None:
        keep.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield keep.resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="chapar-rehearsal-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _leave_in_order_when_told() -> None:
    """Let TERM end the drill as ctrl-C does, so that no daemon is left behind."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def _show(console: Console, report: RehearsalReport) -> None:
    values = report.as_json()
    numbers = Table(box=None, show_header=False, pad_edge=False)
    for name, (persian, english) in NUMBERS.items():
        numbers.add_row(right_aligned(persian, _PERSIAN_WIDTH), english, str(values[name]))
    faults = Table(box=None, show_header=False, pad_edge=False)
    for name, count in report.faults.items():
        shown = "-" if name in report.options.not_applicable else str(count)
        faults.add_row(right_aligned(SENTENCES[FaultName(name)][0], _WIDE), str(name), shown)
    for table in (faults, numbers):
        console.print()
        console.print(table)
    console.print()
    for promise in report.promises:
        persian, english = PROMISES[promise.name]
        evidence = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in promise.evidence.items())
        mark = "✓" if promise.is_kept else "✗"
        console.print(Text(f" {mark} {english}  |  {right_to_left(persian)}", style="bold"), soft_wrap=True)
        console.print(Text(f"     {evidence}"), soft_wrap=True)
    if report.waiting_for_a_person:
        console.print(Text(f" {report.waiting_for_a_person} letters wait for a person: chapar attention"))
    for sentence in report.books.missing:
        console.print(Text(sentence), soft_wrap=True)
    if report.not_played:
        console.print(Text(f"Planned and never played: {', '.join(report.never_played)}."), soft_wrap=True)
        if report.options.letters < report.options.enough_letters:
            console.print(Text(f"Too few letters for them: --letters {report.options.enough_letters}."))
    verdict = "broken" if not report.is_clean else "kept" if report.is_complete else "open"
    persian, english = VERDICTS[verdict]
    for sentence in (right_to_left(persian), english):
        console.print(Text(f" {sentence}", style="bold"), soft_wrap=True)
