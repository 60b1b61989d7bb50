"""The tables of gammu-smsd, schema version 17 (docs.gammu.org, SMSD database structure), as far as they are used."""

from typing import Any, Final

import sqlalchemy as sa

__all__ = ["GAMMU", "INBOX", "OUTBOX", "OUTBOX_MULTIPART", "PHONES", "SENTITEMS"]


class _YesNo(sa.TypeDecorator[bool]):
    """A boolean, which smsd keeps as the words true and false on SQLite."""

    impl = sa.Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(sa.Boolean() if dialect.name == "postgresql" else sa.Text())

    def process_bind_param(self, value: bool | None, dialect: sa.Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return "true" if value else "false"


_METADATA: Final = sa.MetaData()

GAMMU: Final = sa.Table("gammu", _METADATA, sa.Column("Version", sa.Integer, primary_key=True))

OUTBOX: Final = sa.Table(
    "outbox",
    _METADATA,
    sa.Column("ID", sa.Integer, primary_key=True),
    sa.Column("DestinationNumber", sa.Text),
    sa.Column("TextDecoded", sa.Text),
    sa.Column("Coding", sa.Text),
    sa.Column("UDH", sa.Text),
    sa.Column("MultiPart", _YesNo),
    sa.Column("SenderID", sa.Text),
    sa.Column("DeliveryReport", sa.Text),
    sa.Column("CreatorID", sa.Text),
)

OUTBOX_MULTIPART: Final = sa.Table(
    "outbox_multipart",
    _METADATA,
    sa.Column("ID", sa.Integer, primary_key=True),
    sa.Column("SequencePosition", sa.Integer, primary_key=True),
    sa.Column("TextDecoded", sa.Text),
    sa.Column("Coding", sa.Text),
    sa.Column("UDH", sa.Text),
)

SENTITEMS: Final = sa.Table(
    "sentitems",
    _METADATA,
    sa.Column("ID", sa.Integer, primary_key=True),
    sa.Column("SequencePosition", sa.Integer, primary_key=True),
    sa.Column("Status", sa.Text),
    sa.Column("CreatorID", sa.Text),
)

INBOX: Final = sa.Table(
    "inbox",
    _METADATA,
    sa.Column("ID", sa.Integer, primary_key=True),
    sa.Column("UpdatedInDB", sa.Text),
    sa.Column("SenderNumber", sa.Text),
    sa.Column("TextDecoded", sa.Text),
    sa.Column("UDH", sa.Text),
    sa.Column("Processed", _YesNo),
)

PHONES: Final = sa.Table(
    "phones",
    _METADATA,
    sa.Column("ID", sa.Text),
    sa.Column("IMEI", sa.Text, primary_key=True),
    sa.Column("UpdatedInDB", sa.Text),
    sa.Column("Signal", sa.Integer),
    sa.Column("Battery", sa.Integer),
)
