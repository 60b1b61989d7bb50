"""Whole histories of letters under a held clock: real stages, the real ledger, and every trouble at every moment."""
