"""gammu-smsd: texts go into its database, and everything else is read there.

A text is a row of outbox, its further parts rows of outbox_multipart; smsd moves them to sentitems when it has sent
them. Our own id stands in CreatorID from the first moment, so a lost answer is asked for. What each status means is
data (mappings/gateways/gammu.yaml).
"""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from adapters.gateways.gammu.incoming import Look, shown
from adapters.gateways.gammu.settings import GammuSettings
from adapters.gateways.gammu.tables import GAMMU, INBOX, OUTBOX, OUTBOX_MULTIPART, PHONES, SENTITEMS
from connector.domain.concatenation import Concatenation, written_header
from connector.domain.segments import is_gsm, parts_of
from connector.errors import Unavailable
from connector.mapping.gateway_codes import GatewayCodes, load_gateway_codes, state_of
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.gateway import GatewayCapabilities, OutgoingMessage
from connector.ports.incoming import InboxPage
from connector.ports.outcomes import (
    Accepted,
    Delivered,
    DeliveryState,
    MessageFound,
    SendOutcome,
    StillUnderway,
    Undelivered,
)

if TYPE_CHECKING:
    from adapters.gateways.gammu.database import Database

__all__ = ["GATEWAY", "Gammu"]

_BATCH: Final = 50
_ASKED: Final = 200
_PAGE: Final = 500
_QUEUED: Final = "Reserved"
"""The status of what is still in outbox."""


