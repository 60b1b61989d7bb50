"""A real Request Tracker 5 for tests: its own server on loopback, SQLite, everything in one folder, no mail sent."""

import os
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any, Final

import httpx2

from tests.free_ports import free_ports

SETUP: Final = "rt-setup-database-5"
SERVER: Final = "/usr/share/request-tracker5/libexec/rt-server"
MISSING: Final = (
    "Request Tracker 5 is not installed: DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y "
    "--no-install-recommends request-tracker5 rt5-db-sqlite rt5-standalone"
)
USER, PASSWORD = "chapar", "the-password-of-the-test-office"
CLERK: Final = ("root", "password")
"""The administrator that every new RT has; here the clerk who works on the tickets."""
QUEUE: Final = "دبیرخانه"
WITHIN: Final = 120.0

CONFIG: Final = """
Set($rtname, 'rt.example'); Set($Organization, 'rt.example');
Set($WebDomain, '127.0.0.1'); Set($WebPort, {port}); Set($WebPath, ''); Set($WebBaseURL, 'http://127.0.0.1:{port}');
Set($DatabaseType, 'SQLite'); Set($DatabaseName, '{folder}/rt.db'); Set($Timezone, 'Asia/Tehran');
Set($LogToSTDERR, 'warning'); Set($LogToSyslog, undef); Set($LogToFile, undef); Set($MailCommand, 'testfile');
Set($WebSessionClass, 'Apache::Session::File'); Set($MasonDataDir, '{folder}/mason');
$RT::MasonDataDir = '{folder}/mason'; $RT::MasonSessionDir = '{folder}/session'; $RT::VarPath = '{folder}';
1;
"""
DATA: Final = """
use utf8;
our @Queues = ({{ Name => '{queue}' }}, {{ Name => 'finance' }});
our @Users = ({{ Name => '{user}', Password => '{password}', Privileged => 1 }});
our @ACL = (
    {{ UserId => '{user}', Right => 'CreateTicket', Queue => '{queue}' }},
    map {{ {{ UserId => '{user}', Right => $_ }} }} qw(SeeQueue ShowTicket)
);
1;
"""


def is_installed() -> bool:
    return shutil.which(SETUP) is not None and Path(SERVER).exists()


class RequestTracker:
    """Starts in some seconds; a user of ours may create tickets in one queue and see those of all."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="chapar-rt-"))
        for name in ("mason", "session", "parts"):
            (self._folder / name).mkdir()
        (self.port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        site = self._folder / "RT_SiteConfig.pm"
        site.write_text(CONFIG.format(port=self.port, folder=self._folder), encoding="utf-8")
        data = self._folder / "data.pl"
        data.write_text(DATA.format(queue=QUEUE, user=USER, password=PASSWORD), encoding="utf-8")
        self._environment = {
            **os.environ, "RT_SITE_CONFIG": str(site), "RT_SITE_CONFIG_DIR": str(self._folder / "parts"),
            "LC_ALL": "C.UTF-8",
        }  # fmt: skip
        self._set_up("init", "--skip-create", "--dba", "", "--dba-password", "")
        self._set_up("insert", "--datafile", str(data))
        self._log = (self._folder / "server.log").open("wb")
        words = [SERVER, "--port", str(self.port), "--host", "127.0.0.1", "--max-workers", "2"]
        self._process = subprocess.Popen(
            words, env=self._environment, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log
        )
        self._clerk = httpx2.Client(
            base_url=f"{self.url}/REST/2.0", auth=CLERK, timeout=WITHIN, trust_env=False
        )
        self._wait()

    def stop(self) -> None:
        self._clerk.close()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def asked(self, path: str, **query: str) -> Any:
        """Return what the clerk sees."""
        answer = self._clerk.get(path, params=query)
        answer.raise_for_status()
        return answer.json()

    def changed(self, ticket: str, **fields: str) -> None:
        """Let the clerk change a ticket."""
        answer = self._clerk.put(f"/ticket/{ticket}", json=fields)
        answer.raise_for_status()

    def tickets(self) -> list[str]:
        return [str(each["id"]) for each in self.asked("/tickets", query="id > 0", per_page="100")["items"]]

    def _set_up(self, action: str, *words: str) -> None:
        done = subprocess.run(
            [SETUP, "--action", action, *words],
            env=self._environment,
            capture_output=True,
            timeout=WITHIN,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    def _wait(self) -> None:
        for _ in range(int(WITHIN * 5)):
            try:
                self._clerk.get("/rt").raise_for_status()
            except httpx2.HTTPError:
                assert self._process.poll() is None, (self._folder / "server.log").read_text()[-2000:]
                threading.Event().wait(0.2)
            else:
                return
        raise AssertionError("Request Tracker does not answer")
