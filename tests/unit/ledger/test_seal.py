"""Sealed columns: what opens, what does not, and what each refusal says."""

import pytest

from connector.errors import SealBroken, SettingsInvalid
from connector.ledger.seal import KeyRing, new_key

OLD, NEW, BLIND = new_key(), new_key(), new_key()


def test_a_sealed_value_opens_in_its_own_place_and_nowhere_else() -> None:
    ring = KeyRing(current="old", keys={"old": OLD}, blind_key=BLIND)
    sealed = ring.seal({"نام": "شهروند نمونه"}, "letters:1")
    assert ring.open(sealed, "letters:1") == {"نام": "شهروند نمونه"}
    with pytest.raises(SealBroken):
        ring.open(sealed, "letters:2")


def test_the_same_value_is_sealed_differently_each_time() -> None:
    ring = KeyRing(current="old", keys={"old": OLD}, blind_key=BLIND)
    assert ring.seal("x", "c") != ring.seal("x", "c")


def test_after_a_rotation_old_rows_open_and_new_rows_use_the_new_key() -> None:
    sealed = KeyRing(current="old", keys={"old": OLD}, blind_key=BLIND).seal("x", "c")
    rotated = KeyRing(current="new", keys={"old": OLD, "new": NEW}, blind_key=BLIND)
    assert rotated.open(sealed, "c") == "x"
    with pytest.raises(SealBroken, match="not in the key ring"):
        KeyRing(current="old", keys={"old": OLD}, blind_key=BLIND).open(rotated.seal("x", "c"), "c")


def test_the_blind_index_survives_a_rotation_and_tells_purposes_apart() -> None:
    before = KeyRing(current="old", keys={"old": OLD}, blind_key=BLIND)
    after = KeyRing(current="new", keys={"old": OLD, "new": NEW}, blind_key=BLIND)
    assert before.blind("0084575948", "sender") == after.blind("0084575948", "sender")
    assert before.blind("0084575948", "sender") != before.blind("0084575948", "mobile")


@pytest.mark.parametrize("position", [0, 1, 5, 10, -1])
def test_a_changed_byte_is_noticed(position: int) -> None:
    ring = KeyRing(current="old", keys={"old": OLD}, blind_key=BLIND)
    sealed = bytearray(ring.seal("x", "c"))
    sealed[position] ^= 1
    with pytest.raises(SealBroken):
        ring.open(bytes(sealed), "c")


@pytest.mark.parametrize("text", ["", "short", "not base64 at all!", "c2hvcnQ="])
def test_a_key_that_is_none_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(SettingsInvalid, match="not 32 bytes") as refused:
        KeyRing(current="old", keys={"old": text}, blind_key=BLIND)
    assert not text or text not in str(refused.value)


def test_a_current_key_that_is_not_in_the_ring_is_refused() -> None:
    with pytest.raises(SettingsInvalid, match="not in the key ring"):
        KeyRing(current="new", keys={"old": OLD}, blind_key=BLIND)
