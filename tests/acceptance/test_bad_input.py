"""What comes in wrong, from every side, against one real daemon: a clear error, nothing lost, and it goes on."""

import io
import json
import re
import socket
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from connector.simulator.serving import Reply
from tests.acceptance.strange_house import (
    BOUNDARY,
    SPOILED_AT_ONE_OFFICE,
    Spoil,
    StrangeHouse,
    a_file,
    as_json,
    as_multipart,
    form,
    lines_of,
    sender,
    until,
)

PDF = b"%PDF-1.4\n% a small one\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
LETTER = as_json(form("never"))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StrangeHouse]:
    with StrangeHouse(tmp_path_factory.mktemp("house")) as ready:
        yield ready


# --- what portals hand in, and is refused


def a_zip(*entries: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return packed.getvalue()


@dataclass(frozen=True)
class Bad:
    """One submission that is refused."""

    body: bytes
    problems: set[tuple[str, str]] = field(default_factory=set)
    status: int = 422
    code: str = "submission_invalid"
    detail: str = ""
    content_type: str = "application/json"


def bad_form(*problems: tuple[str, str], **changes: Any) -> Bad:
    return Bad(as_json(form("never") | changes), set(problems))


def bad_sender(field_name: str, code: str, **changes: Any) -> Bad:
    return bad_form((f"sender.{field_name}", code), sender=sender(**changes))


def bad_file(code: str, name: str, content: bytes, media_type: str | None = None) -> Bad:
    body = as_multipart(LETTER, a_file(name, content, media_type=media_type))
    return Bad(body, {("attachments[0]", code)}, content_type=BOUNDARY)


def bad_json(body: bytes, detail: str) -> Bad:
    return Bad(body, status=400, code="malformed_json", detail=detail)


def bad_multipart(body: bytes, detail: str) -> Bad:
    return Bad(body, status=400, code="malformed_multipart", detail=detail, content_type=BOUNDARY)


PART = b'--frontier\r\nContent-Disposition: form-data; name="attachment"; filename="a.pdf"\r\n\r\n%PDF-1\r\n'
TOO_MANY = {("attachments", "too_many")}
REFUSED = {
    # fields
    "nothing in it": bad_form(
        *((name, "required") for name in ("submission_id", "service", "subject", "text", "sender")),
        **dict.fromkeys(form("x")),
    ),
    "no sender's fields": bad_form(
        *((f"sender.{name}", "required") for name in ("kind", "identity_number", "name", "mobile")), sender={}
    ),
    "numbers that are not text": bad_form(
        ("subject", "not_text"),
        ("sender.identity_number", "not_text"),
        ("sender.mobile", "not_text"),
        subject=5,
        sender=sender(identity_number=84575948, mobile=9000000001),
    ),
    "groups that are none": bad_form(
        ("sender", "not_a_group"), ("fields", "not_a_group"), sender=[], fields="x"
    ),
    "a name mistyped": bad_form(("subjekt", "unknown_key"), subjekt="x"),
    "fifty thousand names": Bad(
        as_json(form("never") | {f"n{i}": 1 for i in range(50_000)}), {("n0", "unknown_key")}
    ),
    "fifty thousand free fields": bad_form(
        ("fields", "too_many"), fields={f"n{i}": "1" for i in range(50_000)}
    ),
    "a national id with a wrong check digit": bad_sender(
        "identity_number", "national_id", identity_number="0084575949"
    ),
    "a national id of one digit ten times": bad_sender(
        "identity_number", "national_id", identity_number="1111111111"
    ),
    "a legal id with a wrong check digit": bad_sender(
        "identity_number", "legal_id", kind="legal", identity_number="10100000000"
    ),
    "a legal person with a national id": bad_sender("identity_number", "legal_id", kind="legal"),
    "a telephone that is no mobile": bad_sender("mobile", "mobile", mobile="02122334455"),
    "a mobile with a letter": bad_sender("mobile", "mobile", mobile="0900000000x"),
    "a mobile in Persian digits, one short": bad_sender("mobile", "mobile", mobile="۰۹۰۰۰۰۰۰۰۱"),
    "a mobile turned round": bad_sender("mobile", "direction_override", mobile="0900000\u202e0001"),
    "an e-mail that is none": bad_sender("email", "email", email="nobody"),
    "a kind that is not in the list": bad_sender("kind", "not_in_list", kind="robot"),
    "a time without an offset": bad_form(("submitted_at", "instant"), submitted_at="2026-03-21T12:00:00"),
    "control characters": bad_form(
        ("subject", "forbidden_character"),
        ("text", "forbidden_character"),
        ("sender.name", "forbidden_character"),
        subject="a\x00b",
        text="a\x1bb",
        sender=sender(name="a\uffffb"),
    ),
    "a subject of two lines": bad_form(("subject", "line_break"), subject="a\u2028b"),
    "a subject of half a megabyte": bad_form(("subject", "too_long"), subject="x" * 500_000),
    "a subject of nothing that shows": bad_form(("subject", "required"), subject=" \u200b\u200f "),
    # the body
    "a subject of ten megabytes": Bad(
        as_json(form("never", subject="x" * 10_000_000)), status=413, code="too_large", detail="1048576"
    ),
    "a form with files beyond all bounds": Bad(
        as_multipart(LETTER, a_file("a.pdf", b"x" * 12_000_000)),
        status=413,
        code="too_large",
        detail="8000000",
        content_type=BOUNDARY,
    ),
    "a letter part beyond all bounds": Bad(
        as_multipart(as_json(form("never", text="x" * 300_000))),
        status=413,
        code="too_large",
        detail="Part 1",
        content_type=BOUNDARY,
    ),
    "nothing": bad_json(b"", "line 1"),
    "half a JSON": bad_json(LETTER[:60], "line 1"),
    "JSON with a comma too many": bad_json(b'{"text": "a",\n}', "column 13"),
    "JSON in UTF-16": bad_json(json.dumps(form("never")).encode("utf-16"), "UTF-16"),
    "JSON in a Windows code page": bad_json('{"text": "سلام"}'.encode("cp1256"), "not UTF-8 at byte 11"),
    "half a surrogate": bad_json(b'{"text": "\\ud800"}', "line 1"),
    "a name twice": bad_json(b'{"subject": "a", "subject": "b"}', '"subject" stands twice'),
    "endless nesting": bad_json(b'{"fields":' + b"[" * 50_000, "line 1"),
    "no number": bad_json(b'{"submission_id": NaN}', "line 1"),
    "a list": bad_json(b"[]", "must be an object"),
    "no boundary in it": bad_multipart(b"nothing like it", "Part 1"),
    "a form that stops": bad_multipart(
        as_multipart(LETTER, a_file("a.pdf", PDF), end=b""), "closing boundary"
    ),
    "two letters": bad_multipart(
        as_multipart(LETTER, b'Content-Disposition: form-data; name="letter"\r\n\r\n{}'), "Part 2 is a letter"
    ),
    "files before the letter": bad_multipart(PART + b"--frontier--\r\n", "the letter comes first"),
    "a part of another name": bad_multipart(
        as_multipart(LETTER, b'Content-Disposition: form-data; name="other"\r\n\r\nx'),
        "neither letter nor attachment",
    ),
    "XML": Bad(b"<letter/>", status=415, code="media_type_not_supported", content_type="application/xml"),
    # files
    "an empty file": bad_file("empty_file", "a.pdf", b""),
    "a file too large": bad_file("file_too_large", "a.pdf", PDF + b"x" * 2_000_000),
    "a program": bad_file("type_disagrees", "a.exe", b"MZ" + b"\0" * 600),
    "a program that says it is a PDF": bad_file(
        "type_disagrees", "a.pdf", b"MZ" + b"\0" * 600, "application/pdf"
    ),
    "a page that says it is text": bad_file("type_disagrees", "a.txt", b"<html><script>"),
    "a PDF that says it is a picture": bad_file("type_disagrees", "a.png", PDF, "image/png"),
    "an archive": bad_file("type_not_allowed", "a.zip", a_zip(("a", b"x"))),
    "a name turned round": bad_file("type_disagrees", "gpj.\u202eexe", b"hello"),
    "an archive that would fill the disk": bad_file(
        "type_disagrees",
        "a.docx",
        a_zip(("[Content_Types].xml", b" " * 50_000_000), ("word/document.xml", b"x")),
    ),
    "a document with macros": bad_file(
        "type_disagrees",
        "a.docx",
        a_zip(("[Content_Types].xml", b"<Types>macroEnabled</Types>"), ("word/document.xml", b"x")),
    ),
    "four files where three may be": Bad(
        as_multipart(LETTER, *[a_file("a.pdf", PDF)] * 4), TOO_MANY, content_type=BOUNDARY
    ),
    "ten thousand files": Bad(
        as_multipart(LETTER, end=b"") + PART * 10_000 + b"--frontier--\r\n", TOO_MANY, content_type=BOUNDARY
    ),
    "three hundred thousand files in JSON": bad_form(*TOO_MANY, attachments=[0] * 300_000),
    "a file that is not base64": bad_form(
        ("attachments[0].content_base64", "not_base64"),
        attachments=[{"name": "a.pdf", "content_base64": "%%"}],
    ),
    "a file without its name": Bad(
        as_multipart(LETTER, a_file("", PDF)), {("attachments[0].name", "required")}, content_type=BOUNDARY
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_portal_is_told_what_is_wrong_and_nothing_is_kept(house: StrangeHouse, name: str) -> None:
    bad, before = REFUSED[name], house.kept()
    answer = house.hand_in(bad.body, bad.content_type)
    assert (answer.status, answer.document["code"]) == (bad.status, bad.code)
    assert answer.document["title_fa"]
    assert answer.document["title"]
    assert bad.detail in answer.document.get("detail", "")
    assert answer.problems >= bad.problems, answer.problems
    for each in answer.document.get("problems", []):
        assert re.search("[\u0600-\u06ff]", each["fa"])
        assert each["en"].isascii()
    assert len(json.dumps(answer.document)) < 20_000
    assert house.kept() == before


def test_a_used_submission_id_with_other_content_is_a_conflict_and_keeps_nothing(house: StrangeHouse) -> None:
    first = as_multipart(as_json(form("conflict")), a_file("a.pdf", PDF))
    assert house.hand_in(first, BOUNDARY).status == 201
    before = house.kept()
    for other in (
        as_multipart(as_json(form("conflict", text="دیگر")), a_file("a.pdf", PDF)),
        as_multipart(as_json(form("conflict")), a_file("a.pdf", PDF + b"x" * 500_000)),
        as_multipart(as_json(form("conflict"))),
    ):
        answer = house.hand_in(other, BOUNDARY)
        assert (answer.status, answer.document["code"]) == (409, "submission_conflict")
    assert house.kept() == before
    assert house.hand_in(first, BOUNDARY).status == 200


def raw_head(house: StrangeHouse, size: str, *more: str) -> bytes:
    token = house.agency.portal.token
    lines = ["POST /portals/web/letters HTTP/1.1", "Host: x", f"Authorization: Bearer {token}"]
    lines += [f"Content-Type: {BOUNDARY}", f"Content-Length: {size}", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("size", "sent", "status"),
    [
        ("400", b"half", None),
        ("4000000", as_multipart(LETTER, a_file("a.pdf", PDF + b"x" * 600_000)), None),
        ("100", as_multipart(LETTER), b"400"),
        ("-5", b"", b"400"),
        ("9" * 4000, b"", b"400"),
        ("4\r\nContent-Length: 5", b"12345", b"400"),
    ],
)
def test_a_body_that_is_not_as_long_as_it_says_leaves_nothing(
    house: StrangeHouse, size: str, sent: bytes, status: bytes | None
) -> None:
    before, gone = house.kept(), house.log().count("web.caller_went_away")
    with socket.create_connection(("127.0.0.1", house.agency.daemon_port), timeout=20) as wire:
        wire.sendall(raw_head(house, size) + sent)
        if status is not None:
            assert wire.recv(65536).split()[1] == status
    if status is None:
        until(lambda: house.log().count("web.caller_went_away") > gone)
    assert house.kept() == before


# --- what looks bad and is not: it goes its whole way, unchanged


TAKEN = {
    "markup": (
        "<b>تعرفه</b> & ]]> <!-- x --> <!DOCTYPE a>",
        "&amp; &#0; <![CDATA[ x ]]> {{ 7*7 }} ${x} %s\r\n\ttab",
    ),
    "emoji and four bytes": ("پیام 😀 👩‍👩‍👧 𠀀", "𐍈𝒳 \U0001f3f4\U000e0067\U000e007f پایان"),
    "right to left": ("متن \u200fABC ۱۲۳\u2067x\u2069 و", "\u202eمعکوس\u202c \u200cنیم‌فاصله"),
    "letters of two keyboards": ("يك كتاب", "ي ك ى ۀ ة"),
}


@pytest.mark.parametrize("service", ["complaint", "request"], ids=["over SOAP", "over REST"])
@pytest.mark.parametrize("name", TAKEN)
def test_what_only_looks_bad_reaches_the_office_unchanged(
    house: StrangeHouse, name: str, service: str
) -> None:
    subject, text = TAKEN[name]
    submission_id = f"{service} <{name}>/۱"
    letter = form(submission_id, service=service, subject=f"{subject} {service}", text=text)
    answer = house.hand_in(b"\xef\xbb\xbf" + as_json(letter))
    assert answer.status == 201
    (entry,) = until(lambda: house.entries(f"{subject} {service}"))
    assert entry.call.body == text


NAMES = {
    'form-data; name="attachment"; filename="../../etc/نامه.txt"': "نامه.txt",
    'form-data; name="attachment"; filename="C:\\\\temp\\\\CON.txt"': "_CON.txt",
    "form-data; name=\"attachment\"; filename*=utf-8''%D9%86%D8%A7%D9%85%D9%87.txt": "نامه.txt",
    'form-data; name=attachment; filename="=?utf-8?B?2YbYp9mF2YcudHh0?="': "نامه.txt",
    'form-data; name="attachment"; filename=".."': "attachment",
    'form-data; name="attachment"; filename="a\x00b\x1b[31m.txt"': "ab[31m.txt",
}


@pytest.mark.parametrize("disposition", NAMES)
def test_a_file_name_is_a_name_and_never_a_path(house: StrangeHouse, disposition: str) -> None:
    subject = f"پرونده {list(NAMES).index(disposition)}"
    letter = as_json(form(subject, subject=subject))
    content = f"متن {subject}".encode()
    answer = house.hand_in(as_multipart(letter, a_file("", content, disposition=disposition)), BOUNDARY)
    assert answer.status == 201, answer.document
    (entry,) = until(lambda: house.entries(subject))
    assert [each.name for each in entry.call.attachments] == [NAMES[disposition]]


# --- what offices answer


def saying(body: bytes, status: int = 200, **headers: str) -> Spoil:
    return lambda reply: Reply(status, body, reply.media_type, headers)


def with_field(name: str, value: bytes) -> Spoil:
    """Put another value into a field of the answer, in XML or in JSON."""

    def spoil(reply: Reply) -> Reply:
        xml = re.compile(rb"(<[^<>]*\b%s>)[^<]*" % name.encode())
        if xml.search(reply.body):
            return Reply(reply.status, xml.sub(lambda found: found[1] + value, reply.body), reply.media_type)
        document = json.loads(reply.body)
        document[name] = json.loads(value)
        return Reply(reply.status, json.dumps(document).encode(), reply.media_type)

    return spoil


ENVELOPE = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"%s><s:Body>%s</s:Body></s:Envelope>'
)
BOMB = b'<!DOCTYPE a [<!ENTITY e0 "%s">' % (b"x" * 1000)
BOMB += b"".join(b'<!ENTITY e%d "%s">' % (step, b"&e%d;" % (step - 1) * 10) for step in range(1, 7)) + b"]>"
EVERYWHERE = {
    "a page of HTML": saying(b"<html><body>Please log in</body></html>"),
    "nothing at all": saying(b""),
    "no content": saying(b"", 204),
    "a redirect": saying(b"", 302, Location="http://127.0.0.1:9/"),
    "an error after the deed": saying(b"oops", 500),
    "bytes": saying(bytes(range(256))),
    "half of it": lambda reply: Reply(reply.status, reply.body[: len(reply.body) // 2], reply.media_type),
    "fifty megabytes": lambda reply: Reply(reply.status, reply.body + b" " * 50_000_000, reply.media_type),
    "a compression that is none": saying(b"x", **{"Content-Encoding": "gzip"}),
    "a code that nobody knows": with_field("resultCode", b"77777777777777"),
}
OVER_SOAP = EVERYWHERE | {
    "entities in entities": saying(BOMB + ENVELOPE % (b"", b"&e6;")),
    "entities in an attribute": saying(BOMB + ENVELOPE % (b' a="&e6;"', b"")),
    "a file of ours": saying(
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + ENVELOPE % (b"", b"&e;")
    ),
    "another namespace": lambda reply: Reply(
        200, reply.body.replace(b"xmlsoap.org/soap/envelope", b"xmlsoap.org/wsdl"), reply.media_type
    ),
    "the answer to another call": saying(
        ENVELOPE % (b"", b'<PingResponse xmlns="urn:chapar:simulated-office:1"/>')
    ),
    "a fault that nobody knows": saying(
        ENVELOPE % (b"", b"<s:Fault><faultcode>s:Server</faultcode><faultstring>x</faultstring></s:Fault>"),
        500,
    ),
    "a huge text": with_field("resultText", b"x" * 6_000_000),
    "endless nesting": saying(ENVELOPE % (b"", b"<a>" * 200_000 + b"</a>" * 200_000)),
    "a number of two lines": with_field("number", b"1&#10;2"),
    "a number turned round": with_field("number", b"12&#x202e;34"),
    "a number of ten thousand digits": with_field("number", b"9" * 10_000),
    "a number of nothing": with_field("number", b"  "),
}
OVER_REST = EVERYWHERE | {
    "JSON in a Windows code page": saying('{"resultCode": 0, "number": "ص۱"}'.encode("cp1256", "replace")),
    "a list": saying(b"[]"),
    "endless nesting": saying(b"[" * 100_000),
    "a number that is null": with_field("number", b"null"),
    "a number that is an object": with_field("number", b'{"a": 1}'),
    "a number that no computer keeps": with_field("number", b"123456789012345678901234567890"),
    "a number with a control character": with_field("number", b'"12\\u0000\\u001b[31m"'),
    "a number of ten thousand digits": with_field("number", b'"' + b"9" * 10_000 + b'"'),
    "a code in a list": with_field("resultCode", b"[0]"),
}
SPOILED = [
    f"over {kind}: {name}" for kind, spoils in (("soap", OVER_SOAP), ("rest", OVER_REST)) for name in spoils
]


@pytest.fixture(scope="module")
def spoiled(house: StrangeHouse) -> dict[str, str]:
    """Hand in one letter for each spoiled answer, all at once; their subjects by name."""
    subjects = {}
    for kind, spoils, door in (("soap", OVER_SOAP, house.soap), ("rest", OVER_REST, house.rest)):
        for place, (name, spoil) in enumerate(spoils.items()):
            subject = f"SPOILED-{kind}-{place:03}-"
            door.spoil(subject, spoil)
            letter = form(subject, service=f"{kind}-{place // SPOILED_AT_ONE_OFFICE}", subject=subject)
            assert house.hand_in(as_json(letter)).status == 201
            subjects[f"over {kind}: {name}"] = subject
    return subjects


@pytest.mark.parametrize("name", SPOILED)
def test_whatever_an_office_answers_the_letter_is_registered_once_under_its_true_number(
    house: StrangeHouse, spoiled: dict[str, str], name: str
) -> None:
    subject = spoiled[name]
    letter = until(lambda: (found := house.letter(subject))["registration"] and found)
    (entry,) = house.entries(subject)
    assert letter["registration"]["number"] == entry.number
    assert letter["status"] == "registered"


def test_further_fields_that_make_no_sense_do_not_undo_the_number(house: StrangeHouse) -> None:
    for service, door, value in (("complaint", house.soap, b"1405/13/45"), ("request", house.rest, b'["x"]')):
        subject = f"ODD-DATE-{service}"
        door.spoil(subject, with_field("date", value))
        assert house.hand_in(as_json(form(subject, service=service, subject=subject))).status == 201
        letter = until(lambda s=subject: (found := house.letter(s))["registration"] and found)
        assert letter["registration"]["registered_on"] is None


# --- offices and gateways that are not there, locked, or talk nonsense


def test_letters_of_offices_that_are_away_or_locked_wait_with_their_reason_and_delay_nobody(
    house: StrangeHouse,
) -> None:
    for service in ("to-absent", "to-locked", "to-garbling"):
        assert house.hand_in(as_json(form(service, service=service))).status == 201

    def stand() -> dict[str, Any]:
        listed = house.chapar("letters", "list", "--json", "--limit", "1000")
        rows = {row["office"]: row for row in json.loads(listed.stdout) if row["status"] == "ready"}
        return rows if {"absent", "locked"} <= {o for o, row in rows.items() if row["last_reason"]} else {}

    rows = until(stand)
    assert rows["absent"]["last_reason"] in {"refused", "breaker_open"}
    assert rows["locked"]["last_reason"] in {"http_401", "suspended"}
    assert until(lambda: house.letter("to-garbling")["registration"])
    until(lambda: ("garbling", "uncertain") in house.messages())
    unready = house.call("GET", "/readyz")
    assert unready.status == 503
    assert any("locked" in part["name"] + part["sentence"] for part in unready.document["parts"])


def test_check_says_of_each_connection_what_is_wrong_and_what_to_do(house: StrangeHouse) -> None:
    done = house.chapar("check", "--json")
    assert done.returncode == 4
    found = {each["name"]: each for each in json.loads(done.stdout) if each["verdict"] != "in_order"}
    assert set(found) == {"offices.absent", "offices.locked", "gateways.garbling"}
    assert "refuses the connection" in found["offices.absent"]["sentence"]
    assert "this machine reaches it" in found["offices.absent"]["next_step"]
    assert "does not accept our credentials" in found["offices.locked"]["sentence"]
    assert "user name, password or key of offices.locked" in found["offices.locked"]["next_step"]
    assert "not its JSON" in found["gateways.garbling"]["sentence"]
    assert found["gateways.garbling"]["next_step"]


# --- at the end


def test_the_daemon_goes_on_and_nothing_is_left_half_way(house: StrangeHouse) -> None:
    assert house.is_running()
    for service in ("complaint", "request"):
        letter = as_json(form(f"last-{service}", service=service))
        assert (
            house.hand_in(as_multipart(letter, a_file("a.pdf", PDF + b"x" * 300_000)), BOUNDARY).status == 201
        )
        assert until(lambda s=service: house.letter(f"last-{s}")["registration"])
    assert list((house.folder / "attachments" / "incoming").iterdir()) == []
    assert house.call("GET", "/healthz").status == 200


def test_the_log_says_nothing_of_anybody(house: StrangeHouse) -> None:
    log = house.log()
    events = {line["event"] for line in lines_of(log)}
    assert {"web.submission_refused", "registration.outcome_lost", "connection.suspended"} <= events
    assert not events & {
        "connection.adapter_crashed",
        "web.request_failed",
        "process.thread_died",
        "library.failed",
    }
    assert not events & {"scheduling.deed_failed", "intake.screening_failed", "tracking.news_broken"}
    personal = [
        "شهروند",
        "درخواست",
        "متن",
        "SPOILED",
        "0084575948",
        "9000000001",
        "نامه",
        "a.pdf",
        "conflict",
    ]
    secrets = [house.secret(path.name) for path in (house.folder / "secrets").iterdir()]
    assert [word for word in (*personal, *secrets) if word in log] == []
    assert max(len(line) for line in log.splitlines()) < 6000
