"""What an integrator writes out where nothing can be read backwards: ``NAME.office.yaml`` beside the mapping."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from connector.mapping.located import load_located, validate
from connector.mapping.schema_parts import Closed, Meaning
from connector.mapping.templates import CompiledTemplate, compile_template

__all__ = ["OwnReplies", "OwnRepliesFile", "OwnReply", "own_replies_path", "told"]


class OwnReply(Closed):
    """One answer, written out. Both are Jinja2 templates over what is told of the letter."""

    status: int = Field(default=200, ge=100, le=599)
    xml: str | None = Field(default=None, description="SOAP: the element in the body")
    json_: str | None = Field(default=None, alias="json", description="REST: the JSON, as text")

    @model_validator(mode="after")
    def _one_body(self) -> "OwnReply":
        if (self.xml is None) == (self.json_ is None):
            raise ValueError("give one of: xml, json")
        return self


class OwnRepliesFile(Closed):
    """The file."""

    replies: dict[str, dict[Meaning, OwnReply]] = Field(
        description="by step (or operation): what is answered for each meaning"
    )


@dataclass(frozen=True)
class OwnReplies:
    """The answers that are written out, compiled."""

    templates: Mapping[tuple[str, Meaning], tuple[int, CompiledTemplate]] = field(default_factory=dict)

    @classmethod
    def beside(cls, mapping: Path) -> "OwnReplies":
        """Read the file beside this mapping; none where there is none. Raise MappingInvalid where it is wrong."""
        path = own_replies_path(mapping)
        if not path.is_file():
            return cls()
        located = load_located(path)
        file = validate(OwnRepliesFile, located)
        return cls(
            {
                (step, meaning): (
                    reply.status,
                    compile_template(
                        reply.xml or reply.json_ or "",
                        where=located.where(("replies", step, str(meaning))),
                        style="xml" if reply.xml is not None else "text",
                    ),
                )
                for step, replies in file.replies.items()
                for meaning, reply in replies.items()
            }
        )

    def find(self, step: str, operation: str, meaning: Meaning | None) -> tuple[int, CompiledTemplate] | None:
        """Return the answer that is written out for this meaning; None where none is."""
        if meaning is None:
            return None
        return self.templates.get((step, meaning)) or self.templates.get((operation, meaning))


def own_replies_path(mapping: Path) -> Path:
    """Return where the answers that are written out for a mapping's office are."""
    return mapping.with_suffix(".office.yaml")


def told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the simulator's facts under the names that templates use."""
    names = {"documentId": "reference", "resultText": "text", "statusCode": "state"}
    found = {names.get(name, name): value for name, value in values.items()}
    letters = [told(each) for each in values.get("letters", ())]
    return {
        **dict.fromkeys(("number", "year", "date", "reference", "key", "text", "handle")),
        **found,
        "letters": letters,
    }
