"""A channel through which operators are told what needs them."""

from typing import Protocol

from connector.domain.alert import Severity

__all__ = ["AlertChannel"]


class AlertChannel(Protocol):
    """One of the operator's own: a chat, a mailbox, a pager."""

    @property
    def name(self) -> str:
        """Return its name in the configuration."""
        ...

    def tell(self, title: str, text: str, severity: Severity) -> None:
        """Give an alert to the channel; called from one thread at a time.

        Raise Unavailable where the channel did not take it, SecretMissing and SettingsInvalid where a person must set
        something right first.
        """
        ...
