"""A large file goes through without ever being whole in memory."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.web.house import PDF, TOKEN, form

SIZE = 50_000_000
ALLOWED = 8_000_000
"""Bytes; the budget of the whole daemon for such a file."""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="measured through Linux's /proc; run it on Linux"
)


class Probe:
    """The server's process."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.port = int(self._line())

    def ask(self, word: str) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()
        return int(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.strip().isdecimal():
                return line
        raise AssertionError("the server's process has ended")


@pytest.fixture
def probe(tmp_path: Path) -> Iterator[Probe]:
    command = [sys.executable, "-m", "tests.integration.web.memory_probe", str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    ) as process:
        try:
            yield Probe(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(20)


def upload(port: int, submission_id: str, size: int) -> int:
    """Hand in a letter with a file of this size, in pieces, and return the status."""
    head = b'--frontier\r\nContent-Disposition: form-data; name="letter"\r\n\r\n'
    head += json.dumps(form(submission_id)).encode() + b"\r\n--frontier\r\n"
    head += b'Content-Disposition: form-data; name="attachment"; filename="a.pdf"\r\n\r\n' + PDF
    tail = b"\r\n--frontier--\r\n"
    piece = bytes(range(256)) * 256
    filler = size - len(PDF)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest("POST", "/portals/city/letters")
    connection.putheader("Authorization", f"Bearer {TOKEN}")
    connection.putheader("Content-Type", "multipart/form-data; boundary=frontier")
    connection.putheader("Content-Length", str(len(head) + filler + len(tail)))
    connection.endheaders(head)
    while filler:
        connection.send(piece[:filler])
        filler -= min(filler, len(piece))
    connection.send(tail)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_file_of_50_mb_does_not_raise_the_memory(probe: Probe) -> None:
    assert upload(probe.port, "warm", 3_000_000) == 201
    before = probe.ask("reset")
    assert upload(probe.port, "large", SIZE) == 201
    grown = probe.ask("tell") - before
    assert grown < ALLOWED, f"the memory grew by {grown / 1e6:.1f} MB"
