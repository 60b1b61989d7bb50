"""The front door of the ledger: one letter for one submission, sealed, and never half of it."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from connector.domain.attachment import Attachment
from connector.domain.lifecycle import Stage, Status
from connector.errors import LetterUnknown, SealBroken, SubmissionConflict
from connector.ledger import Ledger, open_ledger
from connector.ledger.records import Lane, LetterFilter
from connector.testing.builders import HeldClock, a_key_ring, a_person, a_route, a_submission

_HOLD = {"holder": "node", "lease_for": timedelta(seconds=60), "limit": 10}


def test_a_new_submission_becomes_a_received_letter_that_is_due_at_once(ledger: Ledger) -> None:
    fallen_due: list[Lane] = []
    ledger.on_due(fallen_due.append)
    admission = ledger.admit(a_submission(), route=a_route())
    state = ledger.state(admission.letter_id)
    assert admission.is_new
    assert (state.status, state.route) == (Status.RECEIVED, a_route())
    assert Lane(Stage.INTAKE, "web") in fallen_due
    assert [claim.letter_id for claim in ledger.claim(Lane(Stage.INTAKE, "web"), **_HOLD)] == [
        admission.letter_id
    ]


def test_the_same_submission_again_makes_nothing_new_and_gives_the_same_code(ledger: Ledger) -> None:
    submission = a_submission()
    first = ledger.admit(submission, route=a_route())
    again = ledger.admit(submission, route=a_route())
    assert (again.letter_id, again.tracking_code, again.is_new) == (
        first.letter_id,
        first.tracking_code,
        False,
    )
    assert sum(ledger.counts().values()) == 1


def test_the_same_submission_id_with_other_content_is_refused_and_changes_nothing(ledger: Ledger) -> None:
    submission = a_submission()
    first = ledger.admit(submission, route=a_route())
    with pytest.raises(SubmissionConflict):
        ledger.admit(a_submission(submission_id=submission.submission_id, text="دیگر"), route=a_route())
    assert ledger.state(first.letter_id).letter.text == submission.text


def test_two_portals_may_use_the_same_submission_id(ledger: Ledger) -> None:
    ledger.admit(a_submission(submission_id="1", portal="web"), route=a_route())
    assert ledger.admit(a_submission(submission_id="1", portal="folder"), route=a_route()).is_new


def test_many_at_once_with_the_same_submission_make_one_letter(ledger: Ledger) -> None:
    submission, codes, start = a_submission(), [], threading.Barrier(8)

    def hand_in() -> None:
        start.wait()
        codes.append(ledger.admit(submission, route=a_route()).tracking_code)

    threads = [threading.Thread(target=hand_in) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(codes) == 8
    assert len(set(codes)) == 1


def test_everything_of_the_letter_comes_back_as_it_was_given(ledger: Ledger) -> None:
    submission = a_submission(
        sender=a_person(email="a@example.org", postcode="1234567890", representative="نماینده"),
        subject="]]> <b>&amp;</b> 🙂 \u202bراست\u202c",
        fields={"plot": "۱۲"},
        attachments=(Attachment(name="نامه.pdf", media_type="application/pdf", size=3, digest="a" * 64),),
    )
    letter = ledger.state(ledger.admit(submission, route=None).letter_id).letter
    assert letter.sender == submission.sender
    assert (letter.subject, letter.text) == (submission.subject, submission.text)
    assert (dict(letter.fields), letter.attachments) == (dict(submission.fields), submission.attachments)


def test_nothing_personal_lies_readable_in_the_database(ledger: Ledger, ledger_url: str) -> None:
    ledger.admit(a_submission(subject="موضوعی‌شخصی", sender=a_person(name="نام‌نمونه")), route=a_route())
    engine = sa.create_engine(ledger_url)
    with engine.connect() as connection:
        for table in sa.inspect(engine).get_table_names():
            for row in connection.execute(sa.text(f"SELECT * FROM {table}")):
                kept = b" ".join(
                    bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row
                )
                for personal in ("موضوعی‌شخصی", "نام‌نمونه", "09000000001", "0084575948"):
                    assert personal.encode() not in kept, table
    engine.dispose()


def test_a_ledger_opened_with_another_key_says_so(ledger: Ledger, ledger_url: str, tmp_path: Path) -> None:
    letter_id = ledger.admit(a_submission(), route=a_route()).letter_id
    other = open_ledger(ledger_url, a_key_ring(), attachments=tmp_path / "attachments")
    with pytest.raises(SealBroken):
        other.state(letter_id)
    other.close()


def test_twins_are_earlier_letters_that_say_the_same_by_the_same_sender(
    ledger: Ledger, clock: HeldClock
) -> None:
    said = {"subject": "یکسان", "text": "یکسان"}
    first = ledger.admit(a_submission(**said), route=a_route())
    clock.advance(timedelta(minutes=1))
    said_in_arabic_letters = {"subject": "يكسان", "text": "يكسان"}
    second = ledger.state(ledger.admit(a_submission(**said_in_arabic_letters), route=a_route()).letter_id)
    stranger = ledger.state(
        ledger.admit(
            a_submission(sender=a_person(identity_number="0499370899"), **said), route=a_route()
        ).letter_id
    )
    since = clock.now() - timedelta(hours=1)
    assert ledger.twins(second, since=since) == [first.tracking_code]
    assert ledger.twins(ledger.state(first.letter_id), since=since) == []
    assert ledger.twins(stranger, since=since) == []
    assert ledger.twins(second, since=clock.now()) == []


def test_an_unknown_letter_is_said_to_be_unknown(ledger: Ledger) -> None:
    with pytest.raises(LetterUnknown):
        ledger.state("01ZZZZZZZZZZZZZZZZZZZZZZZZ")
    with pytest.raises(LetterUnknown):
        ledger.find_letter("123456789012345")
    with pytest.raises(LetterUnknown):
        ledger.find_submission("web", "never")


def test_letters_are_found_by_the_exact_mobile_or_identity_number_and_by_nothing_near_it(
    ledger: Ledger,
) -> None:
    sender = a_person(mobile="09000000077", identity_number="0499370899")
    wanted = ledger.admit(a_submission(sender=sender), route=a_route()).letter_id
    ledger.admit(a_submission(), route=a_route())
    for which in (LetterFilter(mobile="09000000077"), LetterFilter(identity_number="0499370899")):
        assert [row.letter_id for row in ledger.letters(which)] == [wanted]
        assert "0900" not in repr(which)
    assert ledger.letters(LetterFilter(mobile="0900000007")) == []
