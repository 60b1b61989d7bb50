"""The same in both tongues."""

from typing import NamedTuple

__all__ = ["Words"]


class Words(NamedTuple):
    """The same in both tongues."""

    en: str
    fa: str
