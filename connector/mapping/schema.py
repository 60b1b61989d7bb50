"""The schema of an office mapping: a vendor's suite described as data."""

from datetime import timedelta
from enum import StrEnum
from typing import Final, Literal

from pydantic import Field, field_validator, model_validator

from connector.mapping.schema_operations import (
    CheckOperation,
    FindOperation,
    ProgressOperation,
    RegisterOperation,
    SearchOperation,
    Step,
    StepRole,
)
from connector.mapping.schema_parts import (
    Closed,
    Expression,
    FailureMeaning,
    FaultRule,
    FaultWords,
    HttpStatus,
    Meaning,
)

__all__ = [
    "Authentication",
    "Calendar",
    "Dates",
    "Expired",
    "Letters",
    "Limits",
    "OfficeMapping",
    "OnDuplicate",
    "Operations",
    "OtherDates",
    "Service",
    "Session",
    "SoapMode",
    "Text",
    "Zone",
]


class SoapMode(StrEnum):
    """How SOAP messages are made."""

    WSDL = "wsdl"
    """From the vendor's WSDL."""
    TEMPLATE = "template"
    """The envelope is written out in the mapping, for WSDLs that cannot be loaded."""


class Service(Closed):
    """One service of the office. Its address is the configured one plus ``path``."""

    path: str = Field(default="", description="joined to the configured address")
    wsdl: str | None = Field(
        default=None,
        description="SOAP: the WSDL file, beside the mapping; never fetched",
        pattern=r"^[^/\\].*$",
    )
    mode: SoapMode = Field(default=SoapMode.WSDL, description="SOAP: how messages are made")
    service: str | None = Field(
        default=None, description="SOAP: the service in the WSDL, where it has several"
    )
    port: str | None = Field(default=None, description="SOAP: the port of the service, where it has several")


class Authentication(StrEnum):
    """How the configured credentials go with each call."""

    NONE = "none"
    BASIC = "basic"
    """User name and password in the HTTP header."""
    BEARER = "bearer"
    """The token in the HTTP header."""


class Expired(Closed):
    """How the office says that the session is over."""

    http: list[HttpStatus] = Field(default_factory=list)
    codes: list[str] = Field(default_factory=list)
    faults: list[FaultWords] = Field(default_factory=list)
    when: Expression | None = Field(
        default=None, description="true for an answer that says so in another place; name it exactly"
    )

    @field_validator("http")
    @classmethod
    def _no_success(cls, statuses: list[str]) -> list[str]:
        if any(status.startswith("2") for status in statuses):
            raise ValueError("a good HTTP status does not end a session: name the code, or use when")
        return statuses

    @property
    def is_told(self) -> bool:
        """Return whether the office has any way to say it."""
        return bool(self.http or self.codes or self.faults or self.when)


_LOG_IN: Final = frozenset({Meaning.DONE, Meaning.RETRY, Meaning.RATE, Meaning.CREDENTIALS, Meaning.UNKNOWN})
"""What the answer to a log-in may mean."""


class Session(Closed):
    """How a session is opened, kept and recognised as over."""

    open: list[Step] = Field(min_length=1, description="steps that log in; what they take is in ``session``")
    keep_cookies: bool = Field(default=False, description="send back the cookies that the log-in brought")
    headers: dict[str, Expression] = Field(default_factory=dict, description="headers of every later call")
    lasts: timedelta | None = Field(default=None, description="how long a session is good at most")
    expired: Expired = Field(default_factory=Expired)
    close: Step | None = Field(default=None, description="the step that logs out")

    @model_validator(mode="after")
    def _ends(self) -> "Session":
        if not self.expired.is_told and self.lasts is None:
            raise ValueError(
                "say how a session ends: in expired how the office tells it, or in lasts after how long"
            )
        return self

    @model_validator(mode="after")
    def _plain_steps(self) -> "Session":
        for step in (*self.open, *([self.close] if self.close else [])):
            if step.role is not StepRole.DECIDES or step.each or step.reserves or step.repeatable:
                raise ValueError(
                    f"{step.name}: a step of the session has no role, each, reserves and repeatable"
                )
            if not step.verdict.meanings <= _LOG_IN:
                raise ValueError(
                    f"{step.name}: an answer to it means done, retry, rate, credentials or unknown"
                )
        names = [name for step in self.open for name in step.take]
        if len(set(names)) != len(names) or len({step.name for step in self.open}) != len(self.open):
            raise ValueError("two steps have the same name, or take under the same name")
        return self

    @property
    def names(self) -> list[str]:
        """Return the names that the steps take."""
        return [name for step in self.open for name in step.take]


class Calendar(StrEnum):
    """In which calendar the office writes dates."""

    JALALI = "jalali"
    GREGORIAN = "gregorian"


class Zone(StrEnum):
    """Whose clock a time of day is read from."""

    TEHRAN = "tehran"
    UTC = "utc"


class OtherDates(Closed):
    """One way to write dates: ``yyyy``, ``MM`` and ``dd``, perhaps ``HH``, ``mm`` and ``ss``, with any separators."""

    calendar: Calendar = Calendar.JALALI
    pattern: str = Field(
        default="yyyy/MM/dd", description="for example yyyy/MM/dd, yyyyMMdd, yyyy-MM-ddTHH:mm:ss"
    )
    zone: Zone = Field(default=Zone.TEHRAN, description="whose clock, where there is a time of day")

    @field_validator("pattern")
    @classmethod
    def _whole(cls, pattern: str) -> str:
        if any(pattern.count(part) != 1 for part in ("yyyy", "MM", "dd")):
            raise ValueError("the pattern holds yyyy, MM and dd, each once")
        if any(pattern.count(part) > 1 for part in ("HH", "mm", "ss")):
            raise ValueError("the pattern holds HH, mm and ss once at most")
        return pattern


