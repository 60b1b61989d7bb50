"""Looking for a history that breaks a promise, and making it short."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from hypothesis.stateful import run_state_machine_as_test

from tests.simulation.machine import LettersUnderTrouble, machine_settings
from tests.simulation.promises import PromiseBroken
from tests.simulation.replay import replay
from tests.simulation.steps import History

__all__ = ["Breach", "breach_within", "shortened"]


@dataclass(frozen=True, slots=True)
class Breach:
    """A promise that does not hold, in which history, and how many were played until it was seen."""

    promise: str
    what: str
    histories: int
    history: History


def breach_within(
    histories: int, machine: type[LettersUnderTrouble] = LettersUnderTrouble, **changes: object
) -> Breach | None:
    """Return the first broken promise of so many histories, the same ones each time; None where all hold."""
    found: list[Breach] = []

    class Watched(machine):  # type: ignore[misc, valid-type]
        histories = 0

        def broke(self, error: BaseException, history: History) -> None:
            if isinstance(error, PromiseBroken):
                found.append(Breach(error.promise, str(error), type(self).histories, history))

    try:
        with _seldom_swept():
            run_state_machine_as_test(Watched, settings=machine_settings(histories, **changes))
    except PromiseBroken:
        return found[0]
    return None


@contextmanager
def _seldom_swept() -> Iterator[None]:
    """Have the garbage of many short histories looked for seldom, and not among what was there before them."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def shortened(history: History) -> History:
    """Return a history that breaks the same promise with as few steps as can be left out one part at a time."""
    promise = _broken_by(history)
    size = len(history.steps) // 2
    while size:
        shorter = next((each for each in _without(history, size) if _broken_by(each) == promise), None)
        if shorter is not None:
            history = shorter
        else:
            size //= 2
    return history


def _without(history: History, size: int) -> Iterator[History]:
    """Yield the history without each run of so many steps, the last ones first."""
    for start in range(len(history.steps) - size, -1, -1):
        yield replace(history, steps=history.steps[:start] + history.steps[start + size :])


def _broken_by(history: History) -> str | None:
    try:
        replay(history)
    except PromiseBroken as broken:
        return broken.promise
    return None
