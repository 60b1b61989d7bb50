"""One run of the whole way: the agency, the real daemon, letters, trouble on purpose, and the books compared."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Event, Thread
from typing import Protocol

from connector.clock import monotonic
from connector.simulator.agency import SimulatedAgency
from connector.simulator.comparison import Books, compare
from connector.simulator.letters import letter
from connector.simulator.process import DaemonDied, DaemonProcess, chapar
from connector.simulator.reading import MessageReader
from connector.simulator.records import HandsetMessage, SubmissionRecord
from connector.simulator.trouble import Notice, Trouble
from connector.simulator.verdict import Report

__all__ = ["Play", "PlayOptions", "Watcher"]

_LOOK_EVERY = timedelta(milliseconds=250)
_QUIET = timedelta(seconds=1)
"""After the last fact nothing new may arrive for so long: a doubled message comes late if it comes."""
_STOP_WITHIN = timedelta(seconds=12)
_READY_WITHIN = timedelta(seconds=30)
_SPREAD = timedelta(seconds=8)
_WORKERS = 4


@dataclass(frozen=True, kw_only=True)
class PlayOptions:
    """How a run goes."""

    letters: int = 50
    seed: int = 1
    within: timedelta = timedelta(seconds=85)
    """The bound on the whole run; what is not done by then is reported as missing."""
    kills: int = 1


class Watcher(Protocol):
    """Who looks on."""

    def happened(self, notice: Notice) -> None:
        """Something was done on purpose."""
        ...

    def counted(self, report: Report) -> None:
        """The books were compared anew."""
        ...


class Play:
    """Runs once. The agency is open while it runs; its books may be read after it."""

    def __init__(
        self, agency: SimulatedAgency, options: PlayOptions, texts: MessageReader, watcher: Watcher
    ) -> None:
        """Take everything that is needed; nothing is started yet."""
        self.agency = agency
        self._options = options
        self._texts = texts
        self._watcher = watcher
        self._daemon = DaemonProcess(agency.files, agency.daemon_url)
        self._trouble = Trouble(agency, options.letters)
        self._begun = monotonic()
        self._closing = Event()
        self._missing: list[str] = []

    def run(self) -> Report:
        """Carry every letter to its end, or to the end of the time, and return what the books say.

        The daemon never outlives the run, however that ends.
        """
        self._begun = monotonic()
        try:
            return self._run()
        finally:
            self._daemon.leave_none_behind()

    def _run(self) -> Report:
        try:
            self._carry()
        except DaemonDied as died:
            self._missing.append(f"The daemon did not stay up. Its last words: {died}")
        report = self._report()
        waiting = self._daemon.waiting_letters() if report.unfinished or report.lost else frozenset()
        self._stop()
        return self._report(waiting=waiting, is_final=True)

    def conversation(self) -> tuple[str, Sequence[HandsetMessage]] | None:
        """Return one citizen with everything that was told: in Persian, of one letter, as much as there is."""
        book, inbox = self.agency.portal.book, self.agency.handset.inbox
        letters_of = Counter(each.mobile for each in book.submissions())
        told = {mobile: [message for message, _ in inbox.conversation(mobile)] for mobile in letters_of}
        best = max(
            told,
            key=lambda mobile: (
                letters_of[mobile] == 1 and not any(message.text[:1].isascii() for message in told[mobile]),
                len(told[mobile]),
            ),
            default=None,
        )
        return (best, told[best]) if best else None

    def _carry(self) -> None:
        self._watcher.happened(Notice.PREPARING)
        self._prepare_database()
        self._daemon.start()
        self._daemon.wait_ready(min(_READY_WITHIN, self._left()))
        self._trouble.arm()
        self._watcher.happened(Notice.STARTED)
        with ThreadPoolExecutor(_WORKERS) as pool:
            letters: list[Future[SubmissionRecord]] = []
            citizens = Thread(target=self._hand_in_all, args=(pool, letters), daemon=True)
            citizens.start()
            try:
                for number in range(self._options.kills):
                    self._kill_in_the_middle(number)
                self._wait_for_the_end()
            finally:
                self._closing.set()
                self.agency.portal.stop()
                citizens.join()

    def _prepare_database(self) -> None:
        done = chapar("db", "upgrade", "--config", str(self.agency.files.configuration))
        if done.returncode:
            raise DaemonDied(done.stderr.decode(errors="replace").strip())

    def _hand_in_all(self, pool: ThreadPoolExecutor, letters: list[Future[SubmissionRecord]]) -> None:
        """Let the citizens come one after the other, and not all in one instant."""
        gap = min(timedelta(milliseconds=150), _SPREAD / self._options.letters)
        for serial in range(1, self._options.letters + 1):
            if self._closing.wait(gap.total_seconds()):
                return
            written = letter(serial, seed=self._options.seed)
            letters.append(pool.submit(self.agency.portal.hand_in, written, give_up_after=self._left()))

    def _kill_in_the_middle(self, number: int) -> None:
        """Kill the daemon while an office holds its call, and start it again."""
        share: float = (number + 1) / (self._options.kills + 1)
        if self._trouble.has_few_letters:
            share = 0  # the call of the very first letter is held
        if not self._wait_for(lambda: self._acknowledged() >= self._options.letters * share):
            return
        self._trouble.hold_a_call(within=min(timedelta(seconds=8), self._left()))
        self._look_around()
        self._daemon.kill()
        self._watcher.happened(Notice.KILLED)
        self._daemon.start()
        self._daemon.wait_alive(min(_READY_WITHIN, self._left()))
        self._watcher.happened(Notice.STARTED_AGAIN)

    def _wait_for_the_end(self) -> None:
        quiet_since, seen = monotonic(), -1

        def is_over() -> bool:
            nonlocal quiet_since, seen
            report = self._report()
            self._watcher.counted(report)
            if report.messages_sent != seen or not self._is_complete(report):
                quiet_since, seen = monotonic(), report.messages_sent
            return monotonic() - quiet_since >= _QUIET.total_seconds()

        if not self._wait_for(is_over):
            self._missing.append("The time was over before every letter was at its end and everybody told.")

    def _wait_for(self, condition: Callable[[], bool]) -> bool:
        while self._left() > timedelta():
            looked_at = monotonic()
            if condition():
                return True
            self._look_around()
            # Comparing many letters takes a while: most of the machine belongs to the daemon all the same.
            self._closing.wait(max(_LOOK_EVERY.total_seconds(), 4 * (monotonic() - looked_at)))
        return False

    def _look_around(self) -> None:
        if not self._daemon.is_running():
            raise DaemonDied(self._daemon.last_words())
        for notice in self._trouble.news():
            self._watcher.happened(notice)

    def _is_complete(self, report: Report) -> bool:
        return report.letters == self._options.letters and report.is_complete

    def _acknowledged(self) -> int:
        report = self._report()
        self._watcher.counted(report)
        return report.acknowledged

    def _left(self) -> timedelta:
        spent = timedelta(seconds=monotonic() - self._begun)
        return max(self._options.within - _STOP_WITHIN - spent, timedelta())

    def _stop(self) -> None:
        if not self._daemon.is_running():
            return
        code = self._daemon.stop(_STOP_WITHIN)
        if code != 0 and not self._missing:
            self._missing.append(f"The daemon did not stop as it should (exit code {code}).")
        self._watcher.happened(Notice.STOPPED)

    def _report(self, *, waiting: frozenset[str] = frozenset(), is_final: bool = False) -> Report:
        book = self.agency.portal.book
        submissions = book.submissions()
        codes = [each.tracking_code for each in submissions if each.tracking_code]
        books = Books(
            submissions=submissions,
            write_backs=book.write_backs(),
            entries=self.agency.entries(),
            told=self._texts.read(self.agency.handset.inbox.messages(), codes),
            waiting=waiting,
            lost_answers=self.agency.lost_answers(),
            faults=self.agency.faults_played(),
            bad_signatures=book.bad_signatures,
            kills=self._daemon.kills,
            seconds=monotonic() - self._begun,
        )
        report = compare(books)
        if not is_final:
            return report
        never_sent = self._options.letters - report.letters
        missing = [*self._missing, *([f"{never_sent} letters were never handed in."] if never_sent else [])]
        return replace(report, missing=missing)
