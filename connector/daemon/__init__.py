"""The daemon: start and stop order, signals, the service manager.

Takes:  the assembled house.
Leaves: a process that says when it is ready, finishes the deed in hand when told to stop, and leaves in bounded time.
Never:  does a letter's work itself.
"""
