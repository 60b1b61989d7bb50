"""How much citizens are answered, and how long a mark may be given."""

from dataclasses import dataclass
from datetime import timedelta

__all__ = ["ReceivingPolicy"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivingPolicy:
    """What bounds the talk with one number. Whatever a number says is obeyed; only the answers have an end."""

    replies_per_hour: int = 6
    """After so many replies to one number nothing is answered, until the hour since the first of them is over; the
    number is told so once. Whoever answers by a machine has its last answer then, and a machine that hears nothing
    says nothing."""
    replies_per_day: int = 12
    help_every: timedelta = timedelta(hours=12)
    """A message that holds no command is answered with what may be asked, once in this time: the machines that answer
    write such messages."""
    answer_within: timedelta = timedelta(days=1)
    """What has lain here for longer is obeyed and not answered."""
    survey: bool = False
    """Whether the citizen of a closed letter is asked for a mark from 1 to 5."""
    marks_within: timedelta = timedelta(days=7)
    """So long after its close a letter may be given a mark."""
    mark_changes_within: timedelta = timedelta(days=1)
    """So long after it was given a mark may be changed."""
