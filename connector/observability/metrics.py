"""The numbers for the monitor, in a registry of our own.

Label values are closed words: names of connections from the configuration, statuses, events, reasons. A value
that is not a word becomes ``other``, so that nothing personal and no endless variety ever gets into a label.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

__all__ = [
    "METRICS_MEDIA_TYPE",
    "count_admitted",
    "count_alert",
    "count_attachment_bytes",
    "count_happening",
    "count_incoming",
    "count_lease_lost",
    "count_message",
    "count_messages_moved",
    "count_refused_request",
    "observe_call",
    "observe_writer_batch",
    "render_metrics",
    "set_alert_channel_failing",
    "set_beyond_deadline",
    "set_credit",
    "set_for_a_person",
    "set_gateway_share",
    "set_letters",
    "set_oldest_due",
    "set_outbox_beyond_deadline",
    "set_paused",
    "set_silent",
    "set_stranded",
    "set_suspended",
    "set_waiting_for_budget",
]

METRICS_MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_WORD = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"\d{8}")

disable_created_metrics()  # type: ignore[no-untyped-call]
_REGISTRY: Final = CollectorRegistry()
ProcessCollector(registry=_REGISTRY)

_ADMITTED = Counter(
    "chapar_letters_admitted", "Letters acknowledged to a portal.", ["portal"], registry=_REGISTRY
)
_REFUSED_REQUESTS = Counter(
    "chapar_requests_refused", "Requests refused at the web's door.", ["portal", "reason"], registry=_REGISTRY
)
_HAPPENINGS = Counter(
    "chapar_happenings", "Events of letters written to the ledger.", ["event", "office"], registry=_REGISTRY
)
_CALL_SECONDS = Histogram(
    "chapar_call_seconds",
    "Calls to portals, offices and gateways, and how long they took.",
    ["connection", "deed", "outcome"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60, 120),
    registry=_REGISTRY,
)
_MESSAGES = Counter(
    "chapar_messages", "Events of messages to citizens.", ["gateway", "event"], registry=_REGISTRY
)
_ALERTS = Counter(
    "chapar_alerts",
    "Alerts to operators, and whether the channel took them.",
    ["channel", "outcome"],
    registry=_REGISTRY,
)
_ALERT_CHANNEL_FAILING = Gauge(
    "chapar_alert_channel_failing",
    "1 for a channel to the operators that did not take the last alert.",
    ["channel"],
    registry=_REGISTRY,
)
_INCOMING = Counter(
    "chapar_incoming_messages",
    "Messages of citizens that were handled, by what they asked for and what became of them.",
    ["command", "outcome"],
    registry=_REGISTRY,
)
_LETTERS = Gauge("chapar_letters", "Letters that stand at this status now.", ["status"], registry=_REGISTRY)
_OLDEST_DUE = Gauge(
    "chapar_oldest_due_seconds",
    "How long the oldest due work of a lane has waited; 0 where nothing waits.",
    ["stage", "connection"],
    registry=_REGISTRY,
)
_SILENT = Gauge(
    "chapar_silent_letters",
    "Letters not at their end that have no owner or no due time; must be 0.",
    registry=_REGISTRY,
)
_STRANDED = Gauge(
    "chapar_stranded_work",
    "Letters, messages and publications that wait for a lane that this node does not have; must be 0.",
    registry=_REGISTRY,
)
_BEYOND_DEADLINE = Gauge(
    "chapar_letters_beyond_deadline",
    "Letters that stand at this status for longer than the deadlines allow.",
    ["status"],
    registry=_REGISTRY,
)
_OUTBOX_BEYOND_DEADLINE = Gauge(
    "chapar_outbox_beyond_deadline",
    "Messages, publications and side steps that wait for this stage for longer than the deadlines allow.",
    ["stage"],
    registry=_REGISTRY,
)
_FOR_A_PERSON = Gauge(
    "chapar_letters_for_a_person",
    "Letters that go on by a person's word alone: parked, in review, or past finding out.",
    registry=_REGISTRY,
)
_PAUSED = Gauge(
    "chapar_connection_paused",
    "1 for a connection that the operator has paused.",
    ["connection"],
    registry=_REGISTRY,
)
_SUSPENDED = Gauge(
    "chapar_connection_suspended",
    "1 for a connection that this node stopped because its credentials were refused.",
    ["connection"],
    registry=_REGISTRY,
)
_MOVED = Counter(
    "chapar_messages_moved",
    "Messages that went over to another gateway while theirs was away, or its budget spent.",
    ["gateway", "to"],
    registry=_REGISTRY,
)
_SHARE = Gauge(
    "chapar_gateway_share",
    "How many in a hundred of its messages a gateway sends as this node sees it; 0 while others have taken over.",
    ["gateway"],
    registry=_REGISTRY,
)
_CREDIT = Gauge(
    "chapar_gateway_credit",
    "What is left on the account, in the vendor's unit.",
    ["gateway"],
    registry=_REGISTRY,
)
_CREDIT_LOW = Gauge(
    "chapar_gateway_credit_low",
    "1 where less is left than gateways.NAME.low_credit, or the account ends within a week.",
    ["gateway"],
    registry=_REGISTRY,
)
_WAITING_FOR_BUDGET = Gauge(
    "chapar_messages_waiting_for_budget",
    "Messages that wait for the next day, because the gateway was given as much as it may be given in one.",
    ["gateway"],
    registry=_REGISTRY,
)
_LEASES_LOST = Counter(
    "chapar_leases_lost",
    "Writes that failed because the claim no longer held.",
    ["stage"],
    registry=_REGISTRY,
)
_WRITER_BATCH = Histogram(
    "chapar_writer_batch_size",
    "Steps that shared one sync of the ledger.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
    registry=_REGISTRY,
)
_ATTACHMENT_BYTES = Counter("chapar_attachment_bytes", "Bytes of attachments stored.", registry=_REGISTRY)


def count_admitted(portal: str) -> None:
    """Count a new letter."""
    _ADMITTED.labels(_word(portal)).inc()


def count_refused_request(portal: str, reason: str) -> None:
    """Count a request that was answered with a problem; the reason is the problem's own word."""
    _REFUSED_REQUESTS.labels(_word(portal), _word(reason)).inc()


