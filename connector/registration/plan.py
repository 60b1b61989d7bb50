"""Which steps before the number are still to be done: read out of the journal, and decided here alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from connector.domain.lifecycle import Event
from connector.errors import NotPossible
from connector.ledger.step_records import PREPARE_PREFIX, REGISTER, RESERVE, Step, StepOutcome
from connector.ports.office import Kept

__all__ = ["Plan", "checked_names", "left_open", "plan_of", "reservation_of"]

_NAME: Final = re.compile(r"[A-Za-z0-9_]{1,30}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is done already and can be used, and what is to be done, in order."""

    kept: dict[str, Kept]
    to_do: tuple[str, ...]


def checked_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of an office's preparing steps. Raise NotPossible where they cannot be kept in the journal."""
    are_names = all(isinstance(name, str) and _NAME.fullmatch(name) for name in names)
    if not are_names or len(set(names)) != len(names) or RESERVE in names:
        raise NotPossible(
            "The office's adapter names a step before the number in a way that cannot be kept.",
            next_step="Tell the adapter's author: 30 letters, digits and underscores, no name twice.",
        )
    return tuple(names)


def plan_of(
    names: Sequence[str], journal: Sequence[Step], *, now: datetime, usable_for: timedelta, is_again: bool
) -> Plan:
    """Return what of these steps is to be done. What comes after a step that is done anew is done anew, too.

    A step is not done again while what it left can be used: it is younger than ``usable_for``, counted from its
    intent, and no register that came after it was lost, because that call may have used it up. ``is_again`` is for the
    same create under the same key, which should be given the same things.
    """
    lost_at = -1 if is_again else _last_loss(journal)
    done = {
        step.name: step.kept
        for step in journal
        if step.outcome == StepOutcome.DONE
        and step.position > lost_at
        and now < step.announced_at + usable_for
    }
    kept: dict[str, Kept] = {}
    for position, name in enumerate(names):
        if PREPARE_PREFIX + name not in done:
            return Plan(kept=kept, to_do=tuple(names[position:]))
        kept[name] = done[PREPARE_PREFIX + name]
    return Plan(kept=kept, to_do=())


def left_open(journal: Sequence[Step]) -> str | None:
    """Return the name of the step that nobody wrote an end of: its process died in the middle of it."""
    return next((step.name for step in reversed(journal) if step.outcome is None), None)


def reservation_of(journal: Sequence[Step]) -> Kept | None:
    """Return the place that was reserved for the last intent to register, None where there was none.

    The two stand side by side in the journal. An older reservation belongs to an older intent: that it is empty would
    say nothing about this one.
    """
    registers = [step for step in journal if step.name == REGISTER]
    if not registers:
        return None
    position = registers[-1].position - 1
    for step in journal:
        if step.position == position and step.name == RESERVE and step.outcome == StepOutcome.DONE:
            return step.kept
    return None


def _last_loss(journal: Sequence[Step]) -> int:
    lost = [s.position for s in journal if s.name == REGISTER and s.outcome == Event.OUTCOME_LOST]
    return max(lost, default=-1)
