"""Which facts make which stale: each pair of the table, and what no table may say."""

import pytest

from connector.domain.message import MESSAGE_ENDS, MESSAGE_TRANSITIONS, FactKind, MessageEvent, MessageStatus
from connector.domain.telling import JOINABLE, OVERTAKEN_BY, is_overtaken


@pytest.mark.parametrize(
    ("older", "newer", "is_stale"),
    [
        ("received", "registered", True),
        ("received", "refused", True),
        ("registered", "referred", True),
        ("referred", "answered", True),
        ("referred", "referred", True),
        ("referred", "closed", True),
        ("delayed", "registered", True),
        ("answered", "closed", False),
        ("answered", "referred", False),
        ("refused", "withdrawn", False),
        ("returned", "closed", False),
        ("registered", "received", False),
    ],
)
def test_a_fact_is_stale_where_the_newer_one_leaves_nothing_of_it(
    older: str, newer: str, is_stale: bool
) -> None:
    assert is_overtaken([FactKind(older)], [FactKind(newer)]) is is_stale


def test_several_facts_in_one_text_are_stale_together_or_not_at_all() -> None:
    assert is_overtaken([FactKind.REGISTERED, FactKind.REFERRED], [FactKind.CLOSED])
    assert not is_overtaken([FactKind.ANSWERED, FactKind.REFERRED], [FactKind.CLOSED])


def test_every_fact_stands_in_the_table_and_ends_of_letters_are_never_stale() -> None:
    assert set(OVERTAKEN_BY) == set(FactKind)
    for fact in (FactKind.REFUSED, FactKind.RETURNED, FactKind.CLOSED, FactKind.WITHDRAWN):
        assert not OVERTAKEN_BY[fact]
    assert FactKind.RECEIVED not in JOINABLE
    assert FactKind.REFUSED not in JOINABLE


def test_an_end_is_left_for_a_delivery_report_alone() -> None:
    for (status, event), after in MESSAGE_TRANSITIONS.items():
        if status in MESSAGE_ENDS:
            assert event in {MessageEvent.DELIVERED, MessageEvent.UNDELIVERED}
            assert after in {MessageStatus.DELIVERED, MessageStatus.UNDELIVERED}
    assert all(status is not MessageStatus.DELIVERED for status, _ in MESSAGE_TRANSITIONS)


def test_what_may_have_gone_out_is_queued_again_only_by_certainty_or_by_the_policy() -> None:
    ways = {
        event
        for (status, event), after in MESSAGE_TRANSITIONS.items()
        if status is MessageStatus.UNCERTAIN and after is MessageStatus.QUEUED
    }
    assert ways == {MessageEvent.FOUND_ABSENT, MessageEvent.SENT_AGAIN, MessageEvent.BLACKLISTED}
