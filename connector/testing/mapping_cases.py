"""Runs the cases of a mapping through the real adapter, against a server on loopback that plays the office."""

import dataclasses
import io
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import orjson
from lxml import etree

from connector.domain.attachment import Attachment, AttachmentContent
from connector.domain.letter import Confidentiality, Language, Letter, Urgency
from connector.domain.person import PersonKind
from connector.domain.registration import LetterReference
from connector.errors import ChaparError
from connector.mapping.cases import Case, CaseLetter, CaseReply, load_cases
from connector.mapping.load import cases_path
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.office import OfficeAdapter, RegistrationRequest, SearchQuery
from connector.ports.outcomes import Refused, Registered, Submitted
from connector.testing.builders import a_person
from connector.transport.soap_answer import SoapFault, envelope_body
from connector.transport.soap_shape import read_element

__all__ = ["CaseResult", "run_cases"]

_KEY: Final = "KEY1"
_SECRETARIAT: Final = "central"


@dataclasses.dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case went; no complaints where it is right."""

    name: str
    complaints: tuple[str, ...]


def run_cases(
    mapping: Path, kind: AdapterKind[OfficeAdapter], settings: Mapping[str, Any]
) -> Iterator[CaseResult]:
    """Run every case beside this mapping file through an adapter that is built from it.

    ``settings`` holds what the mapping needs besides its name and address: credentials.
    """
    cases, _ = load_cases(cases_path(mapping))
    site = AdapterSite(name="case", mappings=(mapping.parent.parent,), pool_size=1)
    for case in cases.cases:
        with _office(case.reply) as played:
            built = kind.settings.model_validate(
                {
                    **settings,
                    "mapping": mapping.stem,
                    "http": {"url": played.url, "answer_within": timedelta(seconds=5)},
                }
            )
            office = kind.build(built, site)
            try:
                outcome = _ask(office, case)
            finally:
                office.close()
            yield CaseResult(case.name, tuple(_complaints(case, outcome, played.requests)))


class _PlayedOffice(ThreadingHTTPServer):
    """Gives one reply to everything, and remembers what it was sent."""

    daemon_threads = True

    def __init__(self, reply: CaseReply | None) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.reply = reply
        self.requests: list[dict[str, Any]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _PlayedOffice

    def do(self) -> None:
        target = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        line = {"method": self.command, "path": target.path, "query": dict(parse_qsl(target.query))}
        self.server.requests.append({**line, **_read(body)})
        reply = self.server.reply
        if reply is None or reply.lost:
            self.close_connection = True
            return
        content, media_type = _content(reply)
        self.send_response(reply.status)
        for name, value in {"Content-Type": media_type, **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do  # noqa: N815 - names that http.server looks for

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its parent's word
        """Keep silent."""


@contextmanager
def _office(reply: CaseReply | None) -> Iterator[_PlayedOffice]:
    server = _PlayedOffice(reply)
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _content(reply: CaseReply) -> tuple[bytes, str]:
    if reply.xml is not None:
        envelope = (
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
            f"<s:Body>{reply.xml}</s:Body></s:Envelope>"
        )
        return envelope.encode(), "text/xml; charset=utf-8"
    if reply.text is not None:
        return reply.text.encode(), "text/html; charset=utf-8"
    if "json_" in reply.model_fields_set:
        return orjson.dumps(reply.json_), "application/json"
    return b"", "text/plain"


def _read(body: bytes) -> dict[str, Any]:
    if not body:
        return {"call": None, "fields": None}
    if body.lstrip()[:1] != b"<":
        return {"call": None, "fields": orjson.loads(body)}
    content = envelope_body(body)
    if isinstance(content, SoapFault) or not len(content):
        return {"call": None, "fields": None}
    return {"call": etree.QName(content[0]).localname, "fields": read_element(content[0], None)}


def _ask(office: Any, case: Case) -> Any:
    try:
        match case.operation:
            case "register":
                return office.register(_request(case.letter))
            case "find":
                return office.find(_KEY, _SECRETARIAT)
            case "search":
                return office.search(_query(case.letter))
            case "progress":
                return office.progress(
                    [LetterReference(correlation_key=key, secretariat=_SECRETARIAT) for key in case.keys]
                )
            case "check":
                return office.check()
    except ChaparError as failure:
        return failure


def _request(given: CaseLetter) -> RegistrationRequest:
    contents = [
        AttachmentContent(
            attachment=Attachment(
                name=each.name,
                media_type=each.media_type,
                size=len(each.text.encode()),
                digest=sha256(each.text.encode()).hexdigest(),
            ),
            open=partial(io.BytesIO, each.text.encode()),
        )
        for each in given.attachments
    ]
    letter = Letter(
        letter_id=_KEY,
        tracking_code="CODE1",
        portal="web",
        submission_id="1",
        sender=a_person(kind=PersonKind(given.sender_kind), name=given.sender_name),
        subject=given.subject,
        text=given.text,
        service="general",
        unit=given.unit,
        urgency=Urgency(given.urgency),
        confidentiality=Confidentiality(given.confidentiality),
        language=Language.FA,
        attachments=tuple(content.attachment for content in contents),
        fields=given.fields,
        received_at=datetime.combine(date.fromisoformat(given.received_on), time(8), tzinfo=UTC),
    )
    return RegistrationRequest(
        letter=letter,
        correlation_key=_KEY,
        secretariat=_SECRETARIAT,
        unit=given.unit,
        attachments=tuple(contents),
    )


def _query(given: CaseLetter) -> SearchQuery:
    letter = _request(given).letter
    return SearchQuery(
        letter=letter,
        correlation_key=_KEY,
        secretariat=_SECRETARIAT,
        since=letter.received_at,
        until=letter.received_at + timedelta(days=1),
    )


def _complaints(case: Case, outcome: Any, requests: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if case.reply is None and requests:
        yield "something was sent"
    expected = case.request.model_dump(exclude_unset=True)
    if expected:
        if not requests:
            yield "nothing was sent"
        else:
            yield from _differences(expected, requests[0], "request")
    name, wanted = next(iter(case.outcome.model_dump(exclude_unset=True).items()))
    told = {"matches": [_told(each) for each in outcome]} if _is_search(case, outcome) else _told(outcome)
    yield from _differences({name: wanted}, told, "outcome")


def _is_search(case: Case, outcome: Any) -> bool:
    return case.operation == "search" and not isinstance(outcome, ChaparError)


def _told(outcome: Any) -> dict[str, Any]:
    if isinstance(outcome, ChaparError):
        facts = {name: getattr(outcome, name, None) for name in ("reason", "code")}
        return {"fails": {"type": type(outcome).__name__, **facts}}
    if isinstance(outcome, Registered):
        return {"known" if outcome.was_known else "registered": _plain(outcome.registration)}
    if isinstance(outcome, Submitted):
        return {"submitted": _plain(outcome)}
    if isinstance(outcome, Refused):
        return {"refused": _plain(outcome)}
    if outcome is None:
        return {"absent": True}
    return {"checked": True} if isinstance(outcome, str) else {"progress": [_plain(each) for each in outcome]}


def _plain(record: Any) -> Any:
    plain: Any = orjson.loads(orjson.dumps(dataclasses.asdict(record)))
    return plain


def _differences(expected: Any, found: Any, way: str) -> Iterator[str]:
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for name, inner in expected.items():
            if inner is not None and name not in found:
                yield f"{way}.{name} is not there"
            else:
                yield from _differences(inner, found.get(name), f"{way}.{name}")
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield f"{way} has {len(found)} items, not {len(expected)}"
        for position, (inner, other) in enumerate(zip(expected, found, strict=False)):
            yield from _differences(inner, other, f"{way}[{position}]")
    elif expected != found:
        yield f"{way} is {found!r}, not {expected!r}"
