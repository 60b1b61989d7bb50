"""The office over REST, as a plain HTTP client sees it."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from connector.simulator.book import OfficeBook
from connector.simulator.counter import Counter
from connector.simulator.fates import Fate, FateDeck
from connector.simulator.faults import Fault, FaultPlan, FaultRule
from connector.simulator.office_rest import RestDoor
from connector.simulator.serving import LoopbackServer


class RestOffice:
    """A client with the right token."""

    def __init__(self, counter: Counter, url: str) -> None:
        self.counter, self.url = counter, url
        self.session = requests.Session()
        self.session.headers["Authorization"] = "Bearer right-token"

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(method, f"{self.url}/api/{path}", timeout=10, **options)

    def register(self, **changes: Any) -> requests.Response:
        return self.call("POST", "letters", json=a_letter(**changes))


def a_letter(**changes: Any) -> dict[str, Any]:
    return {
        "key": "K1",
        "secretariat": "10",
        "subject": "درخواست <b> & ]]>",
        "body": "متن",
        "senderKind": "natural",
        "senderId": "0010000011",
        "senderName": "شهروند نمونه ۱",
        "senderMobile": "09000000001",
        "urgency": 1,
        "confidentiality": 1,
        "letterDate": "1405/08/30",
        "attachments": [
            {
                "name": "الف.pdf",
                "mediaType": "application/pdf",
                "content": base64.b64encode(b"%PDF-x").decode(),
            }
        ],
    } | changes


@pytest.fixture
def office() -> Iterator[RestOffice]:
    counter = Counter(OfficeBook(frozenset({"10"}), deck=FateDeck(1, (Fate.ANSWERED,))), FaultPlan())
    with LoopbackServer(RestDoor(counter, "right-token")) as server:
        yield RestOffice(counter, server.url)


def test_a_letter_is_registered_with_number_year_date_and_document(office: RestOffice) -> None:
    answer = office.register()
    fields = answer.json()
    assert answer.status_code == 201
    assert (fields["resultCode"], fields["number"], fields["documentId"]) == (0, "000001", "D0000001")
    assert fields["date"].startswith(str(fields["year"]))
    (entry,) = office.counter.book.entries()
    assert entry.call.subject == "درخواست <b> & ]]>"
    assert entry.call.attachments[0].digest == hashlib.sha256(b"%PDF-x").hexdigest()


def test_a_second_create_is_known_and_a_look_up_finds_it(office: RestOffice) -> None:
    office.register()
    again = office.register()
    assert (again.status_code, again.json()["resultCode"], again.json()["number"]) == (200, 1, "000001")
    found = office.call("GET", "letters", params={"key": "K1", "secretariat": "10"})
    assert (found.status_code, found.json()["resultCode"]) == (200, 0)
    absent = office.call("GET", "letters", params={"key": "K2", "secretariat": "10"})
    assert absent.json()["resultCode"] == 4


def test_refused_and_busy_are_said_with_their_own_status(office: RestOffice) -> None:
    office.counter.faults.arm(FaultRule(fault=Fault.REFUSE, deed="register", key="K1"))
    office.counter.faults.arm(FaultRule(fault=Fault.BUSY, deed="register", key="K2"))
    refused, busy = office.register(), office.register(key="K2")
    assert (refused.status_code, refused.json()["resultCode"]) == (422, 2)
    assert (busy.status_code, busy.json()["resultCode"]) == (503, 9)
    assert len(office.counter.book.entries()) == 1


def test_progress_of_many_leaves_unknown_keys_out(office: RestOffice) -> None:
    office.register()
    letters = office.call("POST", "letters/progress", json={"keys": ["K1", "K2"]}).json()["letters"]
    assert [(letter["key"], letter["statusCode"], letter["referrals"]) for letter in letters] == [
        ("K1", 2, [])
    ]


def test_a_lost_answer_leaves_the_letter_in_the_book(office: RestOffice) -> None:
    office.counter.faults.arm(FaultRule(fault=Fault.LOSE_ANSWER, deed="register"))
    with pytest.raises(requests.ConnectionError):
        office.register()
    assert len(office.counter.book.entries()) == 1


def test_without_the_token_nothing_is_done(office: RestOffice) -> None:
    office.session.headers["Authorization"] = "Bearer other-token"
    assert office.register().status_code == 401
    assert office.counter.book.entries() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"key": ""},
        {"subject": 5},
        {"urgency": 4},
        {"letterDate": "2026-11-21"},
        {"secretariat": "99"},
        {"attachments": [{"name": "x"}]},
        {"attachments": [{"name": "x", "mediaType": "y", "content": "not base64!"}]},
    ],
)
def test_a_request_that_breaks_the_contract_is_a_400(office: RestOffice, changes: dict[str, Any]) -> None:
    assert office.register(**changes).status_code == 400
    assert office.counter.book.entries() == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
def test_what_is_no_json_object_is_a_400(office: RestOffice, body: bytes) -> None:
    assert office.call("POST", "letters", data=body).status_code == 400


def test_ping_answers(office: RestOffice) -> None:
    assert office.call("GET", "ping").status_code == 200
    assert office.call("GET", "elsewhere").status_code == 404
