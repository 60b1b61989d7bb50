"""What is known when an adapter breaks down, and the closed words for failures that brought none."""

from typing import Final

from connector.errors import (
    CallFailed,
    CredentialsRejected,
    Misbehaved,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)

__all__ = ["DEEDS_NOT_SAFE", "DUPLICATE_WITHOUT_NUMBER", "crash_of", "word_of"]

DEEDS_NOT_SAFE: Final = frozenset({"register", "send", "complete_once"})
"""Deeds that must not be done twice. Of a crash in the middle of one of them nothing is known."""

DUPLICATE_WITHOUT_NUMBER: Final = "duplicate_without_number"
"""The reason of an OutcomeUnknown that ``register`` raises where the office says that it has the letter already and
does not say under which number. The letter is looked up; no look-up that finds nothing speaks against that word."""

_SENTENCE: Final = "The adapter broke down in the middle of a call."
_WORDS: Final[tuple[tuple[type[CallFailed], str], ...]] = (
    (CredentialsRejected, "credentials_rejected"),
    (RateLimited, "rate_limited"),
    (Unavailable, "unavailable"),
    (Misbehaved, "misbehaved"),
    (OutcomeUnknown, "outcome_unknown"),
)


def crash_of(deed: str) -> CallFailed:
    """Return the failure that stands for a crash of the adapter in the middle of this deed."""
    if deed in DEEDS_NOT_SAFE:
        return Misbehaved(_SENTENCE, reason="adapter_crashed")
    return Unavailable(_SENTENCE, reason="adapter_crashed")


def word_of(error: CallFailed) -> str:
    """Return a closed word for a failure that brought none."""
    return next((word for kind, word in _WORDS if isinstance(error, kind)), "call_failed")
