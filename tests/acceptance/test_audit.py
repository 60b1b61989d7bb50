"""``chapar audit`` as an operator types it: beside a running daemon, after tampering, without a key."""

import json
import signal
import sqlite3
from contextlib import closing

import pytest

from connector.ledger import KeyRing, new_key, open_ledger
from connector.testing.builders import HeldClock
from tests.acceptance.daemon import PATIENCE
from tests.contract.ledger.test_tampering import a_long_way


@pytest.fixture
def running(place, start, office, portal):
    """A daemon that has registered one letter; the daemon and the letter's tracking code."""
    daemon = start()
    daemon.hears("READY")
    code = portal.hand_in("s-1")
    office.arrived.get(timeout=PATIENCE)
    return daemon, code


@pytest.fixture
def stopped(running):
    """The same daemon after a stop; the tracking code."""
    daemon, code = running
    daemon.send(signal.SIGTERM)
    assert daemon.ends() == 0
    return code


def change(place, statement):
    with closing(sqlite3.connect(place.folder / "chapar.db")) as database, database:
        assert database.execute(statement).rowcount > 0


def test_a_ledger_is_verified_beside_the_daemon_that_writes_it(place, running):
    done = place.chapar("audit", "verify", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert (told["whole"], told["letters"], told["first"], told["last_seal"][:2]) == (True, 1, None, "0:")
    assert place.chapar("audit", "verify", "--letter", running[1]).returncode == 0


def test_a_changed_row_is_named_by_tracking_code_row_and_instant(place, stopped):
    change(place, "UPDATE events SET reason = 'nothing' WHERE event = 'announced'")
    done = place.chapar("audit", "verify")
    assert done.returncode == 1
    assert f"First: letter {stopped}, row " in done.stdout
    assert "(changed_row)" in done.stdout
    assert "دست خورده" in done.stdout
    told = json.loads(place.chapar("audit", "verify", "--json").stdout)
    assert (told["whole"], told["first"]["letter"], told["first"]["what"]) == (False, stopped, "changed_row")
    alone = place.chapar("audit", "verify", "--letter", stopped)
    assert (alone.returncode, "row " in alone.stdout) == (1, True)


def test_a_ledger_that_is_whole_says_which_seal_to_note(place, stopped):
    done = place.chapar("audit", "verify")
    assert done.returncode == 0
    assert "Whole: everything is as Chapar wrote it." in done.stdout
    noted = done.stdout.rpartition("Last seal: ")[2].strip()
    assert place.chapar("audit", "verify", "--expect", noted).returncode == 0
    other = noted[:-1] + ("0" if noted[-1] != "0" else "1")
    done = place.chapar("audit", "verify", "--expect", other)
    assert (done.returncode, "(seal_missing)" in done.stdout) == (1, True)


def test_a_key_that_is_not_in_the_ring_is_said_to_be_missing(place):
    blind = (place.folder / "keys" / "blind-index").read_text(encoding="utf-8").strip()
    ring = KeyRing(current="key-0", keys={"key-0": new_key()}, blind_key=blind)
    clock = HeldClock()
    ledger = open_ledger(
        f"sqlite:///{place.folder}/chapar.db", ring, attachments=place.folder / "a", now=clock.now
    )
    a_long_way(ledger, clock)
    ledger.close()
    done = place.chapar("audit", "verify")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "2 events are sealed with a key that is not in the key ring (key-0)" in done.stdout
    assert "NOT AS IT WAS WRITTEN" not in done.stdout


@pytest.mark.parametrize("seal", ["7", "7:abc", "x:" + "0" * 64])
def test_what_is_no_seal_is_refused_as_wrong_usage(place, seal):
    done = place.chapar("audit", "verify", "--expect", seal)
    assert (done.returncode, "--expect" in done.stderr) == (2, True)


def test_a_letter_that_there_is_not_is_said_not_to_be(place):
    assert place.chapar("audit", "verify", "--letter", "123456789012345").returncode == 5


def test_acts_are_listed_for_people_and_for_machines(place):
    assert "No acts." in place.chapar("audit", "acts").stdout
    assert json.loads(place.chapar("audit", "acts", "--json").stdout) == []


@pytest.mark.parametrize(
    "command",
    [("run",), ("letters", "list"), ("audit", "verify"), ("audit", "acts"), ("db", "upgrade")],
    ids=" ".join,
)
def test_a_database_newer_than_the_program_is_refused_with_the_next_step(place, command):
    change(place, "UPDATE alembic_version SET version_num = '9999'")
    done = place.chapar(*command)
    assert done.returncode == 3, done.stderr
    assert "newer" in done.stderr
    assert "version: 9999" in done.stderr
    assert "Next step: Install the version of Chapar that wrote the database, or a later one." in done.stderr


def test_check_says_that_a_database_is_newer_than_the_program(place):
    change(place, "UPDATE alembic_version SET version_num = '9999'")
    done = place.chapar("check")
    assert done.returncode == 3
    assert "newer" in done.stdout
    assert "Install the version of Chapar that wrote the database" in done.stdout
