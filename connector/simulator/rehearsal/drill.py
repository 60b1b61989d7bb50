"""One drill from beginning to end: nodes, citizens, faults, the wait until all is well, and the judgement."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Final

from connector.clock import monotonic
from connector.simulator.agency import SimulatedAgency
from connector.simulator.comparison import Books, compare
from connector.simulator.process import DaemonDied
from connector.simulator.reading import MessageReader
from connector.simulator.rehearsal.acts import Acts
from connector.simulator.rehearsal.citizens import Citizens
from connector.simulator.rehearsal.databases import DrillDatabase
from connector.simulator.rehearsal.judging import personal_words, promises
from connector.simulator.rehearsal.node import Node
from connector.simulator.rehearsal.operator import Operator
from connector.simulator.rehearsal.options import GatewayKind, RehearsalOptions
from connector.simulator.rehearsal.player import Player
from connector.simulator.rehearsal.report import RehearsalReport
from connector.simulator.rehearsal.schedule import Schedule
from connector.simulator.rehearsal.watching import DrillWatcher
from connector.simulator.verdict import Report

__all__ = ["Drill"]

_LOOK_EVERY: Final = 0.25
_ASK_EVERY: Final = 3.0
_QUIET: Final = 2.0
"""Seconds without a new message after everything is at its end: a doubled one comes late if it comes."""
_NOTHING_COMES: Final = 150.0
"""After so many seconds in which nothing moved, the letters that are left wait for a person. A connection that failed
again and again is left alone for two minutes at most."""
_STANDS_STILL: Final = 4.0
"""After so many seconds without any progress the operator's list is looked at."""
_READY_WITHIN: Final = timedelta(seconds=90)
_STOP_WITHIN: Final = timedelta(seconds=14)
_AWAY: Final = 4
"""The exit code of a daemon that cannot reach its database at the start; a service manager starts it again."""


