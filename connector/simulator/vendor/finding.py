"""Which letters of the book a question means: by key, number or handle, and what a search asks by."""

import re
from collections.abc import Sequence
from typing import Any

from connector.mapping.schema import OfficeMapping
from connector.simulator.jalali import jalali_text, tehran_day
from connector.simulator.records import OfficeEntry
from connector.simulator.vendor.asking import Asked
from connector.simulator.vendor.telling import Teller

__all__ = ["asked_about", "named_in", "searched"]


def asked_about(entries: Sequence[OfficeEntry], pointers: Sequence[str]) -> list[OfficeEntry]:
    """Return the letters that one of these words points at; those that only hold it where none is called so.

    A word may be a whole query in a language of the office's own: then the letters whose keys stand in it are meant.
    """
    called = [entry for entry in entries if not _names(entry).isdisjoint(pointers)]
    if called:
        return sorted(called, key=lambda entry: entry.call.key not in pointers)
    named = [entry for word in pointers for entry in named_in(entries, word)]
    if named:
        return named
    return [entry for entry in entries if any(_holds(entry, pointer) for pointer in pointers)]


def named_in(entries: Sequence[OfficeEntry], query: str) -> list[OfficeEntry]:
    """Return the letters whose keys stand in this query."""
    return [entry for entry in entries if re.search(rf"(?<!\w){re.escape(entry.call.key)}(?!\w)", query)]


def searched(entries: Sequence[OfficeEntry], asked: Asked, mapping: OfficeMapping) -> list[OfficeEntry]:
    """Return the letters that fit a search: every condition that it brings must hold."""
    secretariat, sender = asked.of(r"\bsecretariat\b"), asked.first("sender.identity_number")
    subject, teller = asked.first("letter.subject"), Teller(mapping)
    since, until = asked.of(r"\bsince\b"), asked.of(r"\buntil\b")

    def fits(entry: OfficeEntry) -> bool:
        day = teller.day(jalali_text(tehran_day(entry.entered_at))) or ""
        return (
            secretariat in {None, entry.call.secretariat}
            and sender in {"", entry.call.sender_id}
            and (not subject or _holds(entry, subject))
            and all(_holds(entry, pointer) or pointer in _names(entry) for pointer in asked.pointers)
            and _within(day, since, until, mapping)
        )

    return [entry for entry in entries if fits(entry)]


def _within(day: str, since: str | None, until: str | None, mapping: OfficeMapping) -> bool:
    if not mapping.dates.pattern.startswith("yyyy") or mapping.dates.pattern.find(
        "MM"
    ) > mapping.dates.pattern.find("dd"):
        return True  # such texts do not sort as their days do
    size = len("yyyy/MM/dd") if len(day) >= len("yyyy/MM/dd") else len(day)
    after = since is None or len(since) < size or since[:size] <= day[:size]
    return after and (until is None or len(until) < size or day[:size] <= until[:size])


def _names(entry: OfficeEntry) -> set[str]:
    return {entry.call.key, entry.document_id, *([entry.number] if entry.number else [])}


def _holds(entry: OfficeEntry, word: str) -> bool:
    texts: Sequence[Any] = getattr(entry.call, "texts", ())
    return any(word in text for text in texts)
