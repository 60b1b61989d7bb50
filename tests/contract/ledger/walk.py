"""Letters brought to a status in the way that the stages do it."""

from datetime import timedelta

from connector.domain.lifecycle import Event, Stage
from connector.domain.registration import Registration
from connector.ledger import Ledger
from connector.ledger.records import Claim, Happening, Lane
from connector.testing.builders import HeldClock, a_route, a_submission

HOLD = {"holder": "node", "lease_for": timedelta(seconds=60), "limit": 10}
INTAKE = Lane(Stage.INTAKE, "web")
REGISTRATION = Lane(Stage.REGISTRATION, "main")
RECONCILIATION = Lane(Stage.RECONCILIATION, "main")
TRACKING = Lane(Stage.TRACKING, "main")
NOTIFICATION = Lane(Stage.NOTIFICATION, "sms")
DELIVERY = Lane(Stage.DELIVERY, "sms")
PUBLICATION = Lane(Stage.PUBLICATION, "web")
NUMBER = Registration(number="00012", secretariat="central", year=1405, office_reference="doc-1")


def only(ledger: Ledger, lane: Lane) -> Claim:
    """Claim the one thing that is due in the lane."""
    (claim,) = ledger.claim(lane, **HOLD)
    return claim


def a_ready_letter(ledger: Ledger, clock: HeldClock) -> str:
    """Admit a letter and screen it."""
    letter_id = ledger.admit(a_submission(), route=a_route()).letter_id
    ledger.record(only(ledger, INTAKE), Happening(event=Event.SCREENED, due_at=clock.now()))
    return letter_id


def an_announced_letter(ledger: Ledger, clock: HeldClock) -> tuple[str, Claim]:
    """A letter whose intent to register is on disk, with the claim that holds it."""
    letter_id = a_ready_letter(ledger, clock)
    return letter_id, ledger.announce(only(ledger, REGISTRATION))


def a_registered_letter(ledger: Ledger, clock: HeldClock) -> str:
    """A letter that has its number, due for its first question."""
    letter_id, claim = an_announced_letter(ledger, clock)
    ledger.record(claim, Happening(event=Event.REGISTERED, due_at=clock.now(), registration=NUMBER))
    return letter_id
