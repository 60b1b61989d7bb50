"""Whether a queued message goes out now: a table for each rule."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.domain.calendar import TEHRAN
from connector.domain.letter import Language
from connector.domain.message import FactKind, MessageStatus
from connector.domain.registration import Registration
from connector.domain.sending_window import SendingWindow
from connector.errors import NotPossible
from connector.ledger.records import MessageHappening, MessageMaterial
from connector.notification.choosing import Chooser
from connector.notification.composing import Composed, Composer
from connector.notification.patterns import GatewayPatterns, PatternChoice
from connector.notification.policy import NotificationPolicy
from connector.notification.texts import Texts
from connector.ports.pattern import PatternRules

NOON = datetime(2026, 11, 28, 12, tzinfo=TEHRAN).astimezone(UTC)
NIGHT = datetime(2026, 11, 28, 2, tzinfo=TEHRAN).astimezone(UTC)
TEXTS = Texts.load([Path("mappings/messages").resolve()])
POLICY = NotificationPolicy(window=SendingWindow())
LATE = timedelta(minutes=10)


def message(fact: str, number: int = 1, **changes: object) -> MessageMaterial:
    material = MessageMaterial(
        own_id=number,
        letter_id="letter",
        gateway="sms",
        status=MessageStatus.QUEUED,
        fact=FactKind(fact),
        happened_at=NOON,
        mobile="09000000001",
        language=Language.FA,
        tracking_code="100000000000008",
        registration=Registration(number="1405/77", secretariat="central"),
        unit="امور شهری",
        created_at=NOON + timedelta(seconds=number),
    )
    return replace(material, **changes)  # type: ignore[arg-type]


def chosen(
    material: MessageMaterial,
    at: datetime = NOON,
    policy: NotificationPolicy = POLICY,
    patterns: GatewayPatterns | None = None,
) -> MessageHappening | None:
    composer = Composer(TEXTS, patterns or GatewayPatterns())
    return Chooser(policy, at, lambda: 0.5, composer.compose, composer.goes_as_pattern).instead_of_sending(
        material
    )


def event_of(happening: MessageHappening | None) -> tuple[str, str | None] | None:
    return None if happening is None else (str(happening.event), happening.reason)


def test_a_message_with_nothing_against_it_goes_out() -> None:
    assert chosen(message("registered")) is None


@pytest.mark.parametrize(
    ("exempt", "expected"),
    [
        ((), ("withheld", "opted_out")),
        ((FactKind.REFUSED,), None),
        ((FactKind.CLOSED,), ("withheld", "opted_out")),
    ],
)
def test_who_wants_no_messages_gets_none_but_what_the_operator_exempts(
    exempt: tuple[FactKind, ...], expected: tuple[str, str] | None
) -> None:
    policy = replace(POLICY, despite_opt_out=exempt)
    assert event_of(chosen(message("refused", has_opted_out=True), policy=policy)) == expected


def test_at_night_a_message_waits_for_the_opening_and_not_all_at_its_first_second() -> None:
    happening = chosen(message("registered", created_at=NIGHT), NIGHT)
    assert event_of(happening) == ("deferred", "outside_window")
    assert happening is not None
    assert happening.due_at == datetime(2026, 11, 28, 7, 15, tzinfo=TEHRAN)


@pytest.mark.parametrize(
    "material",
    [
        message("received", created_at=NIGHT),
        message("referred", created_at=NIGHT, followers=(message("received", 2, created_at=NIGHT),)),
    ],
)
def test_what_is_urgent_or_has_something_urgent_behind_it_goes_out_at_night(
    material: MessageMaterial,
) -> None:
    assert chosen(material, NIGHT) is None


def stale(older: str, newer: str, **changes: object) -> tuple[str, str | None] | None:
    waiting = message(older, followers=(message(newer, 2, **changes),), **changes)
    return event_of(chosen(waiting, NOON + LATE, replace(POLICY, join_within=timedelta())))


@pytest.mark.parametrize(
    ("older", "newer", "expected"),
    [
        ("referred", "answered", ("superseded", "overtaken_by_answered")),
        ("referred", "closed", ("superseded", "overtaken_by_closed")),
        ("received", "registered", ("superseded", "overtaken_by_registered")),
        ("registered", "answered", ("superseded", "overtaken_by_answered")),
        ("answered", "closed", None),
    ],
)
def test_a_stale_fact_is_dropped_with_its_reason(
    older: str, newer: str, expected: tuple[str, str] | None
) -> None:
    assert stale(older, newer) == expected


def test_a_number_that_the_newer_text_does_not_say_is_told_all_the_same() -> None:
    assert stale("registered", "answered", language=Language.EN) is None  # the English text has no number


def test_a_number_that_a_message_took_over_is_not_lost_with_it() -> None:
    kept = message("registered", 1)
    waiting = message(
        "referred",
        2,
        language=Language.EN,
        replaced=(kept,),
        followers=(message("answered", 3, language=Language.EN),),
    )
    assert event_of(chosen(waiting, NOON + LATE)) != ("superseded", "overtaken_by_answered")


def test_what_has_waited_for_a_moment_only_is_not_stale_yet() -> None:
    waiting = message("referred", followers=(message("closed", 2),))
    policy = replace(POLICY, join_within=timedelta())
    assert chosen(waiting, NOON + timedelta(seconds=30), policy) is None
    assert chosen(waiting, NOON + LATE, replace(policy, stale_after=timedelta())) is None


def test_facts_of_the_same_minute_share_a_text() -> None:
    waiting = message("registered", followers=(message("referred", 2), message("answered", 3)))
    happening = chosen(waiting)
    assert event_of(happening) == ("joined", "joined_referred")
    assert happening is not None
    assert happening.told_by == 2


@pytest.mark.parametrize(
    ("older", "newer"), [("received", "registered"), ("refused", "withdrawn"), ("registered", "delayed")]
)
def test_the_first_word_and_a_refusal_stand_alone(older: str, newer: str) -> None:
    assert chosen(message(older, followers=(message(newer, 2),))) is None


def test_facts_that_lie_apart_have_texts_of_their_own() -> None:
    later = message("referred", 2, created_at=NOON + timedelta(minutes=6))
    assert chosen(message("registered", followers=(later,)), NOON) is None
    assert (
        chosen(
            message("registered", followers=(message("referred", 2),)),
            NOON,
            replace(POLICY, join_within=timedelta()),
        )
        is None
    )


def test_what_goes_as_a_pattern_is_not_joined() -> None:
    patterns = GatewayPatterns(
        rules=PatternRules(),
        choices={(Language.FA, FactKind.REGISTERED): PatternChoice(code="p1", values={"token": "number"})},
    )
    waiting = message("registered", followers=(message("referred", 2),))
    assert event_of(chosen(waiting)) == ("joined", "joined_referred")
    assert chosen(waiting, patterns=patterns) is None


def test_what_only_a_pattern_may_reach_is_neither_joined_nor_left_to_a_newer_text() -> None:
    patterns = GatewayPatterns(
        rules=PatternRules(),
        choices={(Language.FA, FactKind.REGISTERED): PatternChoice(code="p1", values={"token": "number"})},
        go_first=False,
    )
    waiting = message("registered", followers=(message("referred", 2),))
    assert chosen(waiting, patterns=patterns) is None
    stale = message("received", followers=(message("registered", 2),))
    assert event_of(chosen(stale, NOON + LATE)) == ("superseded", "overtaken_by_registered")
    assert chosen(replace(stale, is_blacklisted=True), NOON + LATE) is None


def test_a_newer_message_that_cannot_be_written_does_not_take_the_older_one_with_it() -> None:
    def compose(material: MessageMaterial) -> Composed:
        if material.fact is FactKind.REFERRED:
            raise NotPossible("It cannot be written.")
        return Composer(TEXTS, GatewayPatterns()).compose(material)

    waiting = message("registered", followers=(message("referred", 2),))
    for at in (NOON, NOON + LATE):
        assert Chooser(POLICY, at, lambda: 0.5, compose, lambda _: False).instead_of_sending(waiting) is None


def test_a_text_that_would_grow_too_long_is_not_joined() -> None:
    waiting = message("returned", reason="دلیل " * 60, followers=(message("closed", 2),))
    assert chosen(waiting) is None
