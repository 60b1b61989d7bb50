"""The sections about letters: how they are taken in, registered, followed, and what the citizen is told.

The defaults are those of the stages' own policies, so there is one place for each of them.
"""

from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from connector.domain.message import FactKind
from connector.intake.attachment_rules import AttachmentRules
from connector.intake.deciding import ScreeningPolicy, TwinRule
from connector.notification.policy import NotificationPolicy
from connector.registration.patience import RegistrationPolicy
from connector.settings.quantities import Duration, Size
from connector.settings.section import Section, option
from connector.tracking.patience import TrackingPolicy

__all__ = [
    "IntakeSection",
    "NotificationSection",
    "RegistrationSection",
    "TrackingSection",
    "policy_of",
]

PolicyT = TypeVar("PolicyT")
_RULES: Final = AttachmentRules()
_SCREENING: Final = ScreeningPolicy()
_REGISTRATION: Final = RegistrationPolicy()
_TRACKING: Final = TrackingPolicy()
_NOTIFICATION: Final = NotificationPolicy()
_AT_LEAST: Final = timedelta(milliseconds=10)


def policy_of(section: Section, kind: type[PolicyT]) -> PolicyT:
    """Return a stage's policy, a dataclass, with every field that the section has an option for."""
    named: dict[str, Any] = {
        field.name: getattr(section, field.name)
        for field in fields(kind)  # type: ignore[arg-type]
        if field.name in type(section).model_fields
    }
    return kind(**named)


class IntakeSection(Section):
    """What is taken in at the front door."""

    routes: Path = option(
        Path("routes.yaml"),
        says="Says which letters go to which office, secretariat and gateway. Read again at reload.",
        fa="پروندهٔ مسیرها: کدام نامه به کدام دبیرخانه می‌رود",
    )
    attachment_types: tuple[str, ...] = option(
        tuple(sorted(_RULES.allowed)),
        says="Media types that are let in, by content and not by name.",
        fa="نوع پیوست‌های مجاز، بر پایهٔ محتوا",
        min_length=1,
    )
    largest_attachment: Size = option(_RULES.largest, says="A larger attachment is refused.", ge=1)
    most_attachments: int = option(_RULES.most, says="More attachments are refused.", ge=0, le=200)
    largest_together: Size = option(_RULES.largest_together, says="Attachments of one letter together.", ge=1)
    twins: TwinRule = option(
        _SCREENING.twins,
        says="The same content from the same sender again: accept, review (a reviewer looks), park (the operator "
        "looks) or refuse.",
        fa="نامهٔ تکراری از همان فرستنده",
    )
    twins_within: Duration = option(
        _SCREENING.twins_within,
        says="How far back an equal letter counts as the same.",
        le=timedelta(days=3650),
    )
    review_within: Duration = option(
        _SCREENING.review_within,
        says="A letter that is still in review then comes to the operator's eyes.",
        ge=_AT_LEAST,
    )
    remind_after: Duration = option(
        _SCREENING.remind_after, says="How often the operator is reminded of a parked letter.", ge=_AT_LEAST
    )
    collect_every: Duration = option(
        timedelta(seconds=10),
        says="How often portals that do not call us (folder) are asked for new submissions.",
        ge=timedelta(milliseconds=100),
    )


class RegistrationSection(Section):
    """How letters are handed to an office, and how certainty is regained after a lost answer."""

    retry_first_after: Duration = option(
        _REGISTRATION.retry_first_after, says="The first new attempt after the office was away.", ge=_AT_LEAST
    )
    retry_at_most_every: Duration = option(
        _REGISTRATION.retry_at_most_every, says="The time between attempts grows up to this.", ge=_AT_LEAST
    )
    retry_without_credentials: Duration = option(
        _REGISTRATION.retry_without_credentials,
        says="After the office refused our user name or password.",
        ge=_AT_LEAST,
    )
    look_up_first_after: Duration = option(
        _REGISTRATION.look_up_first_after,
        says="The first look-up after a lost answer; the next ones come at growing distances.",
        ge=_AT_LEAST,
    )
    look_up_at_most_every: Duration = option(
        _REGISTRATION.look_up_at_most_every, says="The time between look-ups grows up to this.", ge=_AT_LEAST
    )
    remind_after: Duration = option(
        _REGISTRATION.remind_after,
        says="How often the operator is reminded of a letter that waits for a person.",
        ge=_AT_LEAST,
    )


class TrackingSection(Section):
    """How often the office is asked about letters: fresh ones often, old ones seldom."""

    first_after: Duration = option(
        _TRACKING.first_after, says="The first question, and the shortest time between two.", ge=_AT_LEAST
    )
    growth: float = option(
        _TRACKING.growth,
        says="Each question comes this many times later in the letter's age than the one before.",
        gt=1,
        le=10,
    )
    at_most_every: Duration = option(
        _TRACKING.at_most_every, says="The time between questions grows up to this.", ge=_AT_LEAST
    )
    retry_at_most_every: Duration = option(
        _TRACKING.retry_at_most_every, says="The longest wait after questions that failed.", ge=_AT_LEAST
    )


class NotificationSection(Section):
    """What the citizen is told, and in which words."""

    facts: tuple[FactKind, ...] = option(
        tuple(FactKind),
        says="Facts told by SMS: received, registered, refused, referred, answered, returned, closed, delayed,"
        " withdrawn.",
        fa="رویدادهایی که به شهروند پیامک می‌شود",
    )
    agency_fa: str = option(
        "",
        says="Short name of the agency at the end of each Persian text.",
        fa="نام کوتاه دستگاه",
        max_length=40,
    )
    agency_en: str = option("", says="The same in English texts.", max_length=40)
    texts: Path | None = option(
        None,
        says="Folder with your own texts; what is not in it comes from the shipped ones. Read again at reload.",
        example="texts",
    )
    survey: bool = option(
        False,
        says="Ask the citizen of a closed letter for a mark from 1 to 5, which comes back by SMS (docs/receiving.md).",
        fa="نظرسنجی یک تا پنج پس از پایان رسیدگی",
    )
    retry_first_after: Duration = option(
        _NOTIFICATION.retry_first_after,
        says="The first new attempt after the gateway was away.",
        ge=_AT_LEAST,
    )
    retry_at_most_every: Duration = option(
        _NOTIFICATION.retry_at_most_every, says="The time between attempts grows up to this.", ge=_AT_LEAST
    )
    look_up_first_after: Duration = option(
        _NOTIFICATION.look_up_first_after, says="The first look-up after a lost answer.", ge=_AT_LEAST
    )
    look_up_at_most_every: Duration = option(
        _NOTIFICATION.look_up_at_most_every, says="The time between look-ups grows up to this.", ge=_AT_LEAST
    )
    absent_after: Duration = option(
        _NOTIFICATION.absent_after,
        says="A message that the gateway does not know is taken as not sent only after this time.",
        ge=_AT_LEAST,
    )
    delivery_first_after: Duration = option(
        _NOTIFICATION.delivery_first_after,
        says="The first question to the gateway whether a message has arrived.",
        ge=_AT_LEAST,
    )
    delivery_at_most_every: Duration = option(
        _NOTIFICATION.delivery_at_most_every,
        says="The time between these questions grows up to this.",
        ge=_AT_LEAST,
    )
