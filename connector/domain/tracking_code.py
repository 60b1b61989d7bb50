"""The tracking code: what the citizen is given to ask with.

Fifteen digits: fourteen drawn at random (the first is never zero), one to check. Why digits alone, although
letters would need only ten places:

* On a phone whose keyboard is Persian, digits are under the finger; Latin letters need another keyboard,
  and Persian letters would bring ye and kaf in two kinds, and no old handset in an SMS conversation is safe
  with them.
* Everybody can say them. Latin letters spelt over the telephone are mixed up (B, P, T, D), and not all can
  spell them.
* Persian, Arabic and Latin digits map to each other without doubt; there is no upper and lower case, no O
  and 0.

Five groups of three, because a group is then read aloud as one Persian number («چهارصد و هشتاد و دو»). Not
sixteen in fours: that is a bank card number, which filters and people take it for. No zero in front: it
would be lost in a spreadsheet, and 09 would look like a mobile number.

9 * 10**13 codes are 46.4 bits: with a million letters on the books a blind guess hits one in ninety million
tries.

The check digit is Damm's: it catches every wrong digit and every exchange of two neighbours (H. M. Damm,
*Total anti-symmetrische Quasigruppen*, Marburg 2004; the table is the order-10 quasigroup given there).
"""

import re
import secrets
from collections.abc import Callable
from typing import Final

from connector.domain.text import INVISIBLE, to_ascii_digits

__all__ = ["grouped_tracking_code", "new_tracking_code", "parse_tracking_code"]

_LENGTH: Final = 15
_SEPARATORS: Final = re.compile(rf"[\s\-._/,:\u060c\u2010-\u2015{''.join(sorted(INVISIBLE))}]")

_DAMM: Final = tuple(
    tuple(int(digit) for digit in row)
    for row in (
        "0317598642",
        "7092154863",
        "4206871359",
        "1750983426",
        "6123045978",
        "3674209581",
        "5869720134",
        "8945362017",
        "9438617205",
        "2581436790",
    )
)


def new_tracking_code(random: Callable[[int], int] = secrets.randbelow) -> str:
    """Return a fresh code of fifteen ASCII digits. ``random`` returns a number below its argument."""
    payload = str(10**13 + random(9 * 10**13))
    return payload + str(_checked(payload))


def parse_tracking_code(text: str) -> str:
    """Return the code that a person typed, as fifteen ASCII digits.

    Accepts Persian and Arabic digits, and spaces, dashes, dots, slashes and invisible marks anywhere. Raise
    ValueError if it has another length or a wrong check digit; then something was mistyped, and no look-up
    is needed.
    """
    code = to_ascii_digits(_SEPARATORS.sub("", text))
    if not re.fullmatch(r"[1-9][0-9]{14}", code):
        raise ValueError(f"A tracking code has {_LENGTH} digits.")
    if _checked(code) != 0:
        raise ValueError("One digit of the tracking code is wrong, or two are exchanged.")
    return code


def grouped_tracking_code(code: str) -> str:
    """Return the code in groups of three, as it is shown and read aloud: ``482 915 037 264 118``.

    The spaces are no-break spaces: in right-to-left text they keep the groups in their order, which plain
    spaces and dashes do not (they are common separators, class CS, in the Unicode bidirectional algorithm,
    rule W4), and the code is not broken at the end of a line.
    """
    return "\u00a0".join(code[start : start + 3] for start in range(0, len(code), 3))


def _checked(digits: str) -> int:
    state = 0
    for digit in digits:
        state = _DAMM[state][int(digit)]
    return state
