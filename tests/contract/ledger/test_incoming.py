"""Messages of citizens in the ledger, on both databases: stored once, handled once, with all that follows at once."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from connector.domain.letter import Language
from connector.domain.lifecycle import Event, Status
from connector.domain.message import MessageEvent, MessageStatus, ReplyKind
from connector.ledger import KeyRing, Ledger
from connector.ledger.database import open_database
from connector.ledger.incoming_desk import Desk
from connector.ledger.incoming_records import IncomingOutcome, Verdict
from connector.ledger.records import Happening, MessageHappening
from connector.ledger.tables import incoming_messages, opt_outs, survey_marks
from connector.ports.incoming import IncomingMessage
from connector.testing.builders import HeldClock, a_key_ring, a_person, a_route, a_submission
from tests.contract.ledger.walk import DELIVERY, HOLD, NOTIFICATION, TRACKING, a_registered_letter, only

MOBILE = "09000000001"
OTHER = "09000000002"


def a_message(key: str = "1", sender: str = MOBILE, text: str = "سلام", **more: object) -> IncomingMessage:
    return IncomingMessage(gateway_key=key, sender=sender, line="30001234", text=text, **more)  # type: ignore[arg-type]


def answering(kind: ReplyKind | None = ReplyKind.HELP, **more: object) -> Callable[[Desk], Verdict]:
    verdict = Verdict(command="help", outcome=IncomingOutcome.ANSWERED, reply=kind, **more)  # type: ignore[arg-type]
    return lambda _: verdict


def rows(url: str, table: sa.Table) -> list[sa.Row[tuple[object, ...]]]:
    database = open_database(url)
    with database.reading.connect() as connection:
        found = list(connection.execute(sa.select(table)))
    database.dispose()
    return found


def a_closed_letter(ledger: Ledger, clock: HeldClock) -> str:
    letter_id = a_registered_letter(ledger, clock)
    ledger.record(only(ledger, TRACKING), Happening(event=Event.CLOSED))
    return letter_id


def tell_everything(ledger: Ledger, clock: HeldClock) -> None:
    """Hand over what is queued, so that a reply stands alone."""
    while claims := ledger.claim(NOTIFICATION, **HOLD):
        for claim in ledger.announce_messages(claims):
            accepted = MessageHappening(
                event=MessageEvent.ACCEPTED, due_at=clock.now(), gateway_reference="r"
            )
            ledger.record_messages([(claim, accepted)])
    while claims := ledger.claim(DELIVERY, **HOLD):
        ledger.record_messages([(claim, MessageHappening(event=MessageEvent.DELIVERED)) for claim in claims])


def test_a_page_and_the_place_of_the_next_look_are_stored_together_and_its_order_is_kept(
    ledger: Ledger, clock: HeldClock
) -> None:
    assert ledger.incoming.inbox("sms").cursor is None
    page = [a_message(str(number)) for number in range(5)]
    stored = ledger.incoming.store_page("sms", page, cursor="after-5")
    assert ledger.incoming.due(clock.now() + timedelta(seconds=1), 10) == stored
    state = ledger.incoming.inbox("sms")
    assert (state.cursor, state.brought_at) == ("after-5", clock.now())
    assert ledger.incoming.store_page("sms", [], cursor=None) == []
    assert ledger.incoming.inbox("sms").cursor == "after-5"


def test_what_is_brought_twice_is_stored_once_and_another_gateways_keys_are_its_own(ledger: Ledger) -> None:
    assert len(ledger.incoming.store("sms", [a_message("1"), a_message("1"), a_message("2")])) == 2
    assert ledger.incoming.store("sms", [a_message("1", text="another text")]) == []
    assert len(ledger.incoming.store("other", [a_message("1")])) == 1


def test_nothing_that_a_gateway_brings_keeps_a_page_from_being_stored(ledger: Ledger) -> None:
    page = [
        a_message("before"),
        a_message("k" * 500),
        a_message("nul\x00key"),
        a_message("half", text="half \ud83d of a picture"),
        a_message("nul", text="a\x00b\x1b"),
        a_message("long", text="ك" * 100_000),
        a_message("bank", sender="BANK\x00\ud800" * 40),
        a_message("empty", sender="", text=""),
        a_message("clock", sent_at=datetime(1970, 1, 1, tzinfo=UTC)),
        a_message("after"),
    ]
    stored = ledger.incoming.store_page("sms", page, cursor="c")
    assert len(stored) == len(page)
    assert ledger.incoming.store("sms", page) == []
    assert all(ledger.incoming.conclude(each, answering(None)) for each in stored)


def test_number_and_words_are_sealed_and_found_by_nobody_without_the_keys(
    ledger_url: str, open_on: Callable[[str], Ledger]
) -> None:
    ledger = open_on(ledger_url)
    ledger.incoming.store("sms", [a_message(text="متن خصوصی", sender="+98 900 000 0001")])
    (row,) = rows(ledger_url, incoming_messages)
    kept = repr(tuple(row)).encode() + row.sealed
    assert b"9000000001" not in kept
    assert "خصوصی".encode() not in kept
    assert "9000000001" not in repr(a_message(sender=MOBILE))


def test_a_message_is_handled_once_with_its_reply_in_the_same_transaction(
    ledger: Ledger, clock: HeldClock
) -> None:
    (incoming_id,) = ledger.incoming.store("sms", [a_message()])
    verdict = ledger.incoming.conclude(incoming_id, answering(language=Language.EN))
    assert verdict is not None
    assert ledger.incoming.conclude(incoming_id, answering()) is None
    assert ledger.incoming.due(clock.now() + timedelta(days=1), 10) == []
    (claim,) = ledger.claim(NOTIFICATION, **HOLD)
    (material,) = ledger.materials([claim])
    assert (material.fact, material.mobile, material.language) == (ReplyKind.HELP, MOBILE, Language.EN)
    assert (material.letter_id, material.tracking_code, material.status) == (
        incoming_id,
        "",
        MessageStatus.QUEUED,
    )


def test_a_handling_that_breaks_off_leaves_the_message_as_it_was(ledger: Ledger, clock: HeldClock) -> None:
    (incoming_id,) = ledger.incoming.store("sms", [a_message()])

    def break_off(_: Desk) -> Verdict:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ledger.incoming.conclude(incoming_id, break_off)
    assert ledger.incoming.due(clock.now(), 10) == [incoming_id]
    ledger.incoming.put_off(incoming_id, clock.now() + timedelta(minutes=1))
    assert ledger.incoming.due(clock.now(), 10) == []
    clock.advance(timedelta(minutes=1))
    assert ledger.incoming.due(clock.now(), 10) == [incoming_id]
    assert ledger.incoming.conclude(incoming_id, answering()) is not None


def test_many_that_handle_the_same_messages_at_once_answer_each_once(
    ledger_url: str, open_on: Callable[[str], Ledger]
) -> None:
    ledger, second = open_on(ledger_url), open_on(ledger_url)
    stored = ledger.incoming.store("sms", [a_message(str(number)) for number in range(8)])
    seen: list[int] = []

    def handle(by: Ledger) -> None:
        for each in stored:
            by.incoming.conclude(each, lambda desk: seen.append(len(desk.replies(desk.at - timedelta(hours=1))))
                                 or answering()(desk))  # fmt: skip

    threads = [threading.Thread(target=handle, args=[by]) for by in (ledger, second, ledger, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    claims = ledger.claim(NOTIFICATION, holder="node", lease_for=timedelta(minutes=1), limit=100)
    assert sorted(claim.letter_id for claim in claims) == sorted(stored)
    assert set(range(8)) <= set(seen), "each saw the replies to those before it"


def test_a_reply_goes_its_way_as_every_message_and_holds_no_fact_back(
    ledger: Ledger, clock: HeldClock
) -> None:
    ledger.admit(a_submission(), route=a_route())
    (incoming_id,) = ledger.incoming.store("sms", [a_message()])
    ledger.incoming.conclude(incoming_id, answering())
    claims = ledger.announce_messages(ledger.claim(NOTIFICATION, **HOLD))
    assert len(claims) == 2, "neither waits for the other"
    (reply,) = [claim for claim in claims if claim.letter_id == incoming_id]
    lost = MessageHappening(event=MessageEvent.OUTCOME_LOST, due_at=clock.now(), reason="timeout")
    ledger.record_messages([(reply, lost)])
    (uncertain,) = ledger.claim(NOTIFICATION, **HOLD)
    assert (uncertain.letter_id, uncertain.status) == (incoming_id, MessageStatus.UNCERTAIN)
    ledger.looked_up_messages([(uncertain, clock.now())])
    delivered = MessageHappening(event=MessageEvent.DELIVERED)
    assert ledger.record_receipt("sms", int(reply.work_id), delivered)
    assert not ledger.record_receipt("sms", int(reply.work_id), delivered)


def test_a_letter_is_found_by_its_own_number_alone_and_told_as_it_stands(
    ledger: Ledger, clock: HeldClock
) -> None:
    letter_id = a_registered_letter(ledger, clock)
    code = ledger.state(letter_id).letter.tracking_code
    other = ledger.admit(a_submission(sender=a_person(mobile=OTHER)), route=a_route()).tracking_code
    tell_everything(ledger, clock)
    found: list[object] = []

    def ask(desk: Desk) -> Verdict:
        found.extend([desk.own_letter(code), desk.own_letter(other), desk.own_letter("100000000000009")])
        return answering(ReplyKind.STATUS, letter_id=letter_id)(desk)

    (incoming_id,) = ledger.incoming.store("sms", [a_message(sender="۹۸۹۰۰۰۰۰۰۰۰۱")])
    ledger.incoming.conclude(incoming_id, ask)
    assert [each is not None for each in found] == [True, False, False]
    (claim,) = ledger.claim(NOTIFICATION, **HOLD)
    (material,) = ledger.materials([claim])
    assert (material.tracking_code, material.letter_status) == (code, Status.REGISTERED)
    assert material.registration is not None
    assert material.registration.number == "00012"
    told = [(entry.what, entry.name, entry.outcome) for entry in ledger.timeline(letter_id)]
    assert ("incoming", "help", "answered") in told
    ledger.announce_messages([claim])
    told = [(entry.what, entry.name, entry.outcome) for entry in ledger.timeline(letter_id)]
    assert ("reply", "reply_status", "announced") in told


def test_a_number_opts_out_and_in_again(ledger_url: str, open_on: Callable[[str], Ledger]) -> None:
    ledger = open_on(ledger_url)
    for key, wants in (("1", False), ("2", False), ("3", True), ("4", False)):
        (incoming_id,) = ledger.incoming.store("sms", [a_message(key)])
        ledger.incoming.conclude(incoming_id, answering(wants_messages=wants))
        assert len(rows(ledger_url, opt_outs)) == (0 if wants else 1)


def test_a_mark_belongs_to_the_letter_closed_last_and_keeps_the_time_of_its_first(
    ledger_url: str, open_on: Callable[[str], Ledger], clock: HeldClock
) -> None:
    ledger = open_on(ledger_url)
    a_closed_letter(ledger, clock)
    clock.advance(timedelta(hours=1))
    second = a_closed_letter(ledger, clock)
    a_registered_letter(ledger, clock)
    first_at = clock.advance(timedelta(minutes=1))
    seen: list[object] = []
    for key, mark in (("1", 2), ("2", 5)):

        def give(desk: Desk, mark: int = mark) -> Verdict:
            closed = desk.closed_letter(desk.at - timedelta(days=7))
            assert closed is not None
            seen.append((closed.letter_id, closed.mark, closed.marked_at))
            return answering(ReplyKind.MARKED, letter_id=closed.letter_id, mark=mark)(desk)

        (incoming_id,) = ledger.incoming.store("sms", [a_message(key)])
        ledger.incoming.conclude(incoming_id, give)
        clock.advance(timedelta(minutes=5))
    assert seen == [(second, None, None), (second, 2, first_at)]
    (row,) = rows(ledger_url, survey_marks)
    assert (row.letter_id, row.mark, row.given_at) == (second, 5, first_at)
    (incoming_id,) = ledger.incoming.store("sms", [a_message("3")])
    late = clock.advance(timedelta(days=8))
    asked: list[object] = []

    def too_late(desk: Desk) -> Verdict:
        asked.append(desk.closed_letter(late - timedelta(days=7)))
        return answering()(desk)

    ledger.incoming.conclude(incoming_id, too_late)
    assert asked == [None]


def test_a_sender_that_is_no_mobile_is_kept_and_asked_nothing(ledger: Ledger) -> None:
    senders = ["1000", "BankMelli", "+14155550100", "02112345678", "", "؟"]
    stored = ledger.incoming.store("sms", [a_message(sender, sender) for sender in senders])
    assert len(stored) == len(senders)

    def ask(_: Desk) -> Verdict:
        raise AssertionError("nobody asks")

    verdicts = [ledger.incoming.conclude(each, ask) for each in stored]
    assert {verdict and verdict.outcome for verdict in verdicts} == {IncomingOutcome.IGNORED}
    assert ledger.claim(NOTIFICATION, **HOLD) == []


def test_a_row_that_was_tampered_with_is_set_aside_and_does_not_come_again(
    ledger_url: str, open_on: Callable[[str], Ledger], clock: HeldClock
) -> None:
    ledger = open_on(ledger_url)
    first, second = ledger.incoming.store("sms", [a_message("1"), a_message("2")])
    database = open_database(ledger_url)
    with database.writing.begin() as connection:
        sealed = connection.execute(
            sa.select(incoming_messages.c.sealed).where(incoming_messages.c.incoming_id == second)
        ).scalar_one()
        connection.execute(
            sa.update(incoming_messages).where(incoming_messages.c.incoming_id == first).values(sealed=sealed)
        )
    database.dispose()
    verdict = ledger.incoming.conclude(first, answering())
    assert verdict is not None
    assert verdict.outcome is IncomingOutcome.UNREADABLE
    assert ledger.incoming.due(clock.now() + timedelta(days=1), 10) == [second]


def test_an_inbox_that_cannot_be_read_is_noted_since_the_first_time_until_it_can(
    ledger: Ledger, clock: HeldClock
) -> None:
    began = clock.now()
    ledger.incoming.inbox_failed("sms", "timeout")
    clock.advance(timedelta(minutes=5))
    ledger.incoming.inbox_failed("sms", "http_500")
    state = ledger.incoming.inbox("sms")
    assert (state.failing_since, state.reason) == (began, "http_500")
    ledger.incoming.store_page("sms", [], cursor=None)
    assert ledger.incoming.inbox("sms").failing_since is None


def test_replies_do_not_trouble_the_audit(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_closed_letter(ledger, clock)
    (incoming_id,) = ledger.incoming.store("sms", [a_message()])
    ledger.incoming.conclude(incoming_id, answering(ReplyKind.STATUS, letter_id=letter_id))
    clock.advance(timedelta(minutes=10))
    ledger.audit.seal()
    assert ledger.audit.verify().first is None


def test_a_ledger_with_other_keys_sets_messages_aside_and_answers_nobody(
    sqlite_url: str, open_on: Callable[..., Ledger], ring: KeyRing, tmp_path: Path
) -> None:
    ledger = open_on(sqlite_url)
    (incoming_id,) = ledger.incoming.store("sms", [a_message()])
    from connector.ledger import open_ledger

    stranger = open_ledger(sqlite_url, a_key_ring(), attachments=tmp_path / "a")
    verdict = stranger.incoming.conclude(incoming_id, answering())
    stranger.close()
    assert verdict is not None
    assert verdict.outcome is IncomingOutcome.UNREADABLE


def test_a_reply_tells_when_it_was_made_so_that_another_gateway_may_take_it_over(
    ledger: Ledger, clock: HeldClock
) -> None:
    (incoming_id,) = ledger.incoming.store("sms", [a_message()])
    ledger.incoming.conclude(incoming_id, answering())
    (material,) = ledger.materials(ledger.claim(NOTIFICATION, **HOLD))
    assert (material.created_at, material.moves, material.has_opted_out) == (clock.now(), 0, False)
