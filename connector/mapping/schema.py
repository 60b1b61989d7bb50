"""The schema of an office mapping: a vendor's suite described as data."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from connector.mapping.schema_dates import Dates
from connector.mapping.schema_operations import (
    CheckOperation,
    FindOperation,
    ProgressOperation,
    RegisterOperation,
    SearchOperation,
)
from connector.mapping.schema_parts import Closed, FailureMeaning, FaultRule, HttpStatus
from connector.mapping.schema_service import Service, SoapMode
from connector.mapping.schema_session import Session
from connector.mapping.schema_steps import Step

__all__ = [
    "Authentication",
    "Letters",
    "Limits",
    "OfficeMapping",
    "OnDuplicate",
    "Operation",
    "Operations",
    "Text",
]


class Authentication(StrEnum):
    """How the configured credentials go with each call."""

    NONE = "none"
    BASIC = "basic"
    """User name and password in the HTTP header."""
    BEARER = "bearer"
    """The token in the HTTP header."""
    NTLM = "ntlm"
    """User name (DOMAIN\\\\name) and password in a handshake with every connection."""


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


MediaType = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*$")]
"""As attachments have theirs: found by their content, in small letters, without parameters."""


class Limits(Closed):
    """What the office stands, by the vendor's word. The settings of a connection may say otherwise."""

    longest_processing: timedelta = Field(
        gt=timedelta(0),
        description="longest time after which a call whose answer was lost may still take effect",
    )
    concurrency: int = Field(default=4, ge=1, le=256, description="calls at the same time")
    calls_per_second: float | None = Field(default=None, gt=0, description="calls in a second")
    attachment_count: int | None = Field(default=None, ge=0, description="attachments of one letter")
    attachment_bytes: int | None = Field(default=None, ge=1, description="size of one attachment")
    attachment_types: list[MediaType] | None = Field(
        default=None, description="media types that the office takes, in small letters"
    )
    answer_bytes: int = Field(
        default=16 * 1024 * 1024, ge=1024, le=256 * 1024 * 1024, description="size of one answer"
    )


Operation = RegisterOperation | FindOperation | SearchOperation | ProgressOperation | CheckOperation


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
    def by_name(self) -> dict[str, Operation]:
        """Return every operation that the mapping has, by its name."""
        named: dict[str, Operation | None] = {
            "register": self.register_, "find": self.find, "verify": self.verify, "search": self.search,
            "progress": self.progress, "check": self.check,
        }  # fmt: skip
        return {name: each for name, each in named.items() if each is not None}

    @property
    def with_steps(self) -> list[tuple[str, list[Step]]]:
        """Return the steps of each operation that the mapping has, by its name."""
        return [(name, each.steps) for name, each in self.by_name.items()]


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

    @model_validator(mode="after")
    def _sign_without_proof(self) -> "OfficeMapping":
        operations = self.operations
        if operations.verify is not None and not operations.verify.absence_is_proof:
            raise ValueError("absence_is_proof belongs to find: a reserved place is looked at itself")
        others = operations.search or operations.verify or self.idempotent_create
        if not self.absence_is_proof and others:
            raise ValueError(
                "find is asked first, and where its silence proves nothing a person decides: leave find out, or "
                "search, idempotent_create and the step that reserves"
            )
        return self

    @property
    def absence_is_proof(self) -> bool:
        """Return whether a look-up by our key that finds nothing says that nothing is there."""
        find = self.operations.find
        return find is None or find.absence_is_proof

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
