"""A dead office beside a living one, in one daemon: what the living one loses by it.

Both have letters waiting. The living one takes 100 ms over each; the dead one takes connections and requests and never
answers, so that every call to it runs into its timeout of a second. The same daemon's rate before anything waits at the
dead one is the measure.
"""

import statistics
from datetime import timedelta
from time import monotonic

from tests.bench.backlog import backlog

LIVING, DEAD = "branch", "main"
WAITING = 3_000
CALLERS = 4
LATENCY = timedelta(milliseconds=100)
SECONDS = 6.0
ROUNDS = 2


def run_round() -> tuple[float, float]:
    """Return how many letters the living office takes in a second, alone and beside the dead one."""
    with backlog(
        {LIVING: WAITING}, latency=LATENCY, calls_at_once=CALLERS, answer_within=timedelta(seconds=1)
    ) as scene:
        scene.agency.server(DEAD).freeze()
        scene.start()
        alone = scene.rate(LIVING, settling=2, seconds=SECONDS)
        scene.add(DEAD, WAITING)
        beside = scene.rate(LIVING, settling=3, seconds=SECONDS)
        timeouts = scene.agency.files.log.read_bytes().count(b'"registration.outcome_lost"')
        if timeouts < CALLERS or scene.registered(DEAD):
            raise RuntimeError("the dead office was not dead, or nobody called it")
        return alone, beside


def measure() -> dict[str, float]:
    """Return the medians of both rates and of their ratio."""
    rounds = [run_round() for _ in range(ROUNDS)]
    return {
        "alone": statistics.median(alone for alone, _ in rounds),
        "beside_dead": statistics.median(beside for _, beside in rounds),
        "ratio": statistics.median(beside / alone for alone, beside in rounds),
    }


if __name__ == "__main__":
    began = monotonic()
    print(measure(), f"{monotonic() - began:.0f} s")
