"""What a letter's explanation asks of its reader."""

from datetime import UTC, datetime

import pytest

from connector.cli.letter_view import explanation
from connector.domain.lifecycle import Stage, Status
from connector.ledger.records import LetterRow

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("needs_a_person", "No look-up can settle it."),
        ("several_matches", "No look-up can settle it."),
        ("not_there_yet", "Nothing while look-ups run."),
        (None, "Nothing while look-ups run."),
    ],
)
def test_whoever_must_act_on_an_uncertain_letter_is_not_told_to_wait(reason: str | None, words: str) -> None:
    row = LetterRow(
        letter_id="01J00000000000000000000000", tracking_code="376542754784806", status=Status.UNCERTAIN,
        portal="web", office="main", secretariat="10", number=None, received_at=AT, due_at=AT,
        owner=Stage.RECONCILIATION, attempts=0, last_reason=reason,
    )  # fmt: skip
    assert explanation(row, [])["for_you"].startswith(words)
