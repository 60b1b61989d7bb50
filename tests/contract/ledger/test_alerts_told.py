"""What operators were told: noted before it is sent, taken back where it was not taken, guarded against other nodes."""

from datetime import timedelta

from connector.domain.attention import Because, Deadlines
from connector.ledger import Ledger
from connector.ledger.alerts_told import Told
from connector.testing.builders import HeldClock

MINUTE = timedelta(minutes=1)


def test_what_is_claimed_is_told_and_no_other_node_claims_it(ledger: Ledger, clock: HeldClock) -> None:
    book = ledger.alerts_told
    assert book.claim("pager", {"parked city": None, "paused sms": None}) == clock.now()
    assert book.claim("pager", {"low": None, "parked city": None}) is None
    assert set(book.told("pager")) == {"parked city", "paused sms"}, "of the second nothing was kept"
    assert book.told("mail") == {}


def test_of_two_nodes_that_remind_one_does(ledger: Ledger, clock: HeldClock) -> None:
    book, first = ledger.alerts_told, clock.now()
    book.claim("pager", {"parked": None})
    book.note_over("pager", {"parked": first})
    second = clock.advance(MINUTE)
    assert book.claim("pager", {"parked": first}) == second
    assert book.claim("pager", {"parked": first}) is None
    assert book.told("pager") == {"parked": Told(told_at=second)}


def test_what_was_not_taken_stands_as_before(ledger: Ledger, clock: HeldClock) -> None:
    book, first = ledger.alerts_told, clock.now()
    book.claim("pager", {"old": None})
    second = clock.advance(MINUTE)
    keys = {"old": first, "new": None}
    assert book.claim("pager", keys) == second
    book.take_back("pager", keys, second)
    assert book.told("pager") == {"old": Told(told_at=first)}


def test_what_is_called_well_is_closed_once_and_may_be_opened_again(ledger: Ledger, clock: HeldClock) -> None:
    book, at = ledger.alerts_told, clock.now()
    book.claim("pager", {"a": None, "b": None})
    book.note_over("pager", {"a": at, "b": at})
    told = book.told("pager")
    assert book.close("pager", {"a": at, "b": at})
    assert not book.close("pager", {"a": at, "b": at})
    assert book.told("pager") == {}
    book.reopen("pager", told)
    assert book.told("pager") == told
    book.reopen("pager", told)
    assert book.told("pager") == told


def test_a_failing_channel_stands_on_the_list_until_it_works(ledger: Ledger, clock: HeldClock) -> None:
    book, since = ledger.alerts_told, clock.now()
    book.failed("pager", "not_taken", try_after=since + MINUTE)
    clock.advance(MINUTE)
    book.failed("pager", "no_answer", try_after=since + 3 * MINUTE)
    state = book.channels()["pager"]
    assert (state.failures, state.reason, state.failing_since) == (2, "no_answer", since)
    needs = ledger.attention.needs(Deadlines(), lambda *_: True)
    assert [(need.because, need.connection, need.since) for need in needs] == [
        (Because.ALERTS_FAIL, "pager", since)
    ]
    book.works("pager")
    assert book.channels() == {}
    assert ledger.attention.needs(Deadlines(), lambda *_: True) == []


def test_channels_that_are_configured_no_more_are_forgotten(ledger: Ledger, clock: HeldClock) -> None:
    book = ledger.alerts_told
    for channel in ("pager", "mail"):
        book.claim(channel, {"parked": None})
        book.failed(channel, "not_taken", try_after=clock.now())
    book.keep_only(["mail"])
    assert set(book.channels()) == {"mail"}
    assert (set(book.told("pager")), set(book.told("mail"))) == (set(), {"parked"})
    book.keep_only([])
    assert book.channels() == {}
