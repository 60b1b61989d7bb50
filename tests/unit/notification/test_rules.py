"""The rules of sending at work: night, budget, patterns, and numbers that take no advertising."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.domain.calendar import TEHRAN
from connector.domain.letter import Language
from connector.domain.message import FactKind
from connector.domain.sending_window import SendingWindow
from connector.errors import OutcomeUnknown
from connector.notification.delivery import Delivery
from connector.notification.gateway_rules import GatewayRules
from connector.notification.patience import jitter
from connector.notification.patterns import GatewayPatterns, PatternChoice
from connector.notification.planning import Planner
from connector.notification.policy import NotificationPolicy
from connector.notification.sending import Sending
from connector.ports.gateway import OutgoingMessage
from connector.ports.outcomes import NotSent, Rejected, SendOutcome, Undelivered
from connector.ports.pattern import PatternRules
from tests.unit.notification.house import ASKABLE, BookGateway, House

AT_ANY_HOUR = NotificationPolicy()
BY_DAY = NotificationPolicy(window=SendingWindow(), urgent_facts=())
RULES = PatternRules(batch_size=2)
WITH_PATTERNS = replace(ASKABLE, patterns=RULES)


def patterns(*, go_first: bool = True) -> GatewayPatterns:
    choice = PatternChoice(code="received-1", values={"token": "tracking_code"})
    return GatewayPatterns(rules=RULES, choices={(Language.FA, FactKind.RECEIVED): choice}, go_first=go_first)


def under(house: House, rules: GatewayRules, policy: NotificationPolicy = AT_ANY_HOUR) -> None:
    """Let the house work by these rules."""
    house.policy = policy
    house.sending = Sending(
        house.ledger,
        house.connection,
        house.texts,
        policy,
        rules=rules,
        now=house.clock.now,
        jitter=lambda: 0.5,
    )
    planner = Planner("sms", house.texts, policy, rules, jitter)
    house.delivery = Delivery(
        house.ledger, house.connection, policy, planner=planner, now=house.clock.now, jitter=lambda: 0.5
    )


def at(house: House, hour: int) -> None:
    """Move the clock on to this hour in Tehran."""
    while house.clock.now().astimezone(TEHRAN).hour != hour:
        house.clock.advance(timedelta(hours=1))


def test_at_night_nothing_goes_out_and_in_the_morning_everything(house: House, gateway: BookGateway) -> None:
    under(house, GatewayRules(), BY_DAY)
    at(house, 23)
    letters = house.admit(3)
    house.send()
    assert gateway.calls == []
    house.send_when_due()
    morning = house.clock.now().astimezone(TEHRAN)
    assert (morning.hour, morning.minute) == (7, 15)
    assert [house.statuses(letter) for letter in letters] == [["queued", "sending", "accepted"]] * 3


def test_a_gateway_that_is_closed_is_tried_again_when_gateways_open(
    house: House, gateway: BookGateway
) -> None:
    at(house, 23)
    house.admit()
    gateway.next_sends.append(lambda _: [NotSent(reason="outside_hours", code="8")])
    house.send()
    house.send_when_due()
    assert house.clock.now().astimezone(TEHRAN).hour == 7
    assert len(gateway.sent) == 1


def test_what_is_beyond_the_days_budget_goes_out_the_next_day(house: House, gateway: BookGateway) -> None:
    under(house, GatewayRules(daily_parts=4), BY_DAY)
    house.admit(3)  # two parts each
    house.send()
    assert len(gateway.sent) == 2
    day = house.clock.now().astimezone(TEHRAN).date()
    house.send_when_due()
    assert len(gateway.sent) == 3
    later = house.clock.now().astimezone(TEHRAN)
    assert (later.date(), later.hour) == (day + timedelta(days=1), 7)


def test_messages_of_one_pattern_share_calls_and_free_texts_theirs(
    house: House, gateway: BookGateway
) -> None:
    gateway.capabilities = WITH_PATTERNS
    under(house, GatewayRules(patterns=patterns()))
    house.admit(3)
    house.send()
    assert gateway.calls == ["send 2", "send 1"]
    codes = {message.pattern.code for message in gateway.sent if message.pattern}
    assert codes == {"received-1"}
    assert all(message.text for message in gateway.sent)


def taken_and_lost(gateway: BookGateway) -> Callable[[Sequence[OutgoingMessage]], Sequence[SendOutcome]]:
    def lose(messages: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
        gateway.take(messages)
        raise OutcomeUnknown(reason="timeout")

    return lose


@pytest.mark.parametrize("can_be_found", [False, True])
def test_a_pattern_whose_answer_was_lost_is_asked_for_only_where_patterns_carry_our_id(
    house: House, gateway: BookGateway, can_be_found: bool
) -> None:
    rules = replace(RULES, can_be_found=can_be_found)
    gateway.capabilities = replace(ASKABLE, patterns=rules)
    under(house, GatewayRules(patterns=replace(patterns(), rules=rules)))
    (letter_id,) = house.admit()
    gateway.next_sends.append(taken_and_lost(gateway))
    gateway.has_forgotten = not can_be_found  # what has no id of ours is not found
    house.send()
    house.send_when_due()
    asked = [call for call in gateway.calls if call.startswith("find")]
    assert (house.statuses(letter_id)[-1], len(asked)) == (
        ("accepted", 1) if can_be_found else ("unknown", 0)
    )
    assert len(gateway.sent) == 1


def test_a_second_way_whose_answer_was_lost_is_not_taken_for_the_first(
    house: House, gateway: BookGateway
) -> None:
    rules = replace(RULES, can_be_found=True)
    gateway.capabilities = replace(ASKABLE, patterns=rules)
    under(house, GatewayRules(patterns=replace(patterns(go_first=False), rules=rules)))
    (letter_id,) = house.admit()
    house.send()
    gateway.states[f"r{house.own_id()}"] = Undelivered(code="16", is_blacklisted=True)
    house.ask_delivery_when_due()
    gateway.next_sends.append(taken_and_lost(gateway))
    house.send_when_due()
    house.send_when_due()
    assert house.statuses(letter_id)[-1] == "unknown"
    assert len(gateway.sent) == 2


def refuse_as_blacklisted(messages: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
    return [Rejected(code="14", reason="no advertising", is_blacklisted=True) for _ in messages]


def test_a_number_that_takes_no_advertising_gets_the_pattern_once(house: House, gateway: BookGateway) -> None:
    gateway.capabilities = WITH_PATTERNS
    under(house, GatewayRules(patterns=patterns(go_first=False)))
    (letter_id,) = house.admit()
    gateway.next_sends += [refuse_as_blacklisted, refuse_as_blacklisted]
    house.send()
    house.send_when_due()
    assert house.statuses(letter_id) == ["sending", "queued", "sending", "failed"]
    assert house.send() == []


def test_without_a_pattern_it_has_failed_and_says_why(house: House, gateway: BookGateway) -> None:
    (letter_id,) = house.admit()
    gateway.next_sends.append(refuse_as_blacklisted)
    house.send()
    (entry,) = [each for each in house.ledger.timeline(letter_id) if each.outcome == "rejected"]
    assert entry.reason == "blacklisted"


def test_a_text_that_was_taken_and_not_delivered_for_the_list_goes_as_a_pattern(
    house: House, gateway: BookGateway
) -> None:
    gateway.capabilities = WITH_PATTERNS
    under(house, GatewayRules(patterns=patterns(go_first=False)))
    (letter_id,) = house.admit()
    house.send()
    reference = f"r{house.own_id()}"
    gateway.states[reference] = Undelivered(code="16", is_blacklisted=True)
    house.ask_delivery_when_due()
    house.send_when_due()
    assert [message.pattern is not None for message in gateway.sent] == [False, True]
    house.ask_delivery_when_due()  # the same again: it was a pattern, and is not tried a third time
    assert house.statuses(letter_id)[-1] == "undelivered"


@pytest.mark.parametrize("hour", [12, 23])
def test_the_first_word_goes_out_at_any_hour(house: House, gateway: BookGateway, hour: int) -> None:
    under(house, GatewayRules(), NotificationPolicy(window=SendingWindow()))
    at(house, hour)
    house.admit()
    house.send()
    assert len(gateway.sent) == 1
    assert gateway.sent[0].pattern is None


def test_the_day_of_a_budget_is_the_agencys() -> None:
    rules = GatewayRules(daily_parts=1)
    night = datetime(2026, 11, 28, 21, tzinfo=UTC)  # half past midnight in Tehran
    budget = rules.budget("sms", night)
    assert budget is not None
    assert str(budget.day) == "2026-11-29"
    assert rules.next_day(night) == datetime(2026, 11, 30, tzinfo=TEHRAN)
