"""Why a message waits though nothing is wrong: closed words, shared by who writes them and who asks for them."""

from typing import Final

__all__ = ["DAILY_BUDGET", "OUTSIDE_HOURS", "OUTSIDE_WINDOW", "PUT_OFF_REASONS"]

OUTSIDE_WINDOW: Final = "outside_window"
"""It is night by our own clock, or a day on which nothing is sent."""
OUTSIDE_HOURS: Final = "outside_hours"
"""The gateway says so, by its own."""
DAILY_BUDGET: Final = "daily_budget"
"""The gateway was given as much as it may be given in a day."""

PUT_OFF_REASONS: Final = frozenset({OUTSIDE_WINDOW, OUTSIDE_HOURS})
"""A message that waits under one of these is not late before the time that it was put off to. One that waits for a
budget is: there an operator may want to do something."""
