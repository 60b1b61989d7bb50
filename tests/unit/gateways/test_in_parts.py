"""A batch in several calls: nobody's outcome is hidden, and nobody's is made up."""

from collections.abc import Callable, Sequence

import pytest

from connector.errors import (
    CallFailed,
    CredentialsRejected,
    Misbehaved,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.ports.gateway import OutgoingMessage
from connector.ports.in_parts import halves, in_parts, texts_then_patterns
from connector.ports.outcomes import Accepted, NotSent, SendOutcome, Unanswered
from tests.unit.gateways.built import a_message, by_pattern

MESSAGES = [a_message(number) for number in range(4)]


def accepted(message: OutgoingMessage) -> Accepted:
    return Accepted(gateway_reference=str(message.own_id))


def failing_at(number: int, error: CallFailed) -> Callable[[Sequence[OutgoingMessage]], list[SendOutcome]]:
    """Return a way of sending that fails at the part which holds this message."""

    def send(part: Sequence[OutgoingMessage]) -> list[SendOutcome]:
        if MESSAGES[number] in part:
            raise error
        return [accepted(message) for message in part]

    return send


@pytest.mark.parametrize(
    ("error", "left"),
    [
        (Unavailable(reason="busy"), NotSent(reason="busy")),
        (
            CredentialsRejected(reason="gateway_stopped", code="102"),
            NotSent(reason="gateway_stopped", code="102"),
        ),
        (OutcomeUnknown(reason="reset"), Unanswered(reason="reset")),
        (Misbehaved(reason="unreadable_answer"), Unanswered(reason="unreadable_answer")),
    ],
)
def test_the_first_failure_ends_it_and_leaves_what_was_done(error: CallFailed, left: SendOutcome) -> None:
    outcomes = in_parts(MESSAGES, [[0], [1], [2, 3]], failing_at(1, error))
    untried = NotSent(reason="not_tried")
    assert outcomes == [accepted(MESSAGES[0]), left, untried, untried]


def test_a_lost_first_call_does_not_make_the_untried_ones_uncertain() -> None:
    outcomes = in_parts(MESSAGES, [[0, 1], [2, 3]], failing_at(0, OutcomeUnknown(reason="reset")))
    lost, untried = Unanswered(reason="reset"), NotSent(reason="not_tried")
    assert outcomes == [lost, lost, untried, untried]


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ([[0, 1], [2, 3]], RateLimited(reason="slow")),
        ([[0, 1], [2, 3]], CredentialsRejected(reason="gateway_stopped")),
        ([[0, 1, 2, 3]], OutcomeUnknown(reason="reset")),
    ],
)
def test_what_holds_for_the_whole_batch_is_raised(parts: list[list[int]], error: CallFailed) -> None:
    with pytest.raises(type(error)) as caught:
        in_parts(MESSAGES, parts, failing_at(0, error))
    assert caught.value is error


def test_outcomes_stand_where_their_messages_stand_whatever_the_order_of_the_calls() -> None:
    assert in_parts(MESSAGES, [[3, 1], [0, 2]], lambda part: [accepted(message) for message in part]) == [
        accepted(message) for message in MESSAGES
    ]


def test_free_texts_go_together_and_each_pattern_alone() -> None:
    messages = [by_pattern("1"), a_message(2), by_pattern("1"), a_message(4)]
    assert texts_then_patterns(messages) == [[1, 3], [0], [2]]
    assert texts_then_patterns([by_pattern("1")]) == [[0]]
    assert texts_then_patterns([]) == []


def test_halves_are_the_whole() -> None:
    assert [list(half) for half in halves(MESSAGES[:3])] == [[0], [1, 2]]
