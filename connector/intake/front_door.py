"""The front door: a submission that is well formed becomes a letter on disk."""

from collections.abc import Callable
from typing import Protocol

from connector.clock import Now, now
from connector.domain.letter import Route, Submission
from connector.intake.attachment_rules import AttachmentRules
from connector.intake.routes import Routes
from connector.ledger.records import Admission
from connector.observability.logging import get_logger
from connector.observability.metrics import count_admitted, count_attachment_bytes

__all__ = ["AdmitsSubmissions", "FrontDoor"]

log = get_logger(__name__)


class AdmitsSubmissions(Protocol):
    """The part of the ledger that the front door needs."""

    def admit(self, submission: Submission, *, route: Route | None) -> Admission:
        """Make the submission a letter, synced, or return what it was made before."""
        ...


class FrontDoor:
    """Where every portal's submissions come in. Thread-safe."""

    def __init__(
        self,
        ledger: AdmitsSubmissions,
        routes: Callable[[], Routes],
        rules: AttachmentRules,
        now: Now = now,
    ) -> None:
        """Take the ledger, a call that returns the routes of this moment (they are reloaded), and the rules."""
        self._ledger = ledger
        self._routes = routes
        self._rules = rules
        self._now = now

    def admit(self, submission: Submission) -> Admission:
        """Admit the submission and return its tracking code; it is on disk, synced, when this returns.

        A letter that no route fits is admitted too: it is parked by the screening, and never lost. Raise
        SubmissionInvalid if its attachments break the rules, SubmissionConflict if its id was used with other content,
        and LedgerUnavailable if it could not be written; in each case nothing was admitted.
        """
        self._rules.check_together(submission.attachments)
        route = self._routes().route_for(submission.service, submission.unit)
        admission = self._ledger.admit(submission, route=route)
        if not admission.is_new:
            log.info("intake.known_already", letter_id=admission.letter_id, portal=submission.portal)
            return admission
        count_admitted(submission.portal)
        count_attachment_bytes(sum(attachment.size for attachment in submission.attachments))
        waited = self._now() - submission.submitted_at if submission.submitted_at else None
        log.info(
            "intake.admitted",
            letter_id=admission.letter_id,
            portal=submission.portal,
            attachments=len(submission.attachments),
            has_route=route is not None,
            waited_seconds=waited.total_seconds() if waited else None,
        )
        return admission
