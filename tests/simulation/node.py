"""One run of a daemon's process: its stages, its connections, and the claims that it has in hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.citizen.handling import Handling
from connector.citizen.policy import ReceivingPolicy
from connector.citizen.receiving import Receiving
from connector.completion.completing import Completing
from connector.domain.lifecycle import Stage
from connector.domain.message import FactKind
from connector.domain.sending_window import SendingWindow
from connector.errors import LedgerUnavailable
from connector.intake.screening import Screening
from connector.ledger.records import Claim, Lane
from connector.notification.delivery import Delivery
from connector.notification.lineup import Lineup
from connector.notification.policy import NotificationPolicy
from connector.notification.sending import Sending
from connector.ports.connection import Connection
from connector.publication.publishing import Publishing
from connector.registration.reconciliation import Reconciliation
from connector.registration.registration import Registration
from connector.scheduling.in_hand import InHand
from connector.scheduling.lane_thread import LaneThread
from connector.scheduling.lanes import LaneRun, unwatched
from connector.testing.builders import a_route
from connector.tracking.tracking import Tracking
from tests.simulation.baton import Crash, Life
from tests.simulation.ground import Ground, the_texts
from tests.simulation.listeners import SimulatedGateway, SimulatedPortal
from tests.simulation.office import SimulatedOffice

__all__ = ["LANES", "LEASE", "SENDING", "Node"]

LEASE = timedelta(seconds=60)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
LANES = {
    str(stage): Lane(stage, name)
    for stage, name in (
        (Stage.INTAKE, "web"),
        (Stage.REGISTRATION, "main"),
        (Stage.RECONCILIATION, "main"),
        (Stage.TRACKING, "main"),
        (Stage.COMPLETION, "main"),
        (Stage.NOTIFICATION, "sms"),
        (Stage.DELIVERY, "sms"),
        (Stage.PUBLICATION, "web"),
    )
}
LANES |= {
    "notification backup": Lane(Stage.NOTIFICATION, "backup"),
    "delivery backup": Lane(Stage.DELIVERY, "backup"),
}
SENDING: dict[str, dict[str, Any]] = {
    "at any hour": {},
    "by day": {"window": SendingWindow(), "opening_spread": timedelta(minutes=10)},
    "rather twice than never": {"at_least_once": tuple(FactKind)},
}
"""By which rules citizens are told."""


class _OneRoute:
    def route_for(self, service: str, unit: str | None) -> object:
        """Return the route of a service; ``reviewed`` goes to a reviewer first, ``lost`` has none."""
        return None if service == "lost" else a_route(needs_review=service == "reviewed")


@dataclass(eq=False)
class Node:
    """What dies with a process."""

    life: Life
    ground: Ground
    office: SimulatedOffice
    gateway: SimulatedGateway
    portal: SimulatedPortal
    backup: SimulatedGateway
    sending: str = "at any hour"
    lineup: Lineup | None = None
    in_hand: InHand = field(default_factory=InHand)
    surprises: list[Exception] = field(default_factory=list)
    """What no stage is known to raise."""
    taken_from_others: list[str] = field(default_factory=list)
    """Work that was claimed here while a lease on it ran."""
    _lanes: dict[str, LaneThread] = field(default_factory=dict)
    _connections: dict[str, Connection[Any]] = field(default_factory=dict)

    def deed(self, lane: str, limit: int) -> Callable[[], None]:
        """Return one turn of a lane: claim, and do the stage's deed."""

        def turn() -> None:
            leased: set[str] = set()
            deed = self.ground.baton.deed
            assert deed is not None
            deed.before_write = lambda: leased.update(self._leased())
            try:
                claims = self.ground.ledger.claim(
                    LANES[lane],
                    holder=self.life.holder,
                    lease_for=LEASE,
                    limit=limit,
                    is_expected=True,
                )
            except LedgerUnavailable:
                return
            if claims:
                self.taken_from_others += leased.intersection(claim.work_id for claim in claims)
                claims = self._in_order(claims)
                self.in_hand.add(claims)
                self._lane(lane)._do(claims)

        return turn

    def receiving(self) -> Receiving:
        """Return what takes in the messages of citizens in this process."""
        now = self.ground.clock.now
        return Receiving(self.ground.ledger, Handling(self.ground.ledger, ReceivingPolicy(), now=now))

    def beat(self) -> None:
        """Lengthen the leases of everything in hand, as the heartbeat does."""
        claims = self.in_hand.all()
        if claims:
            self.ground.ledger.renew(claims, lease_for=LEASE)

    def closed_for(self, lane: str) -> timedelta | None:
        """Return how long the lane's connection takes nothing."""
        return self._lane(lane).run.closed_for()

    def _leased(self) -> set[str]:
        """Return what somebody has in hand, at the very instant of the write that claims."""
        at = (self.ground.clock.now() - _EPOCH) // _MICROSECOND
        held = "SELECT work_id FROM schedule WHERE lease_expires_at > ?"
        return {row[0] for row in self.ground.disk.execute(held, (at,))}

    def _in_order(self, claims: Sequence[Claim]) -> list[Claim]:
        """The ids have chance in them: put claims that fell due together in the order of their making."""
        at = {row[0]: row[1] for row in self.ground.rows("SELECT work_id, rowid FROM schedule")}
        return sorted(claims, key=lambda claim: (claim.due_at, at[claim.work_id]))

    def _lane(self, name: str) -> LaneThread:
        """Return the lane's own thread, which is never started: its deeds are done in ours."""
        if name not in self._lanes:
            run = LaneRun(
                lane=LANES[name], deed=self._watched(self._stage(name)), closed_for=self._closed(name)
            )
            self._lanes[name] = LaneThread(
                self.ground.ledger,
                run,
                holder=self.life.holder,
                lease_for=LEASE,
                in_hand=self.in_hand,
                now=self.ground.clock.now,
                watch=unwatched,
            )
        return self._lanes[name]

    def _watched(self, run: Callable[[Sequence[Claim]], None]) -> Callable[[Sequence[Claim]], None]:
        def watched(claims: Sequence[Claim]) -> None:
            try:
                run(claims)
            except (LedgerUnavailable, Crash):
                raise
            except Exception as error:
                self.surprises.append(error)
                raise

        return watched

    def _closed(self, name: str) -> Callable[[], timedelta | None]:
        deeds = {
            "registration": "register",
            "completion": "complete",
            "notification": "send",
            "notification backup": "send",
            "publication": "publish",
        }
        connection, deed = LANES[name].connection, deeds.get(name)
        return lambda: self._connection(connection).closed_for(deed) if deed else None

    def _stage(self, name: str) -> Callable[[Sequence[Claim]], None]:
        ledger, now = self.ground.ledger, self.ground.clock.now
        match name:
            case "intake":
                return Screening(ledger, _OneRoute, now=now).run  # type: ignore[arg-type]
            case "registration":
                office = self._connection("main")
                return Registration(
                    ledger, office, ledger.attachments, now=now, chance=_no_chance, pause=self._pause
                ).run
            case "reconciliation":
                office = self._connection("main")
                return Reconciliation(ledger, office, now=now, chance=_no_chance, pause=self._pause).run
            case "completion":
                office = self._connection("main")
                return Completing(ledger, office, now=now, chance=_no_chance, pause=self._pause).run
            case "tracking":
                return Tracking(ledger, self._connection("main"), now=now).run
            case "notification" | "notification backup":
                gateway, policy = self._connection(LANES[name].connection), self._policy()
                return Sending(
                    ledger, gateway, the_texts(), policy, lineup=self.lineup, now=now, jitter=_no_jitter
                ).run
            case "delivery" | "delivery backup":
                gateway, policy = self._connection(LANES[name].connection), self._policy()
                return Delivery(ledger, gateway, policy, now=now, jitter=_no_jitter).run
            case _:
                return Publishing(ledger, self._connection("web"), now=now, chance=_no_chance).run

    def _policy(self) -> NotificationPolicy:
        return NotificationPolicy(**SENDING[self.sending])

    def _connection(self, name: str) -> Connection[Any]:
        if name not in self._connections:
            adapter: Any = {
                "main": self.office,
                "sms": self.gateway,
                "backup": self.backup,
                "web": self.portal,
            }[name]
            self._connections[name] = Connection(
                name=name,
                adapter=adapter,
                pool_size=16,
                now=self.ground.clock.now,
                monotonic=lambda: self.ground.clock.now().timestamp(),
                pause=self._pause,
                random=_no_chance,
            )
        return self._connections[name]

    def _pause(self, seconds: float) -> None:
        self.ground.clock.advance(timedelta(seconds=seconds))


def _no_chance() -> float:
    return 0.0


def _no_jitter() -> float:
    return 0.5
