"""Assembly: settings in, a wired house out. The only place that builds things.

Takes:  the settings.
Leaves: the ledger, the connections, the stages in their lanes, the web application, each given only what it needs.
Never:  decides anything about a letter.
"""
