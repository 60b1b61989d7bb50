"""Units of the centre that are held until they are stored: each is acknowledged then, or asked for once more.

A deliver_sm that is not acknowledged is the centre's to keep. So whatever it brings lies here without an answer until
the house has stored it; what takes longer than the centre waits is answered with "bring it again", and when it comes
again, stored by then, it is acknowledged at once.
"""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from adapters.gateways.smpp.pdu import OK, TRY_AGAIN

__all__ = ["Held", "Respond", "Unit"]

Respond = Callable[[int], bool]
"""Answers one deliver_sm with a status; returns False where its session is over."""

_MOST_HELD: Final = 1_000
"""Units that may lie here unstored; the centre keeps what is beyond."""
_MOST: Final = 10_000
"""Keys that are remembered."""
_COMES_AGAIN_WITHIN: Final = 3600.0
"""Seconds after which the same octets are a message of their own, although we wait for an earlier one."""
_MAY_BE_LOST: Final = 10.0
"""Seconds. Acknowledgements of so short a time before a session broke may not have arrived."""


@dataclass(slots=True, eq=False)
class Unit:
    """One deliver_sm, however often it came."""

    key: str
    since: float
    """When it came last."""
    waiting: list[Respond] = field(default_factory=list, repr=False)
    comings: int = 1
    owed: int = 0
    """Comings that were not acknowledged: the centre will bring it so often once more."""


class Held:
    """What is held. Not thread-safe: its owner is."""

    def __init__(self, hold_for: float) -> None:
        """Nothing is held yet. ``hold_for`` in seconds."""
        self._hold_for = hold_for
        self._units: dict[str, Unit] = {}
        self._stored: OrderedDict[str, float] = OrderedDict()
        """Keys of what is stored and will come again, and since when we wait."""
        self._acknowledged: deque[tuple[float, str]] = deque(maxlen=_MOST)

    def came(self, key: str, respond: Respond, now: float) -> Unit | None:
        """Take a unit in; None where it is no news: it was stored, or is held, or there are too many."""
        since = self._stored.pop(key, None)
        if since is not None and now - since < _COMES_AGAIN_WITHIN:
            respond(OK)
            return None
        known = self._units.get(key)
        if known is not None:
            known.waiting.append(respond)
            known.owed = max(0, known.owed - 1)
            known.since, known.comings = now, known.comings + 1
            return None
        if len(self._units) >= _MOST_HELD:
            respond(TRY_AGAIN)
            return None
        unit = self._units[key] = Unit(key=key, since=now, waiting=[respond])
        return unit

    def stored(self, unit: Unit, now: float) -> None:
        """Acknowledge a unit that is stored, or remember to do so when it comes again."""
        if self._units.pop(unit.key, None) is None:
            return
        reached = [respond(OK) for respond in unit.waiting]
        if unit.owed or not any(reached):
            self._await(unit.key, now)
        else:
            self._acknowledged.append((now, unit.key))

    def broke(self, now: float) -> None:
        """A session broke: what was acknowledged just before may come again."""
        for at, key in self._acknowledged:
            if now - at < _MAY_BE_LOST:
                self._await(key, now)
        self._acknowledged.clear()

    def _await(self, key: str, now: float) -> None:
        self._stored[key] = now
        while len(self._stored) > _MOST:
            self._stored.popitem(last=False)

    def overdue(self, now: float) -> list[Unit]:
        """Ask for everything once more that is held for too long; return those units."""
        late = [unit for unit in self._units.values() if unit.waiting and now - unit.since >= self._hold_for]
        for unit in late:
            for respond in unit.waiting:
                respond(TRY_AGAIN)
            unit.owed += len(unit.waiting)
            unit.waiting.clear()
        return late
