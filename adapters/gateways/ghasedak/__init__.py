"""Ghasedak: the web service of gateway.ghasedak.me, version 1."""

from adapters.gateways.ghasedak.adapter import GATEWAY, Ghasedak
from adapters.gateways.ghasedak.settings import GhasedakSettings

__all__ = ["GATEWAY", "Ghasedak", "GhasedakSettings"]
