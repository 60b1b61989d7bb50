"""The faults of single calls: one after the other at each place, with a good call between two of them.

Faults whose turn comes while their office is down wait here. If all of them were played in a row once it is up again,
the breaker of the connection would open anew at each, and the drill would show nothing but patience.
"""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from connector.simulator.faults import Fault, FaultPlan, FaultRule
from connector.simulator.rehearsal.names import FaultName
from connector.simulator.rehearsal.schedule import Planned

__all__ = ["LATE", "SpoiledCalls"]

LATE: Final = timedelta(seconds=4.5)
"""When an answer comes that is slower than every timeout; and the deed, within what the offices promise."""
_LOOK_EVERY: Final = 0.02
_BETWEEN: Final = {"send": 2}
"""Good calls between two spoiled ones; of other deeds one."""

_AS_PLAYED: Final[Mapping[tuple[FaultName, str], Fault]] = {
    (FaultName.ANSWER_LOST, ""): Fault.LOSE_ANSWER,
    (FaultName.REQUEST_LOST, ""): Fault.LOSE_REQUEST,
    (FaultName.RESET_IN_BODY, ""): Fault.RESET_IN_BODY,
    (FaultName.SLOWER_THAN_EVERY_TIMEOUT, "done_at_once"): Fault.STALL,
    (FaultName.SLOWER_THAN_EVERY_TIMEOUT, "done_late"): Fault.STALL_BEFORE,
    (FaultName.HTTP_500, "done"): Fault.ERROR_AFTER,
    (FaultName.HTTP_500, "not_done"): Fault.SERVER_ERROR,
    **{(FaultName.HTTP_502, form): Fault.HTTP_502 for form in ("done", "not_done")},
    **{(FaultName.HTTP_503, form): Fault.HTTP_503 for form in ("done", "not_done")},
    **{(FaultName.SOAP_FAULT, form): Fault.SOAP_FAULT for form in ("done", "not_done")},
    **{(FaultName.UNMAPPED_CODE, form): Fault.UNMAPPED_CODE for form in ("done", "not_done")},
    (FaultName.ERROR_IN_200, ""): Fault.ERROR_IN_200,
    (FaultName.GARBAGE, ""): Fault.GARBAGE,
    (FaultName.TRUNCATED, ""): Fault.TRUNCATED,
    (FaultName.WRONG_CONTENT_TYPE, ""): Fault.WRONG_CONTENT_TYPE,
    (FaultName.DUPLICATE_ANSWER, ""): Fault.DUPLICATE_ANSWER,
    (FaultName.SESSION_EXPIRED, ""): Fault.SESSION_EXPIRED,
    (FaultName.RATE_LIMITED, ""): Fault.TOO_MANY,
    (FaultName.RATE_LIMITED_SILENT, ""): Fault.TOO_MANY_SILENT,
    (FaultName.GATEWAY_ANSWER_LOST, ""): Fault.LOSE_ANSWER,
    (FaultName.GATEWAY_REQUEST_LOST, ""): Fault.LOSE_REQUEST,
    (FaultName.GATEWAY_GARBAGE, ""): Fault.GARBAGE,
    (FaultName.GATEWAY_HTTP_500, "done"): Fault.ERROR_AFTER,
    (FaultName.GATEWAY_HTTP_500, "not_done"): Fault.SERVER_ERROR,
    (FaultName.GATEWAY_SLOW, "done_at_once"): Fault.STALL,
    (FaultName.GATEWAY_SLOW, "done_late"): Fault.STALL_BEFORE,
    (FaultName.GATEWAY_THROTTLED, ""): Fault.TOO_MANY,
    (FaultName.RECEIPTS_SPOILED, "lost"): Fault.LOSE_ANSWER,
    (FaultName.RECEIPTS_SPOILED, "garbage"): Fault.GARBAGE,
}


@dataclass
class _Row:
    plan: FaultPlan
    waiting: deque[Planned] = field(default_factory=deque)
    armed: str | None = None


class SpoiledCalls:
    """Arms one fault after the other at each place and kind of call, from a thread of its own."""

    def __init__(self) -> None:
        """Start the thread; nothing waits yet."""
        self._lock = threading.Lock()
        self._rows: dict[tuple[str, str], _Row] = {}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._turn, name="spoiled-calls", daemon=True)
        self._thread.start()

    def add(self, plan: FaultPlan, planned: Planned) -> None:
        """Let this fault hit a call as soon as those before it have had theirs."""
        with self._lock:
            row = self._rows.setdefault((planned.where, planned.deed), _Row(plan))
            row.waiting.append(planned)
            _arm_next(row)

    def stop(self) -> None:
        """Arm nothing more."""
        self._ending.set()
        self._thread.join()

    def _turn(self) -> None:
        while not self._ending.wait(_LOOK_EVERY):
            with self._lock:
                for row in self._rows.values():
                    _arm_next(row)


def _arm_next(row: _Row) -> None:
    if row.armed is not None and not any(play.name == row.armed for play in reversed(row.plan.plays)):
        return
    is_first, row.armed = row.armed is None, None
    if row.waiting:
        planned = row.waiting.popleft()
        row.armed = str(planned.number)
        row.plan.arm(_rule(planned, skip=0 if is_first else _BETWEEN.get(planned.deed, 1)))


def _rule(planned: Planned, *, skip: int) -> FaultRule:
    return FaultRule(
        fault=_AS_PLAYED[planned.fault, planned.form],
        deed=planned.deed,
        skip=skip,
        delay=LATE,
        is_done={"done": True, "not_done": False}.get(planned.form),
        name=str(planned.number),
    )
