"""The ways of letters and messages, walked as graphs."""

from collections.abc import Iterable

import pytest

from connector.domain.lifecycle import ENDS, STAGE_OF, TRANSITIONS, Event, Stage, Status, next_status
from connector.domain.message import (
    FACT_OF,
    MESSAGE_ENDS,
    MESSAGE_TRANSITIONS,
    FactKind,
    MessageEvent,
    MessageStatus,
    next_message_status,
)
from connector.errors import IllegalTransition

Edge = tuple[str, str]


def letter_edges(*, without: Iterable[Event] = ()) -> set[Edge]:
    left_out = set(without)
    return {(status, target) for (status, event), target in TRANSITIONS.items() if event not in left_out}


def message_edges(*, without: Iterable[MessageEvent] = ()) -> set[Edge]:
    left_out = set(without)
    return {
        (status, target) for (status, event), target in MESSAGE_TRANSITIONS.items() if event not in left_out
    }


def reachable(edges: set[Edge], start: str) -> set[str]:
    known, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        found = {target for source, target in edges if source == here} - known
        known |= found
        waiting.extend(found)
    return known


def test_every_status_of_a_letter_can_be_reached_from_received() -> None:
    assert reachable(letter_edges(), Status.RECEIVED) == set(Status)


@pytest.mark.parametrize("status", sorted(set(Status) - ENDS))
def test_every_letter_that_is_not_at_its_end_can_reach_one(status: Status) -> None:
    assert reachable(letter_edges(), status) & ENDS


@pytest.mark.parametrize("status", sorted(ENDS))
def test_nothing_leaves_an_end(status: Status) -> None:
    assert not [event for source, event in TRANSITIONS if source == status]


def test_an_uncertain_letter_is_sent_again_only_when_found_absent_or_on_a_persons_word() -> None:
    proofs = {Event.FOUND_ABSENT, Event.SETTLED_ABSENT}
    assert Status.REGISTERING in reachable(letter_edges(), Status.UNCERTAIN)
    assert Status.REGISTERING not in reachable(letter_edges(without=proofs), Status.UNCERTAIN)
    assert Status.READY not in reachable(letter_edges(without=proofs), Status.UNCERTAIN)


def test_an_uncertain_letter_cannot_be_given_up_withdrawn_or_released() -> None:
    leaving = {event for source, event in TRANSITIONS if source == Status.UNCERTAIN}
    assert leaving.isdisjoint(
        {Event.GAVE_UP, Event.WITHDRAWN, Event.RELEASED, Event.POSTPONED, Event.ANNOUNCED}
    )


def test_a_number_is_never_taken_back() -> None:
    for status in (Status.REGISTERED, Status.REFERRED, Status.ANSWERED):
        before_the_number = {
            Status.RECEIVED,
            Status.READY,
            Status.REGISTERING,
            Status.UNCERTAIN,
            Status.PARKED,
        }
        assert not reachable(letter_edges(), status) & before_the_number


def test_every_status_that_is_not_an_end_has_one_owner() -> None:
    assert set(STAGE_OF) == set(Status) - ENDS
    assert set(STAGE_OF.values()) <= set(Stage)


def test_every_event_but_the_first_has_a_row() -> None:
    assert {event for _, event in TRANSITIONS} == set(Event) - {Event.RECEIVED}


@pytest.mark.parametrize("status", sorted(Status))
@pytest.mark.parametrize("event", sorted(Event))
def test_the_table_decides_and_what_it_lacks_is_refused_aloud(status: Status, event: Event) -> None:
    if (status, event) in TRANSITIONS:
        assert next_status(status, event) is TRANSITIONS[status, event]
    else:
        with pytest.raises(IllegalTransition) as caught:
            next_status(status, event)
        assert caught.value.facts == {"status": str(status), "event": str(event)}


def test_every_fact_has_an_event_and_every_certain_registration_is_told() -> None:
    assert set(FACT_OF.values()) == set(FactKind)
    registering = {event for (_, event), target in TRANSITIONS.items() if target == Status.REGISTERED}
    assert {FACT_OF[event] for event in registering} == {FactKind.REGISTERED}


def test_every_status_of_a_message_can_be_reached_from_queued() -> None:
    assert reachable(message_edges(), MessageStatus.QUEUED) == set(MessageStatus)


@pytest.mark.parametrize("status", sorted(set(MessageStatus) - MESSAGE_ENDS))
def test_every_message_that_is_not_at_its_end_can_reach_one(status: MessageStatus) -> None:
    assert reachable(message_edges(), status) & MESSAGE_ENDS


@pytest.mark.parametrize("status", sorted(MESSAGE_ENDS))
def test_a_message_at_its_end_goes_only_to_a_better_known_end(status: MessageStatus) -> None:
    assert reachable(message_edges(), status) <= MESSAGE_ENDS


def test_an_uncertain_message_is_sent_again_by_the_gateways_own_word_or_by_the_policy_that_counts_it() -> (
    None
):
    by_word = {MessageEvent.FOUND_ABSENT, MessageEvent.BLACKLISTED}
    edges = message_edges(without={*by_word, MessageEvent.SENT_AGAIN})
    assert MessageStatus.SENDING in reachable(message_edges(), MessageStatus.UNCERTAIN)
    assert MessageStatus.SENDING not in reachable(edges, MessageStatus.UNCERTAIN)


@pytest.mark.parametrize("status", sorted(MessageStatus))
@pytest.mark.parametrize("event", sorted(MessageEvent))
def test_the_table_decides_for_messages_too(status: MessageStatus, event: MessageEvent) -> None:
    if (status, event) in MESSAGE_TRANSITIONS:
        assert next_message_status(status, event) is MESSAGE_TRANSITIONS[status, event]
    else:
        with pytest.raises(IllegalTransition, match="A message that is"):
            next_message_status(status, event)
