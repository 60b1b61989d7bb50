"""Stage 2: registration, and its reconciliation.

Takes:  letters that are READY, REGISTERING with an expired lease, or UNCERTAIN.
Leaves: REGISTERED, SUBMITTED, REFUSED, READY for later, UNCERTAIN or PARKED.
Never:  sends a letter whose last answer was lost; only a look-up, or a person, makes it ready again.
"""
