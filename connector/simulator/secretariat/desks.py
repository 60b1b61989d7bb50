"""The desks of a simulated secretariat, and the mailboxes between which letters and receipts go."""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Desk", "some_desks"]


@dataclass(frozen=True, slots=True)
class Desk:
    """One secretariat: where its letters come from, and where they arrive."""

    code: str
    our_mailbox: str
    """The agency's, that receipts and answers go to."""
    office_mailbox: str


def some_desks(codes: Iterable[str]) -> tuple[Desk, ...]:
    """Return a desk for each code, with mailboxes of its own at names that nobody has (RFC 2606)."""
    return tuple(
        Desk(code, f"desk-{code}@agency.example", f"secretariat-{code}@office.example") for code in codes
    )
