"""After an outage: 100 000 letters due at once at one office that takes 200 ms over each, and a daemon that starts.

The first call is measured from the start of the lanes (by the daemon's log) to the office's book; the book is a little
later than the start of the call. The callers' time is taken in the office: how long its calls lasted in all, over what
so many callers have. Memory is the peak of the daemon's process over that of one that finds an empty ledger; the
part of it that any registering costs is what one that finds 64 letters has over the same.
"""

from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic

from tests.bench.backlog import Scene, backlog

OFFICE = "branch"
MANY, FEW = 100_000, 64
CALLERS = 8
LATENCY = timedelta(milliseconds=200)
SECONDS = 12.0


def measure() -> dict[str, float]:
    """Return milliseconds, the share of the callers' time, and MB."""
    with backlog({}, latency=LATENCY, calls_at_once=CALLERS) as scene:
        scene.start()
        Event().wait(1)
        empty = _peak_mb(scene)
    with backlog({OFFICE: FEW}, latency=LATENCY, calls_at_once=CALLERS) as scene:
        scene.start()
        if not scene.waits_for(OFFICE, FEW):
            raise RuntimeError("the few letters were not registered")
        Event().wait(1)
        few = _peak_mb(scene)
    with backlog({OFFICE: MANY}, latency=LATENCY, calls_at_once=CALLERS) as scene:
        scene.start()
        rate = scene.rate(OFFICE, settling=1, seconds=SECONDS)
        many = _peak_mb(scene)
        first = min(entry.entered_at for entry in scene.counter(OFFICE).book.entries())
        waited = (first - scene.started_at()) / timedelta(milliseconds=1)
    return {
        "first_call_after_ms": waited,
        "callers_busy": rate * LATENCY.total_seconds() / CALLERS,
        "letters_per_second": rate,
        "growth_mb": many - empty,
        "growth_of_few_mb": few - empty,
        "peak_mb": many,
    }


def _peak_mb(scene: Scene) -> float:
    text = Path(f"/proc/{scene.daemons[0].pid}/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM:")) / 1024


if __name__ == "__main__":
    began = monotonic()
    print(measure(), f"{monotonic() - began:.0f} s")
