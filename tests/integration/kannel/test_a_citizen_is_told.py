"""From a submission in the ledger to a handset behind a real Kannel, and the delivery report back into the ledger."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.gateways.kannel import Kannel
from connector.clock import now
from connector.domain.lifecycle import Stage
from connector.domain.text import to_persian_digits
from connector.domain.tracking_code import grouped_tracking_code
from connector.ledger import Ledger
from connector.ledger.records import Lane
from connector.notification.policy import NotificationPolicy
from connector.notification.receipts import take_in_receipt
from connector.notification.sending import Sending
from connector.notification.texts import Texts
from connector.ports.connection import Connection
from connector.testing.builders import HeldClock, a_person, a_route, a_submission
from tests.integration.kannel.kannel_lab import MISSING, KannelLab, is_installed
from tests.integration.kannel.receipt_reader import ReceiptReader, assert_nothing_else_is_under_way, build

pytestmark = pytest.mark.skipif(not is_installed(), reason=MISSING)

MOBILE = "09000000201"


@pytest.fixture
def ledger(sqlite_url: str, open_on: Callable[..., Ledger]) -> Ledger:
    return open_on(sqlite_url, now=now)


@pytest.fixture
def gateway(kannel: KannelLab, receipts: ReceiptReader, tmp_path: Path) -> Iterator[Connection[Kannel]]:
    connection = Connection(name="sms", adapter=build(kannel, tmp_path, receipts), pool_size=2)
    yield connection
    connection.close()


def test_the_tracking_code_reaches_the_handset_and_its_delivery_the_ledger(
    ledger: Ledger, gateway: Connection[Kannel], kannel: KannelLab, receipts: ReceiptReader
) -> None:
    receipts.take_in = lambda report: take_in_receipt(ledger, "sms", report)
    admission = ledger.admit(a_submission(sender=a_person(mobile=MOBILE)), route=a_route())
    texts = Texts.load([Path("mappings/messages").resolve()])
    sending = Sending(ledger, gateway, texts, NotificationPolicy(), now=now)
    lane = Lane(Stage.NOTIFICATION, "sms")
    with kannel.handset() as handset:
        sending.run(ledger.claim(lane, holder="test", lease_for=timedelta(minutes=1), limit=10))
        handset.wait_for_parts(MOBILE, 2)
        receipts.wait_for_calls(2)
        assert to_persian_digits(grouped_tracking_code(admission.tracking_code)) in handset.text(MOBILE)
    told = [entry.outcome for entry in ledger.timeline(admission.letter_id) if entry.what == "message"]
    assert told[0] == "announced"
    assert told[-1] == "delivered"
    assert told.count("delivered") == 1


def test_a_text_that_waits_while_the_gateway_is_down_reaches_the_handset_exactly_once(
    sqlite_url: str,
    open_on: Callable[..., Ledger],
    clock: HeldClock,
    gateway: Connection[Kannel],
    kannel: KannelLab,
) -> None:
    ledger, mobile, policy = open_on(sqlite_url), "09000000202", NotificationPolicy()
    admission = ledger.admit(a_submission(sender=a_person(mobile=mobile)), route=a_route())
    texts = Texts.load([Path("mappings/messages").resolve()])
    sending = Sending(ledger, gateway, texts, policy, now=clock.now)

    def send_what_is_due() -> int:
        lane = Lane(Stage.NOTIFICATION, "sms")
        due = ledger.claim(lane, holder="test", lease_for=timedelta(minutes=1), limit=10)
        sending.run(due)
        return len(due)

    def told() -> list[str]:
        return [entry.outcome for entry in ledger.timeline(admission.letter_id) if entry.what == "message"]

    with kannel.without_smsbox():
        assert send_what_is_due() == 1
        assert told() == ["announced", "postponed"]
        assert send_what_is_due() == 0, "it waits until it is due again"
        clock.advance(policy.retry_first_after * 2)
        assert send_what_is_due() == 1
    clock.advance(policy.retry_at_most_every)
    with kannel.handset() as handset:
        assert send_what_is_due() == 1
        handset.wait_for_parts(mobile, 2)
        gateway.call("send", lambda adapter: assert_nothing_else_is_under_way(adapter, handset))
        text = handset.text(mobile)
        assert len(handset.parts(mobile)) == 2
    assert to_persian_digits(grouped_tracking_code(admission.tracking_code)) in text
    assert told() == ["announced", "postponed"] * 2 + ["announced", "accepted"]
