"""The parts of an SMS, by the ordinary rule."""

import pytest

from connector.domain.segments import Alphabet, is_gsm, segments


@pytest.mark.parametrize(
    ("text", "alphabet", "length", "parts"),
    [
        ("", Alphabet.GSM, 0, 1),
        ("a" * 160, Alphabet.GSM, 160, 1),
        ("a" * 161, Alphabet.GSM, 161, 2),
        ("a" * 306, Alphabet.GSM, 306, 2),
        ("a" * 307, Alphabet.GSM, 307, 3),
        ("€" * 80, Alphabet.GSM, 160, 1),
        ("€" * 81, Alphabet.GSM, 162, 2),
        ("س" * 70, Alphabet.UCS2, 70, 1),
        ("س" * 71, Alphabet.UCS2, 71, 2),
        ("س" * 134, Alphabet.UCS2, 134, 2),
        ("س" * 135, Alphabet.UCS2, 135, 3),
        ("a" * 69 + "ی", Alphabet.UCS2, 70, 1),
        ("👋" * 35, Alphabet.UCS2, 70, 1),
        ("👋" * 36, Alphabet.UCS2, 72, 2),
        ("نامه\u200cها", Alphabet.UCS2, 7, 1),
    ],
)
def test_parts_are_counted(text: str, alphabet: Alphabet, length: int, parts: int) -> None:
    counted = segments(text)
    assert (counted.alphabet, counted.length, counted.parts) == (alphabet, length, parts)


def test_one_letter_outside_makes_the_whole_text_ucs2() -> None:
    assert is_gsm("Tracking code: 482 915 (urgent) {x}")
    assert not is_gsm("Tracking code…")
    assert not is_gsm("code:\u00a0482")
