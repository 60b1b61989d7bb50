"""How each planned fault is played on the agency, the nodes and their database."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

from connector.clock import monotonic
from connector.simulator.agency import SimulatedAgency
from connector.simulator.faults import Fault, FaultPlan, FaultRule
from connector.simulator.rehearsal.databases import DrillDatabase
from connector.simulator.rehearsal.names import FaultName
from connector.simulator.rehearsal.node import Node
from connector.simulator.rehearsal.schedule import GATEWAY, Planned
from connector.simulator.rehearsal.spoiled_calls import SpoiledCalls

__all__ = ["ANSWER_WITHIN", "Acts"]

ANSWER_WITHIN: Final = timedelta(seconds=1.5)
"""How long the nodes of a drill wait for an answer."""

_HOLD: Final = timedelta(seconds=1.2)
_HOLD_WITHIN: Final = timedelta(seconds=6)
_HOUR: Final = 3600.0
_COMMITS: Final = 3
_VICTIM_WITHIN: Final = 60.0
_LOOK_EVERY: Final = 0.1
_ROOM: Final = 24 * 1024
"""Bytes that a disk has left which is almost full."""

_SERVERS: Final[Mapping[str, Literal["main", "branch", "gateway"]]] = {
    "main": "main",
    "branch": "branch",
    GATEWAY: "gateway",
}


_FELT_BY_A_CALL: Final[Mapping[FaultName, Fault]] = {
    FaultName.WRONG_PASSWORD: Fault.WRONG_PASSWORD,
    FaultName.CREDIT_GONE: Fault.CREDIT_GONE,
}
"""What lasts until a person sets it right, and is played when a call has met it."""


class Acts:
    """Plays planned faults, each call of ``play`` one, in whatever thread; counts what really happened."""

    def __init__(self, agency: SimulatedAgency, nodes: Mapping[str, Node], database: DrillDatabase) -> None:
        """Take everything that can be hurt."""
        self._agency = agency
        self._nodes = nodes
        self._database = database
        self._lock = threading.Lock()
        self._done: set[int] = set()
        self._over = threading.Event()
        self._spoiled = SpoiledCalls()

    def end(self) -> None:
        """Let what lasts end at once, and play no further call wrong."""
        self._over.set()
        self._spoiled.stop()
        for plan in self._agency.plans.values():
            plan.disarm()

    def played(self) -> set[int]:
        """Return the numbers of the planned faults that were played."""
        numbers = {
            int(play.name)
            for plan in self._agency.plans.values()
            for play in list(plan.plays)
            if play.name.isdecimal()
        }
        with self._lock:
            return numbers | self._done

    def play(self, planned: Planned) -> None:
        """Play this one; return when it is over. A fault of one call is only armed: the next fitting call is hit."""
        if planned.deed:
            self._spoiled.add(self._plan(planned.where), planned)
            return
        if planned.fault is FaultName.NODE_KILLED:
            self._kill(planned)
            return
        with self._lasting(planned):
            if planned.fault not in _FELT_BY_A_CALL and planned.form != "commit_answer_lost":
                self._did(planned)
            self._over.wait(planned.seconds)
            self._wait_for_a_victim(planned)
        if self._has_lost_a_commit(planned):
            self._did(planned)

    def _wait_for_a_victim(self, planned: Planned) -> None:
        """Let what needs a call, or a commit, to be felt go on until there was one, within bounds."""
        until = monotonic() + _VICTIM_WITHIN
        while monotonic() < until and not self._over.is_set():
            if planned.fault in _FELT_BY_A_CALL:
                if self._plan(planned.where).played[_FELT_BY_A_CALL[planned.fault]]:
                    return
            elif planned.form != "commit_answer_lost" or self._has_lost_a_commit(planned):
                return
            self._over.wait(_LOOK_EVERY)

    def _has_lost_a_commit(self, planned: Planned) -> bool:
        wire = self._database.wire(planned.where)
        return wire is not None and wire.commit_answers_lost(str(planned.number)) > 0

    def _did(self, planned: Planned) -> None:
        with self._lock:
            self._done.add(planned.number)

    def _plan(self, where: str) -> FaultPlan:
        return self._agency.plans[_SERVERS[where]]

    def _kill(self, planned: Planned) -> None:
        name = f"hold-{planned.number}"
        if planned.form == "in_a_call":
            for office in self._agency.offices:
                office.faults.arm(FaultRule(fault=Fault.STALL, deed="register", delay=_HOLD, name=name))
            for office in self._agency.offices:
                if office.faults.wait_stalling(within=_HOLD_WITHIN / 2):
                    break
        self._nodes[planned.where].kill(timedelta(seconds=planned.seconds))
        self._did(planned)
        for office in self._agency.offices:
            office.faults.lift(name)

    def _lasting(self, planned: Planned) -> AbstractContextManager[None]:
        ways: Mapping[FaultName, Callable[[Planned], AbstractContextManager[None]]] = {
            FaultName.OFFICE_DOWN: self._server_down,
            FaultName.GATEWAY_DOWN: self._server_down,
            FaultName.WRONG_PASSWORD: self._refused_for_a_while,
            FaultName.CREDIT_GONE: self._refused_for_a_while,
            FaultName.DATABASE_LOCKED: lambda _: self._database.locked(),
            FaultName.DATABASE_CUT: self._cut,
            FaultName.DISK_FULL: self._full_disk,
            FaultName.CLOCK_FORWARD: lambda planned: self._nodes[planned.where].wrong_clock(_HOUR),
            FaultName.CLOCK_BACK: lambda planned: self._nodes[planned.where].wrong_clock(-_HOUR),
        }
        return ways[planned.fault](planned)

    @contextmanager
    def _server_down(self, planned: Planned) -> Iterator[None]:
        server = self._agency.server(_SERVERS[planned.where])
        begin, end = (
            (server.freeze, server.thaw) if planned.form == "says_nothing" else (server.shut, server.open)
        )
        begin()
        try:
            yield
        finally:
            end()

    @contextmanager
    def _refused_for_a_while(self, planned: Planned) -> Iterator[None]:
        plan, name = self._plan(planned.where), str(planned.number)
        fault = _FELT_BY_A_CALL[planned.fault]
        for deed in ("send",) if fault is Fault.CREDIT_GONE else ("register", "find", "search", "progress"):
            plan.arm(FaultRule(fault=fault, deed=deed, times=None, name=name))
        try:
            yield
        finally:
            plan.lift(name)

    @contextmanager
    def _cut(self, planned: Planned) -> Iterator[None]:
        wire = self._database.wire(planned.where)
        if wire is None:
            raise ValueError("there is no network to cut")
        match planned.form:
            case "black_hole":
                wire.swallow()
            case "commit_answer_lost":
                wire.lose_commit_answers(str(planned.number), _COMMITS)
            case _:
                wire.cut()
        try:
            yield
        finally:
            match planned.form:
                case "black_hole":
                    wire.flow()
                case "commit_answer_lost":
                    wire.keep_commit_answers(str(planned.number))
                case _:
                    wire.cut()

    def _full_disk(self, planned: Planned) -> AbstractContextManager[None]:
        left = 0
        if planned.form == "a_little":
            folder = self._nodes[planned.where].files.configuration.parent
            left = _size(folder / "chapar.db-wal") + _ROOM
        return self._nodes[planned.where].full_disk(left)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
