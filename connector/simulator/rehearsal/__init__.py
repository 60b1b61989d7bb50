"""The fire drill: the real daemon on one node or several, everything that can go wrong, and a verdict per promise.

Takes:  options; the schedule of faults is data made of them and of nothing else.
Leaves: a report: what was injected, what the three books say, which promise was kept.
Never:  helps the daemon. It kills, cuts, fills and lies; what it starts again it starts as a service manager would.
"""
