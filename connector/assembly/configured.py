"""Which work the configuration has a connection for."""

from collections.abc import Callable
from typing import Final

from connector.domain.lifecycle import Stage
from connector.settings.settings import Settings

__all__ = ["is_configured"]

_GROUP_OF: Final = {
    Stage.INTAKE: "portals",
    Stage.PUBLICATION: "portals",
    Stage.REGISTRATION: "offices",
    Stage.RECONCILIATION: "offices",
    Stage.TRACKING: "offices",
    Stage.COMPLETION: "offices",
    Stage.NOTIFICATION: "gateways",
    Stage.DELIVERY: "gateways",
}


def is_configured(settings: Settings) -> Callable[[Stage, str], bool]:
    """Return the question whether the configuration has the connection that this stage's work waits for."""
    return lambda stage, name: stage not in _GROUP_OF or name in getattr(settings, _GROUP_OF[stage])
