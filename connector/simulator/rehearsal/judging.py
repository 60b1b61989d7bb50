"""The six promises, each judged by numbers of its own."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from connector.simulator.configuration import SECRETARIATS
from connector.simulator.letters import SERVICES
from connector.simulator.records import OfficeEntry, SubmissionRecord
from connector.simulator.rehearsal.report import PromiseVerdict
from connector.simulator.verdict import Report

__all__ = ["OutageWitness", "personal_words", "promises"]

_WORD: Final = re.compile(rb"[0-9A-Za-z]{9,}")
_LAST_DIGITS: Final = 10
"""A mobile is known by these, however it begins."""
_Evidence = dict[str, int | float | bool]
SERVICE_OF: Final = dict(zip(SECRETARIATS.values(), SERVICES, strict=True))
"""Which of the portal's services leads to which secretariat."""


@dataclass(frozen=True, kw_only=True)
class OutageWitness:
    """What the other office did while one was down."""

    begun_at: datetime
    ended_at: datetime
    other_secretariat: str

    def taken(self, entries: Iterable[OfficeEntry]) -> int:
        """Count what the other office took meanwhile."""
        return sum(
            entry.call.secretariat == self.other_secretariat
            and self.begun_at <= entry.entered_at <= self.ended_at
            for entry in entries
        )

    def offered(self, submissions: Iterable[SubmissionRecord]) -> int:
        """Count the letters for the other office that a node took from the portal meanwhile, early enough to move."""
        until = self.begun_at + (self.ended_at - self.begun_at) / 2
        service = SERVICE_OF[self.other_secretariat]
        return sum(
            each.service == service
            and each.acknowledged_at is not None
            and self.begun_at <= each.acknowledged_at <= until
            for each in submissions
        )


def promises(
    books: Report,
    *,
    outages: Sequence[OutageWitness],
    entries: Sequence[OfficeEntry],
    submissions: Sequence[SubmissionRecord],
    words_in_logs: int,
    waiting_for_a_person: int,
    ownerless: int,
    is_audit_sound: bool | None,
) -> list[PromiseVerdict]:
    """Return a verdict for each promise of the product, in their order."""
    lost: _Evidence = {
        "acknowledged": books.acknowledged,
        "lost": books.lost,
        "attachments_broken": books.attachments_broken,
        "write_backs_wrong": books.write_backs_wrong,
    }
    if is_audit_sound is not None:
        lost["audit_chain_holds"] = is_audit_sound
    told = {
        "facts_told_twice": books.facts_told_twice,
        "possible_doubles": books.possible_doubles,
        "order_inversions": books.order_inversions,
    }
    is_told_once = books.facts_told_twice <= books.possible_doubles and not books.order_inversions
    evidence: list[tuple[str, _Evidence, bool]] = [
        ("nothing_lost", lost, not (books.lost or books.attachments_broken or books.write_backs_wrong)),
        ("nothing_registered_twice", *_registered(books)),
        ("never_silent", *_silent(books, waiting_for_a_person, ownerless)),
        ("no_fact_told_twice", {**told}, is_told_once),
        ("nothing_where_it_does_not_belong", *_belongs(books, words_in_logs)),
        ("trouble_stays_its_own", *_apart(outages, entries, submissions)),
    ]
    return [
        PromiseVerdict(number=number, name=name, is_kept=is_kept, evidence=numbers)
        for number, (name, numbers, is_kept) in enumerate(evidence, start=1)
    ]


def _apart(
    outages: Sequence[OutageWitness],
    entries: Sequence[OfficeEntry],
    submissions: Sequence[SubmissionRecord],
) -> tuple[_Evidence, bool]:
    offered = [outage.offered(submissions) for outage in outages]
    taken = [outage.taken(entries) for outage in outages]
    evidence: _Evidence = {
        "outages": len(outages),
        "meanwhile_for_the_other_office": sum(offered),
        "meanwhile_taken_by_it": sum(taken),
    }
    return evidence, all(took or not came for came, took in zip(offered, taken, strict=True))


def _registered(books: Report) -> tuple[_Evidence, bool]:
    evidence: _Evidence = {
        "registered": books.registered,
        "registered_twice": books.registered_twice,
        "strangers": books.strangers,
        "recovered_answers": books.recovered_answers,
    }
    return evidence, not (books.registered_twice or books.strangers)


def _silent(books: Report, waiting_for_a_person: int, ownerless: int) -> tuple[_Evidence, bool]:
    evidence: _Evidence = {
        "silent": books.silent,
        "waiting_for_a_person": waiting_for_a_person,
        "asked_without_need": books.asked_without_need,
        "without_a_next_step": ownerless,
        "facts_missing": books.facts_missing,
    }
    return evidence, not (books.silent or ownerless or books.asked_without_need)


def _belongs(books: Report, words_in_logs: int) -> tuple[_Evidence, bool]:
    evidence: _Evidence = {
        "misdirected": books.misdirected,
        "confidential_told": books.confidential_told,
        "personal_words_in_logs": words_in_logs,
        "bad_signatures": books.bad_signatures,
    }
    return evidence, not any(evidence.values())


def personal_words(logs: Iterable[Path], submissions: Iterable[SubmissionRecord]) -> int:
    """Count the words in these logs that are a citizen's: mobiles, identity numbers, words of letters."""
    personal: set[bytes] = set()
    for each in submissions:
        personal |= {each.mobile[-_LAST_DIGITS:].encode(), each.identity_number.encode(), each.mark.encode()}
    found = 0
    for log in logs:
        for word in _WORD.findall(log.read_bytes() if log.exists() else b""):
            found += word in personal or (word.isdigit() and word[-_LAST_DIGITS:] in personal)
    return found
