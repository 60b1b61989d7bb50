"""The command line: what the operator types, in plain words with the next step.

Takes:  arguments, the configuration, the ledger.
Leaves: tables and sentences for people, JSON for machines, one exit code for each kind of ending.
Never:  prints a traceback unless asked, or anything personal unless asked by name.
"""
