"""One node of a drill: a real daemon with a clock of its own, that is killed, filled up, and started again."""

import re
import resource
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import requests

from connector.clock import monotonic
from connector.simulator.configuration import DaemonFiles
from connector.simulator.process import DaemonDied, DaemonProcess
from connector.simulator.rehearsal.clock_file import ClockFile

__all__ = ["Node"]

_MAIN: Final = (
    "from connector.simulator.rehearsal.wrong_clock import shift_clock; shift_clock();"
    "from connector.cli.main import main; main()"
)
_START_AGAIN_AFTER: Final = 0.5
"""Seconds before a node that ended by itself is started again, as a service manager would."""

_SILENT: Final = re.compile(r"^chapar_silent_letters (\S+)$", re.MULTILINE)
_UP_WITHIN: Final = timedelta(minutes=2)


class Node:
    """The daemon of one configuration, over all its lives. What is done to it comes from several threads."""

    def __init__(self, files: DaemonFiles, folder: Path, environment: Mapping[str, str]) -> None:
        """Keep where its files are; nothing runs yet."""
        self.name = files.node
        self.files = files
        self.clock = ClockFile(folder / f"{files.node}.clock")
        self.process = DaemonProcess(
            files,
            files.url,
            command=(sys.executable, "-c", _MAIN, str(self.clock.path)),
            environment=environment,
        )
        self.ends: list[int] = []
        """The exit codes of the lives that ended without our doing."""
        self._life = threading.RLock()
        self._steady = threading.RLock()
        self._not_before = 0.0

    def start(self) -> None:
        """Start it for the first time."""
        with self._life:
            self.process.start()

    def kill(self, down_for: timedelta) -> None:
        """Kill it without warning and start it again after this time; one that is down is killed in its next start.

        While its clock is wrong it is left alone: who restarts a machine sets its clock first.
        """
        with self._steady, self._life:
            if not self.process.is_running():
                self._note_end()
                self.process.start()
                threading.Event().wait(_START_AGAIN_AFTER)
            self.process.kill()
            threading.Event().wait(down_for.total_seconds())
            self.process.start()

    def look(self) -> bool:
        """Start it again where it ended by itself; return whether it had."""
        if not self._life.acquire(blocking=False):
            return False  # it is being killed
        try:
            if self.process.exit_code is None or monotonic() < self._not_before:
                return False
            self._note_end()
            self._not_before = monotonic() + _START_AGAIN_AFTER
            self.process.start()
            return True
        finally:
            self._life.release()

    def _note_end(self) -> None:
        if (code := self.process.exit_code) is not None:
            self.ends.append(code)

    def letters_without_a_next_step(self) -> int:
        """Return how many letters the node itself says nobody owns or will ever look at; 0 while it is away."""
        try:
            with requests.Session() as session:
                session.trust_env = False
                page = session.get(f"{self.files.url}/metrics", timeout=1).text
        except requests.RequestException:
            return 0
        found = _SILENT.search(page)
        return int(float(found.group(1))) if found else 0

    def stop(self, within: timedelta) -> int | None:
        """Ask it to stop, and return its exit code; None when it had to be killed in the end."""
        with self._life:
            return self.process.stop(within)

    @contextmanager
    def wrong_clock(self, seconds: float) -> Iterator[None]:
        """Set its clock wrong by so many seconds, for a with block, once it is up.

        Raise DaemonDied where it does not come up within two minutes.
        """
        with self._steady:
            self._wait_until_up()
            self.clock.seconds = seconds
            try:
                yield
            finally:
                self.clock.seconds = 0.0

    def _wait_until_up(self) -> None:
        """Wait, also through lives that end at their start because the database is away."""
        until = monotonic() + _UP_WITHIN.total_seconds()
        while True:
            try:
                self.process.wait_alive(timedelta(seconds=until - monotonic()))
            except DaemonDied:
                if monotonic() >= until:
                    raise
                threading.Event().wait(_START_AGAIN_AFTER)
            else:
                return

    @contextmanager
    def full_disk(self, bytes_left: int) -> Iterator[None]:
        """Let its present life write to no file beyond this offset, for a with block.

        The system's own limit of file sizes refuses the writes, without a right that an ordinary user lacks; what was
        written before stays.
        """
        with self._life:
            pid = self.process.pid
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            self._limit(pid, bytes_left, hard)
        try:
            yield
        finally:
            with self._life:
                self._limit(pid, hard, hard)

    @staticmethod
    def _limit(pid: int, soft: int, hard: int) -> None:
        try:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))
        except ProcessLookupError:
            pass  # it was killed meanwhile; its next life has room again
