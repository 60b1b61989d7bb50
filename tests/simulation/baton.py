"""Deeds that can be stopped between any two of their durable steps, while others go on.

A deed runs in a thread of its own, and only one thread runs at any time: the baton goes to and fro between the
machine and one deed. A deed hands it back at its points (before and after each durable write, at the begin and at the
end of each call) where it was told to stop, and nowhere else. So every history is the same each time it is played.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Baton", "Crash", "Deed", "Life"]

_LONGEST_WAIT = 60.0
"""Seconds after which a deed that does not come back means that the simulation itself is stuck."""


class Crash(BaseException):
    """The process died here. Nothing catches it, and nothing that it owned is written any more."""


@dataclass(eq=False)
class Life:
    """One run of a process: its deeds die with it."""

    node: str
    number: int
    is_dead: bool = False

    @property
    def holder(self) -> str:
        return f"{self.node}-{self.number}"


@dataclass(eq=False)
class Deed:
    """One deed of one process, and how it is to go."""

    life: Life
    lane: str
    work: Callable[[], None]
    stop_at: int | None = None
    """At how many points from here it stops; None: it runs to its end."""
    dies: bool = False
    """Whether its process dies where it would stop."""
    fate: str = ""
    fate_of: int = 0
    """Which of its calls the fate befalls; all others go well."""
    before_write: Callable[[], object] | None = None
    """Called once, at the instant of its next write."""
    calls: int = 0
    stands_at: str = ""
    is_over: bool = False
    error: BaseException | None = None
    _may_go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _is_back: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def next_fate(self) -> str:
        """Return what becomes of the call that is made now."""
        number, self.calls = self.calls, self.calls + 1
        return self.fate if number == self.fate_of else ""


class Baton:
    """Who runs now."""

    def __init__(self) -> None:
        self.deed: Deed | None = None
        self.stopped: list[Deed] = []
        """Deeds that stand at a point, oldest first."""

    def start(self, deed: Deed) -> None:
        """Run the deed until it stops or is over."""
        if deed.stop_at is None or deed.dies:
            self._turn(deed, lambda: self._run(deed))
            return
        thread = threading.Thread(target=self._in_thread, args=(deed,), name=f"deed-{deed.lane}", daemon=True)
        self._turn(deed, lambda: (thread.start(), self._wait(deed)))

    def go_on(self, deed: Deed, stop_at: int | None, *, dies: bool = False) -> None:
        """Let a stopped deed run until it stops again or is over."""
        self.stopped.remove(deed)
        deed.stop_at, deed.dies = stop_at, dies
        self._turn(deed, lambda: (deed._may_go.release(), self._wait(deed)))

    def kill(self, life: Life) -> None:
        """End a process: its stopped deeds come to nothing."""
        life.is_dead = True
        while (deed := next((each for each in self.stopped if each.life is life), None)) is not None:
            self.go_on(deed, None)

    def point(self, name: str) -> None:
        """Said by what a deed does: here it may be stopped, or find itself dead."""
        deed = self.deed
        if deed is None:
            return
        if deed.life.is_dead:
            raise Crash
        if deed.stop_at is None:
            return
        if deed.stop_at > 0:
            deed.stop_at -= 1
            return
        if deed.dies:
            deed.life.is_dead = True
            raise Crash
        deed.stop_at, deed.stands_at = None, name
        self.stopped.append(deed)
        deed._is_back.release()
        deed._may_go.acquire()
        if deed.life.is_dead:
            raise Crash

    def _turn(self, deed: Deed, run: Callable[[], object]) -> None:
        before, self.deed = self.deed, deed
        try:
            run()
        finally:
            self.deed = before
        if deed.life.is_dead and deed.is_over:
            self.kill(deed.life)
        if deed.error is not None:
            error, deed.error = deed.error, None
            raise error

    def _wait(self, deed: Deed) -> None:
        if not deed._is_back.acquire(timeout=_LONGEST_WAIT):
            raise AssertionError(f"a deed of {deed.lane} does not come back")

    def _in_thread(self, deed: Deed) -> None:
        self._run(deed)
        deed._is_back.release()

    def _run(self, deed: Deed) -> None:
        try:
            deed.work()
        except Crash:
            pass
        except BaseException as error:
            deed.error = error
        finally:
            deed.is_over = True
