"""A letter's whole way by e-mail, with the real stages and a real ledger: also where the answer to the dot was lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from connector.clock import now
from connector.domain.lifecycle import Stage, Status
from connector.ledger import Ledger
from connector.testing.builders import HeldClock
from tests.cut_wire import wire_to
from tests.integration.ece.conftest import OpenOffice
from tests.integration.ece.post_office import PostOffice
from tests.integration.ece.receiving_suite import ReceivingSuite
from tests.integration.stages.conftest import Agency

Build = Callable[..., Agency]


@pytest.fixture
def agency(sqlite_url: str, open_on: Callable[..., Ledger]) -> Build:
    clock = HeldClock(now())

    def build(office: object) -> Agency:
        return Agency(ledger=open_on(sqlite_url, now=clock.now), clock=clock, office=office)  # type: ignore[arg-type]

    return build


def follow(agency: Agency) -> None:
    agency.until_due(Stage.TRACKING)
    agency.track()


def test_a_letter_is_sent_numbered_and_answered(
    agency: Build, office: OpenOffice, suite: ReceivingSuite
) -> None:
    house = agency(office(only=("central",)))
    letter = house.letter()
    house.register()
    assert house.status(letter) is Status.SUBMITTED
    (entry,) = suite.read_mailbox()
    follow(house)
    assert house.status(letter) is Status.SUBMITTED
    suite.deliver(entry, suite.answer(entry, "پاسخ"))
    follow(house)
    assert house.status(letter) is Status.SUBMITTED, "an answer waits for the number"
    suite.deliver(entry, suite.receipt(entry), suite.receipt(entry))
    follow(house)
    assert house.events(letter)[-3:] == ["accepted", "registered", "answered"]
    state = house.state(letter)
    assert state.registration is not None
    assert (state.registration.number, state.registration.secretariat) == ("1405/1", "central")
    assert state.answer is not None
    follow(house)
    assert house.events(letter)[-3:] == ["accepted", "registered", "answered"], "no fact is told twice"


def test_a_lost_answer_is_found_by_our_own_copy_and_never_sent_again(
    agency: Build, office: OpenOffice, suite: ReceivingSuite, post: PostOffice
) -> None:
    with wire_to(post.smtp_port) as wire:
        house = agency(office(smtp_port=wire.port, only=("central",)))
        letter = house.letter()
        post.before_answer = wire.cut
        house.register()
    assert house.status(letter) is Status.UNCERTAIN
    house.until_due(Stage.RECONCILIATION)
    house.reconcile()
    assert house.status(letter) is Status.SUBMITTED
    (entry,) = suite.read_mailbox()
    suite.deliver(entry, suite.receipt(entry))
    follow(house)
    assert house.status(letter) is Status.REGISTERED
    assert (post.mails_taken, len(suite.book)) == (1, 1)


def test_without_a_copy_a_lost_answer_waits_for_the_receipt_or_a_person(
    agency: Build, office: OpenOffice, suite: ReceivingSuite, post: PostOffice
) -> None:
    with wire_to(post.smtp_port) as wire:
        house = agency(office(smtp_port=wire.port, only=("central",), copy_to_ourselves=False))
        letter = house.letter()
        post.before_answer = wire.cut
        house.register()
    post.before_answer = None
    for _ in range(3):
        house.until_due(Stage.RECONCILIATION)
        house.reconcile()
    house.pass_time(timedelta(days=2))
    house.reconcile()
    assert house.status(letter) is Status.UNCERTAIN
    assert house.register() == 0, "it is never sent again by a machine"
    (entry,) = suite.read_mailbox()
    suite.deliver(entry, suite.receipt(entry))
    house.until_due(Stage.RECONCILIATION)
    house.reconcile()
    assert house.status(letter) is Status.REGISTERED
    assert post.mails_taken == 1


def test_where_the_office_drops_duplicates_a_lost_mail_is_sent_again_by_itself(
    agency: Build, office: OpenOffice, suite: ReceivingSuite, post: PostOffice
) -> None:
    settings = {
        "office_drops_duplicates": True,
        "longest_processing": timedelta(hours=1),
        "only": ("central",),
    }
    with wire_to(post.smtp_port) as wire:
        house = agency(office(smtp_port=wire.port, copy_to_ourselves=False, **settings))
        letter = house.letter()
        post.before_answer = wire.cut
        house.register()
        post.before_answer = None
        while house.status(letter) is Status.UNCERTAIN:
            house.until_due(Stage.RECONCILIATION)
            house.reconcile()
        house.register()
    assert house.status(letter) is Status.SUBMITTED
    suite.read_mailbox()
    assert (post.mails_taken, len(suite.book), suite.duplicates) == (2, 1, 1)


def test_many_letters_get_a_number_each(agency: Build, office: OpenOffice, suite: ReceivingSuite) -> None:
    house = agency(office(only=("central",)))
    letters = [house.letter() for _ in range(6)]
    house.register()
    entries = suite.read_mailbox()
    assert len(entries) == 6
    suite.deliver(entries[0], *(suite.receipt(entry) for entry in reversed(entries)))
    house.until_due(Stage.TRACKING)
    house.track()
    assert {house.status(letter) for letter in letters} == {Status.REGISTERED}
    numbers = {house.state(letter).registration.number for letter in letters}  # type: ignore[union-attr]
    assert numbers == {entry.number for entry in suite.book}
