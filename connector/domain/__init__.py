"""The nouns of the house, pure: no clock, no disk, no network.

Takes:  plain values.
Leaves: frozen records and decisions.
Never:  imports a library that talks to the world.
"""
