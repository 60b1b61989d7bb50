"""Messages of citizens that gateways bring to our address: with the secret or not at all, and once however often."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from connector.citizen.handling import Handling
from connector.citizen.policy import ReceivingPolicy
from connector.citizen.receiving import Receiving
from connector.clock import now
from connector.domain.lifecycle import Stage
from connector.errors import CredentialsRejected, LedgerUnavailable, Misbehaved
from connector.ledger.records import Lane
from connector.ports.incoming import IncomingMessage
from tests.integration.web.house import House

HERE = "/gateways/sms/incoming"
TEXT = "%D9%84%D8%BA%D9%88"  # لغو
CALL = f"{HERE}?key=s3cr3t&id=m1&from=09000000001&text={TEXT}"


class Gateway:
    """A gateway that calls us; what its call says is in the query, and its text in whatever bytes it likes."""

    def read_incoming(
        self, query: Mapping[str, str], body: bytes, headers: Mapping[str, str]
    ) -> Sequence[IncomingMessage]:
        if not hmac.compare_digest(query.get("key", "").encode("utf-8", "replace"), b"s3cr3t"):
            raise CredentialsRejected("The call does not come from the gateway.")
        if "id" not in query:
            raise Misbehaved("The message cannot be read.", reason="no_id")
        said = body or query.get("text", "").encode("utf-8", "surrogateescape")
        text = said.decode(query.get("charset", "utf-8"))
        sender = query.get("from", "")
        return [IncomingMessage(gateway_key=query["id"], sender=sender, line="3000", text=text)]


@pytest.fixture
def taking(house: House) -> House:
    handling = Handling(house.ledger, ReceivingPolicy(), now=now)
    return house.serve(incoming={"sms": Gateway()}, receiving=Receiving(house.ledger, handling))


def replies(house: House) -> int:
    lane = Lane(Stage.NOTIFICATION, "sms")
    return len(house.ledger.claim(lane, holder="test", lease_for=timedelta(minutes=1), limit=100))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_message_is_on_disk_and_handled_when_it_is_answered(taking: House, method: str) -> None:
    answer = taking.call(method, CALL)
    assert (answer.status, answer.body) == (200, b"")
    assert replies(taking) == 1


def test_a_message_that_is_brought_again_is_taken_again_and_changes_nothing(taking: House) -> None:
    for _ in range(5):
        assert taking.call("GET", CALL).status == 200
    assert replies(taking) == 1


@pytest.mark.parametrize(
    "key", ["", "key=wrong&", "key=s3cr3t%00&", "key=%D8%B1&", "KEY=s3cr3t&", "key=s3cr3&"]
)
def test_a_call_without_the_secret_is_refused_and_leaves_nothing(taking: House, key: str) -> None:
    with capture_logs() as logged:
        answer = taking.call("GET", f"{HERE}?{key}id=m1&from=09000000001&text={TEXT}")
    assert answer.status == 401
    assert answer.json["code"] == "not_authenticated"
    assert [entry["event"] for entry in logged] == ["web.incoming_refused"]
    assert "9000000001" not in repr(logged) + answer.body.decode()
    assert "s3cr3t" not in repr(logged)
    assert replies(taking) == 0


@pytest.mark.parametrize("gateway", ["other", "SMS", "sms%00", "..", "%D8%B1"])
def test_a_gateway_that_we_do_not_have_is_not_found(taking: House, gateway: str) -> None:
    assert taking.call("GET", f"/gateways/{gateway}/incoming?key=s3cr3t&id=1").status == 404


@pytest.mark.parametrize("query", ["key=s3cr3t", "key=s3cr3t&" + "a=1&" * 200])
def test_a_call_that_says_nothing_readable_is_told_so(taking: House, query: str) -> None:
    assert taking.call("GET", f"{HERE}?{query}").status == 400
    assert replies(taking) == 0


def test_bytes_of_a_query_that_are_no_utf8_reach_the_adapter_as_they_came(taking: House) -> None:
    raw = "".join(f"%{byte:02X}" for byte in "راهنما".encode("utf-16-be"))
    answer = taking.call("GET", f"{HERE}?key=s3cr3t&id=m2&from=09000000001&charset=utf-16-be&text={raw}")
    assert answer.status == 200
    assert replies(taking) == 1


def test_a_body_is_read_only_so_far(taking: House) -> None:
    assert taking.call("POST", CALL, b"x" * 70_000).status == 413
    assert taking.call("POST", CALL, "راهنما".encode()).status == 200


def test_while_nothing_can_be_stored_the_gateway_is_told_to_bring_it_again(house: House) -> None:
    class Away:
        def take_in(self, gateway: str, messages: Any) -> int:
            raise LedgerUnavailable

    away = house.serve(incoming={"sms": Gateway()}, receiving=Away())
    answer = away.call("GET", CALL)
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
