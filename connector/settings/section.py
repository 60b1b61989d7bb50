"""What every section of the settings has in common: frozen, closed to unknown keys, silent about values."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Section", "option"]


class Section(BaseModel):
    """One section. Its docstring and its options' descriptions become the example file and the schema."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)


def option(
    default: Any = ..., *, says: str, fa: str | None = None, example: Any = None, **limits: Any
) -> Any:
    """Return a pydantic field that explains itself: what it does, a Persian hint, and an example value."""
    extra = {name: value for name, value in (("fa", fa), ("example", example)) if value is not None}
    return Field(default, description=says, json_schema_extra=extra or None, **limits)
