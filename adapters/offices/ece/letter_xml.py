"""A letter as ECE 1.01 writes it, with the files read from disk only while it goes out.

Names, order and codes are those of the one public implementation; README.md says what that means.
"""

import secrets
import uuid
from collections.abc import Callable
from io import BytesIO
from pathlib import PurePosixPath
from typing import Final

from lxml import etree

from adapters.offices.ece.letter_text import letter_text
from adapters.offices.ece.names import CLASSIFICATIONS, PRIORITIES, SOFTWARE, letter_number
from adapters.offices.ece.settings import LetterParty, SecretariatMailbox
from connector import __version__
from connector.domain.attachment import AttachmentContent
from connector.domain.calendar import jalali_text, local_date
from connector.errors import NotPossible
from connector.ports.office import RegistrationRequest
from connector.transport.body import Base64Stream, StreamedBody, Streams, spliced

__all__ = ["TurnLetters", "letter_xml"]

_NAMESPACE: Final = uuid.UUID("6f0d1f6e-4b0a-5d5e-9f5c-0f6c7a5b1e01")
"""Ours, for the GUID of a letter: the same letter has the same one each time."""

_ORIGINAL: Final = "اصل"
"""ReceiveType as the public implementation writes it, although its list has numbers: 1 is this."""

TurnLetters = Callable[[str], str]


def letter_xml(
    request: RegistrationRequest, mailbox: SecretariatMailbox, turned: TurnLetters
) -> StreamedBody:
    """Return the document. Raise NotPossible where a text holds what no XML can."""
    try:
        return _document(request, mailbox, turned)
    except ValueError:  # lxml names the text
        raise NotPossible("A text of the letter holds a character that XML cannot carry.") from None


def _document(request: RegistrationRequest, mailbox: SecretariatMailbox, turned: TurnLetters) -> StreamedBody:
    letter = request.letter
    key = letter_number(request.correlation_key)
    root = etree.Element("letter", Any="")
    _add(root, "Protocol", Name="ECE", Version="1.01", Any="")
    guid = str(uuid.uuid5(_NAMESPACE, key))
    _add(root, "Software", SOFTWARE, Version=__version__, SoftwareDeveloper=SOFTWARE, GUID=guid, Any="")
    _add(root, "Sender", **_party(mailbox.sender, turned, person=letter.sender.name))
    _add(root, "Receiver", **_party(mailbox.receiver, turned, unit=request.unit), ReceiveType=_ORIGINAL)
    _add(root, "OtherReceivers")
    _add(root, "LetterNo", key, Any="")
    day = jalali_text(local_date(letter.received_at))
    _add(root, "LetterDateTime", day, ShowAs="jalali", Any="")
    _add(root, "RelatedLetters")
    _add(root, "Subject", turned(letter.subject), Any="")
    for name, (code, title) in (
        ("Priority", PRIORITIES[letter.urgency]),
        ("Classification", CLASSIFICATIONS[letter.confidentiality]),
    ):
        _add(root, name, Code=code, Name=title, Any="")
    _add(root, "Keywords", Keyword=letter.tracking_code, Any="")
    return _with_files(root, turned(letter_text(letter)).encode("utf-8"), request.attachments)


def _with_files(root: etree._Element, text: bytes, files: tuple[AttachmentContent, ...]) -> StreamedBody:
    """Write the letter's own page and the files, each as a mark that its content replaces while it goes out."""
    page = Base64Stream(open=lambda: BytesIO(text), size=len(text))
    streams = Streams()
    origins = _add(root, "Origins")
    _file(origins, "Origin", "متن نامه", "txt", "text/plain", streams, page)
    attachments = _add(root, "Attachments")
    for content in files:
        file = content.attachment
        extension = PurePosixPath(file.name).suffix.lstrip(".")
        stream = Base64Stream(open=content.open, size=file.size)
        _file(attachments, "Attachment", file.name, extension, file.media_type, streams, stream)
    document: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)
    body = spliced(document, streams)
    return body if isinstance(body, StreamedBody) else StreamedBody([body])


def _file(
    parent: etree._Element,
    name: str,
    description: str,
    extension: str,
    media_type: str,
    streams: Streams,
    stream: Base64Stream,
) -> None:
    mark = "chapar" + secrets.token_hex(16)
    streams[mark.encode("ascii")] = stream
    _add(parent, name, mark, Description=description, Extension=extension, ContentType=media_type)


def _party(
    party: LetterParty, turned: TurnLetters, *, person: str = "", unit: str | None = None
) -> dict[str, str]:
    return {
        "Name": turned(party.name or person),
        "Organization": party.organisation,
        "Position": party.position,
        "Code": party.code,
        "Department": turned(unit or party.department),
        "Any": "",
    }


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, name, attributes)
    child.text = text or None
    return child
