"""What the demo shows: Persian lines that keep their width, a handset, live counts on any kind of terminal."""

import io
from datetime import UTC, datetime, timedelta

from rich.console import Console

from connector.simulator.conversation import handset_lines
from connector.simulator.demo import time_for
from connector.simulator.labels import NOTICES, NUMBERS, STEPS
from connector.simulator.records import HandsetMessage
from connector.simulator.trouble import Notice
from connector.simulator.verdict import Report
from connector.simulator.watching import (
    LineWatcher,
    LiveWatcher,
    NobodyWatches,
    notice_line,
    step_counts,
    watcher_for,
)
from connector.simulator.writing_direction import columns, right_aligned, wrapped

A_REPORT = Report(
    letters=10,
    acknowledged=8,
    registered=6,
    refused=1,
    registered_twice=0,
    lost=0,
    silent=0,
    facts_told_twice=0,
    messages_sent=20,
    recovered_answers=1,
    kills=1,
    seconds=3.0,
    unfinished=3,
)


def a_message(text: str) -> HandsetMessage:
    at = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
    return HandsetMessage(mobile="09000000001", text=text, local_id=1, received_at=at, sequence=1)


def test_marks_take_no_column_and_wide_letters_take_two() -> None:
    assert [columns(text) for text in ("سلام", "نامهٔ", "می\u200cرود", "\u2066۱۲\u2069", "😀")] == [
        4,
        4,
        5,
        2,
        2,
    ]


def test_a_right_to_left_line_ends_at_the_width_and_is_isolated() -> None:
    line = right_aligned("سلام", 10)
    assert line == " " * 6 + "\u2067سلام\u2069"
    assert columns(line) == 10


def test_every_event_fits_an_old_terminal_with_its_time_before_it() -> None:
    assert max(columns(f"{1:5.1f}s  {notice_line(notice)}") for notice in Notice) <= 80


def test_text_is_broken_between_words_and_never_loses_one() -> None:
    text = "یک دو سه چهار\nپنج " + "ش" * 20
    lines = list(wrapped(text, 8))
    assert max(columns(line) for line in lines[:-1]) <= 8
    assert " ".join(lines).split() == text.split()


def test_every_row_of_the_handset_has_the_same_width() -> None:
    lines = list(handset_lines("09000000001", [a_message("نامهٔ شما رسید. " * 5), a_message("Your letter.")]))
    assert {columns(line) for line in lines} == {48}
    assert any("۱۲:۰۰:۰۰" in line for line in lines)


def test_a_terminal_gets_the_live_table_and_everything_else_gets_lines() -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "xterm"})
    dumb = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "dumb"})
    pipe = Console(file=io.StringIO())
    assert isinstance(watcher_for(terminal, 10), LiveWatcher)
    assert type(watcher_for(dumb, 10)) is LineWatcher
    assert type(watcher_for(pipe, 10)) is LineWatcher
    assert type(watcher_for(None, 10)) is NobodyWatches


def test_lines_without_colour_say_what_happened_and_how_far_the_letters_are() -> None:
    out = io.StringIO()
    with watcher_for(Console(file=out, width=200), 10) as watcher:
        watcher.counted(A_REPORT)
        watcher.happened(Notice.KILLED)
    assert "registered 6" in out.getvalue()
    assert "kill -9" in out.getvalue()
    assert "\x1b" not in out.getvalue()


def test_the_live_table_shows_counts_and_events_in_both_tongues() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=120, _environ={"TERM": "xterm"})
    with watcher_for(console, 10) as watcher:
        watcher.counted(A_REPORT)
        watcher.happened(Notice.REFUSED)
    assert "acknowledged" in out.getvalue()
    assert NOTICES[Notice.REFUSED][0] in out.getvalue()


def test_everything_that_is_shown_has_words_and_a_number() -> None:
    assert set(NOTICES) == set(Notice)
    assert set(STEPS) == set(step_counts(A_REPORT))
    assert set(NUMBERS) <= set(A_REPORT.as_json())


def test_fifty_letters_have_less_than_ninety_seconds() -> None:
    assert time_for(50) < timedelta(seconds=90)
    assert time_for(1000) > time_for(50)
