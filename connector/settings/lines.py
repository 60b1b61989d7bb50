"""Finds the line of a TOML file where a key path is written: a small scan, since tomllib forgets lines."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

__all__ = ["line_of"]

_NAME: Final = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_HEADER: Final = re.compile(rf"\s*(\[\[?)\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*\]\]?")
_KEY: Final = re.compile(rf"\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*=(.*)")
_LONG_STRING: Final = re.compile(r'"""|' + r"'''")

Path = tuple[str, ...]


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """Return the line (from 1) where this path or its nearest parent is written; None where neither is."""
    wanted = tuple(str(part) for part in path)
    best_length, best_line = 0, None
    for number, written in _written(text):
        shared = _shared(written, wanted)
        if shared > best_length and (shared == len(written) or shared == len(wanted)):
            best_length, best_line = shared, number
    return best_line


def _shared(one: Path, other: Path) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length


def _written(text: str) -> Iterator[tuple[int, Path]]:
    table: Path = ()
    counts: dict[Path, int] = {}
    closes_with: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if closes_with:
            closes_with = None if closes_with in line else closes_with
            continue
        if header := _HEADER.match(line):
            table = _split(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, str(counts[table]))
            yield number, table
        elif key := _KEY.match(line):
            yield number, (*table, *_split(key[1]))
            closes_with = _left_open(key[2])


def _left_open(value: str) -> str | None:
    quotes = _LONG_STRING.findall(value)
    return quotes[0] if quotes and quotes.count(quotes[0]) % 2 else None


def _split(dotted: str) -> Path:
    return tuple(name.strip("\"'") for name in re.findall(_NAME, dotted))