class Dates(OtherDates):
    """How the office writes dates."""

    also: dict[str, OtherDates] = Field(
        default_factory=dict,
        description="other ways in which it writes or wants them, by name: read where the first does not fit, "
        "written by date_as(day, 'name')",
    )


class Letters(StrEnum):
    """Which ye and kaf the office stores."""

    KEEP = "keep"
    PERSIAN = "persian"
    ARABIC = "arabic"


class OnDuplicate(StrEnum):
    """What the office does with a second create under the same key."""

    ANOTHER_ENTRY = "another_entry"
    """A second entry with a second number."""
    THE_NUMBER = "the_number"
    """It brings the first one's number and makes nothing new."""
    AN_ERROR = "an_error"
    """It refuses, and does not tell the first one's number."""


class Text(Closed):
    """How text is turned before it is sent. It is kept as it came in our own store."""

    letters: Letters = Letters.KEEP


class Limits(Closed):
    """What the office stands, by the vendor's word. The settings of a connection may say otherwise."""

    longest_processing: timedelta = Field(
        description="longest time after which a call whose answer was lost may still take effect"
    )
    concurrency: int = Field(default=4, ge=1, le=256, description="calls at the same time")
    calls_per_second: float | None = Field(default=None, gt=0, description="calls in a second")
    attachment_count: int | None = Field(default=None, ge=0, description="attachments of one letter")
    attachment_bytes: int | None = Field(default=None, ge=1, description="size of one attachment")
    attachment_types: list[str] | None = Field(default=None, description="media types that the office takes")
    answer_bytes: int = Field(
        default=4 * 1024 * 1024, ge=1024, le=256 * 1024 * 1024, description="size of one answer"
    )


class Operations(Closed):
    """What the office can be asked. Only ``register`` is required; the others are capabilities."""

    register_: RegisterOperation = Field(alias="register")
    find: FindOperation | None = None
    search: SearchOperation | None = None
    progress: ProgressOperation | None = None
    check: CheckOperation | None = None
    verify: FindOperation | None = Field(
        default=None, description="looks at the place that a step of register has reserved"
    )

    @model_validator(mode="after")
    def _reserved_and_verified(self) -> "Operations":
        reserves = any(step.reserves for step in self.register_.steps)
        if reserves != (self.verify is not None):
            raise ValueError("a step of register that reserves and the operation verify belong together")
        return self

    @property
    def with_steps(self) -> list[tuple[str, list[Step]]]:
        """Return the steps of each operation that the mapping has, by its name."""
        questions = {
            "find": self.find, "verify": self.verify, "search": self.search, "progress": self.progress,
            "check": self.check,
        }  # fmt: skip
        return [
            ("register", self.register_.steps),
            *((name, each.steps) for name, each in questions.items() if each is not None),
        ]


class OfficeMapping(Closed):
    """A vendor's office-automation suite."""

    title: str = Field(description="the suite, for people")
    source: str = Field(description="what this mapping was built from, and what it was run against")
    transport: Literal["soap", "rest"]
    services: dict[str, Service] = Field(min_length=1)
    authentication: Authentication = Authentication.NONE
    session: Session | None = None
    lists: dict[str, dict[str, str | int]] = Field(
        default_factory=dict, description="code lists: our word to the office's code"
    )
    dates: Dates = Field(default_factory=Dates)
    text: Text = Field(default_factory=Text)
    http: dict[HttpStatus, FailureMeaning] = Field(
        default_factory=dict, description="what an HTTP status means where the answer itself does not say"
    )
    faults: list[FaultRule] = Field(
        default_factory=list, description="what a SOAP fault means; first match counts"
    )
    idempotent_create: bool = Field(
        default=False, description="a second create with the same key brings the first one's number"
    )
    duplicates: OnDuplicate | None = Field(
        default=None,
        description="what a second create with the same key brings; without it the_number where idempotent_create, "
        "else another_entry, the worst",
    )
    limits: Limits
    operations: Operations

    @model_validator(mode="after")
    def _one_word_on_duplicates(self) -> "OfficeMapping":
        brings_the_number = self.on_duplicate is OnDuplicate.THE_NUMBER
        if brings_the_number != self.idempotent_create:
            raise ValueError("idempotent_create is true exactly where duplicates is the_number")
        return self

    @property
    def on_duplicate(self) -> OnDuplicate:
        """Return what a second create brings, the worst unless the mapping says otherwise."""
        if self.duplicates is not None:
            return self.duplicates
        return OnDuplicate.THE_NUMBER if self.idempotent_create else OnDuplicate.ANOTHER_ENTRY

    @model_validator(mode="after")
    def _services_fit(self) -> "OfficeMapping":
        for name, service in self.services.items():
            wants_wsdl = self.transport == "soap" and service.mode is SoapMode.WSDL
            if wants_wsdl != (service.wsdl is not None):
                word = "needs" if wants_wsdl else "has no use for"
                raise ValueError(f"services.{name} {word} a wsdl")
        return self
