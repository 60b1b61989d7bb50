"""The daemon's life: start in order, carry letters, reload when asked, stop in reverse order and in bounded time.

Exit codes: 0 stopped in order; 75 stopped with deeds in hand, whose leases run out by themselves; the others come
from the errors at the start (connector.cli.errors).
"""

import gc
import os
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from connector import __version__
from connector.daemon.notify import ServiceManager, watchdog_period
from connector.daemon.signals import Wish, block_signals, next_wish
from connector.daemon.watchdog import Watchdog
from connector.errors import ChaparError, OperatorError
from connector.observability.logging import configure_logging, get_logger, log_uncaught
from connector.settings.load import load_settings
from connector.settings.sections import LogFormat, LogSection

if TYPE_CHECKING:
    from connector.assembly.house import House
    from connector.settings.settings import Settings

__all__ = ["HURRIED", "run_daemon"]

log = get_logger(__name__)

HURRIED: Final = 75
"""Deeds were in hand when the process left. Nothing is lost: their leases run out and they are looked up."""
_LOOK_UP_EVERY: Final = timedelta(hours=1)
_THREAD_TURN: Final = timedelta(milliseconds=0.5)
"""How long a thread may compute while others wait. Most deeds here take less; the interpreter's own 5 ms would add up
to a noticeable wait between the acknowledgement of a letter and its registering call."""


def run_daemon(file: Path) -> int:
    """Run until told to stop and return the exit code. Raise OperatorError when the start is not possible."""
    block_signals()
    sys.setswitchinterval(_THREAD_TURN.total_seconds())
    manager = ServiceManager()
    manager.status("در حال آغاز · starting")
    try:
        settings = load_settings(file)
        _log_as(settings.log)
        log_uncaught()
        house = _started(settings, manager)
    except ChaparError as error:  # systemctl status shows it for as long as the unit stands failed
        manager.status(f"آغاز نشد · not started: {error.sentence} {error.next_step or ''}")
        raise
    watchdog = Watchdog(manager, watchdog_period(), house.is_turning)
    watchdog.start()
    while (wish := next_wish(_LOOK_UP_EVERY)) is not Wish.STOP:
        if wish is Wish.RELOAD:
            _reload(house, file, manager)
    return _stop(house, settings.daemon.stop_within, manager, watchdog)


def _started(settings: "Settings", manager: ServiceManager) -> "House":
    from connector.assembly.house import assemble

    house = assemble(settings)
    gc.collect()  # before the lanes turn: it stops every thread, and letters may have been waiting through an outage
    try:
        port = house.start()
    except BaseException:
        house.stop(timedelta(seconds=5))
        raise
    gc.freeze()  # what was built at the start stays; the collector need not walk through it again and again
    gc.enable()
    log.info("daemon.ready", version=__version__, port=port, node=settings.daemon.node_name)
    manager.ready(_status(settings, port))
    return house


def _status(settings: "Settings", port: int) -> str:
    counts = (
        f"{len(settings.portals)} portals, {len(settings.offices)} offices, {len(settings.gateways)} gateways"
    )
    place = settings.web.unix_socket or f"{settings.web.host}:{port}"
    return f"آماده · ready on {place}, {counts}"


def _reload(house: "House", file: Path, manager: ServiceManager) -> None:
    """Take in what may change. A configuration that cannot be used changes nothing and is said aloud."""
    from connector.assembly.reload import reload_house

    manager.reloading()
    try:
        settings = load_settings(file)
        later = reload_house(house, settings)
    except OperatorError as error:
        log.error(
            "daemon.reload_refused",
            failure=type(error).__name__,
            sentence=error.sentence,
            next_step=error.next_step,
            connection=error.facts.get("connection"),
        )
        manager.ready(
            f"بازخوانی نشد · reload refused, what was in force stays (see the log): {error.sentence}"
        )
        return
    _log_as(settings.log)
    if later:
        log.warning("daemon.restart_needed", options=later)
        manager.ready(f"بازخوانی شد · reloaded; these need a restart: {', '.join(later)}")
    else:
        log.info("daemon.reloaded")
        manager.ready("بازخوانی شد · reloaded")


def _stop(house: "House", within: timedelta, manager: ServiceManager, watchdog: Watchdog) -> int:
    house.stop_claiming()  # before anything is waited for: another node takes at once what is not in hand here
    log.info("daemon.stopping", within_seconds=within.total_seconds())
    manager.stopping("در حال توقف · finishing the deeds in hand")
    watchdog.stop()
    outcome: list[bool] = []
    ended = threading.Event()

    def stop() -> None:
        try:
            outcome.append(house.stop(within))
        finally:
            ended.set()

    threading.Thread(target=stop, name="chapar-stop", daemon=True).start()
    is_hurried = _second_wish_before(ended, within)
    is_done = ended.is_set() and outcome == [True]
    log.info("daemon.stopped", is_clean=is_done, is_hurried=is_hurried)
    if is_done:
        return 0
    # Threads of deeds that hang in a library would be waited for at the interpreter's end: leave without it.
    sys.stderr.flush()
    os._exit(HURRIED)


def _second_wish_before(ended: threading.Event, within: timedelta) -> bool:
    """Wait for the end of the stop, at most a little longer than it may take; return whether a second TERM came."""
    for _ in range(int(within / _TICK) + _GRACE_TICKS):
        if ended.wait(0):
            return False
        if next_wish(_TICK) is Wish.STOP:
            return True
    return False


_TICK: Final = timedelta(milliseconds=50)
_GRACE_TICKS: Final = 60


def _log_as(section: LogSection) -> None:
    is_console = section.format is LogFormat.CONSOLE or (
        section.format is LogFormat.AUTO and sys.stderr.isatty()
    )
    configure_logging("console" if is_console else "json", str(section.level))