class Drill:
    """Runs once. The agency and the database are open while it runs."""

    def __init__(
        self,
        agency: SimulatedAgency,
        database: DrillDatabase,
        options: RehearsalOptions,
        schedule: Schedule,
        texts: MessageReader,
        watcher: DrillWatcher,
    ) -> None:
        """Take everything that is needed; nothing is started yet."""
        self._agency = agency
        self._database = database
        self._options = options
        self._schedule = schedule
        self._texts = texts
        self._watcher = watcher
        folder = agency.files.configuration.parent
        self._nodes = {files.node: Node(files, folder, database.environment) for files in agency.nodes}
        self._operator = Operator(agency.files, database.environment)
        self._acts = Acts(agency, self._nodes, database)
        self._citizens = Citizens(agency.portal, options, self._left)
        self._player = Player(
            schedule,
            self._acts,
            self._citizens,
            self._operator.resume,
            lambda: agency.portal.book.stale_signatures,
            watcher.said,
        )
        self._with_a_person: frozenset[str] = frozenset()
        self._missing: list[str] = []
        self._ownerless = self._possible_doubles = 0
        self._asked_at = 0.0
        self._paused = Event()
        self._begun = monotonic()

    def run(self) -> RehearsalReport:
        """Carry every letter to its end, or to the end of the time. No daemon outlives the drill, however it ends."""
        self._begun = monotonic()
        try:
            try:
                self._carry()
            except DaemonDied as died:
                self._missing.append(f"A node did not start. Its last words: {died}")
            return self._end()
        finally:
            for node in self._nodes.values():
                node.process.leave_none_behind()

    def _carry(self) -> None:
        self._watcher.said("آماده‌سازی پایگاه داده و گره‌ها", "preparing the database and the nodes")
        self._operator.prepare_database()
        for node in self._nodes.values():
            node.start()
        for node in self._nodes.values():
            node.process.wait_ready(min(_READY_WITHIN, self._left()))
        self._watcher.said("گره‌ها به راه افتادند", "the nodes are up")
        self._citizens.start()
        self._player.start()
        try:
            if not self._wait_until_played():
                self._missing.append("The time was over before every fault was played.")
        finally:
            self._player.stop()
            self._missing.extend(self._player.mishaps)
        self._watcher.said("خطاها به پایان رسید", "no more faults")
        try:
            if not self._wait_until_all_is_well():
                self._missing.append(
                    "The time was over before every letter was at its end and everybody told."
                )
        finally:
            self._citizens.stop()

    def _wait_until_played(self) -> bool:
        """Wait until everything planned was played, or every letter is at its end: then no call comes to be hit."""
        seen: tuple[int, ...] = ()
        since = monotonic()
        while self._left() > timedelta():
            report = self._look()
            progress = _progress(report)
            if self._player.is_done and len(self._acts.played()) == len(self._schedule.planned):
                return True
            if progress != seen or not (self._player.is_done and self._citizens.are_done):
                seen, since = progress, monotonic()
            elif monotonic() - since > (_QUIET if report.is_complete else _NOTHING_COMES):
                return True
        return False

    def _wait_until_all_is_well(self) -> bool:
        seen: tuple[int, ...] = ()
        since = asked = monotonic()
        while self._left() > timedelta():
            report = self._look()
            progress = _progress(report)
            if progress != seen:
                seen, since = progress, monotonic()
            is_over = report.letters == self._options.letters and report.is_complete
            if is_over and monotonic() - since >= _QUIET:
                return True
            if not is_over and min(monotonic() - since, monotonic() - asked) >= _STANDS_STILL:
                self._with_a_person = self._operator.with_a_person()
                asked = monotonic()
        return False

    def _look(self) -> Report:
        looked_at = monotonic()
        for node in self._nodes.values():
            if node.look():
                self._watcher.said(
                    f"{node.name} خود ایستاد و دوباره آغاز شد", f"{node.name} ended and was started again"
                )
        if looked_at - self._asked_at >= _ASK_EVERY:
            self._asked_at = looked_at
            node = next(iter(self._nodes.values()))
            self._ownerless = max(self._ownerless, node.letters_without_a_next_step())
        report = compare(self._books())
        self._watcher.counted(report, len(self._acts.played()))
        # Comparing many letters takes a while: most of the machine belongs to the nodes all the same.
        self._pause(max(_LOOK_EVERY, 4 * (monotonic() - looked_at)))
        return report

    def _end(self) -> RehearsalReport:
        report = compare(self._books())
        if self._with_a_person or not report.is_complete:
            self._with_a_person = self._operator.with_a_person()
        waiting = self._operator.waiting() if report.lost else frozenset()
        if self._options.gateway is GatewayKind.UNASKED:
            self._possible_doubles = self._operator.possible_doubles()
        with ThreadPoolExecutor() as pool:
            codes = pool.map(lambda node: node.stop(_STOP_WITHIN), self._nodes.values())
        for name, code in zip(self._nodes, codes, strict=True):
            if code != 0 and not self._missing:
                self._missing.append(f"{name} did not stop as it should (exit code {code}).")
        self._watcher.said("گره‌ها به‌آرامی ایستادند", "the nodes were stopped")
        return self._judged(waiting)

    def _judged(self, waiting: frozenset[str]) -> RehearsalReport:
        ends = [f"{node.name}: {code}" for node in self._nodes.values() for code in node.ends]
        crashes = [end for end in ends if not end.endswith(f": {_AWAY}")]
        audit = self._operator.audit()
        report = compare(self._books(waiting))
        never_sent = self._options.letters - report.letters
        played = self._acts.played()
        missing = [
            *self._missing,
            *([f"{never_sent} letters were never handed in."] if never_sent else []),
            *(f"A node ended by itself ({crash})." for crash in crashes),
            *([f"The audit does not verify: {str(audit[1])[:500]}"] if audit and not audit[0] else []),
        ]
        not_played = [each.number for each in self._schedule.planned if each.number not in played]
        return RehearsalReport(
            books=replace(report, missing=missing),
            options=self._options,
            schedule=self._schedule,
            faults={
                name: sum(each.fault is name and each.number in played for each in self._schedule.planned)
                for name in self._options.faults
            },
            not_played=not_played,
            promises=promises(
                report,
                outages=self._player.outages,
                entries=self._agency.entries(),
                submissions=self._agency.portal.book.submissions(),
                words_in_logs=personal_words(
                    (files.log for files in self._agency.nodes), self._agency.portal.book.submissions()
                ),
                waiting_for_a_person=len(self._with_a_person),
                ownerless=self._ownerless,
                is_audit_sound=audit[0] if audit else None,
            ),
            database=self._database.name,
            waiting_for_a_person=len(self._with_a_person),
            node_ends=ends,
            audit=audit[1] if audit else None,
        )

    def _books(self, waiting: frozenset[str] = frozenset()) -> Books:
        book = self._agency.portal.book
        submissions = book.submissions()
        codes = [each.tracking_code for each in submissions if each.tracking_code]
        return Books(
            submissions=submissions,
            write_backs=book.write_backs(),
            entries=self._agency.entries(),
            told=self._texts.read(self._agency.handset.inbox.messages(), codes),
            waiting=waiting,
            with_a_person=self._with_a_person,
            spoiled=self._agency.spoiled_registrations() if self._options.spoils_only_calls else None,
            lost_answers=self._agency.lost_answers(),
            possible_doubles=self._possible_doubles,
            bad_signatures=book.bad_signatures,
            kills=sum(node.process.kills for node in self._nodes.values()),
            seconds=monotonic() - self._begun,
        )

    def _left(self) -> timedelta:
        spent = timedelta(seconds=monotonic() - self._begun)
        return max(self._options.bound - _STOP_WITHIN - spent, timedelta())

    def _pause(self, seconds: float) -> None:
        self._paused.wait(seconds)


def _progress(report: Report) -> tuple[int, ...]:
    """Return numbers that change whenever anything moves."""
    return (
        report.messages_sent,
        report.write_backs,
        report.registered,
        report.unfinished,
        report.facts_missing,
    )
