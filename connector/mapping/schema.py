"""The schema of an office mapping: a vendor's suite described as data."""

from datetime import timedelta
from enum import StrEnum
from typing import Literal

from pydantic import Field, model_validator

from connector.mapping.schema_dates import Dates
from connector.mapping.schema_operations import (
    CheckOperation,
    FindOperation,
    ProgressOperation,
    RegisterOperation,
    SearchOperation,
    Step,
)
from connector.mapping.schema_parts import Closed, FailureMeaning, FaultRule, HttpStatus
from connector.mapping.schema_session import Session
from connector.transport.soap_envelope import SoapVersion
from connector.transport.soap_ways import AttachmentWay, PasswordKind

__all__ = [
    "Authentication",
    "Letters",
    "Limits",
    "OfficeMapping",
    "OnDuplicate",
    "Operations",
    "Security",
    "Service",
    "SoapMode",
    "Text",
]


class SoapMode(StrEnum):
    """How SOAP messages are made."""

    WSDL = "wsdl"
    """From the vendor's WSDL."""
    TEMPLATE = "template"
    """Each step writes its message out, for WSDLs that cannot be loaded, or that nobody has."""


class Security(Closed):
    """SOAP: the security header of every message (WS-Security 1.1)."""

    username_token: PasswordKind | None = Field(
        default=None,
        description="the configured user name and password: as text (only over TLS), or as digest with nonce and time",
    )
    timestamp: timedelta | None = Field(
        default=None, gt=timedelta(0), description="a timestamp; how long a message is good, such as PT5M"
    )
    signature: bool = Field(
        default=False,
        description="body and timestamp are signed with the configured signing_certificate: X.509, SHA-256",
    )

    @model_validator(mode="after")
    def _something(self) -> "Security":
        if self.username_token is None and self.timestamp is None and not self.signature:
            raise ValueError("give username_token, timestamp or signature, or leave security out")
        return self


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
    version: SoapVersion | None = Field(
        default=None, description="SOAP in template mode: 1.1 (the default) or 1.2; a WSDL says it itself"
    )
    header: str | None = Field(
        default=None, description="SOAP: blocks of the header of every message, a Jinja2 template"
    )
    lists: list[str] = Field(
        default_factory=list,
        description="SOAP: elements of answers that are lists also where one stands alone, besides those that a WSDL "
        "knows; name or parent/name",
    )
    undeclared: list[str] = Field(
        default_factory=list,
        description="SOAP by the WSDL: elements of answers that the office sends and its WSDL does not declare; "
        "name or parent/name",
    )
    attachments: AttachmentWay = Field(
        default=AttachmentWay.INLINE,
        description="SOAP: how attachments travel: inline as base64, or beside the envelope as mtom or swa",
    )
    security: Security | None = None

    @model_validator(mode="after")
    def _fits_its_mode(self) -> "Service":
        if self.mode is SoapMode.TEMPLATE and (self.service or self.port):
            raise ValueError("service and port are chosen in a WSDL; in template mode there is none")
        if self.mode is SoapMode.WSDL and self.version is not None:
            raise ValueError("the WSDL says the version of SOAP; choose the port that speaks it")
        return self


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
