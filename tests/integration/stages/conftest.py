"""An agency with one office in this process and a ledger of its own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from connector.completion.completing import Completing
from connector.domain.letter import Submission
from connector.domain.lifecycle import Event, Stage, Status
from connector.ledger import Ledger
from connector.ledger.records import Claim, Happening, Lane, LetterState, OutboxPolicy
from connector.ports.connection import Connection, ConnectionPolicy
from connector.ports.office import OfficeAdapter
from connector.registration.reconciliation import Reconciliation
from connector.registration.registration import Registration
from connector.testing.builders import HeldClock, a_route, a_submission
from connector.tracking.tracking import Tracking
from connector.transport.breaker import BreakerPolicy
from tests.integration.stages.ladder_office import LadderOffice
from tests.integration.stages.office_double import OfficeDouble

LEASE = timedelta(seconds=60)


@dataclass
class Agency:
    """Letters, one office, and the stages between them, with time in the test's hand."""

    ledger: Ledger
    clock: HeldClock
    office: OfficeDouble = field(default_factory=OfficeDouble)
    connection: Connection[OfficeAdapter] = field(init=False)

    def __post_init__(self) -> None:
        self.connect()

    def connect(self, **options: Any) -> None:
        """Connect the office anew, by default with a breaker that never opens."""
        policy = ConnectionPolicy(breaker=BreakerPolicy(failures=1000))
        self.connection = Connection(
            **{
                "name": "main",
                "adapter": self.office,
                "pool_size": 4,
                "policy": policy,
                "now": self.clock.now,
                "monotonic": lambda: self.clock.now().timestamp(),
                "pause": lambda seconds: self.clock.advance(timedelta(seconds=seconds)),
            }
            | options
        )

    def letter(self, submission: Submission | None = None) -> str:
        """Take in a letter that is ready to be registered, and return its id."""
        admission = self.ledger.admit(submission or a_submission(), route=a_route())
        claims = self.ledger.claim(Lane(Stage.INTAKE, "web"), holder="intake", lease_for=LEASE, limit=100)
        for claim in claims:
            self.ledger.record(
                claim, Happening(event=Event.SCREENED, due_at=self.clock.now(), route=a_route())
            )
        return admission.letter_id

    def claims(self, stage: Stage, holder: str = "us", limit: int = 100) -> list[Claim]:
        return self.ledger.claim(Lane(stage, "main"), holder=holder, lease_for=LEASE, limit=limit)

    def register(self) -> int:
        """Let registration do what is due now; return how many claims there were."""
        claims = self.claims(Stage.REGISTRATION)
        stage = Registration(
            self.ledger,
            self.connection,
            self.ledger.attachments,
            now=self.clock.now,
            chance=lambda: 0.0,
            pause=lambda seconds: None,
        )
        stage.run(claims)
        return len(claims)

    def reconcile(self) -> int:
        claims = self.claims(Stage.RECONCILIATION)
        Reconciliation(self.ledger, self.connection, now=self.clock.now, chance=lambda: 0.0).run(claims)
        return len(claims)

    def complete(self) -> int:
        """Let the completion stage do what is due now; return how many claims there were."""
        claims = self.claims(Stage.COMPLETION)
        Completing(
            self.ledger, self.connection, now=self.clock.now, chance=lambda: 0.0, pause=lambda seconds: None
        ).run(claims)
        return len(claims)

    def track(self) -> int:
        claims = self.claims(Stage.TRACKING)
        Tracking(self.ledger, self.connection, now=self.clock.now).run(claims)
        return len(claims)

    def state(self, letter_id: str) -> LetterState:
        return self.ledger.state(letter_id)

    def status(self, letter_id: str) -> Status:
        return self.state(letter_id).status

    def events(self, letter_id: str) -> list[str]:
        return [entry.name for entry in self.ledger.timeline(letter_id) if entry.what == "event"]

    def due_in(self, stage: Stage) -> timedelta:
        due_at = self.ledger.next_due_at(Lane(stage, "main"))
        assert due_at is not None
        return due_at - self.clock.now()

    def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)

    def until_due(self, stage: Stage) -> timedelta:
        """Go on to the time at which something of this stage is due; return how long that took."""
        wait = max(self.due_in(stage), timedelta())
        self.clock.advance(wait)
        return wait


@pytest.fixture
def agency(sqlite_url: str, open_on: Callable[..., Ledger], clock: HeldClock) -> Agency:
    """An agency whose office does what it is told."""
    return Agency(ledger=open_on(sqlite_url), clock=clock)


@pytest.fixture
def ladder(sqlite_url: str, open_on: Callable[..., Ledger], clock: HeldClock) -> Callable[..., Agency]:
    """Make an agency whose office can do what the test says."""

    def make(office: LadderOffice) -> Agency:
        completing = frozenset({"main"} if office.capabilities.completes else ())
        policy = OutboxPolicy(publishing_portals=frozenset({"web"}), completing_offices=completing)
        return Agency(ledger=open_on(sqlite_url, policy=policy), clock=clock, office=office)

    return make
