"""The counterpart of gammu-smsd's database: a SQLite file with its tables, where smsd's part is done on looking."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Final, SupportsIndex

from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultPlan
from connector.simulator.gateways.book import Arrival, VendorBook, WrittenText
from connector.simulator.gateways.vendor import Place, Trait

__all__ = ["GammuVendor"]

_SCHEMA: Final = """
CREATE TABLE gammu (Version INTEGER NOT NULL PRIMARY KEY);
INSERT INTO gammu VALUES (17);
CREATE TABLE inbox (UpdatedInDB NUMERIC NOT NULL DEFAULT (datetime('now')), Text TEXT NOT NULL DEFAULT '',
  SenderNumber TEXT NOT NULL DEFAULT '', UDH TEXT NOT NULL DEFAULT '', TextDecoded TEXT NOT NULL DEFAULT '',
  ID INTEGER PRIMARY KEY AUTOINCREMENT, Processed TEXT NOT NULL DEFAULT 'false');
CREATE TABLE outbox (Text TEXT, DestinationNumber TEXT NOT NULL DEFAULT '', Coding TEXT NOT NULL, UDH TEXT,
  TextDecoded TEXT NOT NULL DEFAULT '', ID INTEGER PRIMARY KEY AUTOINCREMENT, MultiPart TEXT NOT NULL DEFAULT 'false',
  SenderID TEXT, DeliveryReport TEXT DEFAULT 'default', CreatorID TEXT NOT NULL);
CREATE TABLE outbox_multipart (Text TEXT, Coding TEXT NOT NULL, UDH TEXT, TextDecoded TEXT, ID INTEGER,
  SequencePosition INTEGER NOT NULL, PRIMARY KEY (ID, SequencePosition));
CREATE TABLE sentitems (DestinationNumber TEXT NOT NULL, TextDecoded TEXT NOT NULL, UDH TEXT NOT NULL, ID INTEGER,
  SenderID TEXT NOT NULL, SequencePosition INTEGER NOT NULL, Status TEXT NOT NULL, CreatorID TEXT NOT NULL,
  PRIMARY KEY (ID, SequencePosition));
CREATE TABLE phones (ID TEXT NOT NULL, UpdatedInDB NUMERIC NOT NULL DEFAULT (datetime('now')), IMEI TEXT PRIMARY KEY,
  Signal INTEGER NOT NULL DEFAULT -1, Battery INTEGER NOT NULL DEFAULT -1);
