"""Publication: what happened to a letter is written back to the portal that it came from.

Takes:  publications that the ledger decided together with the fact.
Leaves: the portal's own copy of the letter's public state.
Never:  gives up: a portal that is away is tried again, at most an hour later.
"""
