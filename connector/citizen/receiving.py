"""Takes in what gateways bring: on disk first, and only then is anything done about it."""

from collections.abc import Sequence

from connector.citizen.handling import Handling
from connector.errors import LedgerUnavailable
from connector.ledger.ledger import Ledger
from connector.observability.logging import get_logger
from connector.ports.incoming import IncomingMessage

__all__ = ["Receiving"]

log = get_logger(__name__)


class Receiving:
    """The way in, for calls to our address and for pages of inboxes alike. Thread-safe."""

    def __init__(self, ledger: Ledger, handling: Handling) -> None:
        """Take the ledger, and who handles what is on disk."""
        self.handling = handling
        self._ledger = ledger

    def take_in(self, gateway: str, messages: Sequence[IncomingMessage]) -> int:
        """Store what a gateway brought to our address, handle it, and return how many of them are new.

        Raise LedgerUnavailable where nothing could be stored: the gateway is to bring it again. Once it is on disk no
        trouble is the gateway's any more.
        """
        stored = self._ledger.incoming.store(gateway, messages)
        self._go_on(stored)
        return len(stored)

    def take_in_page(self, gateway: str, messages: Sequence[IncomingMessage], *, cursor: str | None) -> int:
        """The same for a page of an inbox, stored together with the place where the next look begins."""
        stored = self._ledger.incoming.store_page(gateway, messages, cursor=cursor)
        self._go_on(stored)
        return len(stored)

    def _go_on(self, stored: Sequence[str]) -> None:
        try:
            self.handling.handle(stored)
        except LedgerUnavailable:
            log.warning("citizen.handled_later", messages=len(stored))
