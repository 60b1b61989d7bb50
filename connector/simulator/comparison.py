"""The verdict: the three books of the outside world laid side by side. Pure, and made to be able to fail.

A letter is known again in the office's book by its mark (a word in its text), not by the key that Chapar gave the
office: so a letter that was taken in twice and registered under two keys is found out as well.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from connector.simulator.facts import due_facts, rank, told_key
from connector.simulator.records import EntryState, OfficeEntry, SubmissionRecord, ToldFact, WriteBack
from connector.simulator.verdict import Report

__all__ = ["Books", "compare"]

_END_STATUSES = frozenset({"closed", "returned", "refused", "withdrawn"})


@dataclass(frozen=True, kw_only=True)
class Books:
    """Everything that the outside world saw."""

    submissions: Sequence[SubmissionRecord]
    write_backs: Sequence[WriteBack]
    entries: Sequence[OfficeEntry]
    """Of all offices."""
    told: Sequence[ToldFact]
    """Every SMS as it was read, in order of arrival."""
    waiting: frozenset[str] = frozenset()
    """Tracking codes that the operator's own list shows as not finished: known, so not lost."""
    with_a_person: frozenset[str] = frozenset()
    """Tracking codes of letters that wait for a person's word, and are on the list of what does: not silent."""
    spoiled: frozenset[str] | None = None
    """Keys of the registrations that something was done to; None where others may have come to no good end, too."""
    lost_answers: frozenset[str] = frozenset()
    """Keys of the calls whose deed was done and whose answer never came."""
    faults: Mapping[str, int] = field(default_factory=dict)
    possible_doubles: int = 0
    """What the daemon itself counts as such, where the gateway cannot be asked."""
    bad_signatures: int = 0
    kills: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class _Case:
    """One letter with all that the books say of it."""

    submission: SubmissionRecord
    entries: Sequence[OfficeEntry]
    told: Sequence[ToldFact]
    write_backs: Sequence[WriteBack]
    is_waiting: bool
    is_with_a_person: bool = False

    @property
    def is_acknowledged(self) -> bool:
        return self.submission.tracking_code is not None

    @property
    def is_registered(self) -> bool:
        return any(entry.number is not None for entry in self.entries)

    @property
    def is_refused(self) -> bool:
        """Refused by the office, or (without any entry there) by Chapar's own screening, aloud."""
        if self.entries:
            return all(entry.state is EntryState.REFUSED for entry in self.entries)
        return "refused" in self.told_kinds or any(news.fact == "refused" for news in self.write_backs)

    @property
    def told_kinds(self) -> frozenset[str]:
        return frozenset(fact.kind for fact in self.told if fact.kind)

    @property
    def is_lost(self) -> bool:
        is_known = self.is_waiting or self.is_with_a_person
        return self.is_acknowledged and not self.entries and not self.is_refused and not is_known

    @property
    def is_silent(self) -> bool:
        """Was the citizen left without one of the facts that concern the fate of the letter at the counter?"""
        owed = {"received"}
        if not self.is_with_a_person:
            owed |= {"registered"} if self.is_registered else set()
            owed |= {"refused"} if self.is_refused else set()
        return self.is_acknowledged and not owed <= self.told_kinds

    @property
    def is_unfinished(self) -> bool:
        if not self.is_acknowledged or self.is_refused or self.is_with_a_person:
            return False
        return not self.entries or not all(entry.is_finished for entry in self.entries)

    @property
    def missing_facts(self) -> int:
        """Count the public facts of the office's book that the citizen was not told."""
        if not self.is_acknowledged or not self.entries or self.is_with_a_person:
            return 0
        told = {told_key(fact) for fact in self.told}
        return sum(fact not in told for fact in due_facts(self.entries[0]))

    @property
    def is_behind_at_the_portal(self) -> bool:
        last = max(self.write_backs, key=lambda news: news.position, default=None)
        is_owed = self.is_acknowledged and not self.is_with_a_person
        return is_owed and (last is None or last.status not in _END_STATUSES)

    def is_asked_without_need(self, spoiled: frozenset[str] | None) -> bool:
        """Does a person have to say what became of it, although each of its calls was answered?"""
        if spoiled is None or not self.entries:
            return False
        return self.is_with_a_person and not any(entry.call.key in spoiled for entry in self.entries)

    @property
    def wrong_at_the_portal(self) -> int:
        """Count the write-backs that name a registration which no entry of the letter has."""
        known = {(entry.number, entry.call.secretariat, entry.year) for entry in self.entries}
        told = [news.registered_as for news in self.write_backs if news.registered_as is not None]
        return sum(registered_as not in known for registered_as in told)


