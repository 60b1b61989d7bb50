"""How a mail server is reached: the section that adapters embed in their settings, and who logs in."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

__all__ = ["MailLogin", "MailSecurity", "MailServer"]


class MailSecurity(StrEnum):
    """When the connection becomes secret. There is no mail in the clear."""

    TLS = "tls"
    """From the first byte (SMTP 465, IMAP 993; RFC 8314)."""
    STARTTLS = "starttls"
    """After a first word in the clear (SMTP 587, IMAP 143); a server that does not offer it is not spoken to."""


@dataclass(frozen=True, slots=True)
class MailLogin:
    """User name and password at a mail server. Neither is ever shown."""

    username: str
    password: str

    def __repr__(self) -> str:
        """Show nothing of it."""
        return "MailLogin()"


class MailServer(BaseModel):
    """Where a mail server is and how long we wait for it. Its certificate and name are always checked."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    host: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9.:-]*$",
        description="name of the mail server, as it stands in its certificate",
        examples=["mail.agency.example"],
    )
    port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="port; without it the usual one: SMTP 465, IMAP 993, with starttls 587 and 143",
        examples=[993],
    )
    security: MailSecurity = Field(
        default=MailSecurity.TLS, description="tls from the first byte, or starttls; never neither"
    )
    ca_file: Path | None = Field(
        default=None,
        description="PEM file of the authorities to trust; without it those of the operating system",
    )
    connect_within: timedelta = Field(default=timedelta(seconds=10), description="time to connect")
    answer_within: timedelta = Field(
        default=timedelta(minutes=1),
        description="longest silence while sending and while waiting for an answer",
    )
    finish_within: timedelta = Field(
        default=timedelta(minutes=5), description="longest time of one whole call"
    )

    @field_validator("connect_within", "answer_within", "finish_within")
    @classmethod
    def _some_time(cls, value: timedelta) -> timedelta:
        if value <= timedelta(0):
            raise ValueError("give a time longer than nothing")
        return value

    def port_or(self, *, tls: int, starttls: int) -> int:
        """Return the configured port, or the usual one of this protocol."""
        return self.port or (tls if self.security is MailSecurity.TLS else starttls)
