"""What became of the letters: the operator's list laid beside the office's own book."""

import json
import sqlite3
from contextlib import closing
from threading import Event

from connector.clock import monotonic
from tests.acceptance.daemon import PATIENCE

__all__ = ["assert_each_registered_once", "letters_of", "until"]


def letters_of(place):
    """Return the rows of the operator's list, by letter id."""
    listed = place.chapar("letters", "list", "--limit", "10000", "--json")
    assert listed.returncode == 0, listed.stderr
    return {row["letter_id"]: row for row in json.loads(listed.stdout)}


def assert_each_registered_once(place, office, keys):
    """These letters and no others are registered, each under the one number that the office gave it."""
    letters = letters_of(place)
    assert sorted(key for key, _ in office.book) == sorted(keys)
    assert {row["status"] for row in letters.values()} == {"registered"}
    assert {key: [int(row["number"])] for key, row in letters.items()} == {
        key: office.numbers_of(key) for key in keys
    }


def until(place, code, status, reason=None):
    """Look into the database until the letter stands so, and nobody holds it."""
    with closing(sqlite3.connect(place.folder / "chapar.db")) as database:
        look = (
            "SELECT s.status, s.last_reason, s.lease_holder FROM schedule s JOIN letters l ON l.letter_id = s.work_id"
            " WHERE l.tracking_code = ?"
        )
        end, between = monotonic() + 2 * PATIENCE, Event()
        while True:
            now = database.execute(look, [code]).fetchone()
            if now[0] == status and (reason is None or now[1:] == (reason, None)):
                return
            assert monotonic() < end, f"the letter is {now}"
            between.wait(0.05)  # the daemon needs the processor more than we do
