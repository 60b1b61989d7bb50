"""The small parts of a mapping's schema: what is written, what is picked, how an answer is judged."""

from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    StringConstraints,
    Tag,
    model_validator,
)

__all__ = [
    "BESIDE",
    "As",
    "Closed",
    "Each",
    "Expression",
    "FaultRule",
    "FaultWords",
    "HttpStatus",
    "Leaf",
    "Meaning",
    "Send",
    "TooLong",
    "Verdict",
]

Expression = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
"""A JMESPath expression over the values of the operation."""


BESIDE: Final = "$beside"
"""In ``send``: contents that go as parts beside the message, and that none of its elements names."""


HttpStatus = Annotated[str, StringConstraints(pattern=r"^[1-5][0-9][0-9]$")]
"""An HTTP status, as a key of a table."""


class Closed(BaseModel):
    """A section of the mapping: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class TooLong(StrEnum):
    """What happens to a text that is longer than the office's field."""

    REFUSE = "refuse"
    """The letter cannot be put into this form; a person must look."""
    CUT = "cut"
    """It is cut, and ends in an ellipsis."""


class As(StrEnum):
    """How a written text is sent."""

    TEXT = "text"
    """As it is."""
    DOCUMENT = "document"
    """As an attachment is: base64 in its element, or a part of its own beside the envelope."""


class Leaf(Closed):
    """One value with its rules. Exactly one of ``$pick``, ``$write``, ``$xml`` and ``$value`` is given."""

    pick: Expression | None = Field(default=None, alias="$pick", description="JMESPath expression")
    write: str | None = Field(default=None, alias="$write", description="Jinja2 template that writes a text")
    xml: str | None = Field(
        default=None,
        alias="$xml",
        description="Jinja2 template that writes XML into a text; values are escaped, and it must be well-formed",
    )
    with_: dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")], Expression] = Field(
        default_factory=dict, alias="$with", description="further values for the template, by name"
    )
    value: Any = Field(
        default=None, alias="$value", description="a constant, sent as it is, also when it is null"
    )
    longest: int | None = Field(
        default=None, ge=1, alias="$longest", description="longest text, in characters"
    )
    too_long: TooLong = Field(
        default=TooLong.REFUSE, alias="$too_long", description="what happens to a longer text"
    )

    as_: As = Field(
        default=As.TEXT,
        alias="$as",
        description="document: what $write or $xml wrote is sent as an attachment is, contents of files inside it too",
    )
    media_type: str = Field(
        default="text/xml; charset=UTF-8",
        alias="$media_type",
        pattern=r"^[!-~ ]+$",
        description="media type of a document, where it is a part beside the envelope",
    )

    @model_validator(mode="after")
    def _one_source(self) -> "Leaf":
        given = {"pick", "write", "xml", "value"} & self.model_fields_set
        if len(given) != 1:
            raise ValueError("give exactly one of: $pick, $write, $xml, $value")
        if self.with_ and not given & {"write", "xml"}:
            raise ValueError("$with belongs to $write or $xml")
        if {"as_", "media_type"} & self.model_fields_set and not given & {"write", "xml"}:
            raise ValueError("$as and $media_type belong to $write or $xml")
        if self.longest is not None and self.too_long is TooLong.CUT and "xml" in given:
            raise ValueError("XML is not cut: $too_long is refuse beside $xml")
        return self


class Each(Closed):
    """A list: ``$give`` once for each item of ``$each``; the item is called ``item``, its position ``index``."""

    each: Expression = Field(alias="$each", description="JMESPath expression that brings a list")
    give: "Send" = Field(alias="$give", description="what is written for one item")


def _kind(value: Any) -> str:
    if isinstance(value, Leaf):
        return "leaf"
    if isinstance(value, Each):
        return "each"
    if isinstance(value, dict):
        keys = [str(key) for key in value]
        if "$each" in keys or "$give" in keys:
            return "each"
        return "leaf" if any(key.startswith("$") and key != BESIDE for key in keys) else "fields"
    if isinstance(value, list):
        return "list"
    return "expression" if isinstance(value, str) else "constant"


