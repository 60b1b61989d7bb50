"""Magfa: the HTTP interface, version 2, of sms.magfa.com."""

from adapters.gateways.magfa.adapter import GATEWAY, Magfa, MagfaSettings

__all__ = ["GATEWAY", "Magfa", "MagfaSettings"]
