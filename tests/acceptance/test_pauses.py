"""An operator pauses an office: letters come in and wait, through restarts, and go on at once when it is resumed."""

import json
import signal
import threading

import pytest
import requests

from tests.acceptance.daemon import PATIENCE
from tests.acceptance.letters import assert_each_registered_once, letters_of

OFFICE = "municipality"


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request):
    """A place on each database in turn."""
    return request.getfixturevalue({"sqlite": "place", "postgresql": "on_postgresql"}[request.param])


def test_a_paused_office_is_left_alone_through_a_restart_and_taken_up_at_once(
    house, start, office, portal_of
):
    daemon = start(house)
    daemon.hears("READY")
    paused = house.chapar("pause", OFFICE, "--reason", "maintenance there")
    assert paused.returncode == 0, paused.stderr
    assert _until(lambda: _sentence(house) == "paused by the operator: maintenance there")
    assert _ready(house).status_code == 200, "letters still come in"
    portal = portal_of(house)
    portal.hand_in("s-1")
    assert _until(lambda: _statuses(house) == ["ready"])
    daemon.send(signal.SIGTERM)
    assert daemon.ends() == 0
    again = start(house)
    again.hears("READY")
    assert _sentence(house) == "paused by the operator: maintenance there"
    portal.hand_in("s-2", subject="نامهٔ دوم")
    assert _until(lambda: _statuses(house) == ["ready", "ready"])
    assert office.arrived.empty()
    resumed = house.chapar("resume", OFFICE, "--json")
    assert json.loads(resumed.stdout)["before"]["reason"] == "maintenance there"
    keys = [office.arrived.get(timeout=PATIENCE) for _ in range(2)]
    assert _until(lambda: _statuses(house) == ["registered", "registered"])
    again.send(signal.SIGTERM)
    assert again.ends() == 0
    assert_each_registered_once(house, office, keys)


def test_every_node_obeys_and_each_word_stands_in_the_audit(on_postgresql, start, office, portal_of):
    one, other = on_postgresql, on_postgresql.other_node("second")
    other.write_config()
    for place in (one, other):
        start(place).hears("READY")
    one.chapar("pause", OFFICE, "--reason", "first")
    assert _until(lambda: _sentence(one) == _sentence(other) == "paused by the operator: first")
    one.chapar("resume", OFFICE)
    assert _until(lambda: _sentence(one) == _sentence(other) == "in order")
    acts = json.loads(one.chapar("audit", "acts", "--json").stdout)
    assert [(act["act"], act["subject"]) for act in acts][:2] == [("resume", OFFICE), ("pause", OFFICE)]


def test_a_name_that_nothing_has_is_answered_with_those_that_there_are(place):
    refused = place.chapar("pause", "municipalty", "--reason", "a slip of the pen")
    assert refused.returncode == 3
    assert "municipality, sms, website" in refused.stderr


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_a_pause_without_a_reason_is_not_taken(place, reason):
    assert place.chapar("pause", OFFICE, "--reason", reason).returncode == 2


def test_check_reminds_of_a_pause_and_how_to_end_it(place):
    place.chapar("pause", OFFICE, "--reason", "maintenance there")
    found = json.loads(place.chapar("check", "--json").stdout)
    (pause,) = [each for each in found if each["part"] == "pauses"]
    assert (pause["name"], pause["verdict"], pause["next_step"]) == (
        OFFICE,
        "doubtful",
        f"chapar resume {OFFICE}",
    )
    told = place.chapar("check")
    assert told.returncode == 0
    assert "Nothing is wrong; 1 thing is doubtful." in told.stdout
    assert "هیچ چیز نادرست نیست؛ ۱ مورد نیازمند بررسی است." in told.stdout
    assert "in order. ·" not in told.stdout


def test_resuming_what_is_not_paused_is_no_mistake(place):
    resumed = place.chapar("resume", OFFICE)
    assert resumed.returncode == 0
    assert "was not paused" in resumed.stdout


def _ready(place):
    return requests.get(f"http://127.0.0.1:{place.port}/readyz", timeout=PATIENCE)


def _sentence(place):
    return next(part["sentence"] for part in _ready(place).json()["parts"] if part["name"] == OFFICE)


def _statuses(place):
    return [row["status"] for row in letters_of(place).values()]


def _until(condition):
    waiting = threading.Event()
    for _ in range(300):
        if condition():
            return True
        waiting.wait(0.1)
    return False
