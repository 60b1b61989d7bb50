"""Patience inside one call: seconds, and only for what changes nothing over there."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

import tenacity

from connector.errors import RateLimited, Unavailable

__all__ = ["repeat_safely"]

Result = TypeVar("Result")

_ATTEMPTS: Final = 3
_LONGEST_PAUSE: Final = 2.0


def repeat_safely(call: Callable[[], Result], *, pause: Callable[[float], None] = time.sleep) -> Result:
    """Make a call that changes nothing over there, up to three times within a few seconds.

    Raise what the last attempt raised. RateLimited is not repeated: the other side said when.
    """
    try:
        return call()  # as nearly always: nothing is built for what is not needed
    except Unavailable as first:
        failed = [first]

    def again() -> Result:
        if failed:
            raise failed.pop()
        return call()

    patient = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(_ATTEMPTS),
        wait=tenacity.wait_random_exponential(multiplier=0.2, max=_LONGEST_PAUSE),
        retry=tenacity.retry_if_exception(_may_pass),
        sleep=pause,
        reraise=True,
    )
    return patient(again)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, Unavailable) and not isinstance(error, RateLimited)
