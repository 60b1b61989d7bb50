"""The ledger: the only code that writes state.

Takes:  decisions (what happened, when the next action is due).
Leaves: one transaction for each: the guarded status, the event, the step's outcome, messages and publications.
Never:  decides what should happen, and never calls anybody.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from connector.ledger.ledger import Ledger
    from connector.ledger.opening import open_ledger, prepare_database
    from connector.ledger.seal import KeyRing, new_key

__all__ = ["KeyRing", "Ledger", "new_key", "open_ledger", "prepare_database"]

_PLACES: Final = {
    "KeyRing": "connector.ledger.seal",
    "Ledger": "connector.ledger.ledger",
    "new_key": "connector.ledger.seal",
    "open_ledger": "connector.ledger.opening",
    "prepare_database": "connector.ledger.opening",
}


def __getattr__(name: str) -> Any:
    # Loaded when first asked for: the plain records are wanted without a database library, by every quick command.
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
