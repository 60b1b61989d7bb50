"""The section about alerts: what operators are told without asking, where, and when not."""

import re
from datetime import timedelta
from typing import Final

from pydantic import field_validator

from connector.alerting.policy import AlertPolicy
from connector.domain.alert import QuietHours, Severity
from connector.domain.letter import Language
from connector.settings.quantities import Duration
from connector.settings.section import Section, option
from connector.transport.secret import SecretReference

__all__ = ["AlertsSection"]

_POLICY: Final = AlertPolicy()
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_AT_LEAST: Final = timedelta(milliseconds=100)


class AlertsSection(Section):
    """What needs a person is told through these channels, without anything of a citizen; docs/alerts.md explains."""

    channels: dict[str, SecretReference] = option(
        {},
        says="Where each channel's URL is found, by a name of yours. The URL is one of Apprise (mailtos://, tgram://, "
        "ntfys://, jsons://, ...) and holds the secret of the service. Needs: pip install 'chapar[alerts]'.",
        fa="کانال‌های هشدار به راهبران؛ نشانی هر کدام محرمانه است",
        example={"operators": {"credential": "alert-operators"}},
    )
    at_least: Severity = option(
        _POLICY.at_least, says="notice, warning or critical; milder troubles are only on `chapar attention`."
    )
    quiet: str = option(
        "",
        says="Between these hours, by a clock in Tehran, only what is critical is told; the rest at their end. "
        "Empty: at any hour.",
        fa="ساعت‌های سکوت؛ تنها بحرانی‌ها گفته می‌شود",
        example="22:00-07:00",
    )
    languages: tuple[Language, ...] = option(
        _POLICY.languages, says="fa, en, or both: an alert is written in each.", min_length=1
    )
    remind_every: Duration = option(
        _POLICY.remind_every,
        says="What still stands is told again after this, and never before.",
        ge=timedelta(seconds=1),
    )
    look_every: Duration = option(_POLICY.look_every, says="How often it is looked.", ge=_AT_LEAST)
    well_after: Duration = option(
        _POLICY.well_after,
        says="All is well again when nothing of what was told has been there for so long.",
    )
    answer_within: Duration = option(
        _POLICY.answer_within,
        says="A channel that has not taken an alert by then has failed. Letters never wait for it.",
        ge=_AT_LEAST,
        le=timedelta(minutes=5),
    )

    @field_validator("quiet")
    @classmethod
    def _is_written_so(cls, text: str) -> str:
        QuietHours.read(text)
        return text

    @field_validator("channels")
    @classmethod
    def _are_short_names(cls, channels: dict[str, SecretReference]) -> dict[str, SecretReference]:
        if not all(_NAME.fullmatch(name) for name in channels):
            raise ValueError("a channel's name has Latin letters, digits, - and _, at most 40")
        return channels

    def as_policy(self) -> AlertPolicy:
        """Return it as the stage asks for it."""
        return AlertPolicy(
            at_least=self.at_least,
            quiet=QuietHours.read(self.quiet),
            languages=self.languages,
            remind_every=self.remind_every,
            look_every=self.look_every,
            well_after=self.well_after,
            answer_within=self.answer_within,
        )
