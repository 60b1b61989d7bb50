"""The sections about the machine Chapar stands on: daemon, log, ledger, web."""

import socket
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import field_validator, model_validator

from connector.settings.quantities import Duration, Size
from connector.settings.section import Section, option, wrong_at
from connector.transport.secret import SecretReference

__all__ = [
    "DaemonSection",
    "KeysSection",
    "LedgerSection",
    "LogFormat",
    "LogLevel",
    "LogSection",
    "WebSection",
]


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How a log line looks."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"


class DaemonSection(Section):
    """The process itself."""

    node: str = option(
        "",
        says="Name of this node; it stands on the leases that this daemon holds. Empty: the host name.",
        fa="نام این گره؛ اگر خالی باشد نام میزبان",
        pattern=r"^[A-Za-z0-9._-]{0,64}$",
        form="write Latin letters, digits, dots, - and _, at most 64",
    )
    lease: Duration = option(
        timedelta(minutes=2),
        says="How long a letter stays with a daemon that has fallen silent, before another one may take it.",
        ge=timedelta(seconds=10),
        le=timedelta(hours=1),
    )
    stop_within: Duration = option(
        timedelta(seconds=25),
        says="How long a stop waits for the deeds in hand. TimeoutStopSec= of the unit must be longer.",
        ge=timedelta(seconds=1),
        le=timedelta(seconds=35),
    )
    mappings: Path | None = option(
        None,
        says="Folder of your own mappings; they go before the shipped ones of the same name.",
        fa="پوشهٔ نگاشت‌های خود شما",
        example="mappings",
    )

    @property
    def node_name(self) -> str:
        """Return the configured name, or the host's."""
        return self.node or socket.gethostname()


class LogSection(Section):
    """What is logged, to standard error. Nothing about a citizen is ever in it."""

    level: LogLevel = option(LogLevel.INFO, says="debug, info, warning or error. Changes at reload.")
    format: LogFormat = option(
        LogFormat.AUTO, says="json, console, or auto: console on a terminal and json under systemd."
    )


class KeysSection(Section):
    """The keys that seal personal columns, each 32 bytes in base64 (openssl rand -base64 32), by reference.

    To rotate: add a new key to the ring, make it current, keep the old ones. A lost key is lost rows.
    """

    current: str = option(says="Name of the key in the ring that new rows are sealed with.", example="key-1")
    ring: dict[str, SecretReference] = option(
        says="Every key that rows may be sealed with, by name: a credential, file or environment each.",
        fa="کلیدهای رمزنگاری اطلاعات شخصی؛ از آن‌ها جدا از پایگاه داده پشتیبان بگیرید",
        example={"key-1": {"credential": "key-1"}},
    )
    blind_index: SecretReference = option(
        says="The key of the exact look-up of personal values. It cannot be changed later.",
        example={"credential": "blind-index"},
    )

    @model_validator(mode="after")
    def _current_is_in_the_ring(self) -> Self:
        if self.current not in self.ring:
            raise wrong_at(
                "current",
                f"current names {self.current!r}, and the ring has: {', '.join(self.ring) or 'nothing'}",
            )
        return self


class LedgerSection(Section):
    """Where the state is kept: one SQLite file, or a PostgreSQL for several nodes."""

    url: str = option(
        "sqlite:////var/lib/chapar/chapar.db",
        says="sqlite:///file (one node) or postgresql://user@host/database (several nodes).",
        fa="نشانی پایگاه داده؛ گذرواژه را این‌جا ننویسید",
        pattern=r"^(sqlite:///.+|postgresql(\+psycopg)?://.+)",
        form="write sqlite:///file or postgresql://user@host/database",
    )
    password: SecretReference | None = option(
        None, says="Where the password of a PostgreSQL is found.", example={"credential": "database-password"}
    )
    attachments: Path = option(
        Path("/var/lib/chapar/attachments"),
        says="Folder of the larger attachments. It belongs to the same backup as the database; several nodes share it.",
    )
    keys: KeysSection = option(says="The keys that seal personal columns.")

    @field_validator("url")
    @classmethod
    def _no_password_in_the_url(cls, url: str) -> str:
        before_host = url.partition("://")[2].rpartition("@")[0]
        if ":" in before_host:
            raise ValueError("the url holds a password: take it out and name it in ledger.password")
        return url


class WebSection(Section):
    """The web address: intake, delivery reports, health and metrics. Put a TLS proxy in front of it."""

    host: str = option("127.0.0.1", says="Address to listen on.")
    port: int = option(8080, says="Port to listen on; 0 takes any free one.", ge=0, le=65535)
    unix_socket: Path | None = option(
        None,
        says="Listen on this Unix socket instead, for a proxy on the same machine.",
        example="/run/chapar/web.sock",
    )
    public_url: str | None = option(
        None,
        says="Our address as gateways reach it; they call back there with delivery reports.",
        example="https://chapar.agency.example",
        pattern=r"^https?://",
        form="write a whole address that begins with http:// or https://",
    )
    largest_submission: Size = option(
        100_000_000, says="A larger submission is refused before it is read, attachments and all.", ge=10_000
    )
    largest_json: Size = option(
        1024 * 1024,
        says="The same for a submission in JSON, with its attachments in base64; larger ones come as multipart.",
        ge=10_000,
    )
    submissions_at_once: int = option(
        16,
        says="Submissions of one portal that are taken in at the same time; further ones wait.",
        ge=1,
        le=500,
    )
    calls_per_minute: int = option(
        600,
        says="Calls that one portal may make in a minute before it is told to slow down; 0: no limit.",
        ge=0,
    )
