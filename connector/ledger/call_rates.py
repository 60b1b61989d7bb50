"""One budget of calls for all nodes: tokens come from a row of PostgreSQL, by the server's clock.

A token costs one short statement. Where many are used in a second, a node takes a few at once, a fifth of a second's
worth, and spends them at the rate: so all nodes together make no more calls in any second than the rate allows, and at
most one such block for each node beyond it. A token that is lost with a crash of the server costs nothing, so these
statements alone do not wait for the disk.

While the database is away a node keeps to its share: the rate divided by the nodes that were known last. Its letters
wait for the database anyway; what still goes is what asks and writes nothing.

When the other side asks one node for silence, the end of it stands in the row, and every node is told at once.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from connector.clock import monotonic
from connector.errors import LedgerUnavailable
from connector.ledger.database import Database
from connector.ledger.server_clock import PRESENT_MICROSECONDS
from connector.ledger.writer import AWAY, unavailable
from connector.transport.limits import CallRate

__all__ = ["HOLDS", "CallRates", "SharedCallRate"]

HOLDS: Final = "chapar_held"
"""Where PostgreSQL tells every node that a connection is to be silent for so many microseconds."""
_BLOCKS_PER_SECOND: Final = 5
_STALE_AFTER: Final = 0.5
"""Seconds after which what is left of a block is let go: it must not be spent in a burst later."""
_ALONE_FOR: Final = 5.0
"""Seconds for which the database is not asked again after it was away."""

_NOT_SYNCED: Final = "WITH fast AS (SELECT set_config('synchronous_commit', 'off', true))"
_TAKE: Final = sa.text(
    f"""{_NOT_SYNCED}
    INSERT INTO call_rates AS held (connection, next_at)
    SELECT :connection, {PRESENT_MICROSECONDS} + :length FROM fast
    ON CONFLICT (connection) DO UPDATE
    SET next_at = GREATEST(held.next_at, {PRESENT_MICROSECONDS}) + :length
    WHERE GREATEST(held.next_at, {PRESENT_MICROSECONDS}) <= {PRESENT_MICROSECONDS} + :within
    RETURNING next_at - :length - {PRESENT_MICROSECONDS}, COALESCE(held_until, 0) - {PRESENT_MICROSECONDS}"""  # noqa: S608
)
_HOLD: Final = sa.text(
    f"""{_NOT_SYNCED}
    INSERT INTO call_rates AS held (connection, next_at, held_until)
    SELECT :connection, 0, {PRESENT_MICROSECONDS} + :length FROM fast
    ON CONFLICT (connection) DO UPDATE
    SET held_until = GREATEST(COALESCE(held.held_until, 0), {PRESENT_MICROSECONDS} + :length)"""  # noqa: S608
)
_HELD: Final = sa.text(
    f"""SELECT connection, held_until - {PRESENT_MICROSECONDS} FROM call_rates
    WHERE held_until > {PRESENT_MICROSECONDS}"""  # noqa: S608 - of our own constants, like those above
)
_TELL: Final = sa.text("SELECT pg_notify(:channel, :payload)")


class CallRates:
    """Hands out budgets that all nodes share. Only on PostgreSQL; a SQLite file is one node's."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database
        self._shared: dict[str, SharedCallRate] = {}

    def budget(self, name: str, calls_per_second: float | None) -> "SharedCallRate | None":
        """Return the budget under this name, the same for every node; None on SQLite."""
        if self._database.is_sqlite:
            return None
        engine = self._database.writing.execution_options(isolation_level="AUTOCOMMIT")
        self._shared[name] = SharedCallRate(engine, name, calls_per_second)
        return self._shared[name]

    def know_nodes(self, running: int) -> None:
        """Take in how many nodes share the budgets."""
        for budget in self._shared.values():
            budget.know_nodes(running)

    def heard(self, payload: str) -> None:
        """Take in what a node said of a hold."""
        name, _, microseconds = payload.rpartition(" ")
        if (budget := self._shared.get(name)) is not None and microseconds.isdecimal():
            budget.heard(timedelta(microseconds=int(microseconds)))

    def catch_up(self) -> None:
        """Read the holds that were said while nobody listened. Raises the driver's errors."""
        if not self._shared:
            return
        with self._database.reading.connect() as connection:
            for name, microseconds in connection.execute(_HELD).all():
                if (budget := self._shared.get(name)) is not None:
                    budget.heard(timedelta(microseconds=int(microseconds)))


