"""The texts of alerts: both tongues, counts and names, and a bound."""

from datetime import UTC, datetime

import pytest

from connector.alerting.deciding import Alert
from connector.alerting.wording import title_and_text, words_of
from connector.domain.alert import Trouble, Unwell
from connector.domain.attention import Because
from connector.domain.letter import Language

NOON = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
BOTH = (Language.FA, Language.EN)


def test_an_alert_says_what_where_how_much_and_what_to_type() -> None:
    sms = Trouble(because=Because.SUSPENDED, where="sms", count=12, since=NOON)
    disk = Trouble(because=Unwell.LITTLE_ROOM, where="@node-1", since=NOON)
    title, text = title_and_text(Alert(new=[sms], still=[disk], besides=2), BOTH, "node-1")
    assert title == "Chapar node-1: بحرانی، ۲ مورد به شما نیاز دارد · critical, 2 things need a person"
    persian, english = text.split("\n\n")
    assert english.splitlines() == [
        "- sms: stopped by itself: the other side refuses our credentials or key, waiting behind it: 12, "
        "since 2026-11-21 12:00",
        "Told before, and still there:",
        "- node-1: the disk is nearly full, since 2026-11-21 12:00",
        "Besides, 2 told not long ago.",
        "The list, with the commands that help: chapar attention",
    ]
    assert "۱۴۰۵/۰۸/۳۰ ۱۲:۰۰" in persian
    assert "chapar attention" in persian


def test_a_name_keeps_its_digits_in_a_persian_alert() -> None:
    trouble = Trouble(because=Because.PARKED, where="district-7", since=NOON)
    _, text = title_and_text(Alert(new=[trouble]), [Language.FA], "n")
    assert "district-7" in text


def test_one_tongue_is_enough() -> None:
    title, text = title_and_text(Alert(is_well_again=True), [Language.EN], "node-1")
    assert (title, text) == ("Chapar node-1: all is well again", "What you were told of is there no more.")


def test_a_hundred_troubles_are_twenty_lines_and_a_count() -> None:
    many = [Trouble(because=Because.PARKED, where=f"office-{n}", since=NOON) for n in range(100)]
    _, text = title_and_text(Alert(new=many), [Language.EN], "n")
    assert len(text.splitlines()) == 22
    assert "And 80 more." in text


@pytest.mark.parametrize("because", [*Because, *Unwell])
def test_every_reason_has_its_words(because: Because | Unwell) -> None:
    assert all(words_of(because))
