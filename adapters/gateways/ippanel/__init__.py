"""IPPanel (FarazSMS and other resellers): the Edge interface of edge.ippanel.com."""

from adapters.gateways.ippanel.adapter import GATEWAY, IpPanel
from adapters.gateways.ippanel.settings import IpPanelSettings

__all__ = ["GATEWAY", "IpPanel", "IpPanelSettings"]
