"""The PostgreSQL server is stopped and started again under a running daemon: nothing is lost, and nobody is needed."""

import signal

import pytest
import requests

from tests.acceptance.daemon import PATIENCE
from tests.acceptance.letters import assert_each_registered_once


@pytest.fixture
def server(postgresql_server):
    """The server of the test run, which may be stopped here."""
    yield postgresql_server
    postgresql_server.start()


def status_of(place, page):
    with requests.Session() as session:
        session.trust_env = False
        return session.get(f"http://127.0.0.1:{place.port}/{page}", timeout=PATIENCE).status_code


def test_a_restart_of_the_database_costs_no_letter_and_no_answer(
    on_postgresql, server, start, office, portal, messages
):
    daemon = start()
    daemon.hears("READY")
    office.open.clear()
    portal.hand_in("s-1")
    keys = [office.arrived.get(timeout=PATIENCE)]
    server.stop()
    refused = portal.try_to_hand_in("s-2", subject="درخواست دیگر")
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    assert (status_of(on_postgresql, "healthz"), status_of(on_postgresql, "readyz")) == (200, 503)
    office.new_gate(is_open=True).set()  # the answer arrives while it cannot be written down
    server.start()
    assert portal.try_to_hand_in("s-2", subject="درخواست دیگر").status_code == 201
    keys.append(office.arrived.get(timeout=PATIENCE))
    assert len(messages.take(2)) == 2
    daemon.send(signal.SIGTERM)
    assert daemon.ends() == 0
    assert_each_registered_once(on_postgresql, office, keys)
    assert office.looked_up.empty()
    assert len(messages.so_far()) == 2
