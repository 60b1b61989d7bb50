"""Builds what takes in messages of citizens: the way in, and the runs that ask inboxes or handle what was left."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from functools import partial
from typing import Any, Final

from connector.assembly.connections import Connections
from connector.citizen.inbox import Inbox
from connector.citizen.policy import ReceivingPolicy
from connector.citizen.receiving import Receiving
from connector.clock import Now
from connector.ledger.ledger import Ledger
from connector.notification.receipts import take_in_receipt
from connector.ports.connection import Connection
from connector.ports.gateway import GatewayAdapter
from connector.ports.incoming import HasInbox, TakesIncoming
from connector.scheduling.runs import PeriodicRun
from connector.settings.settings import Settings

__all__ = ["incoming_runs", "receiving_policy", "takes_incoming", "with_inbox"]

_LEFT_OVER_EVERY: Final = timedelta(minutes=1)


def receiving_policy(settings: Settings) -> ReceivingPolicy:
    """Return how much is answered; whether a mark is asked for stands with the other texts of a closed letter."""
    told: dict[str, Any] = {
        field.name: getattr(settings.receiving, field.name)
        for field in fields(ReceivingPolicy)
        if field.name in type(settings.receiving).model_fields
    }
    return ReceivingPolicy(survey=settings.notification.survey, **told)


def with_inbox(connections: Connections) -> Mapping[str, Connection[GatewayAdapter]]:
    """Return the gateways whose inbox is asked, by name."""
    return {
        name: gateway
        for name, gateway in connections.gateways.items()
        if gateway.capabilities.has_inbox and isinstance(gateway.adapter, HasInbox)
    }


def takes_incoming(connections: Connections) -> Mapping[str, TakesIncoming]:
    """Return the gateways that bring messages to our address, by name."""
    return {
        name: gateway.adapter
        for name, gateway in connections.gateways.items()
        if isinstance(gateway.adapter, TakesIncoming) and gateway.capabilities.takes_incoming
    }


def incoming_runs(
    settings: Settings, ledger: Ledger, connections: Connections, receiving: Receiving, *, now: Now
) -> list[PeriodicRun]:
    """Return a run for each inbox, and one for what a killed process left unhandled.

    One node does each of them; but what comes over a living session, each node asks its own for.
    """
    left_over = PeriodicRun(
        name="incoming-left-over",
        every=_LEFT_OVER_EVERY,
        deed=receiving.handling.handle_left_over,
        is_first_at_once=True,
        once_for_all=True,
    )
    inboxes = [
        Inbox(
            ledger,
            gateway,
            receiving,
            every=settings.receiving.inbox_every,
            at_most_every=settings.receiving.inbox_at_most_every,
            now=now,
            take_report=partial(take_in_receipt, ledger, name),
        )
        for name, gateway in with_inbox(connections).items()
    ]
    return [left_over, *(_run_of(inbox) for inbox in inboxes)]


def _run_of(inbox: Inbox) -> PeriodicRun:
    return PeriodicRun(
        name=f"inbox-{inbox.gateway}",
        every=inbox.every,
        deed=inbox.run,
        is_first_at_once=True,
        once_for_all=not inbox.is_of_this_process,
    )
