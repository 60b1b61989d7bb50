"""Cases beside a mapping: this letter makes this request, and this reply makes this outcome."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from connector.mapping.located import Located, load_located, validate
from connector.mapping.schema_parts import Closed

__all__ = ["Case", "CaseAttachment", "CaseFile", "CaseLetter", "CaseReply", "CaseRequest", "load_cases"]


class CaseAttachment(Closed):
    """A small file of the letter."""

    name: str = "letter.txt"
    media_type: str = "text/plain"
    text: str = Field(default="", description="its content")


class CaseLetter(Closed):
    """What differs from the example letter. Its sender is made up."""

    subject: str = "درخواست نمونه"
    text: str = "با سلام، متن نمونه."
    urgency: Literal["normal", "urgent", "immediate"] = "normal"
    confidentiality: Literal["normal", "confidential", "secret"] = "normal"
    sender_kind: Literal["natural", "legal"] = "natural"
    sender_name: str = "شهروند نمونه"
    unit: str | None = None
    fields: dict[str, str] = Field(default_factory=dict)
    received_on: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] = "2026-11-21"
    attachments: list[CaseAttachment] = Field(default_factory=list)


class CaseRequest(Closed):
    """What the office must have been sent; only what is given is compared."""

    call: str | None = Field(default=None, description="SOAP: the element in the body")
    method: str | None = None
    path: str | None = None
    query: dict[str, str] | None = None
    fields: Any = Field(default=None, description="fields of the message; over SOAP every value is text")


class CaseReply(Closed):
    """What the office answers. Exactly one of xml, json, text and lost, or none for an empty body."""

    status: int = 200
    headers: dict[str, str] = Field(default_factory=dict)
    xml: str | None = Field(default=None, description="content of the SOAP body; a fault is written out too")
    json_: Any = Field(default=None, alias="json")
    text: str | None = Field(default=None, description="a body as it is, for answers that break the contract")
    lost: bool = Field(default=False, description="the connection is closed without an answer")

    @model_validator(mode="after")
    def _one_body(self) -> "CaseReply":
        if len({"xml", "json_", "text", "lost"} & self.model_fields_set) > 1:
            raise ValueError("give one of: xml, json, text, lost")
        return self


class CaseFailure(Closed):
    """A failure, by its type in connector.errors."""

    type: Literal[
        "Unavailable", "RateLimited", "OutcomeUnknown", "Misbehaved", "CredentialsRejected", "NotPossible"
    ]
    reason: str | None = None
    code: str | None = None


class CaseOutcome(Closed):
    """What must come of it. Exactly one key is given; only what stands under it is compared."""

    registered: dict[str, Any] | None = None
    known: dict[str, Any] | None = None
    submitted: dict[str, Any] | None = None
    refused: dict[str, Any] | None = None
    absent: bool | None = None
    matches: list[dict[str, Any]] | None = Field(
        default=None, description="what a search brings: for each entry registered, submitted or refused"
    )
    progress: list[dict[str, Any]] | None = None
    checked: bool | None = None
    fails: CaseFailure | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "CaseOutcome":
        if len(self.model_fields_set) != 1:
            raise ValueError("give exactly one outcome")
        return self


class Case(Closed):
    """One example."""

    name: str
    operation: Literal["register", "find", "search", "progress", "check"] = "register"
    letter: CaseLetter = Field(default_factory=CaseLetter)
    keys: list[str] = Field(default_factory=lambda: ["KEY1"], description="our keys that are asked about")
    request: CaseRequest = Field(default_factory=CaseRequest)
    reply: CaseReply | None = Field(default=None, description="absent where nothing may be sent")
    outcome: CaseOutcome


class CaseFile(Closed):
    """The cases of one mapping."""

    cases: list[Case] = Field(min_length=1)


def load_cases(path: Path) -> tuple[CaseFile, Located]:
    """Read the cases of a mapping. Raise MappingInvalid with file, line and path where they are wrong."""
    located = load_located(path)
    return validate(CaseFile, located), located
