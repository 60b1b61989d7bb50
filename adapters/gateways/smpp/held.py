"""Units of the centre that are held until they are stored: each is acknowledged then, or asked for once more.

A deliver_sm that is not acknowledged is the centre's to keep. So whatever it brings lies here without an answer until
the house has stored it; what takes longer than the centre waits is answered with "bring it again", and when it comes
again, stored by then, it is acknowledged at once.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from adapters.gateways.smpp.pdu import OK, TRY_AGAIN

__all__ = ["Held", "Respond", "Unit"]

Respond = Callable[[int], bool]
"""Answers one deliver_sm with a status; returns False where its session is over."""

_MOST: Final = 10_000


@dataclass(slots=True, eq=False)
class Unit:
    """One deliver_sm, however often it came."""

    key: str
    since: float
    """When it came last."""
    waiting: list[Respond] = field(default_factory=list, repr=False)
    comings: int = 1
    must_come_again: bool = False
    """Some coming of it was not acknowledged, and the centre will bring it once more."""


class Held:
    """What is held. Not thread-safe: its owner is."""

    def __init__(self, hold_for: float) -> None:
        """Nothing is held yet. ``hold_for`` in seconds."""
        self._hold_for = hold_for
        self._units: dict[str, Unit] = {}
        self._stored: OrderedDict[str, None] = OrderedDict()
        """Keys of what is stored and will come again."""

    def came(self, key: str, respond: Respond, now: float) -> Unit | None:
        """Take a unit in; None where it is no news: it was stored, or is held, or there are too many."""
        if key in self._stored:
            del self._stored[key]
            respond(OK)
            return None
        known = self._units.get(key)
        if known is not None:
            known.waiting.append(respond)
            known.since, known.comings = now, known.comings + 1
            return None
        if len(self._units) >= _MOST:
            respond(TRY_AGAIN)
            return None
        unit = self._units[key] = Unit(key=key, since=now, waiting=[respond])
        return unit

    def stored(self, unit: Unit) -> None:
        """Acknowledge a unit that is stored, or remember to do so when it comes again."""
        if self._units.pop(unit.key, None) is None:
            return
        reached = [respond(OK) for respond in unit.waiting]
        if unit.must_come_again or not any(reached):
            self._stored[unit.key] = None
            while len(self._stored) > _MOST:
                self._stored.popitem(last=False)

    def overdue(self, now: float) -> list[Unit]:
        """Ask for everything once more that is held for too long; return those units."""
        late = [unit for unit in self._units.values() if unit.waiting and now - unit.since >= self._hold_for]
        for unit in late:
            for respond in unit.waiting:
                respond(TRY_AGAIN)
            unit.waiting.clear()
            unit.must_come_again = True
        return late
