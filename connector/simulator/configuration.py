"""Writes the configuration of a daemon that serves the simulated agency: settings, routes, secrets and keys."""

import base64
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from connector.simulator.letters import SERVICES

__all__ = ["Addresses", "DaemonFiles", "Secrets", "write_configuration"]

SECRETARIATS: Final = {"main": "10", "branch": "20"}
"""The desk of each office that registers."""

PORTAL, GATEWAY, SENDER, OFFICE_USER = "web", "sms", "10000000", "chapar"


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What the two sides prove themselves with; new for every agency."""

    portal_token: str = field(default_factory=lambda: secrets.token_hex(32))
    callback_secret: str = field(default_factory=lambda: secrets.token_hex(32))
    office_password: str = field(default_factory=lambda: secrets.token_hex(16))
    office_token: str = field(default_factory=lambda: secrets.token_hex(32))
    gateway_key: str = field(default_factory=lambda: secrets.token_hex(24))


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the agency's servers listen, and where the daemon shall."""

    soap_office: str
    rest_office: str
    gateway: str
    callback: str
    daemon_port: int


@dataclass(frozen=True, kw_only=True)
class DaemonFiles:
    """What was written for the daemon."""

    configuration: Path
    log: Path
    """Where its standard error goes."""


def write_configuration(
    folder: Path, addresses: Addresses, agreed: Secrets, *, ledger_url: str | None = None
) -> DaemonFiles:
    """Write everything that ``chapar run`` needs into the folder; secrets and keys for the owner alone.

    The ledger is a SQLite file in the folder unless its url (without a password) is given.
    """
    for name, text in _secret_files(agreed).items():
        _write(folder / "secrets" / name, text)
    _write(folder / "routes.yaml", _routes())
    configuration = folder / "chapar.toml"
    ledger = ledger_url or f"sqlite:///{folder / 'chapar.db'}"
    tables = _tables(folder, addresses, ledger)
    _write(configuration, "\n".join(_table(name, values) for name, values in tables.items()))
    return DaemonFiles(configuration=configuration, log=folder / "daemon.log")


def _secret_files(agreed: Secrets) -> dict[str, str]:
    return {
        "portal-token": agreed.portal_token,
        "callback-secret": agreed.callback_secret,
        "office-password": agreed.office_password,
        "office-token": agreed.office_token,
        "gateway-key": agreed.gateway_key,
        "ledger-key": _key(),
        "blind-index-key": _key(),
    }


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text if text.endswith("\n") else f"{text}\n")


def _routes() -> str:
    lines = ["routes:"]
    for service, (office, secretariat) in zip(SERVICES, SECRETARIATS.items(), strict=True):
        lines.append(f"  - when: {{service: {service}}}")
        lines.append(f'    to: {{office: {office}, secretariat: "{secretariat}", gateway: {GATEWAY}}}')
    return "\n".join(lines)


def _tables(folder: Path, addresses: Addresses, ledger_url: str) -> dict[str, dict[str, Any]]:
    def secret(name: str) -> dict[str, str]:
        return {"file": str(folder / "secrets" / name)}

    return {
        "daemon": {"node": "simulated", "lease": "10s", "stop_within": "10s"},
        "log": {"level": "info", "format": "json"},
        "ledger": {
            "url": ledger_url,
            "attachments": str(folder / "attachments"),
        },
        "ledger.keys": {
            "current": "key-1",
            "ring": {"key-1": secret("ledger-key")},
            "blind_index": secret("blind-index-key"),
        },
        "web": {"host": "127.0.0.1", "port": addresses.daemon_port, "calls_per_minute": 0},
        "intake": {"routes": str(folder / "routes.yaml")},
        **_times(),
        f"portals.{PORTAL}": {
            "adapter": "push",
            "token": secret("portal-token"),
            "callback_url": addresses.callback,
            "signing_secret": secret("callback-secret"),
        },
        **_offices(addresses, secret("office-password"), secret("office-token")),
        f"gateways.{GATEWAY}": {
            "adapter": "kavenegar",
            "key": secret("gateway-key"),
            "sender": SENDER,
            "http": {"url": addresses.gateway},
        },
    }


def _times() -> dict[str, dict[str, Any]]:
    """Return the daemon's patience, as short as the simulated office is quick."""
    return {
        "registration": {
            "retry_first_after": "500ms",
            "retry_at_most_every": "2s",
            "look_up_first_after": "300ms",
            "look_up_at_most_every": "2s",
        },
        "tracking": {"first_after": "700ms", "at_most_every": "2s", "retry_at_most_every": "2s"},
        "notification": {
            "agency_fa": "دستگاه نمونه",
            "agency_en": "Sample agency",
            "retry_first_after": "500ms",
            "retry_at_most_every": "2s",
            "look_up_first_after": "500ms",
            "look_up_at_most_every": "2s",
            "absent_after": "5s",
            "delivery_first_after": "700ms",
            "delivery_at_most_every": "2s",
        },
    }


def _offices(
    addresses: Addresses, password: dict[str, str], token: dict[str, str]
) -> dict[str, dict[str, Any]]:
    return {
        "offices.main": {
            "adapter": "soap",
            "mapping": "simulated-soap",
            "http": {"url": addresses.soap_office},
            "username": OFFICE_USER,
            "password": password,
        },
        "offices.branch": {
            "adapter": "rest",
            "mapping": "simulated-rest",
            "http": {"url": addresses.rest_office},
            "token": token,
        },
    }


def _table(name: str, values: dict[str, Any]) -> str:
    lines = [f"[{name}]", *(f"{key} = {_value(value)}" for key, value in values.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + "}"
    # A JSON string, number or boolean is written the same way in TOML.
    return json.dumps(value, ensure_ascii=False)
