"""Synthetic citizens: plainly made up, with numbers whose check digits are right."""

from dataclasses import dataclass
from typing import Final

__all__ = ["Citizen", "citizen", "legal_id", "national_id"]

_PERSIAN_DIGITS: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


@dataclass(frozen=True, kw_only=True, slots=True)
class Citizen:
    """One made-up correspondent."""

    kind: str
    """``natural`` or ``legal``."""
    identity_number: str
    name: str
    mobile: str
    representative: str | None = None


def citizen(serial: int) -> Citizen:
    """Return the made-up citizen of this serial number (1 to 9999); every seventh is an organisation."""
    if not 1 <= serial <= 9999:
        raise ValueError("serial must be 1 to 9999")
    shown = str(serial).translate(_PERSIAN_DIGITS)
    mobile = f"0900000{serial:04d}"
    if serial % 7 == 0:
        return Citizen(
            kind="legal",
            identity_number=legal_id(serial),
            name=f"شرکت نمونه {shown}",
            mobile=mobile,
            representative=f"نماینده نمونه {shown}",
        )
    name = f"شهروند نمونه {shown}"
    return Citizen(kind="natural", identity_number=national_id(serial), name=name, mobile=mobile)


def national_id(serial: int) -> str:
    """Return a 10-digit national id with a right check digit: weights 10 to 2, remainder by 11."""
    digits = f"001{serial:06d}"
    remainder = sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
    return f"{digits}{remainder if remainder < 2 else 11 - remainder}"


def legal_id(serial: int) -> str:
    """Return an 11-digit legal id with a right check digit: tenth digit plus two, weights 29 27 23 19 17."""
    digits = f"1099{serial:06d}"
    shift = int(digits[9]) + 2
    weights = (29, 27, 23, 19, 17) * 2
    remainder = sum((int(digit) + shift) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
    return f"{digits}{remainder % 10}"
