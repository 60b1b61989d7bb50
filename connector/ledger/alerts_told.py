"""What operators were told, kept where a new start and other nodes see it; and which channels of theirs fail.

A trouble is noted as told before it is sent, so that whoever is killed in between tells nothing twice; where a channel
certainly did not take it, the note is taken back.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from connector.errors import LostRace
from connector.ledger.alert_tables import alert_channels, alerts_told
from connector.ledger.narrow import narrow
from connector.ledger.writer import Transaction, Unit

__all__ = ["AlertsTold", "ChannelState", "Told", "failing_channels"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """When a trouble was told last, and since when it is over; None while it stands."""

    told_at: datetime
    over_since: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelState:
    """How often in a row a channel has failed, why, and when it is tried again."""

    failing_since: datetime | None = None
    failures: int = 0
    reason: str | None = None
    try_after: datetime | None = None


class AlertsTold:
    """Writes and reads what was told. Raises LedgerUnavailable when the database is away."""

    def __init__(
        self,
        write: Callable[[Unit[Any]], Any],
        read: Callable[[Callable[[sa.Connection], Any]], Any],
    ) -> None:
        """Take the ledger's ways to its database."""
        self._write = write
        self._read = read

    def told(self, channel: str) -> dict[str, Told]:
        """Return what this channel was told and nobody called well, by the trouble's key."""
        mine = sa.select(alerts_told).where(alerts_told.c.channel == channel)
        rows = self._read(lambda c: c.execute(mine).all())
        return {row.trouble: Told(told_at=row.told_at, over_since=row.over_since) for row in rows}

    def claim(self, channel: str, keys: Mapping[str, datetime | None]) -> datetime | None:
        """Note all as told now, each with when it was told before; return the instant that was noted.

        None, and nothing is written, where another node told one of them meanwhile.
        """

        def write(transaction: Transaction) -> datetime:
            for key, before in keys.items():
                if before is None:
                    row = {"channel": channel, "trouble": key, "told_at": transaction.at}
                    transaction.connection.execute(sa.insert(alerts_told).values(row))
                else:
                    _set(transaction, channel, key, before, told_at=transaction.at, over_since=None)
            return transaction.at

        try:
            at: datetime = self._write(write)
        except (LostRace, IntegrityError):
            return None
        return at

    def take_back(self, channel: str, keys: Mapping[str, datetime | None], noted: datetime) -> None:
        """Note all as they were: the channel did not take them. What others changed meanwhile is left."""

        def write(transaction: Transaction) -> None:
            for key, before in keys.items():
                row = _row(channel, key, noted)
                if before is None:
                    transaction.connection.execute(sa.delete(alerts_told).where(*row))
                else:
                    transaction.connection.execute(sa.update(alerts_told).where(*row).values(told_at=before))

        self._write(write)

    def close(self, channel: str, keys: Mapping[str, datetime | None]) -> bool:
        """Forget all that is called well now; False, and nothing is written, where somebody was told meanwhile."""

        def write(transaction: Transaction) -> None:
            for key, before in keys.items():
                if before is None or not _gone(transaction, channel, key, before):
                    raise LostRace(channel=channel)

        try:
            self._write(write)
        except LostRace:
            return False
        return True

    def reopen(self, channel: str, told: Mapping[str, Told]) -> None:
        """Keep again what was closed: the channel did not take the word that all is well."""

        def write(transaction: Transaction) -> None:
            rows = [
                {"channel": channel, "trouble": key, "told_at": each.told_at, "over_since": each.over_since}
                for key, each in told.items()
            ]
            transaction.connection.execute(sa.insert(alerts_told), rows)

        try:
            self._write(write)
        except IntegrityError:
            return  # one of them is there again, and was told again

    def note_over(self, channel: str, over: Mapping[str, datetime | None]) -> None:
        """Note since when each is over, None for what stands again."""

        def write(transaction: Transaction) -> None:
            for key, since in over.items():
                mine = (alerts_told.c.channel == channel, alerts_told.c.trouble == key)
                transaction.connection.execute(sa.update(alerts_told).where(*mine).values(over_since=since))

        if over:
            self._write(write)

    def channels(self) -> dict[str, ChannelState]:
        """Return how each channel is that failed when it was last used."""
        rows = self._read(lambda c: c.execute(sa.select(alert_channels)).all())
        return {
            row.channel: ChannelState(
                failing_since=row.failing_since,
                failures=row.failures,
                reason=row.reason,
                try_after=row.try_after,
            )
            for row in rows
        }

    def failed(self, channel: str, reason: str, *, try_after: datetime) -> None:
        """Note that a channel did not take an alert."""

        def write(transaction: Transaction) -> None:
            own = alert_channels.c.channel == channel
            before = transaction.connection.execute(sa.select(alert_channels).where(own)).first()
            values = {"reason": narrow(reason), "try_after": try_after}
            if before is None:
                first = {"channel": channel, "failing_since": transaction.at, "failures": 1, **values}
                transaction.connection.execute(sa.insert(alert_channels).values(first))
            else:
                values["failures"] = before.failures + 1
                transaction.connection.execute(sa.update(alert_channels).where(own).values(values))

        try:
            self._write(write)
        except IntegrityError:
            return  # another node noted the same at this moment

    def works(self, channel: str) -> None:
        """Note that a channel took an alert."""
        self._forget_channels(alert_channels.c.channel == channel)

    def keep_only(self, channels: Collection[str]) -> None:
        """Forget channels that the configuration no longer has."""
        self._forget_channels(alert_channels.c.channel.not_in(channels))
        others = sa.delete(alerts_told).where(alerts_told.c.channel.not_in(channels))
        self._write(lambda t: t.connection.execute(others) and None)

    def _forget_channels(self, which: sa.ColumnElement[bool]) -> None:
        self._write(lambda t: t.connection.execute(sa.delete(alert_channels).where(which)) and None)


def failing_channels(connection: sa.Connection) -> dict[str, ChannelState]:
    """Return the channels that fail, for the list of what needs a person."""
    rows = connection.execute(sa.select(alert_channels).order_by(alert_channels.c.channel))
    return {
        row.channel: ChannelState(failing_since=row.failing_since, failures=row.failures, reason=row.reason)
        for row in rows
        if row.failing_since is not None
    }


def _row(channel: str, key: str, told_at: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    mine = (alerts_told.c.channel == channel, alerts_told.c.trouble == key)
    return (*mine, alerts_told.c.told_at == told_at)


def _set(transaction: Transaction, channel: str, key: str, before: datetime, **values: Any) -> None:
    found = sa.update(alerts_told).where(*_row(channel, key, before)).values(values)
    if transaction.connection.execute(found).rowcount != 1:
        raise LostRace(channel=channel)


def _gone(transaction: Transaction, channel: str, key: str, before: datetime) -> bool:
    return (
        transaction.connection.execute(sa.delete(alerts_told).where(*_row(channel, key, before))).rowcount
        == 1
    )
