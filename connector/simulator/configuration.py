"""Writes the configuration of the daemons that serve the simulated agency: settings, routes, secrets and keys."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from connector.settings.shipped import shipped_folder
from connector.simulator.handset_unasked import SMSBOX_USER
from connector.simulator.letters import SERVICES
from connector.simulator.levels import OfficeLevel, write_mappings

__all__ = ["Addresses", "DaemonConfiguration", "DaemonFiles", "Secrets", "Wishes"]

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
    """Where the agency's servers listen."""

    soap_office: str
    rest_office: str
    gateway: str
    callback: str


@dataclass(frozen=True, kw_only=True)
class DaemonFiles:
    """What was written for one daemon."""

    configuration: Path
    log: Path
    """Where its standard error goes."""
    node: str
    """How this daemon calls itself."""
    port: int

    @property
    def url(self) -> str:
        """Return where it shall listen, without a path."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How the daemons of an agency are to be configured, where that can be chosen."""

    level: OfficeLevel = field(default_factory=OfficeLevel)
    answer_within: timedelta | None = None
    """How long a daemon waits for an office's or the gateway's answer; None as long as it does by itself."""
    is_gateway_asked: bool = True
    """Whether the gateway can be asked for a message by our own id."""
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Further settings by table, such as ``{"daemon": {"lease": "3s"}}``; they win over the agency's own."""


class DaemonConfiguration:
    """Writes everything that ``chapar run`` needs into a folder, for as many nodes as are wanted.

    Secrets, keys, routes, mappings and attachments are the same for all nodes; secrets and keys are for the owner
    alone. A further node differs in its name, its port and perhaps in the way to the ledger.
    """

    def __init__(self, folder: Path, addresses: Addresses, agreed: Secrets, wishes: Wishes) -> None:
        """Write what the nodes share."""
        self._folder = folder
        self._addresses = addresses
        self._wishes = wishes
        for name, text in _secret_files(agreed).items():
            _write(folder / "secrets" / name, text)
        _write(folder / "routes.yaml", _routes())
        self._mappings = write_mappings(
            wishes.level, shipped=shipped_folder("mappings"), folder=folder / "mappings"
        )

    def write_node(self, number: int, port: int, *, ledger_url: str | None = None) -> DaemonFiles:
        """Write the configuration of the node of this number, from 1, that shall listen on this port.

        Its ledger is a SQLite file in the folder unless its url (without a password) is given.
        """
        suffix = "" if number == 1 else f"-{number}"
        files = DaemonFiles(
            configuration=self._folder / f"chapar{suffix}.toml",
            log=self._folder / f"daemon{suffix}.log",
            node=f"node-{number}",
            port=port,
        )
        tables = self._tables(files.node, port, ledger_url or f"sqlite:///{self._folder / 'chapar.db'}")
        for name, changes in self._wishes.changes.items():
            tables[name] = {**tables.get(name, {}), **changes}
        _write(files.configuration, "\n".join(_table(name, values) for name, values in tables.items()))
        return files

    def _secret(self, name: str) -> dict[str, str]:
        return {"file": str(self._folder / "secrets" / name)}

    def _tables(self, node: str, port: int, ledger_url: str) -> dict[str, dict[str, Any]]:
        folder = self._folder
        own_mappings = {} if self._wishes.level.is_shipped else {"mappings": str(folder / "mappings")}
        return {
            "daemon": {"node": node, "lease": "10s", "stop_within": "10s", **own_mappings},
            "log": {"level": "info", "format": "json"},
            "ledger": {"url": ledger_url, "attachments": str(folder / "attachments")},
            "ledger.keys": {
                "current": "key-1",
                "ring": {"key-1": self._secret("ledger-key")},
                "blind_index": self._secret("blind-index-key"),
            },
            "web": {"host": "127.0.0.1", "port": port, "calls_per_minute": 0},
            "intake": {"routes": str(folder / "routes.yaml")},
            **_times(),
            f"portals.{PORTAL}": {
                "adapter": "push",
                "token": self._secret("portal-token"),
                "callback_url": self._addresses.callback,
                "signing_secret": self._secret("callback-secret"),
            },
            **self._offices(),
            f"gateways.{GATEWAY}": self._gateway(),
        }

    def _gateway(self) -> dict[str, Any]:
        if self._wishes.is_gateway_asked:
            return {
                "adapter": "kavenegar",
                "key": self._secret("gateway-key"),
                "sender": SENDER,
                "http": self._http(self._addresses.gateway),
            }
        return {
            "adapter": "kannel",
            "username": SMSBOX_USER,
            "password": self._secret("gateway-key"),
            "http": self._http(f"{self._addresses.gateway}/cgi-bin/sendsms"),
        }

    def _offices(self) -> dict[str, dict[str, Any]]:
        return {
            "offices.main": {
                "adapter": "soap",
                "mapping": self._mappings["soap"],
                "http": self._http(self._addresses.soap_office),
                "username": OFFICE_USER,
                "password": self._secret("office-password"),
            },
            "offices.branch": {
                "adapter": "rest",
                "mapping": self._mappings["rest"],
                "http": self._http(self._addresses.rest_office),
                "token": self._secret("office-token"),
            },
        }

    def _http(self, url: str) -> dict[str, str]:
        answer_within = self._wishes.answer_within
        if answer_within is None:
            return {"url": url}
        return {"url": url, "answer_within": f"{answer_within // timedelta(milliseconds=1)}ms"}


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
        # At any hour, and every fact by itself: whoever compares the books counts each of them.
        "sending": {
            "window": "00:00-24:00",
            "window_on_closed_days": "00:00-24:00",
            "stale_after": "0s",
            "join_within": "0s",
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