class Gammu:
    """The database of one smsd, connected."""

    def __init__(self, settings: GammuSettings, codes: GatewayCodes, database: "Database") -> None:
        """Keep what is needed; nobody is called."""
        self._settings, self._codes, self._database = settings, codes, database
        self._references = count(1)
        self._shown: tuple[str, Sequence[int]] | None = None
        self.capabilities = GatewayCapabilities(
            batch_size=_BATCH,
            find_by_own_id=True,
            delivery_batch=_ASKED,
            has_inbox=True,
            delivery_horizon=settings.delivery_horizon,
            concurrency=1,
        )

    def send(self, messages: Sequence[OutgoingMessage]) -> list[SendOutcome]:
        """Write all texts with all their parts in one transaction: smsd sees each whole, or not at all."""
        with self._database.transaction() as connection:
            references = [self._written(connection, message) for message in messages]
        return [Accepted(gateway_reference=str(reference)) for reference in references]

    def find(self, own_ids: Sequence[int]) -> Mapping[int, MessageFound]:
        """Look for our own ids in outbox and sentitems."""
        creators = [str(own_id) for own_id in own_ids]
        with self._database.transaction() as connection:
            rows = [
                row
                for table in (OUTBOX, SENTITEMS)  # in the order in which smsd moves them: none slips through
                for row in connection.execute(
                    sa.select(table.c.CreatorID, table.c.ID).where(table.c.CreatorID.in_(creators))
                )
            ]
            states = self._states(connection, [row.ID for row in rows])
        return {
            int(row.CreatorID): MessageFound(
                gateway_reference=str(row.ID), state=states.get(row.ID, StillUnderway())
            )
            for row in rows
        }

    def delivery(self, gateway_references: Sequence[str]) -> Mapping[str, DeliveryState]:
        """Read what became of these rows; one that is nowhere, or in a state nobody knows, is left out."""
        rows = [int(each) for each in gateway_references if each.isdecimal() and len(each) < 19]
        with self._database.transaction() as connection:
            states = self._states(connection, rows)
        return {str(row): state for row, state in states.items()}

    def inbox(self, cursor: str | None) -> InboxPage:
        """Hand out what smsd received and nobody has processed; mark the last page, which is stored by now."""
        with self._database.transaction() as connection:
            if self._shown is not None and cursor == self._shown[0]:
                self._mark(connection, self._shown[1])
            self._shown = None
            rows = connection.execute(
                sa.select(INBOX, self._database.seconds_since(INBOX.c.UpdatedInDB).label("age"))
                .where(
                    INBOX.c.Processed
                    == sa.bindparam("is_processed", value=False, type_=INBOX.c.Processed.type)
                )
                .order_by(INBOX.c.ID)
                .limit(_PAGE)
            ).all()
        look: Look = shown(rows, join_within=self._settings.join_within)
        if not look.messages:
            return InboxPage(messages=())
        self._shown = (look.cursor, look.rows)
        return InboxPage(messages=look.messages, cursor=look.cursor, has_more=len(rows) == _PAGE)

    def check(self) -> str:
        """Look whether smsd is at work: the schema, and when each phone was seen last."""
        with self._database.transaction() as connection:
            version = connection.execute(sa.select(GAMMU.c.Version)).scalar()
            age = self._database.seconds_since(PHONES.c.UpdatedInDB).label("age")
            phones = connection.execute(sa.select(PHONES.c.ID, PHONES.c.Signal, age)).all()
        ours = [phone for phone in phones if self._settings.phone in {None, phone.ID}]
        seen = [phone for phone in ours if phone.age <= self._settings.seen_within.total_seconds()]
        if not seen:
            raise Unavailable(
                "smsd has not seen its phone for a while.",
                reason="no_phone",
                next_step="Look whether gammu-smsd runs and its modem is connected.",
            )
        told = ", ".join(f"{phone.ID} (signal {phone.Signal} %)" for phone in seen)
        return f"The database of gammu-smsd answers (schema {version}); at work: {told}."

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _written(self, connection: sa.Connection, message: OutgoingMessage) -> int:
        coding = "Default_No_Compression" if is_gsm(message.text) else "Unicode_No_Compression"
        parts, reference = parts_of(message.text), next(self._references)
        headers = [
            written_header(Concatenation(reference, len(parts), number)).hex().upper()
            for number in range(1, len(parts) + 1)
        ]
        row = {
            "DestinationNumber": self._number(message.mobile),
            "TextDecoded": parts[0],
            "Coding": coding,
            "UDH": headers[0] if len(parts) > 1 else None,
            "MultiPart": len(parts) > 1,
            "DeliveryReport": "yes",
            "CreatorID": str(message.own_id),
            "SenderID": self._settings.phone,
        }
        written = connection.execute(sa.insert(OUTBOX).values(row).returning(OUTBOX.c.ID)).scalar_one()
        further = [
            {"ID": written, "SequencePosition": number, "TextDecoded": part, "Coding": coding, "UDH": header}
            for number, (part, header) in enumerate(zip(parts, headers, strict=True), start=1)
        ]
        if further[1:]:
            connection.execute(sa.insert(OUTBOX_MULTIPART), further[1:])
        return int(written)

    def _number(self, mobile: str) -> str:
        return f"+98{mobile[1:]}" if self._settings.numbers == "international" else mobile

    def _states(self, connection: sa.Connection, rows: Sequence[int]) -> dict[int, DeliveryState]:
        queued = connection.execute(sa.select(OUTBOX.c.ID).where(OUTBOX.c.ID.in_(rows))).scalars()
        statuses: dict[int, list[str]] = {row: [_QUEUED] for row in queued}
        sent = connection.execute(
            sa.select(SENTITEMS.c.ID, SENTITEMS.c.Status).where(SENTITEMS.c.ID.in_(rows))
        )
        for row in sent:
            statuses.setdefault(row.ID, []).append(row.Status)
        found = {row: self._state(told) for row, told in statuses.items()}
        return {row: state for row, state in found.items() if state is not None}

    def _state(self, statuses: Sequence[str]) -> DeliveryState | None:
        """Return the state of a text by those of its parts: lost where one is lost, there where all are there."""
        states = [state_of(self._codes, status) for status in statuses]
        lost = next((state for state in states if isinstance(state, Undelivered)), None)
        if lost is not None:
            return lost
        if all(state is None for state in states):
            return None
        return Delivered() if all(isinstance(state, Delivered) for state in states) else StillUnderway()

    def _mark(self, connection: sa.Connection, rows: Sequence[int]) -> None:
        connection.execute(sa.update(INBOX).where(INBOX.c.ID.in_(rows)).values(Processed=True))


def _build(settings: GammuSettings, site: AdapterSite) -> Gammu:
    from adapters.gateways.gammu.database import Database

    return Gammu(settings, load_gateway_codes(site.mappings, "gammu"), Database(settings))


GATEWAY: Final = AdapterKind(
    summary="gammu-smsd, a modem of one's own, through its database", settings=GammuSettings, build=_build
)
