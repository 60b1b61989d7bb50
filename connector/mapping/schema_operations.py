"""The operations of an office mapping: their steps, and what is read from the answers."""

from datetime import timedelta

from pydantic import Field, field_validator, model_validator

from connector.mapping.located import unfit_at
from connector.mapping.schema_parts import Closed, Expression, Meaning
from connector.mapping.schema_picks import AnswerPicks, Progressing, ReferralPicks, RegistrationPicks
from connector.mapping.schema_steps import Step, StepRole, unfit_registration

__all__ = [
    "CheckOperation",
    "FindOperation",
    "ProgressOperation",
    "RegisterOperation",
    "SearchOperation",
]


class _Operation(Closed):
    steps: list[Step] = Field(min_length=1)

    @field_validator("steps")
    @classmethod
    def _names_once(cls, steps: list[Step]) -> list[Step]:
        if len({step.name for step in steps}) != len(steps):
            raise ValueError("two steps have the same name")
        return steps


class _Question(_Operation):
    """Steps that change nothing over there, one after the other in one call."""

    @model_validator(mode="after")
    def _no_roles(self) -> "_Question":
        if any(step.role is not StepRole.DECIDES or step.reserves or step.repeatable for step in self.steps):
            raise ValueError("role, reserves and repeatable belong to the steps of register")
        return self

    def may_mean(self, meaning: Meaning) -> bool:
        """Return whether an answer to any of the steps may mean this."""
        return any(meaning in step.verdict.meanings for step in self.steps)


class RegisterOperation(_Operation):
    """Registers a letter. Exactly one step decides."""

    registration: RegistrationPicks
    preparations_last: timedelta = Field(
        default=timedelta(hours=1),
        gt=timedelta(0),
        description="how long what a step before the number left can be used; older ones are done again",
    )

    @model_validator(mode="after")
    def _fits(self) -> "RegisterOperation":
        unfit = unfit_registration(self.steps)
        if unfit:
            raise unfit_at(*unfit)
        return self


class FindOperation(_Question):
    """Asks for a letter by our key, or for what stands in a reserved place."""

    registration: RegistrationPicks
    absence_is_proof: bool = Field(
        default=True,
        description="find: false where a look-up that finds nothing proves nothing; what it finds is certain",
    )

    @model_validator(mode="after")
    def _may_be_absent(self) -> "FindOperation":
        if self.absence_is_proof and not self.may_mean(Meaning.ABSENT):
            raise ValueError(
                "no code or status of a step means absent; where the office has no word for it, or its word proves "
                "nothing, say absence_is_proof: false"
            )
        return self


class ProgressOperation(_Question):
    """Asks how far letters are; in the picks each letter of the reply is called ``letter``."""

    batch: int = Field(default=1, ge=1, le=1000, description="letters that one call may ask about")
    letters: Expression = Field(description="expression that brings the letters of the reply")
    key: Expression | None = Field(
        default=None, description="our key; may be left out where one letter is asked"
    )
    by_position: bool = Field(
        default=False,
        description="instead of key: the first letter of the reply is the first that was asked about, and so on",
    )
    status: Expression
    statuses: dict[str, Progressing] = Field(min_length=1, description="what each status code says")
    left_out: list[str] = Field(
        default_factory=list,
        description="status codes of letters of which the office can say nothing now: they are asked about again",
    )
    registration: RegistrationPicks
    referrals: ReferralPicks | None = None
    answer: AnswerPicks | None = None
    reason: Expression | None = Field(default=None, description="why it was returned or refused")
    reason_code: Expression | None = None

    @model_validator(mode="after")
    def _tell_apart(self) -> "ProgressOperation":
        if self.batch > 1 and self.key is None and not self.by_position:
            raise ValueError("a batch needs key: say where our key stands in each letter; or by_position")
        if self.by_position and self.key is not None:
            raise ValueError("key and by_position are two ways to tell letters apart: give one")
        if set(self.left_out) & set(self.statuses):
            raise ValueError("a status code stands in statuses or in left_out, not in both")
        return self


class SearchOperation(_Question):
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
        if any(self.may_mean(each) for each in (Meaning.REGISTERED, Meaning.KNOWN, Meaning.ACCEPTED)):
            raise ValueError("a search brings matches: its codes mean done, absent or a failure")
        if (self.status is None) != (not self.statuses):
            raise ValueError("status and statuses belong together")
        return self


class CheckOperation(_Question):
    """Asks the office for something harmless."""
