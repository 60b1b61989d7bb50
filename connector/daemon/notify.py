"""Tells systemd how the daemon is: the sd_notify protocol (man 3 sd_notify), in its few own lines."""

import os
import socket
from datetime import timedelta
from typing import Final

from connector.clock import monotonic

__all__ = ["ServiceManager", "watchdog_period"]

_STATUS_BYTES: Final = 400


class ServiceManager:
    """The service manager behind $NOTIFY_SOCKET; without one every word goes nowhere, quietly."""

    def __init__(self, address: str | None = None) -> None:
        """Take the socket's address (a path, or @name for an abstract one), by default from the environment."""
        self._address = os.environ.get("NOTIFY_SOCKET", "") if address is None else address

    def ready(self, status: str) -> None:
        """Say that the start, or the reload, is complete."""
        self._tell("READY=1", f"STATUS={_one_line(status)}")

    def status(self, status: str) -> None:
        """Say in one line how things stand; shown by systemctl status."""
        self._tell(f"STATUS={_one_line(status)}")

    def reloading(self) -> None:
        """Say that a reload has begun; ready() ends it. The instant is what Type=notify-reload asks for."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={int(monotonic() * 1_000_000)}")

    def stopping(self, status: str) -> None:
        """Say that the stop has begun."""
        self._tell("STOPPING=1", f"STATUS={_one_line(status)}")

    def alive(self) -> None:
        """Feed the watchdog."""
        self._tell("WATCHDOG=1")

    def _tell(self, *lines: str) -> None:
        if self._address[:1] not in {"/", "@"}:
            return
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.settimeout(1)
                out.sendto("\n".join(lines).encode(), address)
        except OSError:
            return  # the service manager is away: no reason to stop carrying letters


def watchdog_period() -> timedelta | None:
    """Return how often systemd wants to hear from this process: half of WATCHDOG_USEC; None where it does not."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    return (
        timedelta(microseconds=int(microseconds) // 2)
        if microseconds.isdecimal() and int(microseconds)
        else None
    )


def _one_line(text: str) -> str:
    # Cut by bytes and never through a letter: Persian takes two bytes each.
    return " ".join(text.split()).encode()[:_STATUS_BYTES].decode(errors="ignore")
