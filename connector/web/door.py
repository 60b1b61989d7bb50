"""Who may come in, and how often: asked before a single byte of a body is read."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from starlette.requests import Request

from connector.observability.logging import get_logger
from connector.ports.portal import TakesSubmissions
from connector.transport.limits import CallRate
from connector.web.problems import RequestRefused, Trouble

__all__ = ["Door"]

log = get_logger(__name__)

_AT_ONCE: Final = timedelta()
_GUESSES_PER_SECOND: Final = 1.0
_GUESSES_IN_A_ROW: Final = 10


class Door:
    """The portals' door. Wrong tokens have a budget of their own, so that guessing does not lock the portal out."""

    def __init__(self, portals: Mapping[str, TakesSubmissions], calls_per_minute: int) -> None:
        """Take the portals by name, and how many calls each may make in a minute; 0: no limit."""
        self._portals = portals
        rate = calls_per_minute / 60 if calls_per_minute else None
        burst = max(calls_per_minute // 6, 1)
        self._calls = {name: CallRate(rate, burst=burst) for name in portals}
        self._guesses = {name: CallRate(_GUESSES_PER_SECOND, burst=_GUESSES_IN_A_ROW) for name in portals}

    def let_in(self, portal: str, request: Request) -> None:
        """Return if the caller is this portal and not too fast.

        Raise RequestRefused: portal_unknown, not_authenticated or too_many_calls.
        """
        adapter = self._portals.get(portal)
        if adapter is None:
            raise RequestRefused(Trouble.PORTAL_UNKNOWN)
        if not adapter.admits(request.headers.get("authorization")):
            if self._guesses[portal].reserve(within=_AT_ONCE) is None:
                raise RequestRefused(Trouble.TOO_MANY_CALLS, headers={"Retry-After": "10"})
            log.warning("web.token_refused", portal=portal)  # within the budget: guessing fills no log
            raise RequestRefused(
                Trouble.NOT_AUTHENTICATED, headers={"WWW-Authenticate": 'Bearer realm="chapar"'}
            )
        if self._calls[portal].reserve(within=_AT_ONCE) is None:
            raise RequestRefused(Trouble.TOO_MANY_CALLS, headers={"Retry-After": "1"})
