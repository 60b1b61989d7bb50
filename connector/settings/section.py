"""What every section of the settings has in common: frozen, closed to unknown keys, silent about values."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

__all__ = ["Section", "option", "wrong_at"]


class Section(BaseModel):
    """One section. Its docstring and its options' descriptions become the example file and the schema."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)


def option(
    default: Any = ...,
    *,
    says: str,
    fa: str | None = None,
    example: Any = None,
    form: str | None = None,
    **limits: Any,
) -> Any:
    """Return a pydantic field that explains itself: what it does, a Persian hint, and an example value.

    ``form`` says in words what ``pattern`` asks for: people are told it, and so are editors, by the schema.
    """
    told = (("fa", fa), ("example", example), ("patternErrorMessage", form))
    extra = {name: value for name, value in told if value is not None}
    return Field(default, description=says, json_schema_extra=extra or None, **limits)


def wrong_at(option_name: str, sentence: str) -> ValidationError:
    """Return what a check over several options raises, so that the one at fault is named and not the section."""
    complaint = PydanticCustomError("value_error", "{sentence}", {"sentence": sentence})
    return ValidationError.from_exception_data(
        "settings", [InitErrorDetails(type=complaint, loc=(option_name,), input=None)]
    )
