"""Looking on: a live table on a terminal, plain lines elsewhere, nothing where nobody looks."""

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from connector.clock import monotonic
from connector.simulator.labels import NOTICES, STEPS
from connector.simulator.play import Watcher
from connector.simulator.trouble import Notice
from connector.simulator.verdict import Report
from connector.simulator.writing_direction import right_aligned, right_to_left

__all__ = ["LineWatcher", "LiveWatcher", "NobodyWatches", "notice_line", "step_counts", "watcher_for"]

_PERSIAN_WIDTH = 24
_LINE_EVERY = 3.0
"""Seconds between two lines of counts where there is no live table."""


def watcher_for(console: Console | None, letters: int) -> "LiveWatcher | LineWatcher | NobodyWatches":
    """Return who looks on: no console, nobody; a terminal that can be written over, the table; else lines."""
    if console is None:
        return NobodyWatches()
    if console.is_terminal and not console.is_dumb_terminal:
        return LiveWatcher(console, letters)
    return LineWatcher(console)


def step_counts(report: Report) -> dict[str, int]:
    """Return how many letters have come how far."""
    finished = report.acknowledged - report.unfinished
    return {
        "letters": report.letters,
        "acknowledged": report.acknowledged,
        "registered": report.registered,
        "refused": report.refused,
        "finished": finished,
        "messages_sent": report.messages_sent,
    }


def notice_line(notice: Notice) -> str:
    """Return what happened in both tongues, each in its own direction; short enough for 80 columns with its time."""
    persian, english = NOTICES[notice]
    return f"{english}  |  {right_to_left(persian)}"


class NobodyWatches:
    """Looks away."""

    def happened(self, notice: Notice) -> None:
        """Do nothing."""

    def counted(self, report: Report) -> None:
        """Do nothing."""

    def __enter__(self) -> Watcher:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End."""


class LineWatcher(NobodyWatches):
    """Prints a line for each event and now and then one of counts: for pipes, logs and dumb terminals."""

    def __init__(self, console: Console) -> None:
        """Write to this console."""
        self._console = console
        self._begun = monotonic()
        self._printed = 0.0

    def happened(self, notice: Notice) -> None:
        """Print what happened, in both tongues."""
        self._line(notice_line(notice))

    def counted(self, report: Report) -> None:
        """Print the counts, every few seconds."""
        if monotonic() - self._printed < _LINE_EVERY:
            return
        self._printed = monotonic()
        counts = step_counts(report)
        self._line(", ".join(f"{STEPS[name][1]} {count}" for name, count in counts.items()))

    def _line(self, text: str) -> None:
        seconds = monotonic() - self._begun
        self._console.print(Text(f"{seconds:5.1f}s  {text}"), soft_wrap=True)


class LiveWatcher(NobodyWatches):
    """Shows a table that is written over as the letters go their way."""

    def __init__(self, console: Console, letters: int) -> None:
        """Show on this console, for so many letters."""
        self._letters = letters
        self._counts = dict.fromkeys(STEPS, 0)
        self._events: list[str] = []
        self._begun = monotonic()
        self._live = Live(self._table(), console=console, refresh_per_second=8, transient=False)

    def __enter__(self) -> Watcher:
        """Begin to show."""
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the last table standing."""
        self._live.update(self._table(), refresh=True)
        self._live.stop()

    def happened(self, notice: Notice) -> None:
        """Add a line under the table."""
        self._events.append(f"{monotonic() - self._begun:5.1f}s  {notice_line(notice)}")
        self._live.update(self._table())

    def counted(self, report: Report) -> None:
        """Show the new counts."""
        self._counts = step_counts(report)
        self._live.update(self._table())

    def _table(self) -> Table:
        table = Table(box=None, show_header=False, pad_edge=False)
        table.add_column(width=_PERSIAN_WIDTH, no_wrap=True)
        table.add_column(width=14, no_wrap=True)
        table.add_column(justify="right", width=6)
        table.add_column(width=30)
        for name, count in self._counts.items():
            persian, english = STEPS[name]
            bar = "" if name == "messages_sent" else ProgressBar(self._letters, count, width=30)
            table.add_row(right_aligned(persian, _PERSIAN_WIDTH), english, str(count), bar)
        outer = Table.grid()
        outer.add_row(table)
        for event in self._events:
            outer.add_row(Text(event, no_wrap=True, overflow="ignore"))
        return outer
