"""Several daemons on one PostgreSQL: restarted one after the other, killed, cut off, and all of them known."""

import json
import signal
import threading

import pytest
import requests

from tests.acceptance.daemon import PATIENCE
from tests.acceptance.letters import assert_each_registered_once, letters_of
from tests.cut_network import CutNetwork

NEVER_RUNS_OUT = "1h"
"""Nothing that a test sees within its patience is owed to the end of such a lease."""
LONGER_THAN_WE_WAIT = "2m"


@pytest.fixture
def nodes(on_postgresql):
    """The places of three daemons with one ledger, one office and one gateway."""
    return [on_postgresql, on_postgresql.other_node("second"), on_postgresql.other_node("third")]


@pytest.fixture
def network(postgresql_url):
    """A network between one daemon and the server."""
    standing = CutNetwork(postgresql_url)
    yield standing
    standing.close()


class Citizens:
    """Hand in letter after letter, at whichever node answers, until they are told to stop."""

    def __init__(self, portals):
        self._portals = portals
        self._ending = threading.Event()
        self.handed_in = 0
        self.one_more = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._go_on)
        self._thread.start()

    def wait_for(self, number):
        """Let so many more letters come in."""
        for _ in range(number):
            assert self.one_more.acquire(timeout=PATIENCE), "no letter could be handed in any more"

    def stop(self):
        self._ending.set()
        self._thread.join(PATIENCE)
        return self.handed_in

    def _go_on(self):
        while not self._ending.is_set():
            name = f"s-{self.handed_in}"
            if any(self._is_taken(portal, name) for portal in self._portals):
                self.handed_in += 1
                self.one_more.release()
            self._ending.wait(0.1)

    @staticmethod
    def _is_taken(portal, name):
        try:
            return portal.try_to_hand_in(name, subject=f"درخواست {name}").status_code in {200, 201, 202}
        except requests.RequestException:
            return False  # that node is being restarted; the portal asks the next one


@pytest.fixture
def handing_in():
    """Citizens who hand in until the test ends."""
    begun = []

    def handing_in(portals):
        begun.append(Citizens(portals))
        return begun[-1]

    yield handing_in
    for citizens in begun:
        citizens.stop()


def test_nodes_are_restarted_one_after_the_other_and_no_letter_notices(
    nodes, start, office, portal_of, handing_in, messages
):
    for place in nodes:
        place.write_config(lease=NEVER_RUNS_OUT)
    running = [start(place) for place in nodes]
    for daemon in running:
        daemon.hears("READY")
    citizens = handing_in([portal_of(place) for place in nodes])
    for number, place in enumerate(nodes):
        messages.so_far()  # a pipe that nobody reads would hold the gateway up
        citizens.wait_for(4)
        running[number].send(signal.SIGTERM)
        assert running[number].ends() == 0, running[number].words()
        citizens.wait_for(4)
        running[number] = start(place)
        running[number].hears("READY")
    citizens.wait_for(2)
    letters = citizens.stop()
    keys = [office.arrived.get(timeout=PATIENCE) for _ in range(letters)]
    told = messages.take(letters)
    for daemon in running:
        daemon.send(signal.SIGTERM)
        assert daemon.ends() == 0
    assert_each_registered_once(nodes[0], office, keys)
    assert len(told) == len(set(told)) == letters
    assert office.looked_up.empty(), "a lease that ran out would have been looked up"


def test_a_killed_node_that_is_started_again_does_not_wait_for_its_own_leases(
    nodes, start, office, portal_of
):
    place = nodes[0]
    place.write_config(lease=LONGER_THAN_WE_WAIT, **{'stand_in"': 'stand_in"\npool_size = 1'})
    killed = start(place)
    killed.hears("READY")
    office.open.clear()
    portal = portal_of(place)
    for number in range(3):
        portal.hand_in(f"s-{number}", subject=f"درخواست {number}")
    keys = [office.arrived.get(timeout=PATIENCE)]
    killed.send(signal.SIGKILL)
    killed.ends()
    office.open.set()
    again = start(place)
    again.hears("READY")
    keys += [office.arrived.get(timeout=PATIENCE) for _ in range(2)]
    assert office.looked_up.get(timeout=PATIENCE) == keys[0]
    again.send(signal.SIGTERM)
    assert again.ends() == 0
    assert_each_registered_once(place, office, keys)
    assert "ledger.leases_freed" in again.words()


def test_chapar_nodes_lists_them_and_two_of_one_name_are_warned(nodes, start, office):
    one, other = nodes[:2]
    twin = one.other_node("twin")
    for place in (one, other):
        place.write_config()
    twin.write_config(**{'node = "twin"': f'node = "{one.node}"'})
    first = start(one)
    first.hears("READY")
    second, third = start(other), start(twin)
    second.hears("READY")
    third.hears("READY")
    assert _states(one) == {(one.node, "running"): 2, ("second", "running"): 1}
    second.send(signal.SIGTERM)
    assert second.ends() == 0
    assert _states(one)["second", "stopped"] == 1
    assert _until(lambda: "daemon.node_name_taken" in third.words())
    assert "daemon.node_name_taken" not in first.words()


def test_a_node_behind_a_network_that_freezes_lives_on_and_comes_back_by_itself(
    nodes, start, office, portal_of, network
):
    place = nodes[0]
    place.ledger = network.url
    place.write_config()
    daemon = start(place)
    daemon.hears("READY")
    portal = portal_of(place)
    portal.hand_in("s-1", subject="پیش از قطع شبکه")
    keys = [office.arrived.get(timeout=PATIENCE)]
    network.freeze()
    assert portal.try_to_hand_in("s-2", subject="هنگام قطع شبکه").status_code == 503
    network.thaw()
    assert _until(
        lambda: portal.try_to_hand_in("s-2", subject="هنگام قطع شبکه").status_code in {200, 201, 202}
    )
    keys.append(office.arrived.get(timeout=PATIENCE))
    assert _until(lambda: {row["status"] for row in letters_of(place).values()} == {"registered"})
    daemon.send(signal.SIGTERM)
    assert daemon.ends() == 0
    assert_each_registered_once(place, office, keys)


def _states(place):
    listed = place.chapar("nodes", "--json")
    assert listed.returncode == 0, listed.stderr
    found = {}
    for row in json.loads(listed.stdout):
        found[row["node"], row["state"]] = found.get((row["node"], row["state"]), 0) + 1
    return found


def _until(condition):
    waiting = threading.Event()
    for _ in range(300):
        if condition():
            return True
        waiting.wait(0.1)
    return False
