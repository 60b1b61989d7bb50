"""SMPP 3.4: a living session with a message centre."""

from adapters.gateways.smpp.adapter import GATEWAY, Smpp
from adapters.gateways.smpp.settings import SmppLink, SmppSettings

__all__ = ["GATEWAY", "Smpp", "SmppLink", "SmppSettings"]
