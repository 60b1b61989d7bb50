"""The shipped gateway adapter before the simulated handsets, over real sockets: what each fault must be taken for."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.gateways.kavenegar import GATEWAY
from connector.errors import (
    CallFailed,
    CredentialsRejected,
    Misbehaved,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.ports.catalogue import AdapterSite
from connector.ports.gateway import OutgoingMessage
from connector.ports.outcomes import Accepted, Rejected
from connector.simulator.fault_kinds import GATEWAY_FAULTS, Fault
from connector.simulator.faults import FaultRule
from connector.simulator.handset import HandsetGateway
from connector.simulator.inbox import Inbox
from connector.simulator.serving import LoopbackServer

MAPPINGS = Path(__file__).parents[3] / "mappings"
MESSAGE = OutgoingMessage(own_id=7, mobile="09000000001", text="سلام")

AT_SEND: list[tuple[Fault, dict[str, Any], type, bool]] = [
    (Fault.LOSE_ANSWER, {}, OutcomeUnknown, True),
    (Fault.LOSE_REQUEST, {}, OutcomeUnknown, False),
    (Fault.RESET_IN_BODY, {}, OutcomeUnknown, True),
    (Fault.STALL, {}, OutcomeUnknown, True),
    (Fault.STALL_BEFORE, {}, OutcomeUnknown, False),
    (Fault.SERVER_ERROR, {}, Misbehaved, False),
    (Fault.ERROR_AFTER, {}, Misbehaved, True),
    (Fault.HTTP_502, {"is_done": True}, Misbehaved, True),
    (Fault.HTTP_502, {"is_done": False}, Misbehaved, False),
    (Fault.HTTP_503, {"is_done": True}, Misbehaved, True),
    (Fault.HTTP_503, {"is_done": False}, Misbehaved, False),
    (Fault.GARBAGE, {}, Misbehaved, True),
    (Fault.TRUNCATED, {}, Misbehaved, True),
    (Fault.WRONG_CONTENT_TYPE, {"is_other": False}, Accepted, True),
    (Fault.WRONG_CONTENT_TYPE, {"is_other": True}, Misbehaved, True),
    (Fault.WRONG_PASSWORD, {}, CredentialsRejected, False),
    (Fault.TOO_MANY, {}, RateLimited, False),
    (Fault.TOO_MANY_SILENT, {}, RateLimited, False),
    (Fault.BUSY, {}, Unavailable, False),
    (Fault.CREDIT_GONE, {}, CredentialsRejected, False),
    (Fault.REFUSE, {}, Rejected, False),
]


@pytest.fixture
def handsets() -> Iterator[tuple[HandsetGateway, Any]]:
    door = HandsetGateway(Inbox(), "the-key")
    with LoopbackServer(door) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GATEWAY_KEY", "the-key")
        settings = {
            "key": {"environment": "GATEWAY_KEY"},
            "sender": door.sender,
            "http": {"url": server.url, "answer_within": timedelta(seconds=0.3)},
        }
        site = AdapterSite(name="sms", mappings=(MAPPINGS,), pool_size=2)
        gateway: Any = GATEWAY.build(GATEWAY.settings.model_validate(settings), site)
        yield door, gateway
        door.faults.disarm()
        gateway.close()


def test_the_table_knows_every_fault_of_the_gateway() -> None:
    assert {fault for fault, *_ in AT_SEND} == GATEWAY_FAULTS["send"]


@pytest.mark.parametrize(("fault", "form", "kind", "is_taken"), AT_SEND)
def test_a_message_that_went_wrong_is_taken_for_what_it_may_be(
    handsets: tuple[HandsetGateway, Any], fault: Fault, form: dict[str, Any], kind: type, is_taken: bool
) -> None:
    door, gateway = handsets
    door.faults.arm(FaultRule(fault=fault, deed="send", delay=timedelta(seconds=30), **form))
    try:
        (outcome,) = gateway.send([MESSAGE])
    except CallFailed as failure:
        outcome = failure
    assert type(outcome) is kind, outcome
    assert [play.fault for play in door.faults.plays] == [fault], "a message is never sent again by itself"
    assert len(door.inbox.messages()) == is_taken


@pytest.mark.parametrize("deed", ["find", "delivery"])
@pytest.mark.parametrize("fault", sorted(GATEWAY_FAULTS["find"]))
def test_a_question_that_went_wrong_is_never_an_absence(
    handsets: tuple[HandsetGateway, Any], deed: str, fault: Fault
) -> None:
    door, gateway = handsets
    (accepted,) = gateway.send([MESSAGE])
    rule = FaultRule(fault=fault, deed=deed, times=None, delay=timedelta(seconds=1), is_other=True)
    door.faults.arm(rule)
    with pytest.raises(CallFailed):
        gateway.find([7]) if deed == "find" else gateway.delivery([accepted.gateway_reference])
