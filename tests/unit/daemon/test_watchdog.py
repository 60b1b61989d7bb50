"""The watchdog is fed only while everything really turns."""

import queue
from datetime import timedelta

from connector.daemon.notify import ServiceManager
from connector.daemon.watchdog import Watchdog

SHORT = timedelta(milliseconds=5)


class Listening(ServiceManager):
    """A service manager that keeps what it is told."""

    def __init__(self):
        super().__init__("")
        self.heard = queue.Queue()

    def alive(self):
        self.heard.put("alive")


def test_it_feeds_while_all_turns():
    manager = Listening()
    watchdog = Watchdog(manager, SHORT, lambda: True)
    watchdog.start()
    for _ in range(3):
        assert manager.heard.get(timeout=10) == "alive"
    watchdog.stop()


def test_it_stays_silent_while_something_stands_still_or_the_look_breaks_down():
    looks = queue.Queue()

    def look():
        looks.put("looked")
        if looks.qsize() == 2:
            raise RuntimeError
        return False

    manager = Listening()
    watchdog = Watchdog(manager, SHORT, look)
    watchdog.start()
    for _ in range(4):
        looks.get(timeout=10)
    assert manager.heard.empty()
    watchdog.stop()


def test_without_a_wish_of_systemd_nothing_is_started_and_nothing_said():
    manager = Listening()
    watchdog = Watchdog(manager, None, lambda: True)
    watchdog.start()
    watchdog.stop()
    assert manager.heard.empty()
