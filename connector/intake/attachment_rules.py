"""Which attachments are let in: how many, how large, and of which types."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from connector.domain.attachment import Attachment
from connector.errors import FieldProblem, SubmissionInvalid
from connector.intake.media_types import DOC, DOCX, ODT, media_type_by_content
from connector.intake.problems import ProblemCode, problem

__all__ = ["DOC", "DOCX", "ODT", "AttachmentRules", "media_type_by_content"]

_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class AttachmentRules:
    """What the operator lets in. Sizes are bytes."""

    allowed: frozenset[str] = frozenset(
        {"application/pdf", "image/jpeg", "image/png", "image/tiff", "text/plain", DOC, DOCX}
    )
    """Media types by content."""
    largest: int = 50_000_000
    most: int = 20
    largest_together: int = 100_000_000

    def check_size(self, index: int, size: int) -> None:
        """Raise SubmissionInvalid if a file is too large. Ask while it is still coming in."""
        if size > self.largest:
            raise SubmissionInvalid([self._too_large(index)])

    def check_file(self, index: int, name: str, declared: str | None, *, head: bytes, size: int) -> str:
        """Return the media type of a file that has come in whole. Raise SubmissionInvalid on ``attachments[index]``."""
        if size == 0:
            raise SubmissionInvalid([problem(_where(index), ProblemCode.EMPTY_FILE)])
        self.check_size(index, size)
        media_type = media_type_by_content(name, declared, head, index=index)
        if media_type not in self.allowed:
            refusal = problem(_where(index), ProblemCode.TYPE_NOT_ALLOWED, media_type=media_type)
            raise SubmissionInvalid([refusal])
        return media_type

    def check_count(self, count: int) -> None:
        """Raise SubmissionInvalid if there are too many files."""
        if count > self.most:
            raise SubmissionInvalid([problem("attachments", ProblemCode.TOO_MANY, limit=self.most)])

    def check_together(self, attachments: Sequence[Attachment]) -> None:
        """Raise SubmissionInvalid if there are too many files, too large ones, or ones of other types."""
        self.check_count(len(attachments))
        problems: list[FieldProblem] = []
        for index, attachment in enumerate(attachments):
            if attachment.size > self.largest:
                problems.append(self._too_large(index))
            if attachment.media_type not in self.allowed:
                media_type = attachment.media_type
                problems.append(problem(_where(index), ProblemCode.TYPE_NOT_ALLOWED, media_type=media_type))
        if sum(attachment.size for attachment in attachments) > self.largest_together:
            limit = self.largest_together // _MEGABYTE
            problems.append(problem("attachments", ProblemCode.FILES_TOO_LARGE, limit=limit))
        if problems:
            raise SubmissionInvalid(problems)

    def _too_large(self, index: int) -> FieldProblem:
        return problem(_where(index), ProblemCode.FILE_TOO_LARGE, limit=max(1, self.largest // _MEGABYTE))


def _where(index: int) -> str:
    return f"attachments[{index}]"
