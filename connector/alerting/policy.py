"""What the operator configures of alerts."""

from dataclasses import dataclass
from datetime import timedelta

from connector.domain.alert import QuietHours, Severity
from connector.domain.letter import Language

__all__ = ["AlertPolicy"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertPolicy:
    """When operators are told of what, and in which words."""

    at_least: Severity = Severity.NOTICE
    """Milder troubles are on the list and not told."""
    quiet: QuietHours | None = None
    """Then only what is critical is told; the rest is told at their end, together."""
    languages: tuple[Language, ...] = (Language.FA, Language.EN)
    remind_every: timedelta = timedelta(hours=12)
    """What still stands is told again; never is the same trouble told within less."""
    look_every: timedelta = timedelta(minutes=1)
    well_after: timedelta = timedelta(minutes=10)
    """So long everything that was told must be away before it is called well: what comes and goes is no news."""
    answer_within: timedelta = timedelta(seconds=30)
    """A channel that has not taken an alert by then is left alone until its call has come to its end."""
    retry_first_after: timedelta = timedelta(minutes=2)
    retry_at_most_every: timedelta = timedelta(hours=1)
