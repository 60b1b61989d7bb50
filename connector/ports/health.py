"""How a connection is: when it last worked, when and why it last failed, and whether it is suspended."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.clock import Now

__all__ = ["ConnectionHealth", "Health"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionHealth:
    """How a connection is at one moment."""

    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    last_failure_reason: str | None = None
    suspended_since: datetime | None = None
    """Since when no call is made, because the credentials were refused; None where it is not suspended."""
    suspended_because: str | None = None
    open_deeds: tuple[str, ...] = ()
    """Deeds whose breaker is open."""
    held_for: timedelta = timedelta()
    """How long the other side still wants silence."""
    paused_since: datetime | None = None
    """Since when no call is made because the operator said so; None where it is not paused. That is no illness."""
    paused_because: str | None = None

    @property
    def is_well(self) -> bool:
        """Return whether calls are made and nothing says that they would fail."""
        return self.suspended_since is None and not self.open_deeds


class Health:
    """Keeps the health, and the suspension with its probes. Thread-safe."""

    def __init__(self, *, now: Now, probe_after: timedelta) -> None:
        """Start with nothing known."""
        self._now = now
        self._probe_after = probe_after
        self._lock = threading.Lock()
        self._last_success_at: datetime | None = None
        self._last_failure_at: datetime | None = None
        self._last_failure_reason: str | None = None
        self._suspended_since: datetime | None = None
        self._suspended_because: str | None = None
        self._probe_at: datetime | None = None
        self._is_probing = False
        self._paused_since: datetime | None = None
        self._paused_because: str | None = None

    def snapshot(self, *, open_deeds: tuple[str, ...], held_for: timedelta) -> ConnectionHealth:
        """Return the health as a record."""
        with self._lock:
            return ConnectionHealth(
                last_success_at=self._last_success_at,
                last_failure_at=self._last_failure_at,
                last_failure_reason=self._last_failure_reason,
                suspended_since=self._suspended_since,
                suspended_because=self._suspended_because,
                open_deeds=open_deeds,
                held_for=held_for,
                paused_since=self._paused_since,
                paused_because=self._paused_because,
            )

    def pause(self, reason: str | None, since: datetime | None) -> bool:
        """Note the operator's pause, or its end (no time); return whether that changed anything."""
        with self._lock:
            before = self._paused_since
            self._paused_since, self._paused_because = since, reason if since else None
            return (before is None) != (since is None)

    @property
    def is_paused(self) -> bool:
        """Whether the operator has paused the connection."""
        return self._paused_since is not None

    def succeeded(self) -> bool:
        """Note a call that worked; return whether this ended a suspension."""
        with self._lock:
            self._last_success_at = self._now()
            was_suspended = self._suspended_since is not None
            self._lift()
            return was_suspended

    def failed(self, reason: str) -> None:
        """Note a call that failed."""
        with self._lock:
            self._last_failure_at = self._now()
            self._last_failure_reason = reason
            if self._suspended_since is not None:  # a probe in vain: the next one has its time
                self._probe_at = self._last_failure_at + self._probe_after

    def suspend(self, reason: str) -> None:
        """Stop all calls until a probe, or a person, ends it."""
        with self._lock:
            now = self._now()
            self._suspended_since = self._suspended_since or now
            self._suspended_because = reason
            self._probe_at = now + self._probe_after

    def resume(self) -> None:
        """Lift the suspension by a person's word."""
        with self._lock:
            self._lift()

    def suspended_for(self) -> timedelta | None:
        """Return how long no call may be made; None where one may."""
        with self._lock:
            return self._refusal()

    def enter(self) -> tuple[bool, timedelta | None]:
        """Ask to make a call: return whether it is a probe, and how long to wait where it may not be made."""
        with self._lock:
            refusal = self._refusal()
            if refusal is not None or self._suspended_since is None:
                return False, refusal
            self._is_probing = True
            return True, None

    def left(self, *, is_probe: bool) -> None:
        """The call is over, however it went."""
        with self._lock:
            if is_probe:
                self._is_probing = False

    def _refusal(self) -> timedelta | None:
        if self._suspended_since is None or self._probe_at is None:
            return None
        remaining = self._probe_at - self._now()
        if remaining > timedelta():
            return remaining
        return self._probe_after if self._is_probing else None

    def _lift(self) -> None:
        self._suspended_since = self._suspended_because = self._probe_at = None
        self._is_probing = False
