"""gammu-smsd: a modem of the agency's own, through the database of its daemon."""

from adapters.gateways.gammu.adapter import GATEWAY, Gammu
from adapters.gateways.gammu.settings import GammuSettings

__all__ = ["GATEWAY", "Gammu", "GammuSettings"]
