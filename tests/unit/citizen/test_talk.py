"""Citizens write, the house answers: through the real ledger and the real sending, with a gateway that does as told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from connector.domain.lifecycle import Event, Stage
from connector.domain.text import to_persian_digits
from connector.domain.tracking_code import grouped_tracking_code
from connector.errors import LedgerUnavailable, OutcomeUnknown, Unavailable
from connector.ledger.records import Happening, Lane
from connector.ports.gateway import DeliveryReport, OutgoingMessage
from connector.ports.outcomes import Delivered, SendOutcome
from connector.testing.builders import a_person, a_route, a_submission
from tests.contract.ledger.walk import TRACKING, a_registered_letter, only
from tests.unit.citizen.talk import MOBILE, OTHER, Talk
from tests.unit.notification.house import Killed


def a_letter_with_number(talk: Talk) -> str:
    """A registered letter of MOBILE whose citizen has been told so; returns its tracking code."""
    letter_id = a_registered_letter(talk.ledger, talk.clock)
    talk.send()
    return talk.ledger.state(letter_id).letter.tracking_code


def test_a_question_for_the_own_letter_is_answered_with_how_it_stands(talk: Talk) -> None:
    code = a_letter_with_number(talk)
    (text,) = talk.say(f"وضعیت {to_persian_digits(code)}")
    assert text.splitlines()[:2] == ["وضعیت نامهٔ شما: در دبیرخانه ثبت شده است.", "شمارهٔ ثبت: ۰۰۰۱۲"]
    assert to_persian_digits(grouped_tracking_code(code)) in text


def test_the_letter_is_told_as_it_stands_when_the_reply_is_sent(talk: Talk) -> None:
    code = a_letter_with_number(talk)
    talk.gateway.write(code)
    talk.inbox.run()
    talk.ledger.record(only(talk.ledger, TRACKING), Happening(event=Event.CLOSED))
    talk.send()
    assert [text for text in talk.gateway.heard() if text.startswith("وضعیت نامهٔ شما: رسیدگی پایان یافته")]


def test_another_number_hears_the_same_whether_the_code_exists_or_not(talk: Talk) -> None:
    code = a_letter_with_number(talk)
    of_another = talk.say(code, sender=OTHER)
    of_nobody = talk.say("100000000000009", sender="09000000003")
    assert of_another == of_nobody
    assert "پیدا نشد" in of_another[0]
    assert talk.gateway.heard(OTHER) == of_another


def test_a_citizen_ends_our_messages_and_has_them_again(talk: Talk) -> None:
    assert "وصل" in talk.say("لغو۱۱")[0]
    assert "stop" in talk.say("start")[0]


def test_a_mark_is_asked_for_at_the_close_and_goes_to_that_letter(talk: Talk) -> None:
    a_letter_with_number(talk)
    talk.ledger.record(only(talk.ledger, TRACKING), Happening(event=Event.CLOSED))
    talk.send()
    assert talk.say("۵") == ["نظر شما نوشته شد. سپاسگزاریم."]
    assert talk.say("نمره ۳") == ["نظر شما نوشته شد. سپاسگزاریم."]
    assert talk.say("5", sender=OTHER) == ["اکنون نامه‌ای نیست که بتوان به رسیدگی آن امتیاز داد."]
    talk.clock.advance(timedelta(days=2))
    assert talk.say("۱") == ["اکنون نامه‌ای نیست که بتوان به رسیدگی آن امتیاز داد."]


def test_a_flood_is_answered_a_few_times_and_told_so_once(talk: Talk) -> None:
    heard = talk.say(*["help"] * 40)
    assert len(heard) == talk.policy.replies_per_hour + 1
    assert heard[-1].startswith("Many messages came from this number")
    assert talk.say("help") == []
    assert talk.unhandled() == []
    talk.clock.advance(timedelta(hours=1))
    assert len(talk.say("help")) == 1


@pytest.mark.parametrize("sender", ["1000", "BankMelli", "+14155550100"])
def test_a_bank_is_not_answered(talk: Talk, sender: str) -> None:
    talk.gateway.write("موجودی شما ۱۲٬۰۰۰ ریال است. لغو", sender)
    talk.inbox.run()
    assert (talk.house.send(), talk.unhandled()) == ([], [])


@pytest.mark.parametrize(
    "sent_at", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2199, 1, 1, tzinfo=UTC), None]
)
def test_the_gateways_clock_decides_nothing(talk: Talk, sent_at: datetime | None) -> None:
    talk.gateway.write("help", sent_at=sent_at)
    talk.inbox.run()
    talk.send()
    assert len(talk.gateway.heard()) == 1


def test_what_a_killed_process_had_stored_is_handled_by_the_next_one_and_answered_once(talk: Talk) -> None:
    message = talk.gateway.write("help")
    talk.ledger.incoming.store_page("sms", [message], cursor="k1")  # and here the process dies
    talk.gateway.waiting = []
    talk.restart()
    talk.handling.handle_left_over()
    talk.restart()
    talk.handling.handle_left_over()
    talk.gateway.waiting = [message]  # shown again, by an inbox that forgot what it has shown
    talk.inbox.run()
    talk.send()
    assert len(talk.gateway.heard()) == 1
    assert talk.gateway.asked_with == ["k1"]


def test_a_process_that_dies_while_it_sends_the_reply_does_not_have_it_sent_again(talk: Talk) -> None:
    def die(messages: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
        talk.gateway.take(messages)
        raise Killed

    talk.gateway.write("help")
    talk.inbox.run()
    talk.gateway.next_sends = [die]
    with pytest.raises(Killed):
        talk.house.send()
    talk.restart()
    while (due_at := talk.ledger.next_due_at(Lane(Stage.NOTIFICATION, "sms"))) is not None:
        talk.clock.advance(max(timedelta(), due_at - talk.clock.now()))
        talk.house.send()
    assert len(talk.gateway.heard()) == 1


def test_a_reply_whose_outcome_is_lost_is_looked_up_and_never_sent_again(talk: Talk) -> None:
    def lose(messages: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
        talk.gateway.take(messages)
        raise OutcomeUnknown(reason="timeout")

    talk.gateway.next_sends = [lose]
    talk.say("help")
    talk.house.send_when_due()
    assert "find 1" in talk.gateway.calls
    assert len(talk.gateway.heard()) == 1


def test_a_fact_that_waits_for_a_certain_outcome_holds_no_reply_back(talk: Talk) -> None:
    talk.ledger.admit(a_submission(sender=a_person(mobile=MOBILE)), route=a_route())

    def lose(_: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
        raise OutcomeUnknown(reason="timeout")

    talk.gateway.next_sends = [lose]
    talk.house.send()
    assert len(talk.say("help")) >= 1


class TestTheInbox:
    """Asked at growing gaps, page by page, and stored before anything else."""

    def test_page_after_page_is_stored_before_the_next_is_asked_for(self, talk: Talk) -> None:
        talk.gateway.page_size = 2
        for number in range(5):
            talk.gateway.write("help", f"0900000010{number}")
        talk.inbox.run()
        assert talk.gateway.asked_with == [None, "k2", "k4"]
        assert talk.ledger.incoming.inbox("sms").cursor == "k5"

    def test_gaps_grow_while_nobody_writes_and_shrink_when_somebody_does(self, talk: Talk) -> None:
        def looks(seconds: int) -> int:
            before = len(talk.gateway.asked_with)
            for _ in range(seconds // 15):
                talk.clock.advance(timedelta(seconds=15))
                talk.inbox.run()
            return len(talk.gateway.asked_with) - before

        talk.inbox.run()
        assert looks(240) == 3  # after half a minute, a minute, and two
        talk.gateway.write("help")
        talk.clock.advance(timedelta(minutes=2))
        talk.inbox.run()
        assert looks(15) == 1

    def test_delivery_reports_that_come_the_same_way_are_taken_in(self, talk: Talk) -> None:
        talk.say("help")
        talk.gateway.reports = [DeliveryReport(own_id=talk.house.own_id(), state=Delivered())]
        talk.clock.advance(timedelta(minutes=2))
        talk.inbox.run()
        assert talk.house.ask_delivery() == [], "it is delivered, and nobody asks"

    def test_a_living_session_is_asked_as_often_as_it_must_and_its_place_is_this_processs_own(
        self, talk: Talk
    ) -> None:
        talk.gateway.capabilities = replace(talk.gateway.capabilities, inbox_every=timedelta(seconds=5))
        talk.restart()
        assert talk.inbox.every == timedelta(seconds=5)
        talk.gateway.write("help")
        for _ in range(4):
            talk.inbox.run()
            talk.clock.advance(timedelta(seconds=5))
        assert talk.gateway.asked_with == [None, "k1", "k1", "k1"]
        assert talk.ledger.incoming.inbox("sms").cursor is None
        talk.restart()
        talk.inbox.run()
        assert talk.gateway.asked_with[-1] is None

    def test_a_paused_gateway_is_not_asked(self, talk: Talk) -> None:
        talk.house.connection.pause("their server is moved", since=talk.clock.now())
        talk.inbox.run()
        assert talk.gateway.asked_with == []

    def test_trouble_is_noted_once_for_the_operator_until_it_is_over(self, talk: Talk) -> None:
        talk.gateway.next_failures = [Unavailable(reason="timeout"), Unavailable(reason="http_503")]
        began = talk.clock.now()
        talk.inbox.run()
        talk.clock.advance(timedelta(minutes=2))
        talk.restart()  # another node
        talk.inbox.run()
        state = talk.ledger.incoming.inbox("sms")
        assert (state.failing_since, state.reason) == (began, "timeout")
        talk.clock.advance(timedelta(minutes=2))
        talk.inbox.run()
        assert talk.ledger.incoming.inbox("sms").failing_since is None

    def test_it_is_not_asked_while_nothing_can_be_stored(self, talk: Talk) -> None:
        away = Away(talk)
        talk.gateway.write("help")
        away.is_away = True
        with pytest.raises(LedgerUnavailable):
            away.looking.run()
        assert talk.gateway.asked_with == []
        away.is_away = False
        away.looking.run()
        assert talk.unhandled() == []

    def test_a_page_that_could_not_be_stored_is_kept_and_stored_before_the_next_look(
        self, talk: Talk
    ) -> None:
        away = Away(talk)
        talk.gateway.write("help")
        away.fails_at_storing = True
        with pytest.raises(LedgerUnavailable):
            away.looking.run()
        assert talk.gateway.waiting == [], "the inbox has forgotten it"
        away.fails_at_storing = False
        away.looking.run()
        talk.send()
        assert len(talk.gateway.heard()) == 1
        assert talk.gateway.asked_with == [None]

    def test_messages_that_are_on_disk_when_the_ledger_goes_are_handled_later(self, talk: Talk) -> None:
        away = Away(talk)
        talk.gateway.write("help")
        away.fails_at_handling = True
        away.looking.run()
        assert len(talk.unhandled()) == 1
        talk.handling.handle_left_over()
        talk.send()
        assert len(talk.gateway.heard()) == 1


class Away:
    """A ledger that goes away at a certain place, and what works on it."""

    def __init__(self, talk: Talk) -> None:
        self.is_away = self.fails_at_storing = self.fails_at_handling = False
        self._ledger = talk.ledger
        self.incoming = self
        at_home, talk.ledger = talk.ledger, self  # type: ignore[assignment]
        talk.restart()
        self.looking = talk.inbox
        talk.ledger = at_home
        talk.restart()

    def ping(self) -> None:
        if self.is_away:
            raise LedgerUnavailable

    def store_page(self, *page: object, **cursor: object) -> list[str]:
        if self.fails_at_storing:
            raise LedgerUnavailable
        return self._ledger.incoming.store_page(*page, **cursor)  # type: ignore[arg-type]

    def conclude(self, *what: object) -> object:
        if self.fails_at_handling:
            raise LedgerUnavailable
        return self._ledger.incoming.conclude(*what)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self._ledger.incoming, name)


def test_nothing_personal_is_in_the_log(talk: Talk) -> None:
    with capture_logs() as logged:
        talk.say("متن خصوصی ۱۲۳۴", "لغو", "100000000000009")
        talk.gateway.write("موجودی", "BankMelli")
        talk.clock.advance(timedelta(minutes=2))
        talk.inbox.run()
    assert {entry["event"] for entry in logged} >= {"citizen.inbox_read", "citizen.message_handled"}
    for word in ("خصوصی", "9000000001", "100000000000009", "BankMelli", "موجودی"):
        assert word not in repr(logged)


def test_a_fault_of_ours_keeps_no_other_message_and_comes_again(talk: Talk) -> None:
    """A letter whose seal is broken cannot be told of; the message is tried again later, and the others go on."""
    code = a_letter_with_number(talk)
    broken = talk.ledger.incoming.conclude

    def conclude(incoming_id: str, decide: object) -> object:
        if incoming_id == first:
            raise ZeroDivisionError
        return broken(incoming_id, decide)  # type: ignore[arg-type]

    first, second = talk.ledger.incoming.store("sms", [talk.gateway.write(code), talk.gateway.write("help")])
    away = Away(talk)
    away.conclude = conclude  # type: ignore[method-assign,assignment]
    talk.ledger = away  # type: ignore[assignment]
    talk.handling = type(talk.handling)(away, talk.policy, now=talk.clock.now)  # type: ignore[arg-type]
    assert talk.handling.handle([first, second]) == 1
    assert away._ledger.incoming.due(talk.clock.now(), 9) == []
    assert away._ledger.incoming.due(talk.clock.now() + timedelta(hours=1), 9) == [first]


def test_who_wants_no_messages_is_still_answered_what_it_asks(talk: Talk) -> None:
    code = a_letter_with_number(talk)
    talk.say("لغو")
    (text,) = talk.say(code)
    assert text.startswith("وضعیت نامهٔ شما")
