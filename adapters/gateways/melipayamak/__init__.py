"""MeliPayamak, FaraPayamak and other resellers of payamak-panel: the REST interface of rest.payamak-panel.com."""

from adapters.gateways.melipayamak.adapter import GATEWAY, Melipayamak
from adapters.gateways.melipayamak.settings import MelipayamakSettings

__all__ = ["GATEWAY", "Melipayamak", "MelipayamakSettings"]
