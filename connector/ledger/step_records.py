"""Steps of a registration as plain records: what was announced, how it ended, and what it left for later ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

__all__ = [
    "ANOTHER_NUMBER",
    "EVERY_SIDE_STEP",
    "PREPARE_PREFIX",
    "REGISTER",
    "REGISTER_AGAIN",
    "RESERVE",
    "SIDE_STEP_PREFIX",
    "SideStepHappening",
    "SideStepStatus",
    "Step",
    "StepEnd",
    "StepOutcome",
    "WaitingSideStep",
]

REGISTER: Final = "register"
"""The decisive step: the only one that gives a number, and the only one that moves a letter to registering."""
REGISTER_AGAIN: Final = "register_again"
"""The same create under the same key, where that makes nothing new: a look-up, which leaves the letter uncertain."""
RESERVE: Final = "reserve"
PREPARE_PREFIX: Final = "prepare/"
SIDE_STEP_PREFIX: Final = "complete/"
EVERY_SIDE_STEP: Final = "*"
"""The last part of the work id of the row that is queued with the number, until the office's side steps are rows."""

ANOTHER_NUMBER: Final = "another_number"
"""Waits for a person like a side step, and nobody else can do it: to find out which of two numbers is the letter's."""


class StepOutcome(StrEnum):
    """How a step ended, where it is not the decisive one: that one ends with an event."""

    DONE = "done"
    FAILED = "failed"
    LOST = "lost"
    """It may or may not have happened."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StepEnd:
    """How a step ended."""

    outcome: str
    reason: str | None = None
    """A closed word for logs and the operator. Never personal."""
    kept: Mapping[str, str] = field(default_factory=dict)
    """What it leaves for later steps; sealed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One line of a letter's journal of steps."""

    position: int
    """Rises with each step of a letter before its number; side steps come after all of them."""
    name: str
    announced_at: datetime
    outcome: str | None
    """None while nobody has written how it ended."""
    kept: Mapping[str, str]


class SideStepStatus(StrEnum):
    """Where one side step stands."""

    QUEUED = "queued"
    SENDING = "sending"
    """The intent is on disk, the call is under way."""
    DONE = "done"
    UNCERTAIN = "uncertain"
    """It may or may not have been done, and doing it twice does harm: a person says which."""
    PARKED = "parked"
    """It is certainly not done and cannot be: a person says how it goes on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SideStepHappening:
    """What became of one side step; the ledger adds its owner, and frees the letter's next one where it is done."""

    status: SideStepStatus
    due_at: datetime | None = None
    """When it is tried again, or a person is reminded of it; None where it is done."""
    outcome: StepOutcome = StepOutcome.DONE
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingSideStep:
    """A side step that waits for a person. Nothing personal."""

    work_id: str
    letter_id: str
    tracking_code: str
    office: str | None
    name: str
    status: SideStepStatus
    reason: str | None
    since: datetime
    due_at: datetime | None
    """When the operator is reminded of it again."""
    version: int
    """Rises with whatever is done to it."""
