"""``chapar demo``: carries letters through a simulated agency with trouble on purpose, and judges itself."""

import gc
import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from connector.settings.shipped import shipped_folder
from connector.simulator.agency import SimulatedAgency
from connector.simulator.conversation import handset_lines
from connector.simulator.labels import NUMBERS, VERDICTS
from connector.simulator.play import Play, PlayOptions
from connector.simulator.reading import MessageReader, openings_in
from connector.simulator.verdict import Report
from connector.simulator.watching import watcher_for
from connector.simulator.writing_direction import right_aligned, right_to_left

__all__ = ["run_demo", "time_for"]

_PERSIAN_WIDTH = 26


def time_for(letters: int) -> timedelta:
    """Return the bound on a run of so many letters: 85 seconds, and more only beyond a hundred letters."""
    return timedelta(seconds=85 + max(letters - 100, 0) * 0.4)


def run_demo(
    letters: int = 50,
    ui: bool = True,
    report: str = "text",
    *,
    seed: int = 1,
    within: timedelta | None = None,
) -> int:
    """Run the demo, print what came of it, and return the exit code: 0 only if every promise was kept.

    With ``json`` exactly one JSON object goes to standard output, and the progress (with ui) to standard error.
    """
    gc.enable()
    is_json = report == "json"
    _leave_in_order_when_told()
    console = Console(stderr=is_json, highlight=False)
    options = PlayOptions(letters=letters, seed=seed, within=within or time_for(letters))
    texts = MessageReader(openings_in(shipped_folder("mappings") / "messages"))
    with (
        TemporaryDirectory(prefix="chapar-demo-") as folder,
        SimulatedAgency(Path(folder), seed=seed) as agency,
        watcher_for(console if ui else None, letters) as watcher,
    ):
        play = Play(agency, options, texts, watcher)
        result = play.run()
    if is_json:
        sys.stdout.write(orjson.dumps(result.as_json(), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        if ui:
            _show_handset(console, play)
        _show_summary(console, result)
    return result.exit_code


def _leave_in_order_when_told() -> None:
    """Let TERM end the demo as ctrl-C does, so that the daemon is not left behind."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def _show_handset(console: Console, play: Play) -> None:
    shown = play.conversation()
    if shown is not None:
        console.print()
        for line in handset_lines(*shown):
            console.print(Text(line), soft_wrap=True)


def _show_summary(console: Console, result: Report) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(width=_PERSIAN_WIDTH, no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right")
    values = result.as_json()
    for name, (persian, english) in NUMBERS.items():
        table.add_row(right_aligned(persian, _PERSIAN_WIDTH), english, str(values[name]))
    console.print()
    console.print(table)
    for sentence in result.missing:
        console.print(Text(sentence), soft_wrap=True)
    persian, english = VERDICTS[_verdict(result)]
    # The space before them: some terminals drop a mark of direction that has no letter before it in its line.
    for sentence in (right_to_left(persian), english):
        console.print(Text(f" {sentence}", style="bold"), soft_wrap=True)


def _verdict(result: Report) -> str:
    if not result.is_clean:
        return "broken"
    return "kept" if result.is_complete else "open"
