"""Collection: portals that do not call us are asked for what waits there."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from connector.domain.attachment import Attachment
from connector.errors import (
    CallFailed,
    FieldProblem,
    LedgerUnavailable,
    SubmissionConflict,
    SubmissionInvalid,
)
from connector.intake.attachment_rules import AttachmentRules
from connector.intake.form import read_form
from connector.intake.front_door import FrontDoor
from connector.intake.problems import ProblemCode, problem
from connector.intake.storing import KeepsFiles, store_attachment
from connector.ledger.records import Admission
from connector.observability.logging import get_logger
from connector.ports.portal import HandsInSubmissions, SubmittedFile, SubmittedForm, WaitingSubmission

__all__ = ["Collection"]

log = get_logger(__name__)

_CHUNK: Final = 256 * 1024


class Collection:
    """Collects from one portal. One run at a time."""

    def __init__(
        self,
        portal_name: str,
        portal: HandsInSubmissions,
        front_door: FrontDoor,
        attachments: KeepsFiles,
        rules: AttachmentRules,
    ) -> None:
        """Take the portal under its name in the configuration, the front door, and where files are kept."""
        self._portal_name = portal_name
        self._portal = portal
        self._front_door = front_door
        self._attachments = attachments
        self._rules = rules

    def run(self) -> int:
        """Take in everything that waits and return how many letters are new.

        One bad submission is refused to the portal or left waiting, and the others go on. The run ends early when the
        ledger cannot be written or the portal cannot be asked; what waits is still there at the next run.
        """
        collected = 0
        try:
            for waiting in self._portal.waiting():
                collected += self._collect(waiting)
        except LedgerUnavailable:
            self._stop("ledger_unavailable")
        except CallFailed as error:
            self._stop(error.reason or "portal_unavailable")
        return collected

    def _stop(self, reason: str) -> None:
        log.warning("intake.collection_stopped", portal=self._portal_name, reason=reason)

    def _collect(self, waiting: WaitingSubmission) -> bool:
        """Take in one submission and return whether it is a new letter. Never acknowledged before it is admitted."""
        is_new = False
        try:
            admission = self._admit(waiting.read())
            is_new = admission.is_new
            self._portal.acknowledge(waiting.reference, admission.tracking_code)
        except SubmissionInvalid as error:
            self._refuse(waiting, error.problems)
        except SubmissionConflict:
            self._refuse(waiting, [problem("submission_id", ProblemCode.SUBMISSION_CONFLICT)])
        except LedgerUnavailable:
            raise
        except CallFailed as error:
            reason = error.reason or "portal_unavailable"
            log.warning("intake.submission_left_waiting", portal=self._portal_name, reason=reason)
        except Exception as error:
            log.error("intake.submission_failed", portal=self._portal_name, exc_info=error)
        return is_new

    def _admit(self, form: SubmittedForm) -> Admission:
        # The form first: while it is wrong, no file is stored.
        read_form(self._portal_name, form.data, ())
        self._rules.check_count(len(form.files))
        attachments = self._store(form.files)
        return self._front_door.admit(read_form(self._portal_name, form.data, attachments))

    def _store(self, files: tuple[SubmittedFile, ...]) -> list[Attachment]:
        """Store all files, or raise SubmissionInvalid with the problems of all of them."""
        stored: list[Attachment] = []
        problems: list[FieldProblem] = []
        for index, file in enumerate(files):
            try:
                with file.open() as stream:
                    stored.append(
                        store_attachment(
                            self._attachments,
                            self._rules,
                            index=index,
                            name=file.name,
                            declared=file.declared,
                            chunks=_chunks(stream),
                        )
                    )
            except SubmissionInvalid as error:
                problems.extend(error.problems)
        if problems:
            raise SubmissionInvalid(problems)
        return stored

    def _refuse(self, waiting: WaitingSubmission, problems: Sequence[FieldProblem]) -> None:
        codes = sorted({each.code for each in problems})
        log.info("intake.refused", portal=self._portal_name, problems=len(problems), codes=codes)
        try:
            self._portal.refuse(waiting.reference, problems)
        except CallFailed as error:
            reason = error.reason or "portal_unavailable"
            log.warning("intake.submission_left_waiting", portal=self._portal_name, reason=reason)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk
