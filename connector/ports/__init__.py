"""The three ports: the citizen portal, the office and the SMS gateway.

Takes:  the domain's nouns.
Leaves: outcomes as values, failures as types (connector.errors.CallFailed and its leaves).
Never:  retries, logs, waits or journals: that is done once, around the adapters, by the core.
"""
