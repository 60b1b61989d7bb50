"""The fire drill is worth its minutes only if it goes red when a guard is broken: real daemons, one guard taken away.

`broken/sitecustomize.py` takes it away in each process of the drill. `tests/simulation` asks the same of itself. That a
drill with every guard in its place stays green is held by `test_rehearsal.py`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BROKEN = Path(__file__).parent / "broken"
ROOT = Path(__file__).parents[2]
CHAPAR = (sys.executable, "-c", "from connector.cli.main import main; main()")
LOST_ANSWERS = ("--letters", "12", "--faults", "answer_lost,slower_than_every_timeout", "--kills", "0")
KILLED_IN_A_CALL = ("--letters", "12", "--faults", "none", "--kills", "1")
UNTOUCHED = ("--letters", "12", "--level", "C", "--faults", "none", "--kills", "0")
"""No call goes wrong, so nobody may have to ask a person what became of one."""
QUICK, PATIENT = 40, 150
"""Seconds for a drill; a double entry is never made good, so a drill that found one goes on until its bound. On a busy
machine the faults may not have come in the first of these."""
AROUND = 60
LONG = QUICK + PATIENT + 2 * AROUND


def rehearse(*arguments: str, within: int, broken: str = "") -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [*CHAPAR, "rehearse", *arguments, "--within", f"{within}s", "--report", "json", "--no-ui"],
        stdout=subprocess.PIPE,
        timeout=within + AROUND,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(BROKEN), str(ROOT)]), "BROKEN_GUARDS": broken},
    )
    return done.returncode, json.loads(done.stdout)


def assert_found(broken: str, *arguments: str, by: str = "registered_twice", promise: int = 2) -> None:
    for within in (QUICK, PATIENT):
        code, report = rehearse(*arguments, within=within, broken=broken)
        if report[by]:
            break
    assert report[by] > 0, {**report, "schedule": "left out"}
    assert code == 1
    kept = {each["promise"]: each["kept"] for each in report["promises"]}
    assert kept[promise] is False


@pytest.mark.timeout(LONG)
def test_an_intent_that_is_not_on_disk_before_the_call_is_found() -> None:
    assert_found("intent_not_committed", *KILLED_IN_A_CALL)


@pytest.mark.timeout(LONG)
def test_a_lost_answer_that_is_taken_for_a_failure_is_found() -> None:
    assert_found("lost_answer_taken_for_failure", *LOST_ANSWERS)


@pytest.mark.timeout(LONG)
def test_work_that_is_taken_out_of_another_hand_is_found() -> None:
    assert_found("lease_not_looked_at", *UNTOUCHED, by="asked_without_need", promise=3)
