"""What a reload changes at once, and what it says needs a restart."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from connector.assembly.citizen import receiving_policy
from connector.assembly.connections import build_connections
from connector.assembly.current import load_settings_routes, load_settings_texts
from connector.assembly.house import House
from connector.assembly.read_once import changed_since, read_once
from connector.assembly.sending_rules import gateway_rules, notification_policy
from connector.observability.logging import get_logger
from connector.settings.in_force import as_plain
from connector.settings.settings import Settings

__all__ = ["reload_house"]

log = get_logger(__name__)

_AT_ONCE: Final = (
    "log.",
    "intake.routes",
    "notification.facts",
    "notification.texts",
    "notification.agency_fa",
    "notification.agency_en",
    "notification.survey",
    "receiving.replies_per_",
    "receiving.help_every",
    "receiving.answer_within",
    "receiving.mark",
)


def reload_house(house: House, settings: Settings) -> list[str]:
    """Bring routes, message texts and told facts up to these settings; return what needs a restart.

    That is options, and secrets and own mapping files whose content changed. Everything is read and checked before
    anything is changed, also what only a restart takes in: each connection is built on trial. Raise OperatorError when
    something cannot be used; then the house goes on with what it had.
    """
    routes, texts = (
        load_settings_routes(_with_same_connections(house, settings)),
        load_settings_texts(settings),
    )
    _try_out(settings)
    house.routes.routes = routes
    house.texts.texts = texts
    house.receiving.handling.policy = receiving_policy(settings)
    house.ledger.policy = replace(house.ledger.policy, told_facts=frozenset(settings.notification.facts))
    later = [
        path
        for path in _changed(as_plain(house.settings), as_plain(settings))
        if not path.startswith(_AT_ONCE)
    ]
    later += changed_since(house.read_once, read_once(settings))
    log.info("assembly.reloaded", restart_needed=later)
    return later


def _try_out(settings: Settings) -> None:
    """Build what only a restart takes in, and let it go again. Raise OperatorError when something cannot be used."""
    connections = build_connections(settings)
    try:
        notification_policy(settings)
        gateway_rules(settings, connections.gateways)
    finally:
        connections.close()


def _with_same_connections(house: House, settings: Settings) -> Settings:
    """Routes may only lead to connections that are built, not to those that a restart would bring."""
    return settings.model_copy(
        update={
            "offices": house.settings.offices,
            "gateways": house.settings.gateways,
            "portals": house.settings.portals,
        }
    )


def _changed(old: Any, new: Any, path: str = "") -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from _changed(old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif old != new:
        yield path
