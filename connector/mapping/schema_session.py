"""The session of an office mapping: how it is opened, kept and recognised as over."""

from datetime import timedelta
from typing import Final

from pydantic import Field, field_validator, model_validator

from connector.mapping.schema_parts import Closed, Expression, FaultWords, HttpStatus, Meaning
from connector.mapping.schema_steps import Step, StepRole

__all__ = ["Expired", "Session"]


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
    lasts: timedelta | None = Field(
        default=None, gt=timedelta(0), description="how long a session is good at most"
    )
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
