"""Citizens whose letter takes long are told, once, that it is being worked on: silence is what makes people call."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from connector.clock import Now, monotonic
from connector.domain.message import FactKind
from connector.ledger.ledger import Ledger
from connector.observability.logging import get_logger
from connector.scheduling.runs import PeriodicRun
from connector.settings.deadlines import DeadlinesSection

__all__ = ["TellingOfDelays", "run_of_delays"]

log = get_logger(__name__)

_AT_MOST: Final = 5.0
"""Seconds for one run; what is left is told at the next one. A stop waits for no longer, and the ledger is shared."""
_TOLD_TOGETHER: Final = 20
"""In one transaction: the one writer of SQLite has others to serve meanwhile."""
_LOOKED_AT_AGAIN: Final = timedelta(hours=1)
"""So far back each look goes behind the one before it, for letters that somebody held at that moment."""


class TellingOfDelays:
    """Looks for letters that were received long ago and are not registered, page by page, and tells of each once."""

    def __init__(self, ledger: Ledger, *, delayed_after: timedelta, now: Now) -> None:
        """Take the ledger and how long a registration may take; zero: nobody is told."""
        self._ledger = ledger
        self._delayed_after = delayed_after
        self._now = now
        self._pages: Iterator[list[str]] | None = None
        self._until: datetime | None = None
        self._told_until: datetime | None = None

    def run(self) -> None:
        """Tell of all that are due. Raise LedgerUnavailable if the ledger is away: the rest is told at the next run.

        That each is told once is guarded in the transaction of the telling: a run may break off anywhere, and two
        nodes may run at the same time.
        """
        if not self._delayed_after or FactKind.DELAYED not in self._ledger.policy.told_facts:
            return
        told, until = 0, monotonic() + _AT_MOST
        pages, self._pages = self._pages or self._look(), None
        try:
            for letter_ids in pages:
                for first in range(0, len(letter_ids), _TOLD_TOGETHER):
                    some = letter_ids[first : first + _TOLD_TOGETHER]
                    told += self._ledger.decisions.tell_all_delayed(some)
                if monotonic() > until:
                    self._pages = pages
                    return
        finally:
            if told:
                log.info("deadlines.citizens_told", letters=told)
        self._told_until = self._until

    def _look(self) -> Iterator[list[str]]:
        """Begin a look: at all letters the first time, later only at those that were received since the one before."""
        self._until = self._now() - self._delayed_after
        after = None if self._told_until is None else self._told_until - _LOOKED_AT_AGAIN
        return self._ledger.attention.delayed(self._until, received_after=after)


def run_of_delays(section: DeadlinesSection, ledger: Ledger, now: Now) -> PeriodicRun:
    """Return the periodic run."""
    telling = TellingOfDelays(ledger, delayed_after=section.delayed_after, now=now)
    return PeriodicRun(
        name="delays",
        every=section.look_every,
        deed=telling.run,
        is_first_at_once=True,
        once_for_all=True,
    )
