"""Somebody sets the machine's clock forward by an hour and back, in the middle of a call and of a look-up."""

import queue
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connector.assembly.house import House, assemble
from connector.clock import SteadyClock, monotonic, now
from connector.errors import LedgerUnavailable
from connector.ledger import prepare_database
from connector.ledger.records import Lane
from connector.scheduling.lanes import LaneSignal
from connector.settings.load import load_settings
from connector.settings.shipped import shipped_folder
from connector.simulator.agency import SimulatedAgency
from connector.simulator.book import Duplicates
from connector.simulator.comparison import Books, compare
from connector.simulator.fates import Pace
from connector.simulator.faults import Fault, FaultRule
from connector.simulator.letters import letter
from connector.simulator.reading import MessageReader, openings_in
from connector.simulator.records import SubmissionRecord
from connector.simulator.verdict import Report

PATIENCE = timedelta(seconds=40)
HOUR = timedelta(hours=1)
QUICK = Pace(*[timedelta(milliseconds=300)] * 4)


class MachineClock:
    """The machine's time of day, which somebody sets."""

    def __init__(self) -> None:
        self.off_by = timedelta()

    def now(self) -> datetime:
        return now() + self.off_by


class Rehearsal:
    """The whole house in this process, before a simulated agency whose offices make an entry of every repeat."""

    def __init__(self, agency: SimulatedAgency) -> None:
        self.agency, self.machine = agency, MachineClock()
        self._signals: queue.SimpleQueue[LaneSignal] = queue.SimpleQueue()
        settings = load_settings(agency.files.configuration)
        prepare_database(settings.ledger.url)
        self.house: House = assemble(settings, watch=self._watch, clock=SteadyClock(self.machine.now))
        self.house.start()

    def _watch(self, _lane: Lane, signal: LaneSignal) -> None:
        self._signals.put(signal)

    def hand_in(self, *serials: int) -> list[SubmissionRecord]:
        return [
            self.agency.portal.hand_in(letter(serial, seed=1), give_up_after=PATIENCE) for serial in serials
        ]

    def events(self, tracking_code: str | None) -> list[str]:
        letter_id = self.house.ledger.find_letter(tracking_code or "")
        return [entry.name for entry in self.house.ledger.timeline(letter_id) if entry.what == "event"]

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait for the condition, looked at whenever a lane has done something."""
        until = monotonic() + PATIENCE.total_seconds()
        while not condition():
            self._signals.get(timeout=max(until - monotonic(), 0.001))

    def entered(self) -> int:
        """Return how many entries the offices have made."""
        return len(self.agency.entries())

    def report(self) -> Report:
        book = self.agency.portal.book
        codes = [each.tracking_code for each in book.submissions() if each.tracking_code]
        texts = MessageReader(openings_in(shipped_folder("mappings") / "messages"))
        return compare(
            Books(
                submissions=book.submissions(),
                write_backs=book.write_backs(),
                entries=self.agency.entries(),
                told=texts.read(self.agency.handset.inbox.messages(), codes),
                lost_answers=self.agency.lost_answers(),
                bad_signatures=book.bad_signatures,
            )
        )


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    with SimulatedAgency(tmp_path, duplicates=Duplicates.NAIVE, pace=QUICK) as agency:
        running = Rehearsal(agency)
        yield running
        running.house.stop(timedelta(seconds=10))


def test_a_suspension_that_began_by_a_wrong_clock_ends_when_it_should(rehearsal: Rehearsal) -> None:
    office, connection = rehearsal.agency.main.faults, rehearsal.house.connections.offices["main"]
    rehearsal.machine.off_by = HOUR
    office.arm(FaultRule(fault=Fault.WRONG_PASSWORD, deed="register"))
    rehearsal.hand_in(2)
    rehearsal.wait_until(lambda: not connection.health.is_well)
    rehearsal.machine.off_by = timedelta()
    closed_for = connection.closed_for("register")
    assert closed_for is not None
    assert closed_for <= timedelta(minutes=6)  # five, and what the clock gives way meanwhile


@pytest.mark.parametrize("off_by", [HOUR, -HOUR])
def test_a_node_whose_clock_is_an_hour_from_the_databases_does_not_start(
    tmp_path: Path, postgresql_url: str, off_by: timedelta
) -> None:
    machine = MachineClock()
    machine.off_by = off_by
    with SimulatedAgency(tmp_path, ledger_url=postgresql_url) as agency:
        settings = load_settings(agency.files.configuration)
        with pytest.raises(LedgerUnavailable, match="clock") as refused:
            assemble(settings, clock=SteadyClock(machine.now))
    assert refused.value.facts["seconds_ahead"] == pytest.approx(off_by.total_seconds(), abs=5)


def test_an_hour_forward_and_back_doubles_nothing_and_holds_nothing_up(rehearsal: Rehearsal) -> None:
    office = rehearsal.agency.main.faults
    office.arm(FaultRule(fault=Fault.STALL, deed="register", delay=PATIENCE))
    [held] = rehearsal.hand_in(2)
    assert office.wait_stalling(within=PATIENCE)
    office.arm(FaultRule(fault=Fault.LOSE_ANSWER, deed="register"))
    rehearsal.machine.off_by = HOUR
    rehearsal.hand_in(1, 3, 4, 6)
    rehearsal.wait_until(lambda: rehearsal.entered() == 5)
    rehearsal.machine.off_by = timedelta()
    rehearsal.hand_in(5, 7)
    office.disarm()
    rehearsal.machine.off_by = -HOUR
    rehearsal.hand_in(8)
    rehearsal.wait_until(lambda: rehearsal.report().is_complete and rehearsal.report().letters == 8)
    report = rehearsal.report()
    assert report.is_clean, report
    assert report.registered + report.refused == rehearsal.entered() == 8
    assert rehearsal.events(held.tracking_code).count("announced") == 1
    assert "outcome_lost" not in rehearsal.events(held.tracking_code)  # its lease held as long as its call
    assert rehearsal.house.ledger.silent() == 0
