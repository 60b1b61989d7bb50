"""The ledger: the only code that writes state.

Takes:  decisions (what happened, when the next action is due).
Leaves: one transaction for each: the guarded status, the event, the step's outcome, the messages and publications.
Never:  decides what should happen, and never calls anybody.
"""
