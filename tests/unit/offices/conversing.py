"""An office over REST whose mapping is a text, and what it was asked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import responses
import yaml

from adapters.offices.rest import OFFICE, RestOfficeSettings
from connector.ports.catalogue import AdapterSite

URL = "http://office.invalid/base"

PLAIN = """
title: Some office
source: written for this test
transport: rest
services: {office: {}}
limits: {longest_processing: PT1M}
operations:
  register:
    steps:
      - name: create
        request: {method: POST, path: /letters}
        send: {title: letter.subject}
        verdict: {code: reply.code, means: {ok: registered, bad: never}}
    registration: {number: reply.no}
"""

Build = Callable[..., Any]


def built(folder: Path, text: str, **settings: Any) -> Any:
    """Return the office of a mapping that is ``PLAIN`` with the keys of this text in place of its own."""
    values = {**yaml.safe_load(PLAIN), **yaml.safe_load(text)}
    operations = yaml.safe_load(text).get("operations", {})
    values["operations"] = {**yaml.safe_load(PLAIN)["operations"], **operations}
    (folder / "offices").mkdir(exist_ok=True)
    (folder / "offices" / "mine.yaml").write_text(
        yaml.safe_dump(values, allow_unicode=True), encoding="utf-8"
    )
    given = {"mapping": "mine", "http": {"url": URL}, "may_lack_cases": True, **settings}
    site = AdapterSite(name="main", mappings=(folder,), pool_size=1)
    return OFFICE.build(RestOfficeSettings.model_validate(given), site)


def asked() -> list[str]:
    """Return the paths that were asked for, in order."""
    return [str(call.request.url).removeprefix(URL) for call in responses.calls]


def body(position: int) -> Any:
    """Return the JSON that went out with a call."""
    sent: Any = responses.calls[position].request.body
    return json.loads(sent if isinstance(sent, bytes) else b"".join(sent))


def header(position: int, name: str) -> str | None:
    """Return an HTTP header that went out with a call."""
    value: str | None = responses.calls[position].request.headers.get(name)
    return value
