"""Alerting: operators are told what needs them, without asking.

Takes:  the list of what needs a person, and what this node sees of its machine.
Leaves: each trouble told once through each channel, again after the reminder's time, and a word when all is well again.
Never:  holds anything of a citizen, holds up anything else, or tells the same twice because a daemon was started anew.
"""
