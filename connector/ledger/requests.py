"""From a letter to what the office is asked to register, and to complete after it."""

from typing import Protocol

from connector.domain.attachment import Attachment, AttachmentContent
from connector.errors import NotPossible
from connector.ledger.records import LetterState
from connector.ports.office import RegistrationRequest

__all__ = ["OpensAttachments", "request_for"]


class OpensAttachments(Protocol):
    """Where the bytes of attachments are found; the ledger's attachment store is one."""

    def content(self, attachment: Attachment) -> AttachmentContent:
        """Return the attachment with a way to its bytes."""
        ...


def request_for(state: LetterState, attachments: OpensAttachments) -> RegistrationRequest:
    """Return the request for this letter. Raise NotPossible if no route says where it goes.

    Every attachment is opened once here, so that a file that is gone is found before anything is
    announced; the error of the store (AttachmentMissing) passes.
    """
    if state.route is None:
        raise NotPossible("No route says to which office this letter goes.", next_step="Add a route.")
    letter = state.letter
    contents = tuple(attachments.content(attachment) for attachment in letter.attachments)
    for content in contents:
        content.open().close()
    return RegistrationRequest(
        letter=letter,
        correlation_key=letter.correlation_key,
        secretariat=state.route.secretariat,
        unit=letter.unit or state.route.unit,
        attachments=contents,
    )
