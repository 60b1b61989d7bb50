"""Calls of gateways to our address: each adapter reads its own, and what is wrong with one is answered the same way."""

from collections.abc import Callable
from typing import TypeVar

from connector.errors import CredentialsRejected, Misbehaved
from connector.web.problems import RequestRefused, Trouble

__all__ = ["said_in_call"]

SaidT = TypeVar("SaidT")


def said_in_call(read: Callable[[], SaidT], refused: Callable[[str], None], *, unreadable: Trouble) -> SaidT:
    """Return what an adapter reads in a call; ``refused`` is told the reason, for the log, before it is refused.

    Raise RequestRefused where the call does not prove that it comes from the gateway, or cannot be read.
    """
    try:
        return read()
    except CredentialsRejected:
        refused("not_authenticated")
        raise RequestRefused(Trouble.NOT_AUTHENTICATED) from None
    except Misbehaved as error:
        refused(error.reason or "unreadable")
        raise RequestRefused(unreadable) from None
