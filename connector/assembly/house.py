"""The assembled house: what is started, stopped and reloaded, in which order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ulid import ULID

from connector.alerting.alerting import Alerting
from connector.assembly.alerting import build_alerting
from connector.assembly.among_nodes import node_of, presence, share_budgets, turns
from connector.assembly.citizen import incoming_runs, receiving_policy, with_inbox
from connector.assembly.connections import Connections, build_connections
from connector.assembly.crediting import runs_of_credit
from connector.assembly.current import Current, CurrentTexts, load_settings_routes, load_settings_texts
from connector.assembly.deadlines import run_of_delays
from connector.assembly.ledger import must_share_the_time, open_settings_ledger
from connector.assembly.lining_up import lineup_of, runs_of_lineup
from connector.assembly.obeying import obeying
from connector.assembly.outbox import outbox_policy
from connector.assembly.periodic import periodic_runs
from connector.assembly.read_once import read_once
from connector.assembly.sending_rules import gateway_rules, notification_policy, second_way_of
from connector.assembly.stages import lane_runs
from connector.assembly.web import build_web
from connector.citizen.handling import Handling
from connector.citizen.receiving import Receiving
from connector.clock import SteadyClock, monotonic
from connector.errors import LedgerUnavailable
from connector.intake.attachment_rules import AttachmentRules
from connector.intake.front_door import FrontDoor
from connector.ledger.ledger import Ledger
from connector.ledger.records import Lane
from connector.observability.logging import get_logger
from connector.scheduling.clock_watch import ClockWatch
from connector.scheduling.dispatcher import Dispatcher
from connector.scheduling.lanes import Watch, unwatched
from connector.scheduling.outside_watch import OutsideWatch
from connector.scheduling.presence import Presence
from connector.scheduling.runs import PeriodicRun, PeriodicRuns, TakeTurn
from connector.settings.settings import Settings
from connector.web.server import WebServer

__all__ = ["House", "assemble"]

log = get_logger(__name__)

_RUNS_AT_ONCE: Final = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """Everything that one daemon is made of."""

    settings: Settings
    read_once: Mapping[str, str]
    """Digests of what a reload does not take in anew; see the module of this name."""
    ledger: Ledger
    connections: Connections
    routes: Current
    texts: CurrentTexts
    receiving: Receiving
    dispatcher: Dispatcher
    periodic: PeriodicRuns
    clock_watch: ClockWatch
    outside: OutsideWatch
    presence: Presence
    alerting: Alerting
    web: WebServer

    def start(self) -> int:
        """Start the lanes, the periodic runs and, last, the web; return the port it listens on.

        Before the first lane claims anything, the connections know what the operator has paused. Raise OperatorError
        when the web address cannot be used, LedgerUnavailable when the database is away; what was started is then to
        be stopped.
        """
        self.outside.start()
        self.presence.start()
        self.dispatcher.start()
        self.periodic.start()
        self.clock_watch.start()
        self.alerting.start()
        return self.web.start()

    def stop_claiming(self) -> None:
        """Begin no further deed; everything else goes on. Returns at once."""
        self.dispatcher.stop_claiming()

    def stop(self, within: timedelta) -> bool:
        """Begin no further deed, then stop in reverse order; return whether all deeds came to their end in time.

        May be called twice.
        """
        self.stop_claiming()
        until = monotonic() + within.total_seconds()

        def left() -> timedelta:
            return timedelta(seconds=max(until - monotonic(), 0.1))

        self.web.stop(min(left(), within / 2))
        self.alerting.stop(min(left(), within / 10))
        self.clock_watch.stop()
        self.outside.stop()
        are_runs_done = self.periodic.stop(min(left(), within / 4))
        is_done = self.dispatcher.stop(left())
        self.presence.stop(is_done=is_done and are_runs_done)
        self.connections.close()
        self.ledger.close()
        return is_done and are_runs_done

    def is_turning(self) -> bool:
        """Return whether the lanes turn, the web answers and the ledger's writer writes; the watchdog asks this."""
        try:
            self.ledger.ping()
        except LedgerUnavailable:
            # The database is away: a restart would not bring it back, and the lanes wait for it.
            log.warning("daemon.ledger_away")
        return self.web.is_running and not self.dispatcher.standing_still()


