"""The operations of an office mapping: their steps, and what is read from the answers."""

from enum import StrEnum

from pydantic import Field, field_validator, model_validator

from connector.mapping.schema_parts import Closed, Expression, Meaning, Send, Verdict

__all__ = [
    "AnswerPicks",
    "CheckOperation",
    "FindOperation",
    "ProgressOperation",
    "Progressing",
    "ReferralPicks",
    "RegisterOperation",
    "RegistrationPicks",
    "RequestLine",
    "SearchOperation",
    "Step",
    "StepRole",
]


class StepRole(StrEnum):
    """What a step is for the registration as a whole."""

    PREPARES = "prepares"
    """Comes before the number and may be repeated: an upload, a reservation."""
    DECIDES = "decides"
    """Gives the number; called once and never again while its outcome is unknown."""
    FOLLOWS = "follows"
    """Comes after the number and never undoes it: starting a workflow, attaching a file."""


class RequestLine(Closed):
    """REST: what is asked for."""

    method: str = Field(default="GET", pattern=r"^(GET|POST|PUT|PATCH)$")
    path: str = Field(description="joined to the service's address; a Jinja2 template", max_length=2000)
    query: dict[str, Expression] = Field(default_factory=dict)
    headers: dict[str, Expression] = Field(default_factory=dict)


class Step(Closed):
    """One remote call."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="how logs and later steps call it")
    role: StepRole = StepRole.DECIDES
    service: str | None = Field(default=None, description="which service, where the mapping has several")
    call: str | None = Field(default=None, description="SOAP: the operation in the WSDL")
    request: RequestLine | None = Field(default=None, description="REST: method and path")
    when: Expression | None = Field(default=None, description="the step is left out unless this is true")
    each: Expression | None = Field(default=None, description="the step is called once for each item")
    send: Send = Field(default_factory=lambda: Send({}), description="the fields of the message")
    envelope: str | None = Field(
        default=None,
        min_length=1,
        description="SOAP in template mode: the content of the body, or a whole envelope; a Jinja2 template that sees "
        "what send worked out as send",
    )
    header: str | None = Field(
        default=None,
        description="SOAP: blocks of the message's header, a Jinja2 template; in place of the service's",
    )
    action: str | None = Field(default=None, description="SOAP in template mode: the SOAPAction")
    read_xml: Expression | None = Field(
        default=None, description="the answer is XML inside this text of the reply"
    )
    take: dict[str, Expression] = Field(
        default_factory=dict, description="values of the reply that later steps use, as taken.<step>.<name>"
    )
    verdict: Verdict = Field(default_factory=Verdict)


class RegistrationPicks(Closed):
    """Where the registration stands in the answer."""

    number: Expression
    year: Expression | None = None
    date: Expression | None = None
    office_reference: Expression | None = Field(
        default=None, description="the office's own handle to the letter"
    )


class _Operation(Closed):
    steps: list[Step] = Field(min_length=1)

    @field_validator("steps")
    @classmethod
    def _names_once(cls, steps: list[Step]) -> list[Step]:
        if len({step.name for step in steps}) != len(steps):
            raise ValueError("two steps have the same name")
        return steps


class RegisterOperation(_Operation):
    """Registers a letter. Exactly one step decides."""

    registration: RegistrationPicks

    @model_validator(mode="after")
    def _one_decides(self) -> "RegisterOperation":
        deciding = [step for step in self.steps if step.role is StepRole.DECIDES]
        if len(deciding) != 1:
            raise ValueError("exactly one step has the role: decides")
        meanings = deciding[0].verdict.meanings
        if not meanings & {Meaning.REGISTERED, Meaning.KNOWN, Meaning.ACCEPTED}:
            raise ValueError("no code of the deciding step means registered, known or accepted")
        if Meaning.ABSENT in meanings or Meaning.DONE in meanings:
            raise ValueError("a register step cannot mean absent or done")
        return self


class FindOperation(_Operation):
    """Asks for a letter by our key."""

    registration: RegistrationPicks

    @model_validator(mode="after")
    def _may_be_absent(self) -> "FindOperation":
        if Meaning.ABSENT not in self.steps[-1].verdict.meanings:
            raise ValueError("no code or status of the last step means absent")
        return self


class Progressing(StrEnum):
    """What a status code of the office says about a letter."""

    ACCEPTED = "accepted"
    REGISTERED = "registered"
    REFERRED = "referred"
    ANSWERED = "answered"
    CLOSED = "closed"
    RETURNED = "returned"
    REFUSED = "refused"


class ReferralPicks(Closed):
    """Where the referrals of one letter stand; in the picks the referral is called ``item``."""

    each: Expression
    reference: Expression | None = Field(
        default=None, description="without it the position in the chain is taken"
    )
    unit: Expression
    date: Expression | None = None
    is_confidential: Expression | None = Field(default=None, description="true keeps it from the citizen")


class AnswerPicks(Closed):
    """Where the answer to one letter stands."""

    text: Expression
    number: Expression | None = None
    date: Expression | None = None


class ProgressOperation(_Operation):
    """Asks how far letters are; in the picks each letter of the reply is called ``letter``."""

    batch: int = Field(default=1, ge=1, le=1000, description="letters that one call may ask about")
    letters: Expression = Field(description="expression that brings the letters of the reply")
    key: Expression | None = Field(
        default=None, description="our key; may be left out where one letter is asked"
    )
    status: Expression
    statuses: dict[str, Progressing] = Field(min_length=1, description="what each status code says")
    registration: RegistrationPicks
    referrals: ReferralPicks | None = None
    answer: AnswerPicks | None = None
    reason: Expression | None = Field(default=None, description="why it was returned or refused")
    reason_code: Expression | None = None

    @model_validator(mode="after")
    def _tell_apart(self) -> "ProgressOperation":
        if self.batch > 1 and self.key is None:
            raise ValueError("a batch needs key: say where our key stands in each letter")
        return self


class SearchOperation(_Operation):
    """Searches for a letter whose answer was lost; in the picks each match of the reply is called ``match``."""

    matches: Expression = Field(
        description="expression that brings the list of entries that may be the letter"
    )
    most: int | None = Field(
        default=None,
        ge=1,
        description="entries that one answer holds at most; a full answer may hide some, and settles nothing",
    )
    key: Expression | None = Field(
        default=None,
        description="our key in a match, where the office shows it; other letters are passed over",
    )
    status: Expression | None = Field(
        default=None, description="where a match stands; without it the number counts"
    )
    statuses: dict[str, Progressing] = Field(default_factory=dict, description="what each status code says")
    registration: RegistrationPicks
    reason: Expression | None = Field(default=None, description="why it was refused")
    reason_code: Expression | None = None

    @model_validator(mode="after")
    def _certain(self) -> "SearchOperation":
        strange = self.steps[-1].verdict.meanings & {Meaning.REGISTERED, Meaning.KNOWN, Meaning.ACCEPTED}
        if strange:
            raise ValueError("a search brings matches: its codes mean done, absent or a failure")
        if (self.status is None) != (not self.statuses):
            raise ValueError("status and statuses belong together")
        return self


class CheckOperation(_Operation):
    """Asks the office for something harmless."""
