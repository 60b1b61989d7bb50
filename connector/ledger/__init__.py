"""The ledger: the only code that writes state.

Takes:  decisions (what happened, when the next action is due).
Leaves: one transaction for each: the guarded status, the event, the step's outcome, messages and publications.
Never:  decides what should happen, and never calls anybody.
"""

from connector.ledger.ledger import Ledger
from connector.ledger.opening import open_ledger, prepare_database
from connector.ledger.seal import KeyRing, new_key

__all__ = ["KeyRing", "Ledger", "new_key", "open_ledger", "prepare_database"]
