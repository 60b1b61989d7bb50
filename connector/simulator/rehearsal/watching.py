"""Looking on at a drill: a live table with what goes wrong below, plain lines elsewhere, or nothing."""

from collections.abc import Mapping
from typing import Final, Protocol

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from connector.clock import monotonic
from connector.simulator.labels import STEPS
from connector.simulator.verdict import Report
from connector.simulator.watching import step_counts
from connector.simulator.writing_direction import right_aligned, right_to_left

__all__ = ["DrillWatcher", "drill_watcher"]

_PERSIAN_WIDTH: Final = 24
_LINE_EVERY: Final = 3.0
_LINES: Final = 12
_FAULTS: Final = ("خطای رخ‌داده", "faults injected")


class DrillWatcher(Protocol):
    """Who looks on."""

    def said(self, persian: str, english: str) -> None:
        """Something happened on purpose."""
        ...

    def counted(self, report: Report, injected: int) -> None:
        """The books were compared anew; so many faults were injected so far."""
        ...

    def __enter__(self) -> "DrillWatcher":
        """Begin."""
        ...

    def __exit__(self, *_: object) -> None:
        """End."""
        ...


def drill_watcher(console: Console | None, letters: int, planned: int) -> DrillWatcher:
    """Return who looks on: no console, nobody; a terminal that can be written over, the table; else lines."""
    if console is None:
        return _Nobody()
    if console.is_terminal and not console.is_dumb_terminal:
        return _Table(console, letters, planned)
    return _Lines(console, planned)


class _Nobody:
    def said(self, persian: str, english: str) -> None:
        """Do nothing."""

    def counted(self, report: Report, injected: int) -> None:
        """Do nothing."""

    def __enter__(self) -> DrillWatcher:
        return self

    def __exit__(self, *_: object) -> None:
        """End."""


class _Lines(_Nobody):
    def __init__(self, console: Console, planned: int) -> None:
        self._console = console
        self._planned = planned
        self._begun = monotonic()
        self._printed = 0.0

    def said(self, persian: str, english: str) -> None:
        self._line(f"{english}  |  {right_to_left(persian)}")

    def counted(self, report: Report, injected: int) -> None:
        if monotonic() - self._printed < _LINE_EVERY:
            return
        self._printed = monotonic()
        counts = ", ".join(f"{STEPS[name][1]} {count}" for name, count in step_counts(report).items())
        self._line(f"{counts}, {_FAULTS[1]} {injected}/{self._planned}")

    def _line(self, text: str) -> None:
        self._console.print(Text(f"{monotonic() - self._begun:5.1f}s  {text}"), soft_wrap=True)


class _Table(_Nobody):
    def __init__(self, console: Console, letters: int, planned: int) -> None:
        self._totals: Mapping[str, int] = {**dict.fromkeys(STEPS, letters), "faults": planned}
        self._counts = dict.fromkeys(self._totals, 0)
        self._events: list[str] = []
        self._begun = monotonic()
        self._live = Live(self._table(), console=console, refresh_per_second=8, transient=False)

    def __enter__(self) -> DrillWatcher:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.update(self._table(), refresh=True)
        self._live.stop()

    def said(self, persian: str, english: str) -> None:
        self._events.append(f"{monotonic() - self._begun:5.1f}s  {english}  |  {right_to_left(persian)}")
        self._live.update(self._table())

    def counted(self, report: Report, injected: int) -> None:
        self._counts = {**step_counts(report), "faults": injected}
        self._live.update(self._table())

    def _table(self) -> Table:
        table = Table(box=None, show_header=False, pad_edge=False)
        table.add_column(width=_PERSIAN_WIDTH, no_wrap=True)
        table.add_column(width=16, no_wrap=True)
        table.add_column(justify="right", width=6)
        table.add_column(width=30)
        for name, count in self._counts.items():
            persian, english = {**STEPS, "faults": _FAULTS}[name]
            bar = "" if name == "messages_sent" else ProgressBar(self._totals[name], count, width=30)
            table.add_row(right_aligned(persian, _PERSIAN_WIDTH), english, str(count), bar)
        outer = Table.grid()
        outer.add_row(table)
        for event in self._events[-_LINES:]:
            outer.add_row(Text(event, no_wrap=True, overflow="ignore"))
        return outer
