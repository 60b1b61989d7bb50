"""A real gammu-smsd for tests, with its dummy device, on a SQLite file or a PostgreSQL database."""

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.integration.kannel.kannel_lab import Watched

EXAMPLES = Path("/usr/share/doc/gammu-smsd/examples")
MISSING = (
    "gammu-smsd is not installed: apt-get install gammu gammu-smsd libdbd-sqlite3 libdbd-pgsql, "
    "with its example files"
)

CONFIG = """
[gammu]
model = dummy
connection = none
port = {folder}/phone
gammuloc = /dev/null

[smsd]
service = sql
{database}
logfile = stdout
debuglevel = 255
commtimeout = 1
loopsleep = 0
sendtimeout = 5
statusfrequency = 1
receivefrequency = 1
deliveryreport = sms
phoneid = gw1
"""

PART = """[SMSBackup000]
PDU = Deliver
DateTime = 20261121T113000
State = UnRead
Number = "{sender}"
NumberUnicode = {sender_hex}
Name = ""
NameUnicode =
{header}Text00 = {text_hex}
Coding = Unicode_No_Compression
Folder = 1
Length = {length}
Class = -1
ReplySMSC = False
RejectDuplicates = False
ReplaceMessage = 0
MessageReference = 0
"""


def is_installed() -> bool:
    return shutil.which("gammu-smsd") is not None and (EXAMPLES / "sqlite.sql").is_file()


class SmsdLab:
    """One smsd. ``database``: lines of its configuration; ``settings``: those of an adapter for the same database."""

    def __init__(self, folder: Path, database: str, settings: Mapping[str, Any]) -> None:
        self.settings = settings
        self._inbox = folder / "phone" / "sms" / "1"
        self._inbox.mkdir(parents=True)
        self._config = folder / "smsdrc"
        self._config.write_text(CONFIG.format(folder=folder, database=database))
        self._folder = folder
        self._smsd: Watched | None = None
        self._arrived = 0

    def start(self) -> None:
        self._smsd = Watched(["gammu-smsd", "-c", str(self._config)], self._folder)
        self._smsd.wait_for_line("Inserting phone info")

    def stop(self) -> None:
        if self._smsd is not None:
            self._smsd.stop()

    def wait_sent(self, row: str) -> None:
        """Wait until a row has left the outbox, and smsd has gone on to other work."""
        assert self._smsd
        self._smsd.wait_for(lambda lines: _has_gone_on(lines, row), f"row {row} leaves the outbox")

    def arrive(self, sender: str, *parts: str) -> None:
        """Let a text arrive on the phone, in these parts."""
        for number, part in enumerate(parts, start=1):
            self._arrived += 1
            header = f"UDH = 0500034D{len(parts):02X}{number:02X}\n" if len(parts) > 1 else ""
            octets = part.encode("utf-16-be").hex().upper()
            content = PART.format(
                sender=sender,
                sender_hex=sender.encode("utf-16-be").hex().upper(),
                header=header,
                text_hex=octets,
                length=len(octets) // 4,
            )
            written = self._folder / f"arriving-{self._arrived}"
            written.write_text(content, encoding="utf-8")
            written.rename(self._inbox / str(self._arrived))

    def wait_received(self, times: int) -> None:
        assert self._smsd
        self._smsd.wait_for_line("Inserted message id", times=times)


def on_sqlite(folder: Path) -> SmsdLab:
    file = folder / "smsd.db"
    with closing(sqlite3.connect(file)) as database:
        database.executescript((EXAMPLES / "sqlite.sql").read_text())
    return SmsdLab(
        folder, f"driver = sqlite3\ndatabase = smsd.db\ndbdir = {folder}/", {"database": f"sqlite:///{file}"}
    )


def on_postgresql(folder: Path, url: str) -> SmsdLab:
    schema = (EXAMPLES / "pgsql.sql").read_text().replace("CREATE LANGUAGE plpgsql;", "")
    parts = sa.make_url(url)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(schema.replace("%", "%%"))
    engine.dispose()
    host = parts.query["host"]
    lines = f"driver = native_pgsql\nhost = {host}\nuser = {parts.username}\ndatabase = {parts.database}"
    return SmsdLab(
        folder, lines, {"database": f"postgresql://{parts.username}@/{parts.database}?host={host}"}
    )


def _has_gone_on(lines: list[str], row: str) -> bool:
    plain = [line.replace("'", "").replace('"', "") for line in lines]
    left = [
        number for number, line in enumerate(plain) if line.endswith(f"DELETE FROM outbox WHERE ID={row}")
    ]
    return bool(left) and any("UPDATE phones" in line for line in plain[left[-1] :])
