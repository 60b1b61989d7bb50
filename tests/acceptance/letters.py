"""What became of the letters: the operator's list laid beside the office's own book."""

import json

__all__ = ["assert_each_registered_once", "letters_of"]


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
