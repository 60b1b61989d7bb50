"""The stage: each claimed publication is handed to the portal. Repeating one changes nothing there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Final

from connector.clock import Now, now
from connector.errors import CallFailed, LedgerError, LedgerUnavailable, LostRace, NotPossible, RateLimited
from connector.ledger.ledger import Ledger
from connector.ledger.records import Claim
from connector.observability.logging import get_logger
from connector.observability.metrics import count_lease_lost
from connector.ports.connection import Connection
from connector.ports.portal import PortalAdapter, Publication, PublishesProgress

__all__ = ["PublicationPolicy", "Publishing", "when_to_publish_again"]

log = get_logger(__name__)

_CHANCE: Final = SystemRandom().random


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicationPolicy:
    """The times of publication."""

    retry_first_after: timedelta = timedelta(seconds=15)
    retry_at_most_every: timedelta = timedelta(hours=1)


def when_to_publish_again(earlier: int, now: datetime, policy: PublicationPolicy, jitter: float) -> datetime:
    """Return when to try anew after ``earlier`` vain tries and this one; the gap doubles up to the limit."""
    grown = min(policy.retry_first_after * float(2 ** min(earlier, 20)), policy.retry_at_most_every)
    return now + grown * (1 - jitter / 4)


class Publishing:
    """Publishes at one portal. Thread-safe: several runs may go on at the same time."""

    def __init__(
        self,
        ledger: Ledger,
        portal: Connection[PortalAdapter],
        *,
        policy: PublicationPolicy | None = None,
        now: Now = now,
        chance: Callable[[], float] = _CHANCE,
    ) -> None:
        """Take the ledger and the portal; time and chance come from outside."""
        self._ledger = ledger
        self._portal = portal
        self._policy = policy or PublicationPolicy()
        self._now = now
        self._chance = chance

    def run(self, claims: Sequence[Claim]) -> None:
        """Publish each claim. Raise LedgerUnavailable if the ledger cannot be written."""
        for claim in claims:
            try:
                self._one(claim)
            except LostRace:
                count_lease_lost(str(claim.lane.stage))
                log.info("publication.lost_race", letter_id=claim.letter_id, portal=self._portal.name)

    def _one(self, claim: Claim) -> None:
        try:
            publication = self._ledger.publication(claim)
        except (LedgerUnavailable, LostRace):
            raise
        except LedgerError as error:
            log.warning(
                "publication.letter_unreadable", letter_id=claim.letter_id, failure=type(error).__name__
            )
            self._postpone(claim, "letter_unreadable")
            return
        try:
            self._portal.call("publish", lambda portal: _publish(portal, publication))
        except (CallFailed, NotPossible) as error:
            self._postpone(claim, _reason(error), _wish(error))
            return
        self._ledger.published(claim)
        log.info(
            "publication.published",
            letter_id=claim.letter_id,
            portal=self._portal.name,
            fact=publication.fact,
        )

    def _postpone(self, claim: Claim, reason: str, wish: timedelta | None = None) -> None:
        due_at = when_to_publish_again(claim.attempts, self._now(), self._policy, self._chance())
        if wish is not None:
            due_at = max(due_at, self._now() + min(wish, self._policy.retry_at_most_every))
        self._ledger.postpone(claim, due_at=due_at, reason=reason)


def _publish(portal: PortalAdapter, publication: Publication) -> None:
    if not isinstance(portal, PublishesProgress):
        raise NotPossible(
            "This portal takes nothing back.", next_step="Take it out of the publishing portals."
        )
    portal.publish(publication)


def _reason(error: CallFailed | NotPossible) -> str:
    if isinstance(error, NotPossible):
        return "portal_does_not_publish"
    return error.reason or "publish_failed"


def _wish(error: CallFailed | NotPossible) -> timedelta | None:
    return error.retry_after if isinstance(error, RateLimited) else None
