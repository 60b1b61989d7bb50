"""Gateway adapters built from settings, for tests that look at what they send."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from connector.ports.catalogue import GATEWAYS, AdapterSite, adapter_kind
from connector.ports.gateway import OutgoingMessage
from connector.ports.pattern import PatternUse

SECRET = "a secret = with/odd letters"


def built(name: str, folder: Path, **settings: Any) -> Any:
    """Return the gateway of this name with the shipped code table; its secret is SECRET."""
    (folder / "secret").write_text(SECRET)
    kind = adapter_kind(GATEWAYS, name)
    site = AdapterSite(name=name, mappings=(Path("mappings").resolve(),), pool_size=1)
    return kind.build(kind.settings.model_validate(settings), site)


def a_message(number: int = 1, text: str = "سلام & + %") -> OutgoingMessage:
    return OutgoingMessage(own_id=40 + number, mobile=f"0900000{number:04d}", text=text)


def by_pattern(told: str, /, **values: str) -> OutgoingMessage:
    """Return a message to 09000000001 with our id 41 that goes by this pattern."""
    return replace(a_message(1, "متن"), pattern=PatternUse(code=told, values=values))