def assemble(settings: Settings, *, watch: Watch = unwatched, clock: SteadyClock | None = None) -> House:
    """Build the house, its time taken from this clock. Nothing runs yet but the ledger's writer.

    Raise OperatorError, with its next step, when something that a person must set right is wrong.
    """
    routes = Current(load_settings_routes(settings))
    texts = CurrentTexts(load_settings_texts(settings))
    clock = clock or SteadyClock()
    connections = build_connections(settings, now=clock.now)
    try:
        policy = outbox_policy(settings, connections)
        ledger = open_settings_ledger(settings, policy=policy, alone=True, now=clock.now)
    except BaseException:
        connections.close()
        raise
    try:
        must_share_the_time(ledger)
        return _furnished(settings, ledger, connections, routes, texts, watch, clock)
    except BaseException:
        connections.close()
        ledger.close()
        raise


def _furnished(
    settings: Settings,
    ledger: Ledger,
    connections: Connections,
    routes: Current,
    texts: CurrentTexts,
    watch: Watch,
    clock: SteadyClock,
) -> House:
    rules, sending = attachment_rules(settings), gateway_rules(settings, connections.gateways)
    front_door = FrontDoor(ledger, routes, rules, now=clock.now)
    lineup = lineup_of(settings, connections.gateways, clock.now)
    runs = lane_runs(settings, ledger, connections, routes, texts, sending, lineup, now=clock.now)
    _ready_for(ledger, connections, {run.lane for run in runs})
    holder, lease_for = f"{node_of(settings)}/{ULID()}", settings.daemon.lease
    dispatcher = Dispatcher(ledger, runs, holder=holder, lease_for=lease_for, now=clock.now, watch=watch)
    receiving = Receiving(ledger, Handling(ledger, receiving_policy(settings), now=clock.now))
    rung = periodic_runs(settings, ledger, connections, front_door, rules) + runs_of_lineup(lineup, ledger)
    rung += _told_and_asked(settings, ledger, connections, receiving, clock)
    periodic = _periodic(rung, connections, turns(ledger, holder))
    second_way = second_way_of(texts, notification_policy(settings), sending, clock.now)
    own = front_door, rules, dispatcher, second_way, receiving, build_alerting(settings, ledger, clock)
    return House(
        settings=settings,
        read_once=read_once(settings),
        ledger=ledger,
        connections=connections,
        routes=routes,
        texts=texts,
        receiving=receiving,
        dispatcher=dispatcher,
        periodic=periodic,
        clock_watch=ClockWatch(clock, periodic.ring_all),
        outside=_outside(ledger, connections, dispatcher),
        presence=presence(settings, ledger, dispatcher, holder),
        alerting=own[-1],
        web=build_web(settings, ledger, connections, *own),
    )


def _told_and_asked(
    settings: Settings, ledger: Ledger, connections: Connections, receiving: Receiving, clock: SteadyClock
) -> list[PeriodicRun]:
    return [
        run_of_delays(settings.deadlines, ledger, clock.now),
        *runs_of_credit(settings, ledger.sendings.credits_told, connections, clock.now),
        *incoming_runs(settings, ledger, connections, receiving, now=clock.now),
    ]


def _periodic(rung: list[PeriodicRun], connections: Connections, take_turn: TakeTurn) -> PeriodicRuns:
    # A thread for each inbox beside those of the others: one that hangs holds up nobody's.
    return PeriodicRuns(rung, threads=_RUNS_AT_ONCE + len(with_inbox(connections)), take_turn=take_turn)


def _outside(ledger: Ledger, connections: Connections, dispatcher: Dispatcher) -> OutsideWatch:
    obey = obeying(ledger.pauses, connections)

    def look_anew() -> None:
        obey()
        dispatcher.wake_all()

    return OutsideWatch(ledger.outside, look_anew)


def attachment_rules(settings: Settings) -> AttachmentRules:
    """Return which attachments are let in."""
    return AttachmentRules(
        allowed=frozenset(settings.intake.attachment_types),
        largest=settings.intake.largest_attachment,
        most=settings.intake.most_attachments,
        largest_together=settings.intake.largest_together,
    )


def _ready_for(ledger: Ledger, connections: Connections, lanes: set[Lane]) -> None:
    """Have the nodes share budgets; say aloud which work waits for a connection that the configuration lacks."""
    share_budgets(ledger, connections)
    known = {(str(lane.stage), lane.connection) for lane in lanes}
    for stage, connection in set(ledger.oldest_due()) - known:
        log.error("assembly.connection_missing", stage=stage, connection=connection)
