"""The disk is full: the portal is told to come again, nothing is kept by halves, and the daemon outlives it."""

import shutil
import signal
import sqlite3
import subprocess
from contextlib import suppress

import pytest

from tests.acceptance.daemon import PATIENCE
from tests.acceptance.letters import assert_each_registered_once

SIZE = 8 * 1024 * 1024
PDF = b"%PDF-1.4\n" + bytes(300_000) + b"\n%%EOF\n"


@pytest.fixture
def small_disk(tmp_path):
    """A disk of a few megabytes."""
    folder = tmp_path / "state"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted: run the tests as root, with the right to mount")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def on_small_disk(place, small_disk):
    shutil.move(place.folder / "chapar.db", small_disk)
    place.ledger, place.attachments = "sqlite:///state/chapar.db", "state/attachments"
    place.write_config()
    return place


def fill(folder):
    """Leave no byte free, and return the file that takes the room."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as out, suppress(OSError):
        while out.write(bytes(4096)):
            pass
    return filler


def test_a_full_disk_costs_no_letter_and_no_answer(
    on_small_disk, small_disk, start, office, portal, messages
):
    daemon = start()
    daemon.hears("READY")
    office.open.clear()
    portal.hand_in("s-1")
    keys = [office.arrived.get(timeout=PATIENCE)]
    filler = fill(small_disk)
    small, refused = 1, None
    while refused is None:  # what room there still is inside the ledger's own files is used up first
        small += 1
        reply = portal.try_to_hand_in(f"s-{small}", subject=f"درخواست {small}", text="متن " * 2000)
        if reply.status_code != 201:
            refused = reply
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    with_file = portal.try_to_hand_in_with_file("s-file", PDF)
    assert (with_file.status_code, with_file.json()["code"]) == (503, "unavailable")
    assert [path for path in (small_disk / "attachments").rglob("*") if path.is_file()] == []
    office.new_gate(is_open=True).set()  # the answer arrives while it cannot be written down
    filler.unlink()
    assert (
        portal.try_to_hand_in(f"s-{small}", subject=f"درخواست {small}", text="متن " * 2000).status_code == 201
    )
    assert portal.try_to_hand_in_with_file("s-file", PDF).status_code == 201
    keys += [office.arrived.get(timeout=PATIENCE) for _ in range(small)]
    assert len(messages.take(len(keys))) == len(keys)
    daemon.send(signal.SIGTERM)
    assert daemon.ends() == 0
    assert_each_registered_once(on_small_disk, office, keys)
    assert office.looked_up.empty()
    with sqlite3.connect(small_disk / "chapar.db") as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    ledger.close()
