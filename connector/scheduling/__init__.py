"""Scheduling: which deed runs when, and how many at a time.

Takes:  what the ledger says is due, lane by lane, and the clock for periodic runs.
Leaves: deeds started within their own bounded pools, leases renewed while they run.
Never:  decides anything about a letter, holds any truth of its own, or lets one lane wait for another.
"""