class Send(
    RootModel[
        Annotated[
            Annotated[Leaf, Tag("leaf")]
            | Annotated[Each, Tag("each")]
            | Annotated[dict[str, "Send"], Tag("fields")]
            | Annotated[list["Send"], Tag("list")]
            | Annotated[Expression, Tag("expression")]
            | Annotated[int | float | bool | None, Tag("constant")],
            Discriminator(_kind),
        ]
    ]
):
    """What is sent: a tree in which a text is an expression, a number a constant, and ``$`` marks what is special."""

    model_config = ConfigDict(frozen=True)


Each.model_rebuild()


class Meaning(StrEnum):
    """What an answer means. The first five are outcomes, the others say what to do next."""

    DONE = "done"
    """The step succeeded; for operations that bring no registration."""
    REGISTERED = "registered"
    KNOWN = "known"
    """The office had the letter already, under this number."""
    ACCEPTED = "accepted"
    """The office has the letter; the number comes later."""
    ABSENT = "absent"
    """The office has nothing under this key."""
    NEVER = "never"
    """The office will never take this letter as it is."""
    RETRY = "retry"
    """Certainly nothing was done; the same call may work later."""
    RATE = "rate"
    """Certainly nothing was done; too many calls."""
    CREDENTIALS = "credentials"
    """User name, password or key refused; the connection stops."""
    UNKNOWN = "unknown"
    """Nobody knows whether it was done: look the letter up."""


FailureMeaning = Literal[Meaning.NEVER, Meaning.RETRY, Meaning.RATE, Meaning.CREDENTIALS, Meaning.UNKNOWN]


class FaultWords(Closed):
    """A SOAP fault, told by its code, by words in its text, by a word of its detail, or by several of them."""

    code: str | None = Field(default=None, description="fault code, with or without its prefix")
    text: str | None = Field(default=None, min_length=3, description="words that the fault's text contains")
    detail: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="the name of an element in the fault's detail, or the whole text of one",
    )

    @model_validator(mode="after")
    def _something(self) -> "FaultWords":
        if self.code is None and self.text is None and self.detail is None:
            raise ValueError("give code, text or detail")
        return self


class FaultRule(FaultWords):
    """What such a fault means."""

    means: FailureMeaning


class Verdict(Closed):
    """How an answer is judged. Without a code, an answer that can be read and has a good HTTP status is ``done``."""

    code: Expression | None = Field(default=None, description="expression that brings the office's own code")
    text: Expression | None = Field(
        default=None, description="expression that brings the office's own wording"
    )
    http: dict[HttpStatus, Meaning] = Field(
        default_factory=dict,
        description="what an HTTP status means in this step, where the code does not say",
    )
    means: dict[str, Meaning] = Field(
        default_factory=dict, description="what each code means; others are unknown"
    )
    inner: "Verdict | None" = Field(
        default=None, description="the second level: how an answer is judged whose first level says done"
    )

    @property
    def meanings(self) -> frozenset[Meaning]:
        """Everything that an answer may mean by these tables."""
        if self.inner is None:
            return frozenset((*self.means.values(), *self.http.values()))
        ours = frozenset((*self.means.values(), *self.http.values())) - {Meaning.DONE}
        return ours | self.inner.meanings

    @model_validator(mode="after")
    def _codes_with_their_place(self) -> "Verdict":
        if self.means and self.code is None:
            raise ValueError("means needs code: say where the code stands")
        if self.code is not None and not self.means:
            raise ValueError("code needs means: say what each code means")
        return self

    @model_validator(mode="after")
    def _two_levels(self) -> "Verdict":
        if self.inner is None:
            return self
        if self.inner.http:
            raise ValueError("inner has no http: an HTTP status belongs to the first level")
        if self.code is not None and Meaning.DONE not in self.means.values():
            raise ValueError("inner needs a code that means done: it leads to the second level")
        return self