class SharedCallRate:
    """One budget of calls for all nodes. Thread-safe."""

    def __init__(
        self,
        engine: sa.Engine,
        name: str,
        calls_per_second: float | None,
        *,
        monotonic: Callable[[], float] = monotonic,
    ) -> None:
        """Take an engine whose statements commit by themselves; without a rate only holds are shared."""
        self._engine = engine
        self._name = name
        self._rate = calls_per_second
        self._gap = 0.0 if calls_per_second is None else 1.0 / calls_per_second
        self._block = 1 if calls_per_second is None else max(1, int(calls_per_second / _BLOCKS_PER_SECOND))
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._holds = CallRate(None, monotonic=monotonic)
        self._alone = CallRate(calls_per_second, monotonic=monotonic)
        self._alone_until = 0.0
        self._left = 0
        self._next_at = 0.0

    def reserve(self, *, within: timedelta) -> float | None:
        """Reserve the next token and return the instant of the monotonic clock from which it may be used.

        Return None, with nothing reserved, where that would be later than the patience allows.
        """
        held_for = self._holds.held_for
        if held_for > within:
            return None
        if self._rate is None:
            return self._monotonic() + held_for.total_seconds()
        with self._lock:
            if self._monotonic() < self._alone_until:
                return self._reserve_alone(within)
            if self._left and self._next_at < self._monotonic() - _STALE_AFTER:
                self._left = 0
            try:
                if not self._left and not self._take_block(within):
                    return None
            except LedgerUnavailable:
                self._alone_until = self._monotonic() + _ALONE_FOR
                return self._reserve_alone(within)
            return self._next_of_block(within)

    def hold(self, pause: timedelta) -> None:
        """Let nobody of any node go before this pause has passed; a hold that lasts longer already stays."""
        self._holds.hold(pause)
        length = pause // timedelta(microseconds=1)
        try:
            with self._engine.connect() as connection:
                connection.execute(_HOLD, {"connection": self._name, "length": length})
                connection.execute(_TELL, {"channel": HOLDS, "payload": f"{self._name} {length}"})
        except AWAY:
            return  # this node is silent; the others will be told by the other side itself

    @property
    def held_for(self) -> timedelta:
        """How long the hold still lasts, as far as this node was told; zero where there is none."""
        return self._holds.held_for

    def heard(self, pause: timedelta) -> None:
        """Take in that another node was asked for silence."""
        self._holds.hold(pause)

    def know_nodes(self, running: int) -> None:
        """Take in how many nodes there are, for the time in which the database is away."""
        with self._lock:
            if self._rate is not None:
                self._alone.change(self._rate / max(running, 1))

    def _take_block(self, within: timedelta) -> bool:
        """Take the next block; False where even its first token would come too late."""
        values = {
            "connection": self._name,
            "length": int(self._block * self._gap * 1_000_000),
            "within": within // timedelta(microseconds=1),
        }
        try:
            with self._engine.connect() as connection:
                row = connection.execute(_TAKE, values).first()
        except AWAY as error:
            raise unavailable(error) from error
        if row is None:
            return False
        wait, held = (int(value) / 1_000_000 for value in row)
        if held > 0:
            self._holds.hold(timedelta(seconds=held))
        # Counted from after the answer: a slow network makes a token late and never early.
        self._left = self._block
        self._next_at = self._monotonic() + max(wait, 0.0)
        return True

    def _next_of_block(self, within: timedelta) -> float | None:
        now = self._monotonic()
        usable_at = max(self._next_at, now, now + self._holds.held_for.total_seconds())
        if usable_at - now > within.total_seconds():
            return None
        self._left -= 1
        self._next_at = max(self._next_at, now) + self._gap
        return usable_at

    def _reserve_alone(self, within: timedelta) -> float | None:
        self._left = 0
        usable_at = self._alone.reserve(within=within)
        if usable_at is None:
            return None
        return max(usable_at, self._monotonic() + self._holds.held_for.total_seconds())
