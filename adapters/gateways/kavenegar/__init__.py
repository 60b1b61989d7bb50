"""Kavenegar: the REST interface of api.kavenegar.com, version 1."""

from adapters.gateways.kavenegar.adapter import GATEWAY, Kavenegar, KavenegarSettings

__all__ = ["GATEWAY", "Kavenegar", "KavenegarSettings"]
