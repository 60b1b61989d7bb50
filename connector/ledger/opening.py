"""How a ledger is opened: the database at this version, alone where it must be, leases of the dead freed."""

import os
import threading
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from connector.clock import Now, monotonic, now
from connector.domain.lifecycle import Stage
from connector.errors import DatabaseNotReady, DatabaseUnreadable, LedgerUnavailable
from connector.ledger.call_rates import HOLDS
from connector.ledger.database import PATIENCE, Database, hold_alone, open_database
from connector.ledger.ledger import Ledger
from connector.ledger.outside import CHANNEL as OUTSIDE
from connector.ledger.records import Lane, OutboxPolicy
from connector.ledger.schema import check_schema, upgrade_schema
from connector.ledger.seal import KeyRing
from connector.observability.logging import get_logger

__all__ = ["open_ledger", "prepare_database"]

log = get_logger(__name__)

_LISTEN_AGAIN_AFTER: Final = 2.0
_HEARS_STILL_EVERY: Final = 10.0
_NO_DATABASE: Final = ("SQLITE_NOTADB", "SQLITE_CORRUPT")


def prepare_database(url: str) -> str:
    """Bring the database to this version and return the version.

    Raise LedgerUnavailable where it cannot be reached, and DatabaseUnreadable where its file is no database.
    A new SQLite file belongs to whom its folder belongs: what root prepares, Chapar's own user can use.
    """
    file = _sqlite_file(url)
    if file is not None and not _is_there(file):
        _make_file(file)
    database = open_database(url, pool_size=2)
    try:
        return upgrade_schema(database)
    except DBAPIError as error:
        raise _unusable(error, file) from error
    finally:
        database.dispose()


def open_ledger(
    url: str,
    ring: KeyRing,
    *,
    attachments: Path,
    policy: OutboxPolicy | None = None,
    now: Now = now,
    alone: bool = False,
    pool_size: int = 16,
) -> Ledger:
    """Return the ledger on this database.

    ``alone`` is for the daemon: it takes a SQLite file for itself (LedgerInUse if another one has it) and frees the
    leases of a killed predecessor; on PostgreSQL it listens for what others make due. Raise DatabaseNotReady when the
    database is not at this version yet, DatabaseTooNew when it is beyond, DatabaseUnreadable when the file is none,
    LedgerUnavailable when it is away.
    """
    file = _sqlite_file(url)
    if file is not None and not _is_there(file):
        raise DatabaseNotReady("There is no database yet.", next_step="Make it with: chapar db upgrade")
    held = hold_alone(url) if alone else None
    database = open_database(url, pool_size=pool_size, patience=PATIENCE if alone else None)
    ledger = Ledger(database, ring, attachments=attachments, policy=policy or OutboxPolicy(), now=now)
    if held is not None:
        ledger.on_close(held.close)
    try:
        check_schema(database)
        if alone:
            ledger.attachments.prepare()
    except BaseException as error:
        ledger.close()
        if isinstance(error, DBAPIError):
            raise _unusable(error, file) from error
        raise
    if held is not None and (freed := ledger.release_leases()):
        log.info("ledger.leases_freed", count=freed)
    if alone and not database.is_sqlite:
        _listen(ledger, database)
    return ledger


def _listen(ledger: Ledger, database: Database) -> None:
    """Wake the lanes for what other nodes commit; a hint only, every lane also looks by itself."""
    stop = threading.Event()

    def turn() -> None:
        while not stop.is_set():
            try:
                with database.reading.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    _receive(connection, ledger, stop)
            except Exception as error:  # noqa: BLE001 - the driver raises its own errors while waiting
                log.warning("ledger.listening_lost", error=type(error).__name__)
                stop.wait(_LISTEN_AGAIN_AFTER)

    thread = threading.Thread(target=turn, name="ledger-listener", daemon=True)
    thread.start()

    def finish() -> None:
        stop.set()
        thread.join(timeout=5)

    ledger.on_close(finish)


def _receive(connection: sa.Connection, ledger: Ledger, stop: threading.Event) -> None:
    connection.exec_driver_sql("LISTEN chapar_due")
    connection.exec_driver_sql(f"LISTEN {OUTSIDE}")
    connection.exec_driver_sql(f"LISTEN {HOLDS}")
    looked_at = monotonic()
    # What fell due before this moment was told to nobody here: while the server was restarted, say.
    ledger.tell_due({Lane(Stage(stage), name) for stage, name in ledger.oldest_due()})
    driver = connection.connection.driver_connection
    ledger.outside.tell()
    ledger.call_rates.catch_up()
    while driver is not None and not stop.is_set():
        for notice in driver.notifies(timeout=1.0, stop_after=100):
            _take_in(ledger, notice.channel, notice.payload)
        if monotonic() - looked_at > _HEARS_STILL_EVERY:
            connection.exec_driver_sql("SELECT 1")  # a network that is cut says nothing, and neither do we
            looked_at = monotonic()
    connection.exec_driver_sql("UNLISTEN *")


def _take_in(ledger: Ledger, channel: str, payload: str) -> None:
    if channel == OUTSIDE:
        ledger.outside.tell()
    elif channel == HOLDS:
        ledger.call_rates.heard(payload)
    else:
        stage, _, name = payload.partition(" ")
        ledger.tell_due({Lane(Stage(stage), name)})


def _sqlite_file(url: str) -> Path | None:
    parsed = sa.make_url(url) if "://" in url else None
    if parsed is None or parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        return None
    return Path(str(parsed.database))


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except PermissionError:
        raise DatabaseNotReady(
            f"{file} may not be read by this user.",
            next_step="Run it as root (sudo), or as the user that Chapar runs as.",
        ) from None


def _make_file(file: Path) -> None:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
        if os.geteuid() == 0:
            folder = file.parent.stat()
            os.chown(file, folder.st_uid, folder.st_gid)
    except OSError as error:
        raise DatabaseNotReady(
            f"{file} cannot be made: {error.strerror}.",
            next_step=f"Let the user that Chapar runs as write to {file.parent}, or run this as root.",
        ) from None


def _unusable(error: DBAPIError, file: Path | None) -> LedgerUnavailable | DatabaseUnreadable:
    code = getattr(error.orig, "sqlite_errorname", "")
    if file is not None and code.startswith(_NO_DATABASE):
        return DatabaseUnreadable(
            f"{file} is not a database, or it is damaged.",
            next_step="Name the right file in ledger.url, or put the file of the last backup there.",
            driver_error=code,
        )
    # Not a matter of the configuration: the service manager tries again, and the database may be there by then.
    return LedgerUnavailable(
        "The database cannot be opened.",
        driver_error=type(error.orig).__name__,
        next_step="See that the server runs, the url is right, and Chapar's user may use it."
        if file is None
        else f"See that {file} is a file that Chapar's user may read and write, and its folder too.",
    )
