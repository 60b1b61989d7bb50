"""A whole agency on loopback sockets: portal, two offices and a handset, with faults on demand.

Takes:  a seed, a number of letters, the faults to play.
Leaves: three books (portal, office, handset) that say what really happened, to compare.
Never:  looks into the ledger or imports an adapter. It is the outside world and judges only by its own books.
"""
