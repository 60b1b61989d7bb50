"""How an office writes dates, in its mapping."""

from enum import StrEnum

from pydantic import Field, field_validator

from connector.mapping.schema_parts import Closed

__all__ = ["Calendar", "Dates", "OtherDates", "Zone"]


class Calendar(StrEnum):
    """In which calendar the office writes dates."""

    JALALI = "jalali"
    GREGORIAN = "gregorian"


class Zone(StrEnum):
    """Whose clock a time of day is read from."""

    TEHRAN = "tehran"
    UTC = "utc"


class OtherDates(Closed):
    """One way to write dates: ``yyyy``, ``MM`` and ``dd``, perhaps ``HH``, ``mm`` and ``ss``, with any separators."""

    calendar: Calendar = Calendar.JALALI
    pattern: str = Field(
        default="yyyy/MM/dd", description="for example yyyy/MM/dd, yyyyMMdd, yyyy-MM-ddTHH:mm:ss"
    )
    zone: Zone = Field(default=Zone.TEHRAN, description="whose clock, where there is a time of day")

    @field_validator("pattern")
    @classmethod
    def _whole(cls, pattern: str) -> str:
        if any(pattern.count(part) != 1 for part in ("yyyy", "MM", "dd")):
            raise ValueError("the pattern holds yyyy, MM and dd, each once")
        if any(pattern.count(part) > 1 for part in ("HH", "mm", "ss")):
            raise ValueError("the pattern holds HH, mm and ss once at most")
        return pattern


class Dates(OtherDates):
    """How the office writes dates."""

    also: dict[str, OtherDates] = Field(
        default_factory=dict,
        description="other ways in which it writes or wants them, by name: read where the first does not fit, "
        "written by date_as(day, 'name')",
    )
