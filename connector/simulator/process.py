"""The real daemon as a process of its own: started, asked whether it is ready, killed, stopped."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from threading import Event

import orjson
import requests

from connector.clock import monotonic
from connector.simulator.configuration import DaemonFiles

__all__ = ["DaemonDied", "DaemonProcess", "chapar"]

_CHAPAR = (sys.executable, "-c", "from connector.cli.main import main; main()")
_PAUSE = 0.05


class DaemonDied(Exception):
    """The daemon ended, or did not get ready in time; the argument holds its last words."""


def chapar(
    *arguments: str, within: timedelta = timedelta(seconds=30), environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run one command of the product, as an operator would, and return how it ended."""
    return subprocess.run(
        [*_CHAPAR, *arguments],
        capture_output=True,
        timeout=within.total_seconds(),
        check=False,
        env={**_environment(), **(environment or {})},
    )


class DaemonProcess:
    """One daemon, over as many lives as it takes."""

    def __init__(
        self,
        files: DaemonFiles,
        url: str,
        *,
        command: Sequence[str] = _CHAPAR,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Keep where its files are, where it will listen, and by which command the product is run."""
        self._files = files
        self._url = url
        self._command = command
        self._more = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None
        self.kills = 0

    def start(self) -> None:
        """Start it; its words go to the log file, after those of its earlier lives."""
        arguments = [*self._command, "run", "--config", str(self._files.configuration)]
        with self._files.log.open("ab") as log:
            self._process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**_environment(), **self._more},
                start_new_session=True,
            )

    def wait_ready(self, within: timedelta) -> None:
        """Wait until it says that letters can move. Raise DaemonDied when it ends or the time is over."""
        self._wait_for("readyz", within)

    def wait_alive(self, within: timedelta) -> None:
        """Wait until it answers, ready or not: an office in trouble may keep it from being ready."""
        self._wait_for("healthz", within)

    def _wait_for(self, page: str, within: timedelta) -> None:
        deadline = monotonic() + within.total_seconds()
        pause = Event()
        while monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise DaemonDied(self.last_words())
            if _answers(f"{self._url}/{page}"):
                return
            pause.wait(_PAUSE)
        raise DaemonDied(self.last_words())

    @property
    def pid(self) -> int:
        """The process id of its present life. Raise DaemonDied where there is none."""
        if self._process is None:
            raise DaemonDied("it was never started")
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How its last life ended; None while it lives, or where there was none."""
        return None if self._process is None else self._process.poll()

    def is_running(self) -> bool:
        """Tell whether it lives."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End it without warning, in the middle of whatever it does."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
            self.kills += 1

    def stop(self, within: timedelta) -> int | None:
        """Ask it to stop and return its exit code; None when it had to be killed in the end."""
        if self._process is None:
            return 0
        self._process.terminate()
        try:
            return self._process.wait(within.total_seconds())
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return None

    def leave_none_behind(self) -> None:
        """End it if it still lives, and count nothing: for runs that were broken off."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def waiting_letters(self) -> frozenset[str]:
        """Return the tracking codes that the operator's list shows as not at their end; empty where it fails."""
        done = chapar(
            "letters", "list", "--limit", "10000", "--config", str(self._files.configuration), "--json"
        )
        if done.returncode:
            return frozenset()
        ends = {"closed", "returned", "refused", "withdrawn"}
        return frozenset(
            row["tracking_code"] for row in orjson.loads(done.stdout) if row["status"] not in ends
        )

    def last_words(self) -> str:
        """Return the end of its log; there is nothing personal in it."""
        return "\n".join(_last_lines(self._files.log, 5))


def _answers(url: str) -> bool:
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False


def _last_lines(path: Path, count: int) -> Sequence[str]:
    if not path.exists():
        return ()
    return path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]


def _environment() -> dict[str, str]:
    """Return our environment without settings of another Chapar and without systemd's own words to us."""
    foreign = ("CHAPAR_", "NOTIFY_SOCKET", "WATCHDOG_", "CREDENTIALS_DIRECTORY", "LISTEN_")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