def compare(books: Books) -> Report:
    """Return the report over these books. Every number is counted here and nowhere else."""
    cases = _cases(books)
    acknowledged = [case for case in cases if case.is_acknowledged]
    known_marks = {case.submission.mark for case in cases}
    right, wrong = _attachments(cases)
    return Report(
        letters=len(cases),
        acknowledged=len(acknowledged),
        registered=sum(case.is_registered for case in acknowledged),
        refused=sum(case.is_refused for case in acknowledged),
        registered_twice=sum(max(len(case.entries) - 1, 0) for case in cases),
        lost=sum(case.is_lost for case in cases),
        silent=sum(case.is_silent for case in cases),
        facts_told_twice=_told_twice(books.told),
        possible_doubles=books.possible_doubles,
        messages_sent=len(books.told),
        recovered_answers=_recovered(cases, books.lost_answers),
        kills=books.kills,
        seconds=round(books.seconds, 1),
        unfinished=sum(case.is_unfinished for case in cases),
        facts_missing=sum(case.missing_facts for case in cases),
        order_inversions=sum(_inversions(case) for case in cases),
        misdirected=_misdirected(books),
        confidential_told=sum(_confidential_told(case) for case in cases),
        strangers=sum(mark_of(entry, known_marks) is None for entry in books.entries),
        attachments_verified=right,
        attachments_broken=wrong,
        write_backs=len(books.write_backs),
        write_backs_behind=sum(case.is_behind_at_the_portal for case in cases),
        asked_without_need=sum(case.is_asked_without_need(books.spoiled) for case in cases),
        write_backs_wrong=sum(case.wrong_at_the_portal for case in cases),
        bad_signatures=books.bad_signatures,
        faults=dict(books.faults),
    )


def mark_of(entry: OfficeEntry, marks: Iterable[str]) -> str | None:
    """Return the mark of the submission that this entry is about; None for an entry that nobody handed in."""
    words = set(entry.call.body.split())
    return next(iter(words.intersection(marks)), None)


def _cases(books: Books) -> list[_Case]:
    marks = {submission.mark for submission in books.submissions}
    entries: dict[str | None, list[OfficeEntry]] = defaultdict(list)
    for entry in books.entries:
        entries[mark_of(entry, marks)].append(entry)
    told: dict[str | None, list[ToldFact]] = defaultdict(list)
    for fact in books.told:
        told[fact.tracking_code].append(fact)
    news: dict[str, list[WriteBack]] = defaultdict(list)
    for write_back in books.write_backs:
        news[write_back.submission_id].append(write_back)
    return [
        _Case(
            submission=submission,
            entries=entries[submission.mark],
            told=told[submission.tracking_code] if submission.tracking_code else [],
            write_backs=news[submission.submission_id],
            is_waiting=submission.tracking_code in books.waiting,
            is_with_a_person=submission.tracking_code in books.with_a_person,
        )
        for submission in books.submissions
    ]


def _told_twice(told: Iterable[ToldFact]) -> int:
    """Count the messages that told a citizen something which an earlier one had told, from the handsets alone."""
    counts = Counter((fact.mobile, fact.tracking_code, told_key(fact)) for fact in told)
    return sum(count - 1 for count in counts.values())


def _recovered(cases: Iterable[_Case], lost_answers: frozenset[str]) -> int:
    """Count lost answers whose letter stands once in the office and whose citizen knows how it went."""
    return sum(
        len(case.entries) == 1 and case.entries[0].call.key in lost_answers and not case.is_silent
        for case in cases
    )


def _inversions(case: _Case) -> int:
    """Count how often a message told of something older than the message before it."""
    if not case.entries:
        return 0
    ranks = [rank(fact, case.entries[0]) for fact in case.told]
    known = [each for each in ranks if each is not None]
    return sum(later < earlier for earlier, later in pairwise(known))


def _misdirected(books: Books) -> int:
    """Count messages that told one citizen of another one's letter."""
    owner = {each.tracking_code: each.mobile for each in books.submissions if each.tracking_code}
    return sum(
        fact.tracking_code in owner and owner[fact.tracking_code] != fact.mobile for fact in books.told
    )


def _confidential_told(case: _Case) -> int:
    """Count messages that name a unit which only a confidential referral named."""
    moves = [move for entry in case.entries for move in entry.moves if move.unit]
    public = {move.unit for move in moves if not move.is_confidential}
    hidden = {move.unit for move in moves if move.is_confidential} - public
    return sum(unit in fact.text for fact in case.told for unit in hidden if unit)


def _attachments(cases: Iterable[_Case]) -> tuple[int, int]:
    """Count the files that arrived in the office byte for byte, and those that did not or came unasked."""
    right = wrong = 0
    for case in cases:
        sent = Counter(mark.digest for mark in case.submission.attachments)
        for entry in case.entries:
            arrived = Counter(mark.digest for mark in entry.call.attachments)
            right += (sent & arrived).total()
            wrong += (sent - arrived).total() + (arrived - sent).total()
    return right, wrong
