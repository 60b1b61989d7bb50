"""The sections about letters: how they are taken in, registered, followed, and what the citizen is told."""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from connector.domain.message import FactKind
from connector.settings.quantities import Duration, Size
from connector.settings.section import Section, option

__all__ = [
    "Duplicates",
    "IntakeSection",
    "NotificationSection",
    "RegistrationSection",
    "TrackingSection",
]


class Duplicates(StrEnum):
    """What becomes of a letter whose sender sent the same content before."""

    ALLOW = "allow"
    PARK = "park"
    REFUSE = "refuse"


class IntakeSection(Section):
    """What is taken in at the front door."""

    routes: Path = option(
        Path("routes.yaml"),
        says="Says which letters go to which office, secretariat and gateway. Read again at reload.",
        fa="پروندهٔ مسیرها: کدام نامه به کدام دبیرخانه می‌رود",
    )
    attachment_types: tuple[str, ...] = option(
        (
            "application/pdf",
            "image/jpeg",
            "image/png",
            "image/tiff",
            "application/msword",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "text/plain",
        ),
        says="Media types that are let in, by content and not by name.",
        min_length=1,
    )
    largest_attachment: Size = option(50_000_000, says="A larger attachment is refused.", ge=1)
    most_attachments: int = option(20, says="More attachments than this are refused.", ge=0, le=200)
    duplicates: Duplicates = option(
        Duplicates.PARK,
        says="The same content from the same sender again: allow, park (a person looks) or refuse.",
    )
    duplicates_within: Duration = option(
        timedelta(days=30),
        says="How far back an equal letter counts as a duplicate.",
        le=timedelta(days=3650),
    )
    collect_every: Duration = option(
        timedelta(seconds=10),
        says="How often portals that do not call us (folder) are asked for new submissions.",
        ge=timedelta(seconds=1),
    )


class RegistrationSection(Section):
    """How letters are handed to an office, and how certainty is regained after a lost answer."""

    retry_first_after: Duration = option(
        timedelta(seconds=30),
        says="The first new attempt after the office was away.",
        ge=timedelta(seconds=1),
    )
    retry_at_most_every: Duration = option(
        timedelta(minutes=15), says="The time between attempts grows up to this.", ge=timedelta(seconds=1)
    )
    give_up_after: Duration = option(
        timedelta(days=2), says="After this time without success the letter is parked and a person looks."
    )
    look_up_first_after: Duration = option(
        timedelta(seconds=5),
        says="The first look-up after a lost answer; the next ones come at growing distances.",
    )
    look_up_at_most_every: Duration = option(
        timedelta(minutes=10), says="The time between look-ups grows up to this.", ge=timedelta(seconds=1)
    )


class TrackingSection(Section):
    """How often the office is asked about letters: fresh ones often, old ones seldom."""

    first_after: Duration = option(timedelta(minutes=2), says="The first question after the registration.")
    fresh_every: Duration = option(
        timedelta(minutes=10), says="Letters that changed within the last day.", ge=timedelta(seconds=1)
    )
    settled_every: Duration = option(
        timedelta(hours=2), says="Letters that changed within the last week.", ge=timedelta(seconds=1)
    )
    old_every: Duration = option(timedelta(hours=12), says="Older letters.", ge=timedelta(seconds=1))


class NotificationSection(Section):
    """What the citizen is told, and in which words."""

    facts: tuple[FactKind, ...] = option(
        tuple(FactKind),
        says="Facts told by SMS: received, registered, refused, referred, answered, returned, closed.",
        fa="رویدادهایی که به شهروند پیامک می‌شود",
    )
    texts: Path | None = option(
        None,
        says="Folder with your own texts; what is not in it comes from the shipped ones.",
    )
    delivery_first_after: Duration = option(
        timedelta(seconds=30), says="The first question to the gateway whether a message has arrived."
    )
