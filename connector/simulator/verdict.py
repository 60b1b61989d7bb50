"""The report of a run: the numbers, what each one means, and whether the promises were kept."""

from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Report"]


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the comparison of the three books found."""

    letters: int
    """Letters that citizens handed in."""
    acknowledged: int
    """Letters for which the portal holds a tracking code."""
    registered: int
    """Acknowledged letters that have a number in the office's book."""
    refused: int
    """Acknowledged letters that the office, or the screening, refused aloud."""
    registered_twice: int
    """Entries in the office's book beyond the first of each letter, under whatever key."""
    lost: int
    """Acknowledged letters that are neither in the office's book, nor refused, nor known to be waiting."""
    silent: int
    """Acknowledged letters whose citizen was not told that they were received, or registered or refused."""
    facts_told_twice: int
    """Messages on the handsets that told what an earlier one of the same letter had told."""
    messages_sent: int
    """Messages that arrived at the gateway, repeats included."""
    recovered_answers: int
    """Answers that were lost on the way and whose letter still stands once, with its citizen told."""
    kills: int
    """How often the daemon was killed without warning."""
    seconds: float
    """How long the run took."""
    unfinished: int = 0
    """Acknowledged letters that did not reach their end in the time."""
    facts_missing: int = 0
    """Public facts of the office's book that no message told."""
    possible_doubles: int = 0
    """Texts that the daemon's own books call possible doubles: sent again although nobody could be asked."""
    order_inversions: int = 0
    """Messages that told of something older than the message before them."""
    misdirected: int = 0
    """Messages that told one citizen of another one's letter."""
    confidential_told: int = 0
    """Messages that name a unit of a confidential referral."""
    strangers: int = 0
    """Entries in the office's book that no citizen handed in."""
    attachments_verified: int = 0
    """Files that arrived in the office byte for byte, by SHA-256."""
    attachments_broken: int = 0
    """Files that did not arrive, arrived changed, or came unasked."""
    asked_without_need: int = 0
    """Letters whose fate a person must tell although the office answered each of their calls: two had one in hand."""
    write_backs: int = 0
    """Calls that told the portal of progress, repeats included."""
    write_backs_behind: int = 0
    """Acknowledged letters of which the portal does not know that they are at their end."""
    write_backs_wrong: int = 0
    """Calls that told the portal of a number, secretariat or year that is not the one in the office's book."""
    bad_signatures: int = 0
    """Calls back to the portal that were not signed as agreed."""
    faults: dict[str, int] = field(default_factory=dict)
    """How often each fault was played."""
    missing: list[str] = field(default_factory=list)
    """What stood in the way of a full run, in sentences for people; empty when all went through."""

    @property
    def is_clean(self) -> bool:
        """Return True when no promise was broken."""
        broken = (
            self.registered_twice,
            self.lost,
            self.silent,
            max(self.facts_told_twice - self.possible_doubles, 0),
            self.order_inversions,
            self.misdirected,
            self.confidential_told,
            self.strangers,
            self.attachments_broken,
            self.asked_without_need,
            self.write_backs_wrong,
            self.bad_signatures,
        )
        return not any(broken)

    @property
    def is_complete(self) -> bool:
        """Return True when every letter was acknowledged, is at its end, and everybody knows it."""
        open_ends = (self.unfinished, self.facts_missing, self.write_backs_behind)
        return self.acknowledged == self.letters and not any(open_ends) and not self.missing

    @property
    def exit_code(self) -> int:
        """Return what the command ends with: 0 only for a clean and complete run."""
        return 0 if self.is_clean and self.is_complete else 1

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain values, the verdict first."""
        return {"clean": self.is_clean, "complete": self.is_complete, **asdict(self)}
