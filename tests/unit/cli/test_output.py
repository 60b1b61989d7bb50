"""What is printed for people: Persian as it is, and nothing that steers a terminal."""

import pytest

from connector.cli.output import print_table, print_text


def test_words_of_others_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    odd = "\x1b[31mقرمز\x07 \x9b2J ۱۲\u202e۳۴\r"
    print_text(odd)
    print_table(("name", "what"), [{"name": "answer", "what": odd}])
    said = capsys.readouterr().out
    assert not set(said) & set("\x1b\x07\x9b\u202e\r")
    assert said.count("[U+001B][31mقرمز[U+0007] [U+009B]2J ۱۲[U+202E]۳۴") == 2


def test_persian_and_its_direction_marks_stay(capsys: pytest.CaptureFixture[str]) -> None:
    text = "نیم‌فاصله \u2067شمارهٔ ۱۲/۳۴\u2069 😀\nسطر دوم"
    print_text(text)
    assert capsys.readouterr().out == text + "\n"
