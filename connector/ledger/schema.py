"""Which version a database is at, and how it is brought to this one.

Looking needs no Alembic: its import would cost every quick command a second.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from connector.errors import DatabaseNotReady, DatabaseTooNew
from connector.ledger.database import Database, writing
from connector.ledger.migrations import REVISIONS

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["check_schema", "schema_version", "upgrade_schema"]

_UPGRADE_LOCK: Final = 7_237_401
"""Any number of ours: two nodes must not migrate at once."""
_VERSION: Final = sa.table("alembic_version", sa.column("version_num", sa.String))


def upgrade_schema(database: Database) -> str:
    """Bring the database to this version, in one transaction; return the version. Does nothing where it is there.

    Raise DatabaseTooNew when a newer Chapar wrote it.
    """
    from alembic import command

    _refuse_newer(schema_version(database))
    config = alembic_config()
    with writing(database.writing) as connection:
        if not database.is_sqlite:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return REVISIONS[-1]


def check_schema(database: Database) -> None:
    """Raise DatabaseNotReady when the database needs an upgrade, DatabaseTooNew when a newer Chapar wrote it."""
    version = schema_version(database)
    _refuse_newer(version)
    if version != REVISIONS[-1]:
        raise DatabaseNotReady(version=version, next_step="Run: chapar db upgrade.")


def schema_version(database: Database) -> str | None:
    """Return the revision that the database is at, None where it is empty."""
    with database.reading.connect() as connection:
        if not sa.inspect(connection).has_table(_VERSION.name):
            return None
        version = connection.execute(sa.select(_VERSION.c.version_num)).scalar()
        return None if version is None else str(version)


def alembic_config() -> "Config":
    """Return Alembic's configuration, which names our migrations and nothing else."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def _refuse_newer(version: str | None) -> None:
    if version is not None and version not in REVISIONS:
        raise DatabaseTooNew(
            version=version,
            next_step="Install the version of Chapar that wrote the database, or a later one.",
        )
