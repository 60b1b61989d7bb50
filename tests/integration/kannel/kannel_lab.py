"""A real Kannel for tests: bearerbox, smsbox and, as the handset, fakesmsc; on free ports, all in one folder."""

import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from tests.free_ports import free_ports

BEARERBOX = "/usr/sbin/bearerbox"
SMSBOX = "/usr/sbin/smsbox"
FAKESMSC = "/usr/lib/kannel/test/fakesmsc"
MISSING = "Kannel is not installed: apt-get install kannel kannel-extras"
WITHIN = 20.0
GRACE = 2.0
"""Seconds to stop in; smsbox may take ten to finish a call that nobody waits for any more."""

PASSWORD = "the-password-of-the-test-smsbox"

CONFIG = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = lab
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
box-deny-ip = "*.*.*.*"
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = fake1
host = 127.0.0.1
port = {centre}
our-host = 127.0.0.1
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {boxes}
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
global-sender = 30001234
http-request-retry = 30
http-queue-delay = 1

group = sendsms-user
username = chapar
password = {password}
concatenation = true
max-messages = 10
user-allow-ip = "127.0.0.1"
user-deny-ip = "*.*.*.*"

"""

DEAF = """
group = sms-service
keyword = default
text = ""
max-messages = 0
"""
"""What citizens write is taken and goes nowhere."""


def is_installed() -> bool:
    return all(shutil.which(program) for program in (BEARERBOX, SMSBOX, FAKESMSC))


class Watched:
    """A process whose every line is read as it comes; nobody sleeps to wait for one."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, is_enough: Callable[[list[str]], bool], what: str) -> None:
        with self._news:
            if not self._news.wait_for(lambda: is_enough(self.lines), timeout=WITHIN):
                raise AssertionError(f"did not come in time: {what}\n" + "\n".join(self.lines[-15:]))

    def wait_for_line(self, part: str, times: int = 1) -> None:
        self.wait_for(lambda lines: sum(part in line for line in lines) >= times, part)

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        if self._process.stdout:
            self._process.stdout.close()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            with self._news:
                self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                self._news.notify_all()


_MESSAGE = re.compile(r"Got message \d+: <(\S+) (\S+) (?:udh (\S+) )?(\S+) (.*)>$")


class Handset:
    """Every phone behind the fake centre."""

    def __init__(self, centre_port: int, folder: Path, says: str = "") -> None:
        # fakesmsc wants a message of its own to send; with -m 0 it never does, and stays. What it says is said at once.
        often, message = ("1", says) if says else ("0", "1 2 text unused")
        self._watched = Watched(
            [FAKESMSC, "-H", "127.0.0.1", "-r", str(centre_port), "-i", "0.2", "-m", often, message], folder
        )

    def parts(self, mobile: str) -> list[tuple[bytes, bytes, str]]:
        """User data header, content and kind of each part that this number got."""
        found = [_MESSAGE.search(line) for line in list(self._watched.lines)]
        return [
            (_bytes(match[3] or ""), _bytes(match[5]) if match[4] != "text" else match[5].encode(), match[4])
            for match in found
            if match and match[2] == mobile
        ]

    def wait_for_parts(self, mobile: str, count: int) -> None:
        self._watched.wait_for(lambda _: len(self.parts(mobile)) >= count, f"{count} parts for {mobile}")

    def text(self, mobile: str) -> str:
        """The text put together from its parts, as a phone does it: by the number in the header."""
        parts = sorted(self.parts(mobile), key=lambda part: part[0][-1:] or b"\x01")
        encoding = "utf-8" if parts[0][2] == "text" else "utf-16-be"  # parts with a header are shown as data
        return b"".join(content for _, content, _ in parts).decode(encoding)

    def texts(self, mobile: str) -> list[str]:
        """Every text that has come whole, in the order in which they began: parts of one have a number in common."""
        messages: dict[object, list[tuple[bytes, bytes, str]]] = {}
        for place, part in enumerate(self.parts(mobile)):
            header = part[0]
            messages.setdefault(header[3] if header else f"alone {place}", []).append(part)
        return [
            b"".join(content for _, content, _ in sorted(parts, key=lambda part: part[0][-1:])).decode(
                "utf-8" if parts[0][2] == "text" else "utf-16-be"
            )
            for parts in messages.values()
            if not parts[0][0] or len(parts) == parts[0][0][4]
        ]

    def wait_for_text(self, mobile: str, beginning: str) -> str:
        """Wait for a text that begins so, and return it whole."""

        def found() -> list[str]:
            return [text for text in self.texts(mobile) if text.startswith(beginning)]

        self._watched.wait_for(lambda _: bool(found()), f"{beginning!r} for {mobile}")
        return found()[0]

    def stop(self) -> None:
        self._watched.stop()


def said_in_unicode(sender: str, text: str) -> str:
    """What a handset says, in the form that fakesmsc reads: UCS-2, as every Persian text travels."""
    return f"{sender} 30001234 ucs2 {quote_from_bytes(text.encode('utf-16-be'), safe='')}"


def said_in_gsm(sender: str, text: str) -> str:
    """The same in the GSM alphabet."""
    return f"{sender} 30001234 text {text}"


def _bytes(encoded: str) -> bytes:
    return unquote_to_bytes(encoded.replace("+", " "))


class KannelLab:
    """bearerbox and smsbox, running."""

    def __init__(self, folder: Path, service: str = DEAF) -> None:
        ports = dict(zip(("admin", "boxes", "centre", "sendsms"), free_ports(4), strict=True))
        config = folder / "kannel.conf"
        config.write_text(CONFIG.format(**ports, password=PASSWORD) + service)
        self._folder, self._centre, self._config = folder, ports["centre"], config
        self.url = f"http://127.0.0.1:{ports['sendsms']}/cgi-bin/sendsms"
        self._bearerbox = Watched([BEARERBOX, "-v", "0", str(config)], folder)
        self._bearerbox.wait_for_line("Start-up done")
        self._smsbox = self._started_smsbox()
        self._handsets = 0

    @contextmanager
    def handset(self, says: str = "") -> Iterator[Handset]:
        """A handset, connected to the centre; the centre listens to one at a time. It may have something to say."""
        handset = Handset(self._centre, self._folder, says)
        self._handsets += 1
        try:
            self._bearerbox.wait_for_line("client connected from", times=self._handsets)
            yield handset
        finally:
            handset.stop()

    @contextmanager
    def without_smsbox(self) -> Iterator[None]:
        """The gateway is down: nobody listens at its address. A bearerbox that ends takes its smsbox with it, too."""
        self._smsbox.stop()
        try:
            yield
        finally:
            self._smsbox = self._started_smsbox()

    def _started_smsbox(self) -> Watched:
        smsbox = Watched([SMSBOX, "-v", "0", str(self._config)], self._folder)
        smsbox.wait_for_line("Connected to bearerbox")
        return smsbox

    @property
    def is_running(self) -> bool:
        """False where one of the boxes has broken down; its last words are printed."""
        for name, box in (("bearerbox", self._bearerbox), ("smsbox", self._smsbox)):
            if not box.is_running:
                print(f"{name} has ended:", *box.lines[-30:], sep="\n")
                return False
        return True

    def stop(self) -> None:
        self._smsbox.stop()
        self._bearerbox.stop()
