"""Two daemons share one PostgreSQL: each letter is one daemon's affair, and nobody's for ever."""

import json
import signal

import pytest

from tests.acceptance.daemon import PATIENCE
from tests.acceptance.letters import assert_each_registered_once

ONE_CALL_AT_A_TIME = {'adapter = "stand_in"': 'adapter = "stand_in"\npool_size = 1'}
NEVER_RUNS_OUT = "1h"
"""Nothing that a test sees within its patience is owed to the end of such a lease."""


@pytest.fixture
def nodes(on_postgresql):
    """The places of two daemons with one ledger, one office and one gateway."""
    return on_postgresql, on_postgresql.other_node("second")


def test_letters_of_a_killed_node_are_found_by_the_other_and_nothing_is_done_twice(
    nodes, start, office, portal_of, messages
):
    one, other = nodes
    other.write_config()
    killed, living = start(one), start(other)
    killed.hears("READY")
    living.hears("READY")
    office.open.clear()
    portals = portal_of(one), portal_of(other)
    for number in range(8):  # four calls at a time on each node: all of them are in the middle of one
        portals[number % 2].hand_in(f"s-{number}", subject=f"درخواست شمارهٔ {number}")
    keys = [office.arrived.get(timeout=PATIENCE) for _ in range(8)]
    killed.send(signal.SIGKILL)
    assert killed.ends() == -signal.SIGKILL
    office.open.set()
    found = {office.looked_up.get(timeout=PATIENCE) for _ in range(4)}
    assert len(found) == 4
    told = messages.take(8)
    living.send(signal.SIGTERM)
    assert living.ends() == 0
    assert_each_registered_once(other, office, keys)
    assert len(told) == len(set(told)) == len(messages.so_far()) == 8
    for key in found:
        told_of = json.loads(other.chapar("letters", "explain", key, "--json").stdout)
        way = [entry["outcome"] for entry in told_of["timeline"] if entry["what"] == "event"]
        lost = way.index("uncertain")
        assert "ready" not in way[lost:], "an open intent is a question, and never a letter to be sent again"
        assert way[-1] == "registered"


def test_where_one_node_is_held_up_or_told_to_stop_the_other_takes_the_letters_at_once(
    nodes, start, office, portal_of
):
    one, other = nodes
    for place in nodes:
        place.write_config(lease=NEVER_RUNS_OUT, **ONE_CALL_AT_A_TIME)
    held_up = start(one)
    held_up.hears("READY")
    portal = portal_of(one)
    office.open.clear()
    portal.hand_in("s-1")
    keys = [office.arrived.get(timeout=PATIENCE)]
    gate_of_one = office.new_gate(is_open=False)
    free = start(other)
    free.hears("READY")
    for number in (2, 3, 4):
        portal.hand_in(f"s-{number}", subject=f"درخواست شمارهٔ {number}")
    # The other node's lanes sleep for a minute; the database wakes them. Two letters then wait for either node.
    keys.append(office.arrived.get(timeout=PATIENCE))
    held_up.send(signal.SIGTERM)
    held_up.hears("STOPPING")
    gate_of_one.set()
    assert held_up.ends() == 0
    office.new_gate(is_open=True).set()
    keys += [office.arrived.get(timeout=PATIENCE) for _ in range(2)]
    free.send(signal.SIGTERM)
    assert free.ends() == 0
    assert_each_registered_once(other, office, keys)
    assert office.looked_up.empty()
