"""Whatever happens, in whatever order: every promise holds at every moment, and everything comes to its end.

Thousands of histories in about a minute, the same ones each time. ``CHAPAR_SIMULATION=long`` plays many more, others
each time: for a night, or after a change of what matters most. A history that breaks a promise is made short and
printed as it is to be kept in test_found_histories.py.
"""

import os
import secrets

import pytest
from hypothesis import seed

from tests.simulation.machine import CitizensUnderTrouble, LettersUnderTrouble
from tests.simulation.search import breach_within, shortened

IS_LONG = os.environ.get("CHAPAR_SIMULATION") == "long"
HISTORIES = 2000
HISTORIES_WITH_CITIZENS = 100
ROUNDS_OF_A_LONG_RUN = 100


def look(machine: type[LettersUnderTrouble], histories: int = HISTORIES, **changes: object) -> None:
    breach = breach_within(histories, machine, **changes)
    if breach is not None:
        short = shortened(breach.history)
        pytest.fail(f"After {breach.histories} histories: {breach.what}\n{short.as_code()}", pytrace=False)


@pytest.mark.timeout(0 if IS_LONG else 1800)
def test_every_promise_holds_whatever_happens_in_whatever_order() -> None:
    look(LettersUnderTrouble)
    for _ in range(ROUNDS_OF_A_LONG_RUN if IS_LONG else 0):
        number = secrets.randbits(32)
        print(f"seed {number}", flush=True)
        look(seed(number)(LettersUnderTrouble), derandomize=False, stateful_step_count=25)


@pytest.mark.timeout(0 if IS_LONG else 600)
def test_and_holds_while_their_citizens_write_and_are_answered_in_between() -> None:
    look(CitizensUnderTrouble, HISTORIES_WITH_CITIZENS)
    for _ in range(ROUNDS_OF_A_LONG_RUN if IS_LONG else 0):
        number = secrets.randbits(32)
        print(f"seed {number}", flush=True)
        look(seed(number)(CitizensUnderTrouble), derandomize=False, stateful_step_count=25)
