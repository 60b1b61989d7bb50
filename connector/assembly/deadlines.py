"""Citizens whose letter takes long are told, once, that it is being worked on: silence is what makes people call."""

from datetime import timedelta

from connector.clock import Now
from connector.domain.message import FactKind
from connector.ledger.ledger import Ledger
from connector.observability.logging import get_logger
from connector.scheduling.runs import PeriodicRun
from connector.settings.deadlines import DeadlinesSection

__all__ = ["TellingOfDelays", "run_of_delays"]

log = get_logger(__name__)


class TellingOfDelays:
    """Looks for letters that were received long ago and are not registered, page by page, and tells of each once."""

    def __init__(self, ledger: Ledger, *, delayed_after: timedelta, now: Now) -> None:
        """Take the ledger and how long a registration may take; zero: nobody is told."""
        self._ledger = ledger
        self._delayed_after = delayed_after
        self._now = now

    def run(self) -> None:
        """Tell of all that are due. Raise LedgerUnavailable if the ledger is away: the rest is told at the next run.

        That each is told once is guarded in the transaction of the telling: a run may break off anywhere, and two
        nodes may run at the same time.
        """
        if not self._delayed_after or FactKind.DELAYED not in self._ledger.policy.told_facts:
            return
        told = 0
        try:
            for letter_ids in self._ledger.attention.delayed(self._now() - self._delayed_after):
                told += self._ledger.decisions.tell_all_delayed(letter_ids)
        finally:
            if told:
                log.info("deadlines.citizens_told", letters=told)


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
