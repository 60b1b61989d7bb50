"""Has the connections obey what the operator says about them: paused, resumed."""

from collections.abc import Callable

from connector.assembly.connections import Connections
from connector.ledger.pauses import Pauses
from connector.observability.metrics import set_paused

__all__ = ["obeying"]


def obeying(pauses: Pauses, connections: Connections) -> Callable[[], None]:
    """Return the call that brings the connections to what the operator has said; it raises LedgerUnavailable.

    A resume that was said since the last call also lifts a suspension after refused credentials. What was said before
    the first call lifts nothing: there is nothing yet.
    """
    known: dict[str, int] | None = None

    def obey() -> None:
        nonlocal known
        words = pauses.words()
        for connection in connections.each():
            pause = words.pauses.get(connection.name)
            connection.pause(pause.reason if pause else None, since=pause.paused_at if pause else None)
            set_paused(connection.name, pause is not None)
            if known is not None and words.resumes.get(connection.name) != known.get(connection.name):
                connection.resume()
        known = dict(words.resumes)

    return obey
