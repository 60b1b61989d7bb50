"""One office's trouble stays its own: letters for the others go on as if it were not there."""

import signal

import pytest

from tests.acceptance.daemon import PATIENCE
from tests.acceptance.office import HeldOffice

ROUTES = """\
routes:
  - when: {service: dead}
    to: {office: dead, secretariat: "1", gateway: sms}
  - to: {office: municipality, secretariat: "1", gateway: sms}
"""
CALLS_OF_ONE_OFFICE = 4


@pytest.fixture
def dead_office():
    """An office that takes every call and never answers."""
    dead = HeldOffice()
    dead.open.clear()
    yield dead
    dead.close()


def test_an_office_that_never_answers_holds_up_its_own_letters_and_nobody_elses(
    place, start, office, dead_office, portal, messages
):
    place.write_config(
        stop_within="1s", extra=f'\n[offices.dead]\nadapter = "stand_in"\nurl = "{dead_office.url}"\n'
    )
    (place.folder / "routes.yaml").write_text(ROUTES, encoding="utf-8")
    daemon = start(place)
    daemon.hears("READY")
    for number in range(3 * CALLS_OF_ONE_OFFICE):
        portal.hand_in(f"dead-{number}", subject=f"نامهٔ بی‌پاسخ {number}", service="dead")
    for _ in range(
        CALLS_OF_ONE_OFFICE
    ):  # every call that this office may have at a time is under way, and stays so
        dead_office.arrived.get(timeout=PATIENCE)
    for number in range(5 * CALLS_OF_ONE_OFFICE):
        portal.hand_in(f"well-{number}", subject=f"نامهٔ عادی {number}")
    assert len({office.arrived.get(timeout=PATIENCE) for _ in range(5 * CALLS_OF_ONE_OFFICE)}) == 20
    assert len(messages.take(5 * CALLS_OF_ONE_OFFICE)) == 20, "and their citizens are told"
    assert dead_office.arrived.empty(), "the dead office was asked no more than it can stand"
    daemon.send(signal.SIGTERM)
    assert daemon.ends() == 75
