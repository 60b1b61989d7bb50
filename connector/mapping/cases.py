"""Cases beside a mapping: this letter makes this request, and this reply makes this outcome."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from connector.mapping.located import Located, load_located, validate
from connector.mapping.schema_parts import Closed

__all__ = [
    "Case",
    "CaseAttachment",
    "CaseExchange",
    "CaseFile",
    "CaseLetter",
    "CaseReference",
    "CaseReply",
    "CaseRequest",
    "load_cases",
]


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
    headers: dict[str, str] | None = Field(default=None, description="HTTP headers, in any size of letters")
    fields: Any = Field(
        default=None,
        description="fields of the message; over SOAP every value is text. {$xml: text} compares as XML, "
        "{$contains: [texts]} looks for each of them",
    )


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


class CaseExchange(Closed):
    """One call and its answer."""

    request: CaseRequest = Field(default_factory=CaseRequest)
    reply: CaseReply


class CaseReference(Closed):
    """A letter that the office has, as the ledger knows it."""

    key: str = "KEY1"
    number: str | None = None
    year: int | None = None
    office_reference: str | None = None


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
    kept: dict[str, Any] | None = Field(
        default=None, description="what a step before the number leaves for later ones"
    )
    completed: bool | None = Field(default=None, description="a step after the number is done")
    fails: CaseFailure | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "CaseOutcome":
        if len(self.model_fields_set) != 1:
            raise ValueError("give exactly one outcome")
        return self


CaseOperation = Literal[
    "register", "prepare", "reserve", "complete", "find", "verify", "search", "progress", "check"
]


class Case(Closed):
    """One example."""

    name: str
    operation: CaseOperation = Field(
        default="register",
        description="register does what comes before the number first, and what follows it while exchanges are left",
    )
    step: str | None = Field(default=None, description="prepare, complete: the step, such as upload_1")
    letter: CaseLetter = Field(default_factory=CaseLetter)
    keys: list[str] = Field(
        default_factory=lambda: ["KEY1"], description="progress: our keys that are asked about"
    )
    references: list[CaseReference] = Field(
        default_factory=list,
        description="progress: the letters that are asked about, where keys say too little; complete: the letter",
    )
    kept: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="what earlier steps have taken, by the step; what the step that reserves took is under reserve",
    )
    logs_in: bool = Field(default=True, description="begin with the exchanges of session")
    request: CaseRequest = Field(default_factory=CaseRequest)
    reply: CaseReply | None = Field(default=None, description="absent where nothing may be sent")
    exchanges: list[CaseExchange] = Field(
        default_factory=list, description="instead of request and reply: the calls in their order"
    )
    outcome: CaseOutcome

    @model_validator(mode="after")
    def _one_way_to_tell(self) -> "Case":
        if self.exchanges and {"request", "reply"} & self.model_fields_set:
            raise ValueError("give request and reply, or exchanges")
        if (self.step is not None) != (self.operation in {"prepare", "complete"}):
            raise ValueError("step belongs to the operations prepare and complete")
        return self

    @property
    def conversation(self) -> list[CaseExchange]:
        """Return the exchanges of the case alone."""
        if self.exchanges or self.reply is None:
            return self.exchanges
        return [CaseExchange(request=self.request, reply=self.reply)]


class CaseFile(Closed):
    """The cases of one mapping."""

    session: list[CaseExchange] = Field(
        default_factory=list, description="the log-in, before each case that says nothing else"
    )
    cases: list[Case] = Field(min_length=1)


def load_cases(path: Path) -> tuple[CaseFile, Located]:
    """Read the cases of a mapping. Raise MappingInvalid with file, line and path where they are wrong."""
    located = load_located(path)
    return validate(CaseFile, located), located
