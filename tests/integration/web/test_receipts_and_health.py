"""Delivery reports that come to our address, and what a monitor sees."""

from collections.abc import Mapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from connector.domain.message import MessageEvent
from connector.errors import CredentialsRejected, LedgerUnavailable, Misbehaved
from connector.ledger.records import MessageHappening
from connector.ports.gateway import DeliveryReport
from connector.ports.outcomes import Delivered, StillUnderway, Undelivered
from connector.web.parts import HealthPart
from tests.integration.web.house import House


class Gateway:
    """A gateway that calls us; what its call says is in the query."""

    def read_receipt(
        self, query: Mapping[str, str], body: bytes, headers: Mapping[str, str]
    ) -> DeliveryReport | None:
        if query.get("key") != "s3cr3t" and headers.get("x-key") != "s3cr3t":
            raise CredentialsRejected("The call does not come from the gateway.")
        state = query.get("state") or body.decode()
        if state == "nothing":
            return None
        states = {"delivered": Delivered(), "failed": Undelivered(code="27"), "underway": StillUnderway()}
        if state not in states:
            raise Misbehaved("The report cannot be read.", reason="state_unknown")
        return DeliveryReport(own_id=7, state=states[state])


class Ledger:
    """Writes receipts down, unless it is away."""

    def __init__(self) -> None:
        self.receipts: list[tuple[int, MessageHappening]] = []
        self.is_away = False

    def record_receipt(self, gateway: str, own_id: int, happening: MessageHappening) -> bool:
        if self.is_away:
            raise LedgerUnavailable
        self.receipts.append((own_id, happening))
        return len(self.receipts) == 1

    def find_submission(self, portal: str, submission_id: str) -> str:
        raise NotImplementedError

    def state(self, letter_id: str) -> Any:
        raise NotImplementedError


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def reporting(house: House, ledger: Ledger) -> House:
    return house.serve(gateways={"sms": Gateway()}, ledger=ledger)


def test_a_report_by_get_is_written_down(reporting: House, ledger: Ledger) -> None:
    answer = reporting.call("GET", "/gateways/sms/receipts?key=s3cr3t&state=delivered")
    assert answer.status == 204
    assert ledger.receipts == [(7, MessageHappening(event=MessageEvent.DELIVERED))]


def test_a_report_by_post_is_written_down_with_the_gateways_code(reporting: House, ledger: Ledger) -> None:
    answer = reporting.call("POST", "/gateways/sms/receipts", b"failed", X_Key="s3cr3t")
    assert answer.status == 204
    assert ledger.receipts == [(7, MessageHappening(event=MessageEvent.UNDELIVERED, code="27"))]


@pytest.mark.parametrize("state", ["nothing", "underway"])
def test_a_report_that_says_nothing_final_is_taken_and_changes_nothing(
    reporting: House, ledger: Ledger, state: str
) -> None:
    assert reporting.call("GET", f"/gateways/sms/receipts?key=s3cr3t&state={state}").status == 204
    assert ledger.receipts == []


def test_a_report_that_comes_twice_is_no_error(reporting: House) -> None:
    for _ in range(2):
        answer = reporting.call("GET", "/gateways/sms/receipts?key=s3cr3t&state=delivered")
        assert answer.status == 204


def test_a_report_without_proof_or_without_sense_is_refused(reporting: House, ledger: Ledger) -> None:
    assert reporting.call("GET", "/gateways/sms/receipts?state=delivered").status == 401
    assert reporting.call("GET", "/gateways/sms/receipts?key=s3cr3t&state=odd").status == 400
    assert reporting.call("GET", "/gateways/other/receipts").status == 404
    assert reporting.call("POST", "/gateways/sms/receipts", b"x" * 70_000, X_Key="s3cr3t").status == 413
    assert ledger.receipts == []


def test_with_the_ledger_away_the_gateway_is_told_to_repeat(reporting: House, ledger: Ledger) -> None:
    ledger.is_away = True
    answer = reporting.call("GET", "/gateways/sms/receipts?key=s3cr3t&state=delivered")
    assert answer.status == 503
    assert "retry-after" in answer.headers


def test_no_query_and_no_key_reaches_the_log(
    reporting: House, ledger: Ledger, capfd: pytest.CaptureFixture[str]
) -> None:
    ledger.is_away = True
    with capture_logs() as said:
        reporting.call("GET", "/gateways/sms/receipts?key=s3cr3t&state=delivered&to=09120000000")
        reporting.call("GET", "/gateways/sms/receipts?key=s3cr3t&state=odd&to=09120000000")
    everything = str([{k: v for k, v in line.items() if k != "exc_info"} for line in said])
    everything += str(capfd.readouterr())
    assert "web.receipt_refused" in everything
    assert "s3cr3t" not in everything
    assert "0912" not in everything


def test_the_process_is_alive_while_its_threads_turn(house: House) -> None:
    is_well = True

    def lanes() -> HealthPart:
        return HealthPart(name="lanes", is_well=is_well, sentence="All lanes turn.")

    web = house.serve(alive=[lanes])
    assert web.call("GET", "/healthz").status == 200
    is_well = False
    answer = web.call("GET", "/healthz", Authorization="")
    assert answer.status == 503
    assert answer.json["status"] == "unwell"


def test_readiness_says_a_sentence_for_each_part(house: House) -> None:
    def broken() -> HealthPart:
        raise OSError("/secret/path")

    parts = [lambda: HealthPart(name="ledger", is_well=True, sentence="The ledger can be written."), broken]
    answer = house.serve(ready=parts).call("GET", "/readyz", Authorization="")
    assert answer.status == 503
    ledger, unknown = answer.json["parts"]
    assert ledger == {"name": "ledger", "well": True, "sentence": "The ledger can be written."}
    assert unknown["well"] is False
    assert "secret" not in answer.body.decode()


def test_the_numbers_are_fresh_when_they_are_shown_and_shown_when_they_cannot_be(house: House) -> None:
    calls: list[int] = []

    def measure() -> None:
        calls.append(1)
        raise LedgerUnavailable

    answer = house.serve(measure=measure).call("GET", "/metrics", Authorization="")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert b"chapar_letters_admitted" in answer.body
    assert calls == [1]
