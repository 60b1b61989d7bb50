"""How the house is: what /healthz, /readyz, the metrics and the watchdog look at."""

from collections.abc import Callable, Collection
from typing import Any

from connector.alerting.alerting import Alerting
from connector.assembly.connections import Connections
from connector.clock import now
from connector.domain.attention import Deadlines
from connector.errors import ChaparError
from connector.ledger.ledger import Ledger
from connector.ledger.records import Lane
from connector.observability.metrics import (
    set_beyond_deadline,
    set_for_a_person,
    set_letters,
    set_oldest_due,
    set_outbox_beyond_deadline,
    set_silent,
    set_stranded,
    set_waiting_for_budget,
)
from connector.ports.connection import Connection
from connector.scheduling.dispatcher import Dispatcher
from connector.web.parts import HealthCheck, HealthPart

__all__ = ["alerts_check", "alive_checks", "measuring", "ready_checks"]


def alive_checks(dispatcher: Dispatcher) -> list[HealthCheck]:
    """Return the checks of the process itself: what a restart would set right."""

    def lanes() -> HealthPart:
        still = dispatcher.standing_still()
        names = ", ".join(f"{lane.stage} {lane.connection}".strip() for lane in still)
        return HealthPart(
            name="lanes",
            is_well=not still,
            sentence=f"standing still: {names}" if still else "all lanes turn",
        )

    return [lanes]


def ready_checks(ledger: Ledger, connections: Connections) -> list[HealthCheck]:
    """Return the checks of everything that letters need to move."""

    def database() -> HealthPart:
        try:
            ledger.ping()
        except ChaparError as error:
            return HealthPart(name="ledger", is_well=False, sentence=error.sentence)
        return HealthPart(name="ledger", is_well=True, sentence="the ledger takes writes")

    return [database, *(_connection_check(connection) for connection in connections.each())]


def _connection_check(connection: Connection[Any]) -> HealthCheck:
    def look() -> HealthPart:
        health = connection.health
        if health.paused_since is not None:  # somebody wanted it so: letters go on coming in
            sentence = f"paused by the operator: {health.paused_because}"
        elif health.suspended_since is not None:
            sentence = f"suspended: {health.suspended_because}"
        elif health.open_deeds:
            sentence = (
                f"held back after failures: {', '.join(health.open_deeds)} ({health.last_failure_reason})"
            )
        else:
            sentence = "in order"
        return HealthPart(name=connection.name, is_well=health.is_well, sentence=sentence)

    return look


def alerts_check(alerting: Alerting) -> HealthCheck:
    """Return the check of the operators' channels. Letters move without them, so it only says that one fails."""

    def look() -> HealthPart:
        failing = ", ".join(f"{name} ({reason})" for name, reason in sorted(alerting.failing().items()))
        sentence = f"alerts do not get through: {failing}" if failing else "in order"
        return HealthPart(name="alerts", is_well=True, sentence=sentence)

    return look


def measuring(ledger: Ledger, deadlines: Deadlines, lanes: Collection[Lane]) -> Callable[[], None]:
    """Return the call that brings the gauges up to date."""
    seen: set[tuple[str, str]] = set()
    waited: set[str] = set()

    def measure() -> None:
        set_letters({str(status): number for status, number in ledger.counts().items()})
        set_silent(ledger.silent())
        set_for_a_person(ledger.attention.for_a_person())
        for status, number in ledger.attention.beyond(deadlines).items():
            set_beyond_deadline(str(status), number)
        for stage, work in ledger.attention.outbox_beyond(deadlines).items():
            set_outbox_beyond_deadline(str(stage), work)
        waiting = ledger.attention.waiting_for_a_budget()
        waited.update(waiting)
        for gateway in waited:
            set_waiting_for_budget(gateway, waiting.get(gateway, 0))
        at = now()
        oldest = ledger.oldest_due()
        set_stranded(ledger.attention.stranded(lambda stage, name: Lane(stage, name) in lanes, oldest))
        seen.update(oldest)
        for lane in seen:
            set_oldest_due(*lane, at - min(oldest.get(lane, at), at))

    return measure
