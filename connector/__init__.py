"""Chapar: a courier between a citizen portal and an office-automation suite.

The floors, lowest first: errors and clock, observability, domain, transport, then mapping, ports and ledger,
then the stages, settings and scheduling, assembly, and on top the daemon, the web and the command line.
ARCHITECTURE.md draws the whole house.
"""

__version__ = "0.1.0"