def count_happening(event: str, office: str | None) -> None:
    """Count an event of a letter; the office is None while no route is chosen."""
    _HAPPENINGS.labels(_word(event), _word(office or "none")).inc()


def observe_call(connection: str, deed: str, outcome: str, took: timedelta) -> None:
    """Count a call and its duration; the outcome is ``done`` or the error's reason word."""
    _CALL_SECONDS.labels(_word(connection), _word(deed), _word(outcome)).observe(took.total_seconds())


def count_message(gateway: str, event: str) -> None:
    """Count an event of a message."""
    _MESSAGES.labels(_word(gateway), _word(event)).inc()


def count_messages_moved(gateway: str, to_gateway: str, messages: int) -> None:
    """Count messages that another gateway sends, because the one that had them is away or was given enough."""
    _MOVED.labels(_word(gateway), _word(to_gateway)).inc(messages)


def set_gateway_share(gateway: str, share: int) -> None:
    """Show how many in a hundred of its messages a gateway sends; 0 where it has left."""
    _SHARE.labels(_word(gateway)).set(share)


def count_incoming(command: str, outcome: str) -> None:
    """Count a message of a citizen that was handled."""
    _INCOMING.labels(_word(command), _word(outcome)).inc()


def set_letters(counts: Mapping[str, int]) -> None:
    """Show how many letters stand at each status; statuses that are not mentioned stay as they are."""
    for status, number in counts.items():
        _LETTERS.labels(_word(str(status))).set(number)


def set_oldest_due(stage: str, connection: str, waited: timedelta) -> None:
    """Show how long the oldest due work of a lane has waited; zero where nothing waits."""
    _OLDEST_DUE.labels(_word(stage), _word(connection)).set(max(waited.total_seconds(), 0.0))


def set_paused(connection: str, is_paused: bool) -> None:
    """Show whether the operator has paused a connection."""
    _PAUSED.labels(_word(connection)).set(int(is_paused))


def set_suspended(connection: str, is_suspended: bool) -> None:
    """Show whether a connection makes no calls because its credentials were refused."""
    _SUSPENDED.labels(_word(connection)).set(int(is_suspended))


def set_credit(gateway: str, amount: Decimal, *, is_low: bool) -> None:
    """Show what is left on a gateway's account, in its own unit, and whether that is little."""
    _CREDIT.labels(_word(gateway)).set(float(amount))
    _CREDIT_LOW.labels(_word(gateway)).set(int(is_low))


def set_waiting_for_budget(gateway: str, messages: int) -> None:
    """Show how many messages wait at a gateway for the next day's budget."""
    _WAITING_FOR_BUDGET.labels(_word(gateway)).set(messages)


def set_silent(letters: int) -> None:
    """Show how many letters nobody looks after. Anything but 0 is an alarm."""
    _SILENT.set(letters)


def set_stranded(work: int) -> None:
    """Show how much waits for a lane that there is not. Anything but 0 is an alarm."""
    _STRANDED.set(work)


def set_beyond_deadline(status: str, letters: int) -> None:
    """Show how many letters stand at a status for too long."""
    _BEYOND_DEADLINE.labels(_word(status)).set(letters)


def set_outbox_beyond_deadline(stage: str, work: int) -> None:
    """Show how much of what follows letters waits for a stage for too long."""
    _OUTBOX_BEYOND_DEADLINE.labels(_word(stage)).set(work)


def set_for_a_person(letters: int) -> None:
    """Show how many letters wait for a person's word."""
    _FOR_A_PERSON.set(letters)


def count_lease_lost(stage: str) -> None:
    """Count a write that came too late for its claim."""
    _LEASES_LOST.labels(_word(stage)).inc()


def observe_writer_batch(steps: int) -> None:
    """Count a commit of the writer by the number of steps that shared it."""
    _WRITER_BATCH.observe(steps)


def count_attachment_bytes(size: int) -> None:
    """Count the bytes of a stored attachment."""
    _ATTACHMENT_BYTES.inc(size)


def render_metrics() -> bytes:
    """Return the metrics page in Prometheus' text format."""
    return generate_latest(_REGISTRY)


def _word(value: str) -> str:
    """Return the value if it can be a word of ours, ``other`` if not."""
    return value if _WORD.fullmatch(value) and not _LONG_NUMBER.search(value) else "other"


def count_alert(channel: str, outcome: str) -> None:
    """Count an alert that a channel to the operators was given."""
    _ALERTS.labels(_word(channel), _word(outcome)).inc()


def set_alert_channel_failing(channel: str, is_failing: bool) -> None:
    """Say whether a channel to the operators did not take the last alert."""
    _ALERT_CHANNEL_FAILING.labels(_word(channel)).set(is_failing)
