"""Which version a database is at, and how it is brought to this one."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from connector.errors import DatabaseNotReady, DatabaseTooNew
from connector.ledger.database import Database

__all__ = ["check_schema", "schema_version", "upgrade_schema"]

_UPGRADE_LOCK = 7_237_401  # any number of ours: two nodes must not migrate at once


def upgrade_schema(database: Database) -> str:
    """Bring the database to this version, in one transaction; return the version. Does nothing where it is there.

    Raise DatabaseTooNew when a newer Chapar wrote it.
    """
    _refuse_newer(schema_version(database))
    config = _config()
    with database.writing.begin() as connection:
        if not database.is_sqlite:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return _head()


def check_schema(database: Database) -> None:
    """Raise DatabaseNotReady when the database needs an upgrade, DatabaseTooNew when a newer Chapar wrote it."""
    version = schema_version(database)
    _refuse_newer(version)
    if version != _head():
        raise DatabaseNotReady(version=version, next_step="Run: chapar db upgrade.")


def schema_version(database: Database) -> str | None:
    """Return the revision that the database is at, None where it is empty."""
    with database.reading.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(version: str | None) -> None:
    if version is not None and version not in {script.revision for script in _scripts().walk_revisions()}:
        raise DatabaseTooNew(version=version)


def _head() -> str:
    return str(_scripts().get_current_head())


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config
