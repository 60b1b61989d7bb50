"""The files of one submission on their way in: written as they come, kept only when everything is right."""

from dataclasses import dataclass

from connector.domain.attachment import Attachment
from connector.errors import FieldProblem, SubmissionInvalid
from connector.intake.attachment_rules import AttachmentRules
from connector.intake.file_names import safe_file_name
from connector.ledger.attachments import AttachmentStore, IncomingFile

__all__ = ["IncomingFiles"]


@dataclass(slots=True)
class _Coming:
    """One file that has come, or is coming."""

    index: int
    """Its place in the form."""
    name: str
    declared: str | None
    content: IncomingFile
    media_type: str = ""


class IncomingFiles:
    """The files of one submission. Used by one thread at a time.

    A file that is refused is forgotten at once, and the others go on, so that the portal is told everything that is
    wrong in one answer. Nothing is kept before ``keep()``.
    """

    def __init__(self, store: AttachmentStore, rules: AttachmentRules) -> None:
        """Start with no file."""
        self._store = store
        self._rules = rules
        self._files: list[_Coming] = []
        self._is_refused = False
        self.problems: list[FieldProblem] = []

    def has_room_for(self, count: int) -> bool:
        """Return whether so many files are let in; where they are not, that is noted among the problems."""
        try:
            self._rules.check_count(count)
        except SubmissionInvalid as invalid:
            self._note(invalid)
            return False
        return True

    def begin(self, index: int, name: str, declared: str | None) -> bool:
        """Start a file: its place in the form, the name that the portal gives it, the media type that it declares.

        False where it is one too many: nothing of it is kept, not even that it came, however many follow.
        """
        if not self.has_room_for(len(self._files) + 1):
            self._is_refused = True
            return False
        self._files.append(_Coming(index, name, declared, self._store.begin()))
        self._is_refused = False
        return True

    def write(self, chunk: bytes) -> None:
        """Add bytes to the present file. Raise LedgerUnavailable when the disk does not take them."""
        if self._is_refused:
            return
        file = self._files[-1].content
        try:
            self._rules.check_size(self._files[-1].index, file.size + len(chunk))
        except SubmissionInvalid as invalid:
            self._refuse(invalid)
            return
        file.write(chunk)

    def end(self) -> None:
        """End the present file and look at what it is."""
        if self._is_refused:
            return
        file = self._files[-1]
        try:
            file.media_type = self._rules.check_file(
                file.index, file.name, file.declared, head=file.content.head, size=file.content.size
            )
        except SubmissionInvalid as invalid:
            self._refuse(invalid)

    def described(self) -> tuple[Attachment, ...]:
        """Return the files as they will be kept."""
        return tuple(
            Attachment(
                name=safe_file_name(file.name),
                media_type=file.media_type,
                size=file.content.size,
                digest=file.content.digest,
            )
            for file in self._files
        )

    def keep(self) -> None:
        """Sync all files into the store. Raise LedgerUnavailable if that fails."""
        for file in self._files:
            file.content.finish()

    def abandon(self) -> None:
        """Forget every file that was not kept. May be called at any time, and twice."""
        for file in self._files:
            file.content.abandon()

    def _refuse(self, invalid: SubmissionInvalid) -> None:
        self._is_refused = True
        self._note(invalid)
        self._files[-1].content.abandon()

    def _note(self, invalid: SubmissionInvalid) -> None:
        self.problems += [each for each in invalid.problems if each not in self.problems]