INSERT INTO phones (ID, IMEI, Signal, Battery) VALUES ('gw1', '999999999999999', 42, 100);
"""
_WORDS: Final = {
    Arrival.UNDERWAY: "SendingOK",
    Arrival.DELIVERED: "DeliveryOK",
    Arrival.UNDELIVERED: "DeliveryFailed",
    Arrival.UNHEARD_OF: "Teleported",
    Arrival.FORGOTTEN: "",
}
_UCS2_OCTETS: Final = 134


class _Arrivals(dict[str, Arrival]):
    """What became of texts; each word of it is written into the file."""

    def __init__(self, report: Callable[[str, Arrival], None]) -> None:
        super().__init__()
        self._report = report

    def __setitem__(self, reference: str, arrival: Arrival) -> None:
        super().__setitem__(reference, arrival)
        self._report(reference, arrival)

    def update(self, *pairs: Any, **_none: Any) -> None:
        for reference, arrival in dict(*pairs).items():
            self[reference] = arrival


class _Written(list[WrittenText]):
    """What citizens wrote; each text comes into the file."""

    def __init__(self, receive: Callable[[WrittenText], None]) -> None:
        super().__init__()
        self._receive = receive

    def append(self, text: WrittenText, /) -> None:
        super().append(text)
        self._receive(text)

    def __iadd__(self, texts: Iterable[WrittenText]) -> "_Written":  # type: ignore[override,misc]
        for text in texts:
            self.append(text)
        return self

    def insert(self, _at: SupportsIndex, text: WrittenText, /) -> None:
        self.append(text)


class GammuVendor:
    """One smsd with one phone, and its SQLite file."""

    adapter: ClassVar[str] = "gammu"

    def __init__(self, secret: str) -> None:
        """Make the file; it has no secret."""
        self._folder = tempfile.TemporaryDirectory(prefix="chapar-smsd-")
        self.file = Path(self._folder.name) / "smsd.db"
        with closing(self.opened()) as database:
            database.executescript(_SCHEMA)
        self.book = VendorBook(look=self._look)
        self.book.arrivals = _Arrivals(self._report)
        self.book.written = _Written(self._receive)
        self.faults = FaultPlan()
        self.url = ""

    def start(self) -> None:
        """Nothing is to be started."""

    def stop(self) -> None:
        """Let go of the file."""
        self._folder.cleanup()

    def opened(self) -> sqlite3.Connection:
        """Return the file, opened; whoever asks closes it."""
        database = sqlite3.connect(self.file, timeout=10)
        database.execute("PRAGMA synchronous = OFF")
        return database

    def settings(self, place: Place) -> Mapping[str, Any]:
        """Return the settings of an adapter that is connected to it."""
        return {"database": f"sqlite:///{self.file}", "answer_within": place.answer_within}

    def lacks(self, need: StrEnum) -> str | None:
        """Return why smsd's file cannot do it."""
        if isinstance(need, Fault):
            return "Nothing goes wrong on the way to a file; locks and wrong files have tests of their own."
        if need is Arrival.BLACKLISTED:
            return "A modem is not told why a text did not arrive."
        can = {Trait.LETTERS, Trait.STRANGE_REFERENCES}
        return (
            "A file takes whatever is written into it."
            if isinstance(need, Trait) and need not in can
            else None
        )

    def _look(self) -> None:
        """Send what waits in the outbox, as smsd does: the parts go to sentitems, and then the row is deleted."""
        with closing(self.opened()) as database, database:
            rows = database.execute(
                "SELECT ID, DestinationNumber, TextDecoded, UDH, CreatorID, MultiPart FROM outbox ORDER BY ID"
            ).fetchall()
            for key, number, text, header, creator, is_multipart in rows:
                parts = [(1, text, header or "")]
                if is_multipart == "true":
                    parts += database.execute(
                        "SELECT SequencePosition, TextDecoded, UDH FROM outbox_multipart WHERE ID = ? "
                        "ORDER BY SequencePosition",
                        (key,),
                    ).fetchall()
                    _demand_headers([header for _, _, header in parts])
                for position, part, part_header in parts:
                    database.execute(
                        "INSERT INTO sentitems VALUES (?, ?, ?, ?, 'gw1', ?, 'SendingOK', ?)",
                        (number, part, part_header, key, position, creator),
                    )
                database.execute("DELETE FROM outbox_multipart WHERE ID = ?", (key,))
                database.execute("DELETE FROM outbox WHERE ID = ?", (key,))
                mobile = f"0{number[-10:]}"
                whole = "".join(part for _, part, _ in parts)
                self.book.take(mobile, whole, own_id=int(creator), reference=str(key))

    def _report(self, reference: str, arrival: Arrival) -> None:
        self._look()
        with closing(self.opened()) as database, database:
            if arrival is Arrival.FORGOTTEN:
                database.execute("DELETE FROM sentitems WHERE ID = ?", (int(reference),))
            else:
                database.execute(
                    "UPDATE sentitems SET Status = ? WHERE ID = ?", (_WORDS[arrival], int(reference))
                )

    def _receive(self, text: WrittenText) -> None:
        octets = text.text.encode("utf-16-be")
        pieces = [octets[start : start + _UCS2_OCTETS] for start in range(0, len(octets), _UCS2_OCTETS)]
        if len(octets) <= 140:
            pieces = [octets]
        with closing(self.opened()) as database, database:
            for number, piece in enumerate(pieces, start=1):
                header = (
                    f"050003{int(text.key) % 256:02X}{len(pieces):02X}{number:02X}" if len(pieces) > 1 else ""
                )
                database.execute(
                    "INSERT INTO inbox (SenderNumber, TextDecoded, UDH) VALUES (?, ?, ?)",
                    (text.sender, piece.decode("utf-16-be"), header),
                )


def _demand_headers(headers: list[str]) -> None:
    """Demand that the parts of one text have one reference, and count from one."""
    total = f"{len(headers):02X}"
    expected = [f"050003{headers[0][6:8]}{total}{number:02X}" for number in range(1, len(headers) + 1)]
    if headers != expected:
        raise ValueError(f"no handset joins these parts: {headers}")
