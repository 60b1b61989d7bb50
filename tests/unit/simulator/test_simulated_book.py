"""The office's own book: numbers, duplicates, and stories that run by the clock."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from connector.simulator.book import Duplicates, OfficeBook, ResultCode, SecretariatUnknown
from connector.simulator.fates import DECK, Fate, FateDeck, Pace, moves_of
from connector.simulator.records import AttachmentMark, Call, EntryState, MoveKind
from connector.testing.builders import HeldClock


def a_call(key: str = "K1", secretariat: str = "10", **changes: object) -> Call:
    fields: dict[str, object] = {
        "key": key,
        "secretariat": secretariat,
        "subject": "درخواست",
        "body": "نشانه: NMN00000001 متن",
        "sender_kind": "natural",
        "sender_id": "0010000011",
        "sender_name": "شهروند نمونه ۱",
        "sender_mobile": "09000000001",
        "unit": None,
        "urgency": 1,
        "confidentiality": 1,
        "letter_date": "1405/08/30",
        "attachments": (AttachmentMark(name="a.pdf", size=3, digest="00"),),
    }
    return Call(**(fields | changes))  # type: ignore[arg-type]


def a_book(clock: HeldClock, *fates: Fate, **options: object) -> OfficeBook:
    return OfficeBook(
        frozenset({"10", "20"}), deck=FateDeck(1, fates or (Fate.ANSWERED,)), now=clock.now, **options
    )  # type: ignore[arg-type]


def test_numbers_count_per_secretariat(clock: HeldClock) -> None:
    book = a_book(clock)
    numbers = [
        book.register(a_call(key, desk))[1].number for key, desk in (("a", "10"), ("b", "10"), ("c", "20"))
    ]
    assert numbers == ["000001", "000002", "000001"]


def test_numbers_start_anew_with_the_jalali_year() -> None:
    clock = HeldClock(datetime(2026, 3, 20, 20, 0, tzinfo=UTC))  # 23:30 in Tehran, the last evening of 1404
    book = a_book(clock)
    old = book.register(a_call("a"))[1]
    clock.advance(timedelta(hours=1))
    new = book.register(a_call("b"))[1]
    assert [(old.year, old.number), (new.year, new.number)] == [(1404, "000001"), (1405, "000001")]


def test_a_second_create_under_the_same_key_is_answered_with_the_first_number(clock: HeldClock) -> None:
    book = a_book(clock)
    _, first = book.register(a_call())
    code, second = book.register(a_call())
    assert (code, second.number) == (ResultCode.KNOWN, first.number)
    assert len(book.entries()) == 1


def test_a_naive_office_makes_a_second_entry_with_a_second_number(clock: HeldClock) -> None:
    book = a_book(clock, duplicates=Duplicates.NAIVE)
    book.register(a_call())
    book.register(a_call())
    assert [entry.number for entry in book.entries()] == ["000001", "000002"]


def test_a_refused_letter_stays_refused_under_its_key(clock: HeldClock) -> None:
    book = a_book(clock)
    assert book.register(a_call(), refuse=True)[0] is ResultCode.REFUSED
    assert book.register(a_call())[0] is ResultCode.REFUSED
    assert book.find("K1", "10")[0] is ResultCode.REFUSED


def test_an_accepted_letter_gets_its_number_later(clock: HeldClock) -> None:
    book = a_book(clock, Fate.NUMBERED_LATER)
    code, entry = book.register(a_call())
    assert (code, entry.number, entry.state) == (ResultCode.ACCEPTED, None, EntryState.ACCEPTED)
    clock.advance(timedelta(seconds=1))
    assert book.find("K1", "10")[0] is ResultCode.REGISTERED
    assert book.progress(["K1"])[0].number == "000001"


def test_a_key_is_only_found_in_its_own_secretariat(clock: HeldClock) -> None:
    book = a_book(clock)
    book.register(a_call())
    assert book.find("K1", "20") == (ResultCode.NOT_FOUND, None)
    assert book.find("K2", "10") == (ResultCode.NOT_FOUND, None)


def test_an_unknown_secretariat_is_refused_aloud(clock: HeldClock) -> None:
    with pytest.raises(SecretariatUnknown):
        a_book(clock).register(a_call(secretariat="99"))


def test_a_letter_walks_through_units_to_its_end_as_time_goes_by(clock: HeldClock) -> None:
    book = a_book(clock, Fate.TWO_UNITS)
    book.register(a_call())
    seen = []
    for _ in range(6):
        seen.append(book.progress(["K1"])[0].state)
        clock.advance(timedelta(seconds=1))
    entry = book.progress(["K1"])[0]
    assert seen == [
        EntryState.REGISTERED,
        EntryState.REFERRED,
        EntryState.REFERRED,
        EntryState.REFERRED,
        EntryState.ANSWERED,
        EntryState.CLOSED,
    ]
    assert entry.is_finished
    assert len({move.unit for move in entry.moves if move.kind is MoveKind.REFERRED}) == 2


def test_every_fate_ends_within_the_longest_pace(clock: HeldClock) -> None:
    for fate in Fate:
        pace = Pace()
        moves = moves_of(fate, entered_at=clock.now(), units=["a", "b", "c"], pace=pace)
        assert list(moves) == sorted(moves, key=lambda move: move.at)
        assert moves[-1].at <= clock.now() + pace.longest
        assert moves[-1].kind in {MoveKind.CLOSED, MoveKind.RETURNED, MoveKind.REFUSED, MoveKind.STRAYED}


def test_the_deck_deals_the_same_row_for_the_same_seed_and_every_fate_in_each_round() -> None:
    first, second = FateDeck(7), FateDeck(7)
    row = [first.deal() for _ in DECK]
    assert row == [second.deal() for _ in DECK]
    assert Counter(row) == Counter(DECK)
    assert set(row) == set(Fate) - {Fate.STRAYED}
