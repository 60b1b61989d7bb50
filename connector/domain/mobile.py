"""Mobile numbers: one form inside, ``09xxxxxxxxx``, whatever form they came in."""

import re
from typing import Final

from connector.domain.text import INVISIBLE, isolate, to_ascii_digits, to_persian_digits

__all__ = ["for_display", "masked", "normalise_mobile"]

_DECORATION: Final = re.compile(rf"[\s().\-\u2010-\u2015{''.join(sorted(INVISIBLE))}]")
_MOBILE: Final = re.compile(r"(?:\+98|0098|98)?0?(9[0-9]{9})")


def normalise_mobile(text: str) -> str:
    """Return the national form of an Iranian mobile number: eleven ASCII digits that begin with 09.

    Accepts ``09``, ``9``, ``989``, ``+989`` and ``00989`` forms, Persian and Arabic digits, spaces, dashes
    and brackets. Operator prefixes are not looked at: new ranges are opened without telling us. Raise
    ValueError for landlines, foreign numbers and everything else.
    """
    match = _MOBILE.fullmatch(to_ascii_digits(_DECORATION.sub("", text)))
    if match is None:
        raise ValueError("This is not an Iranian mobile number; it has eleven digits and begins with 09.")
    return "0" + match[1]


def for_display(mobile: str) -> str:
    """Return a normalised number as people read it, in Persian digits, safe inside right-to-left text."""
    return isolate(to_persian_digits(f"{mobile[:4]} {mobile[4:7]} {mobile[7:]}"))


def masked(mobile: str) -> str:
    """Return a normalised number with digits hidden; its owner still knows it: ``0912*****89``."""
    return f"{mobile[:4]}*****{mobile[-2:]}"
