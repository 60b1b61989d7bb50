"""One channel at work: its calls have threads of their own, and nobody waits for one for longer than was said."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from connector.errors import ChaparError, Unavailable
from connector.observability.logging import get_logger
from connector.ports.alert_channel import AlertChannel

__all__ = ["Speaker", "Speaking", "Spoken"]

log = get_logger(__name__)


class Spoken(StrEnum):
    """What became of an alert."""

    TAKEN = "taken"
    NOT_TAKEN = "not_taken"
    """Certainly, as far as the channel knows."""
    NO_ANSWER = "no_answer"
    """It may have been taken."""


@dataclass(slots=True)
class Speaking:
    """A call that is under way."""

    thread: threading.Thread
    reason: str | None = None
    """Why it was not taken; None while it goes on, and where it was taken."""

    def ended(self, within: timedelta) -> tuple[Spoken, str]:
        """Wait for its end, at most so long; return what became of it and a closed word for why."""
        self.thread.join(max(within.total_seconds(), 0))
        if self.thread.is_alive():
            return Spoken.NO_ANSWER, "no_answer"
        return (Spoken.TAKEN, "") if self.reason is None else (Spoken.NOT_TAKEN, self.reason)


class Speaker:
    """Gives alerts to one channel, one at a time."""

    def __init__(self, channel: AlertChannel) -> None:
        """Take the channel; nothing is called yet."""
        self._channel = channel
        self._last: Speaking | None = None

    @property
    def name(self) -> str:
        """Return the channel's name."""
        return self._channel.name

    @property
    def is_busy(self) -> bool:
        """Return whether a call goes on that nobody waits for any more."""
        return self._last is not None and self._last.thread.is_alive()

    def speak(self, deed: Callable[[AlertChannel], None]) -> Speaking:
        """Begin a call. The thread does not keep the process from ending."""

        def call() -> None:
            try:
                deed(self._channel)
            except Unavailable as error:
                speaking.reason = error.reason or Spoken.NOT_TAKEN
            except ChaparError as error:
                speaking.reason = type(error).__name__
            except Exception as error:  # noqa: BLE001 - a library of two hundred services
                # The text of a stranger's exception may hold the URL, and with it the secret.
                log.error("alerting.channel_crashed", channel=self.name, failure=type(error).__name__)
                speaking.reason = "crashed"

        name = f"chapar-alert-{self.name}"
        speaking = Speaking(threading.Thread(target=call, name=name, daemon=True))
        self._last = speaking
        speaking.thread.start()
        return speaking
