"""Stage 1: intake.

Takes:  what a portal hands in, and letters that are RECEIVED.
Leaves: letters admitted to the ledger; then READY, IN_REVIEW, REFUSED, or PARKED where no route fits.
Never:  acknowledges a submission before the ledger has it on disk, or changes what the citizen wrote.
"""
