"""Lengths of time and sizes as people write them: ``30s``, ``1h30m``, ``7d``, ``PT5M``; ``20MB``, ``1GiB``."""

import re
from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, PlainSerializer, TypeAdapter, WithJsonSchema

__all__ = ["Duration", "Size", "read_duration", "read_size", "write_duration", "write_size"]

_UNITS: Final = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|d|h|m|s)")
_SIZES: Final = {
    "": 1,
    "b": 1,
    "kb": 1000,
    "kib": 1024,
    "mb": 1000**2,
    "mib": 1024**2,
    "gb": 1000**3,
    "gib": 1024**3,
}
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([kmg]?i?b)", re.IGNORECASE)
_ISO: Final[TypeAdapter[timedelta]] = TypeAdapter(timedelta)
_LONGEST: Final = timedelta(days=3660)


def read_duration(value: Any) -> timedelta:
    """Return the length of time that is written, zero to ten years. Raise ValueError when it is not one.

    A bare number is refused: nobody can see whether it means seconds or minutes.
    """
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError("write a length of time with its unit, such as 30s, 5m, 2h or 7d")  # noqa: TRY004
    duration = _iso(value) if value[:1] in {"P", "+"} else _parts(value)
    if not timedelta() <= duration <= _LONGEST:
        raise ValueError("a length of time lies between 0s and ten years")
    return duration


def _parts(text: str) -> timedelta:
    total, rest = timedelta(), text.strip()
    if not rest:
        raise ValueError("write a length of time with its unit, such as 30s, 5m, 2h or 7d")
    while rest:
        part = _PART.match(rest)
        if part is None:
            raise ValueError("write a length of time with its unit, such as 30s, 5m, 2h or 7d")
        total += float(part[1]) * _UNITS[part[2]]
        rest = rest[part.end() :].strip()
    return total


def _iso(text: str) -> timedelta:
    try:
        return _ISO.validate_python(text)
    except ValueError:
        raise ValueError("this is not an ISO 8601 length of time such as PT5M") from None


def write_duration(duration: timedelta) -> str:
    """Return the shortest exact way to write it: ``1h30m``, ``45s``, ``250ms``."""
    rest, written = duration, ""
    for unit, worth in _UNITS.items():
        count, rest = divmod(rest, worth)
        if count:
            written += f"{count}{unit}"
    return written or "0s"


def read_size(value: Any) -> int:
    """Return the number of bytes that is written. Raise ValueError when it is not a size with its unit."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    size = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if size is None:
        raise ValueError("write a size with its unit, such as 512KB, 20MB or 1GiB")
    return round(float(size[1]) * _SIZES[size[2].lower()])


def write_size(size: int) -> str:
    """Return the size with the largest unit that writes it without a remainder."""
    for unit in ("GiB", "GB", "MiB", "MB", "KiB", "KB"):
        if size and size % _SIZES[unit.lower()] == 0:
            return f"{size // _SIZES[unit.lower()]}{unit}"
    return f"{size}B"


Duration = Annotated[
    timedelta,
    BeforeValidator(read_duration),
    PlainSerializer(write_duration, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["30s", "5m", "1h30m", "7d", "PT5M"]}),
]
"""A timedelta, written with its unit."""

Size = Annotated[
    int,
    BeforeValidator(read_size),
    PlainSerializer(write_size, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["512KB", "20MB", "1GiB"]}),
]
"""A number of bytes, written with its unit."""
