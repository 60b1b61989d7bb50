"""smsd's database: opened late, never made, and every trouble told as what it means for the call."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa

from adapters.gateways.gammu.settings import GammuSettings
from connector.errors import CallFailed, CredentialsRejected, OutcomeUnknown, Unavailable

__all__ = ["Database"]

_REFUSED: Final = ("authentication failed", "password", "no pg_hba.conf entry", "role ")
_NOT_OURS: Final = (
    "no such table",
    "no such column",
    "undefined",
    "permission denied",
    "readonly",
    "read-only",
)
_BUSY: Final = ("database is locked", "database table is locked", "lock timeout", "statement timeout")


class Database:
    """The database of one smsd. Thread-safe."""

    def __init__(self, settings: GammuSettings) -> None:
        """Keep how it is opened; nobody is called. Raise SecretMissing."""
        self._engine = _engine(settings)

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Open a transaction that is committed at the end.

        Raise Unavailable or CredentialsRejected where nothing was done; OutcomeUnknown where the commit failed in any
        other way than that somebody else holds a lock.
        """
        is_committing = False
        try:
            with self._engine.connect() as connection:
                yield connection
                is_committing = True
                connection.commit()
        except sa.exc.SQLAlchemyError as error:
            raise _meaning(error, is_in_doubt=is_committing) from None

    def seconds_since(self, column: sa.Column[Any]) -> sa.ColumnElement[Any]:
        """Return how long ago a time of the database's own clock was."""
        if self._engine.dialect.name == "sqlite":
            return (sa.func.julianday("now") - sa.func.julianday(column)) * 86_400.0
        return sa.extract("epoch", sa.func.localtimestamp() - column)

    def close(self) -> None:
        """Let go of the connections. May be called twice."""
        self._engine.dispose()


def _engine(settings: GammuSettings) -> sa.Engine:
    seconds = settings.answer_within.total_seconds()
    if settings.file is not None:
        # mode=rw: a file that is not there is told, and never made.
        where = sa.URL.create("sqlite", database=f"file:{settings.file}", query={"mode": "rw", "uri": "true"})
        return sa.create_engine(where, connect_args={"timeout": seconds})
    url = sa.make_url(settings.database).set(drivername="postgresql+psycopg")
    if settings.password is not None:
        url = url.set(password=settings.password.reveal())
    limits = f"-c statement_timeout={int(seconds * 1000)} -c lock_timeout={int(seconds * 1000)}"
    return sa.create_engine(
        url,
        pool_pre_ping=True,
        pool_timeout=seconds,
        connect_args={
            "connect_timeout": max(2, int(seconds)),
            "options": limits,
            "application_name": "chapar",
        },
    )


def _meaning(error: sa.exc.SQLAlchemyError, *, is_in_doubt: bool) -> CallFailed:
    """Return what a failure means; the driver's words may hold numbers and texts, and go no further."""
    said = str(getattr(error, "orig", None) or "").lower()
    if is_in_doubt and not any(word in said for word in _BUSY):
        return OutcomeUnknown("The answer to the commit never came.", reason="reset")
    if any(word in said for word in _BUSY):
        return Unavailable("The database of smsd is busy.", reason="busy")
    if any(word in said for word in _NOT_OURS):
        return CredentialsRejected(
            "The database has no tables of gammu-smsd, or we may not write in them.",
            reason="gateway_stopped",
            next_step="Look at database, and at the rights of the user.",
        )
    if any(word in said for word in _REFUSED):
        return CredentialsRejected(
            "The database refuses the user or its password.", reason="credentials_rejected"
        )
    return Unavailable("The database of smsd cannot be reached.", reason="unreachable")
