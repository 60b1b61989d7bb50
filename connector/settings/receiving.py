"""The section about messages that citizens send to us."""

from datetime import timedelta
from typing import Final

from connector.citizen.policy import ReceivingPolicy
from connector.settings.quantities import Duration
from connector.settings.section import Section, option

__all__ = ["ReceivingSection"]

_POLICY: Final = ReceivingPolicy()


class ReceivingSection(Section):
    """What citizens write to us by SMS: how often inboxes are asked, and how much is answered. docs/receiving.md."""

    inbox_every: Duration = option(
        timedelta(seconds=15),
        says="The shortest time between two looks into the inbox of a gateway that is asked for messages.",
        fa="کوتاه‌ترین فاصلهٔ میان دو نگاه به صندوق پیامک‌های رسیده",
        ge=timedelta(milliseconds=100),
    )
    inbox_at_most_every: Duration = option(
        timedelta(minutes=2),
        says="While nobody writes, the time between looks grows up to this.",
        ge=timedelta(milliseconds=100),
    )
    replies_per_hour: int = option(
        _POLICY.replies_per_hour,
        says="After so many replies to one number within an hour it is told once that it is not answered for a while; "
        "what it says is obeyed all the same. Two machines then stop talking to each other.",
        fa="بیشترین شمار پاسخ به یک شماره در یک ساعت",
        ge=1,
        le=100,
    )
    replies_per_day: int = option(_POLICY.replies_per_day, says="The same within a day.", ge=1, le=1000)
    help_every: Duration = option(
        _POLICY.help_every,
        says="A message that holds no command is answered with what may be asked, once in this time.",
        ge=timedelta(minutes=1),
        le=timedelta(days=30),
    )
    answer_within: Duration = option(
        _POLICY.answer_within,
        says="What has lain here unhandled for longer is obeyed and not answered any more.",
        ge=timedelta(minutes=1),
    )
    marks_within: Duration = option(
        _POLICY.marks_within,
        says="So long after its close a letter may be given a mark (notification.survey).",
        ge=timedelta(minutes=1),
        le=timedelta(days=365),
    )
    mark_changes_within: Duration = option(
        _POLICY.mark_changes_within, says="So long after it was given a mark may be changed."
    )
