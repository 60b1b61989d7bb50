"""Console: shows each message on a screen or in a file and sends nothing; for the demo and for dry runs."""

import sys
import textwrap
import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final, TextIO

from pydantic import BaseModel, ConfigDict, Field

from connector.domain.mobile import masked
from connector.domain.segments import segments
from connector.domain.text import to_persian_digits
from connector.errors import Unavailable
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.gateway import GatewayCapabilities, OutgoingMessage
from connector.ports.outcomes import Accepted, Delivered, DeliveryState, SendOutcome

__all__ = ["GATEWAY", "Console", "ConsoleSettings", "framed"]

_RIGHT_TO_LEFT: Final = "\u2067"
_LEFT_TO_RIGHT: Final = "\u2066"
_END: Final = "\u2069"

_CAPABILITIES: Final = GatewayCapabilities(
    batch_size=50, delivery_batch=500, delivery_horizon=timedelta(hours=1), concurrency=1
)


class ConsoleSettings(BaseModel):
    """A screen or a file that shows messages."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    file: Path | None = Field(
        default=None,
        description="file to append to, where Chapar may write; without it standard output",
        examples=["/var/lib/chapar/messages.txt"],
    )
    width: int = Field(default=60, ge=20, le=200, description="columns to wrap at")
    show_mobiles: bool = Field(
        default=False, description="show whole mobile numbers; they are masked otherwise"
    )


class Console:
    """A gateway that reaches no handset."""

    capabilities = _CAPABILITIES

    def __init__(self, settings: ConsoleSettings, stream: TextIO | None = None) -> None:
        """Keep the settings; a stream that is given wins over the file."""
        self._settings = settings
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, messages: Sequence[OutgoingMessage]) -> list[SendOutcome]:
        """Show the messages. Raise Unavailable when the file cannot be written."""
        shown = "".join(
            framed(message, width=self._settings.width, show_mobile=self._settings.show_mobiles)
            for message in messages
        )
        try:
            with self._lock:
                self._write(shown)
        except OSError as error:
            raise Unavailable(reason="cannot_write", code=type(error).__name__) from None
        return [Accepted(gateway_reference=str(message.own_id)) for message in messages]

    def delivery(self, gateway_references: Sequence[str]) -> Mapping[str, DeliveryState]:
        """Everything that was shown has arrived."""
        return {reference: Delivered() for reference in gateway_references}

    def check(self) -> str:
        """Say where the messages are shown."""
        where = self._settings.file or "standard output"
        return f"Messages are shown on {where}, and nothing reaches a citizen."

    def close(self) -> None:
        """Nothing is held open."""

    def _write(self, shown: str) -> None:
        if self._settings.file is None or self._stream is not None:
            stream = self._stream or sys.stdout
            stream.write(shown)
            stream.flush()
            return
        with self._settings.file.open("a", encoding="utf-8") as file:
            file.write(shown)


def framed(message: OutgoingMessage, *, width: int = 60, show_mobile: bool = False) -> str:
    """Return the message as a person reads it: wrapped, each line isolated in its own direction."""
    mobile = message.mobile if show_mobile else masked(message.mobile)
    counted = segments(message.text)
    is_persian = any("\u0600" <= letter <= "\u06ff" for letter in message.text)
    open_mark = _RIGHT_TO_LEFT if is_persian else _LEFT_TO_RIGHT
    said = f"پیامک به {_LEFT_TO_RIGHT}{mobile}{_END}، {to_persian_digits(str(counted.parts))} بخش"
    lines = [said] if is_persian else [f"SMS to {mobile}, {counted.parts} part{'s'[: counted.parts > 1]}"]
    lines += [part for line in message.text.splitlines() for part in textwrap.wrap(line, width) or [""]]
    rule = "─" * width
    body = "\n".join(f"{open_mark}{line}{_END}" for line in lines)
    return f"{rule}\n{body}\n{rule}\n"


def _build(settings: ConsoleSettings, _site: AdapterSite) -> Console:
    return Console(settings)


GATEWAY: Final = AdapterKind(
    summary="Console, shows messages instead of sending them",
    settings=ConsoleSettings,
    build=_build,
)
