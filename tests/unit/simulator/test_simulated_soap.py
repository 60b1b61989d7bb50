"""The office over SOAP, as zeep sees it with the shipped WSDL, and as careless or hostile callers meet it."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep
from zeep.transports import Transport

from connector.simulator.book import OfficeBook
from connector.simulator.counter import Counter
from connector.simulator.envelope import ContentDigest, EnvelopeBroken
from connector.simulator.fates import Fate, FateDeck, Pace
from connector.simulator.faults import Fault, FaultPlan, FaultRule
from connector.simulator.office_soap import NAMESPACE, SoapDoor
from connector.simulator.serving import LoopbackServer
from connector.testing.builders import HeldClock

WSDL = Path(__file__).parents[3] / "mappings" / "offices" / "simulated" / "office.wsdl"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"


class SoapOffice:
    """The office with a zeep client at its door."""

    def __init__(self, counter: Counter, url: str) -> None:
        self.counter, self.url = counter, url
        self.session = requests.Session()
        self.session.auth = ("chapar", "right-password")
        client = zeep.Client(str(WSDL), transport=Transport(session=self.session, operation_timeout=10))
        self.service = client.create_service(f"{{{NAMESPACE}}}OfficeSoap", url)

    def register(self, **changes: Any) -> Any:
        fields: dict[str, Any] = {
            "key": "K1",
            "secretariat": "10",
            "subject": "درخواست <b> & ]]> 😀",
            "body": "سطر یک\nسطر دو",
            "senderKind": "natural",
            "senderId": "0010000011",
            "senderName": "شهروند نمونه ۱",
            "senderMobile": "09000000001",
            "urgency": 2,
            "confidentiality": 1,
            "letterDate": "1405/08/30",
            "attachments": {"attachment": []},
        }
        return self.service.RegisterLetter(**(fields | changes))

    def post(self, body: bytes) -> requests.Response:
        return self.session.post(self.url, data=body, timeout=10)


@pytest.fixture
def office(clock: HeldClock) -> Iterator[SoapOffice]:
    deck = FateDeck(1, (Fate.CONFIDENTIAL_BRANCH,))
    book = OfficeBook(frozenset({"10"}), deck=deck, pace=Pace(), now=clock.now)
    counter = Counter(book, FaultPlan())
    with LoopbackServer(SoapDoor(counter, "chapar", "right-password")) as server:
        yield SoapOffice(counter, server.url)


def test_a_letter_is_registered_as_it_was_written(office: SoapOffice) -> None:
    content = bytes(range(256)) * 1000
    result = office.register(
        attachments={"attachment": [{"name": "الف.bin", "mediaType": "image/png", "content": content}]}
    )
    assert (result.resultCode, result.number, result.date) == (0, "000001", "1405/08/30")
    (entry,) = office.counter.book.entries()
    assert entry.call.subject == "درخواست <b> & ]]> 😀"
    assert entry.call.body == "سطر یک\nسطر دو"
    (mark,) = entry.call.attachments
    assert (mark.name, mark.size, mark.digest) == (
        "الف.bin",
        len(content),
        hashlib.sha256(content).hexdigest(),
    )


def test_look_up_and_second_create_bring_the_first_number(office: SoapOffice) -> None:
    office.register()
    assert office.register().resultCode == 1
    assert office.service.FindLetter(key="K1", secretariat="10").number == "000001"
    assert office.service.FindLetter(key="K2", secretariat="10").resultCode == 4


def test_progress_tells_the_whole_story_in_order(office: SoapOffice, clock: HeldClock) -> None:
    office.register()
    clock.advance(Pace().longest)
    (letter,) = office.service.LetterProgress(keys={"key": ["K1", "K2"]}).letters.letter
    assert (letter.statusCode, letter.answerNumber) == (5, "000001-1")
    assert [each.confidential for each in letter.referrals.referral] == [False, True, False]
    assert office.service.Ping() == "ok"


def test_a_lost_answer_leaves_the_letter_in_the_book(office: SoapOffice) -> None:
    office.counter.faults.arm(FaultRule(fault=Fault.LOSE_ANSWER, deed="register"))
    with pytest.raises(requests.ConnectionError):
        office.register()
    assert office.service.FindLetter(key="K1", secretariat="10").resultCode == 0


def test_garbage_is_an_answer_that_cannot_be_read_after_the_deed(office: SoapOffice) -> None:
    office.counter.faults.arm(FaultRule(fault=Fault.GARBAGE, deed="register"))
    with pytest.raises(zeep.exceptions.TransportError):
        office.register()
    assert len(office.counter.book.entries()) == 1


def test_a_wrong_password_is_401_and_nothing_is_done(office: SoapOffice) -> None:
    office.session.auth = ("chapar", "wrong")
    with pytest.raises(zeep.exceptions.TransportError, match="401"):
        office.register()
    assert office.counter.book.entries() == []


def test_what_breaks_the_contract_is_a_client_fault(office: SoapOffice) -> None:
    with pytest.raises(zeep.exceptions.Fault, match="no such secretariat"):
        office.register(secretariat="99")
    assert office.counter.book.entries() == []


def enveloped(content: str) -> bytes:
    return f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body>{content}</s:Body></s:Envelope>'.encode()


BILLION = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;">]><a>&c;</a>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not well-formed"),
        (b"<a", "not well-formed"),
        (b"<a/>", "not a SOAP 1.1 envelope"),
        (BILLION.encode(), "document type"),
        (OUTSIDE.encode(), "document type"),
        (enveloped(""), "must hold one element"),
        (enveloped("<Ping/>"), "namespace"),
        (enveloped(f'<Other xmlns="{NAMESPACE}"/>'), "no such operation"),
        (enveloped("<a>" * 20 + "</a>" * 20), "too deep"),
        (
            enveloped(f'<RegisterLetter xmlns="{NAMESPACE}"><key>{"x" * 2_000_000}</key></RegisterLetter>'),
            "too much",
        ),
        (enveloped(f'<RegisterLetter xmlns="{NAMESPACE}"/>'), "key is required"),
    ],
)
def test_bad_xml_is_a_fault_with_words_and_never_opens_an_entity(
    office: SoapOffice, body: bytes, words: str
) -> None:
    answer = office.post(body)
    assert answer.status_code == 500
    assert words in answer.text
    assert "soap:Client" in answer.text


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 1000])
def test_base64_is_digested_in_pieces_of_any_length(length: int) -> None:
    content = bytes(range(200))
    text = base64.encodebytes(content).decode()
    digest = ContentDigest()
    for start in range(0, len(text), length):
        digest.feed(text[start : start + length])
    mark = digest.mark("x")
    assert (mark.size, mark.digest) == (200, hashlib.sha256(content).hexdigest())


def digested(text: str) -> None:
    digest = ContentDigest()
    digest.feed(text)
    digest.mark("x")


@pytest.mark.parametrize("text", ["a", "ab=", "####", "QUJD\x00QUJD"])
def test_what_is_no_base64_is_told(text: str) -> None:
    with pytest.raises(EnvelopeBroken):
        digested(text)
