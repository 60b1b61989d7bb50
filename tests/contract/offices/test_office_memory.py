"""A large attachment goes from disk to the office without ever being whole in memory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from connector.simulator.book import OfficeBook
from connector.simulator.counter import Counter
from connector.simulator.fates import Fate, FateDeck
from connector.simulator.office_rest import RestDoor
from connector.simulator.office_soap import SoapDoor
from connector.simulator.serving import LoopbackServer

HERE = Path(__file__).parent
SIZE = 50 * 1024 * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's /proc")
@pytest.mark.parametrize("transport", ["soap", "rest"])
def test_fifty_megabytes_leave_the_peak_of_memory_flat(transport: str, tmp_path: Path) -> None:
    file = tmp_path / "large.pdf"
    with file.open("wb") as stream:
        for _ in range(SIZE // 1024 // 1024):
            stream.write(os.urandom(1024 * 1024))
    counter = Counter(OfficeBook(frozenset({"10"}), deck=FateDeck(1, (Fate.ANSWERED,))))
    door = SoapDoor(counter, "chapar", "secret") if transport == "soap" else RestDoor(counter, "secret")
    with LoopbackServer(door) as server:
        done = subprocess.run(
            [
                sys.executable,
                HERE / "large_letter.py",
                transport,
                server.url,
                HERE.parents[2] / "mappings",
                file,
            ],
            env={**os.environ, "OFFICE_SECRET": "secret"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    grown, outcome = done.stdout.split()
    assert outcome == "Registered"
    assert int(grown) < 8 * 1024
    assert counter.book.entries()[-1].call.attachments[0].size == SIZE
