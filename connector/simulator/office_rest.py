"""The simulated office over REST: JSON, Bearer."""

import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson

from connector.simulator.book import ResultCode
from connector.simulator.counter import Counter, Fields
from connector.simulator.desk import ContractBroken, code_fields, read_call, read_search
from connector.simulator.records import AttachmentMark
from connector.simulator.serving import Reply, Request

__all__ = ["RestDoor"]

_AT_THE_COUNTER = {0: 201, 1: 200, 2: 422, 3: 201, 5: 200, 9: 503}
"""The HTTP status of each code of a registration."""


@dataclass
class RestDoor:
    """Answers requests to the REST twin of the office. Give it to a LoopbackServer."""

    counter: Counter
    token: str

    def __call__(self, request: Request) -> Reply:
        """Answer one request: 401 without the token, 400 where the contract is broken, 404 elsewhere."""
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self.token}".encode()):
            return _problem(401, "unauthorized", {"WWW-Authenticate": "Bearer"})
        try:
            return self._dispatch(request)
        except ContractBroken as broken:
            return _problem(400, str(broken))

    def _dispatch(self, request: Request) -> Reply:
        match (request.method, request.path):
            case ("POST", "/api/letters"):
                return self._register(request)
            case ("GET", "/api/letters"):
                key, secretariat = request.query.get("key"), request.query.get("secretariat")
                if not key or not secretariat:
                    raise ContractBroken("key and secretariat are required")
                return self.counter.find(key, secretariat, _Voice())
            case ("POST", "/api/letters/search"):
                return self.counter.search(read_search(_object(request)), _Voice())
            case ("POST", "/api/letters/progress"):
                return self.counter.progress(_keys(_object(request)), _Voice())
            case ("GET", "/api/ping"):
                return self.counter.ping(_Voice())
        return _problem(404, "no such address")

    def _register(self, request: Request) -> Reply:
        fields = _object(request)
        listed = fields.get("attachments") or []
        if not isinstance(listed, list):
            raise ContractBroken("attachments must be a list")
        call = read_call(fields, [_mark(each) for each in listed])
        return self.counter.register(call, _Voice(_AT_THE_COUNTER))


def _object(request: Request) -> dict[str, Any]:
    try:
        read = orjson.loads(request.body.read())
    except orjson.JSONDecodeError:
        raise ContractBroken("not JSON") from None
    if not isinstance(read, dict):
        raise ContractBroken("a JSON object is wanted")
    return read


def _keys(fields: dict[str, Any]) -> list[str]:
    keys = fields.get("keys")
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise ContractBroken("keys must be a list of strings")
    return keys


def _mark(attachment: Any) -> AttachmentMark:
    if not isinstance(attachment, dict) or not all(
        isinstance(attachment.get(name), str) for name in ("name", "mediaType", "content")
    ):
        raise ContractBroken("an attachment has name, mediaType and content")
    try:
        content = binascii.a2b_base64(attachment["content"], strict_mode=True)
    except (binascii.Error, ValueError):
        raise ContractBroken("attachment content is not base64") from None
    return AttachmentMark(name=attachment["name"], size=len(content), digest=sha256(content).hexdigest())


@dataclass(frozen=True, slots=True)
class _Voice:
    statuses: Mapping[int, int] = field(default_factory=dict)

    def answer(self, fields: Fields) -> Reply:
        code = fields.get("resultCode")
        return Reply(self.statuses.get(code, 200) if isinstance(code, int) else 200, orjson.dumps(fields))

    def under_200(self, fields: Fields) -> Reply:
        return Reply(200, orjson.dumps(fields))

    def error(self, text: str, code: ResultCode | None = None) -> Reply:
        return _problem(500, text) if code is None else Reply(500, orjson.dumps(code_fields(code)))


def _problem(status: int, text: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, orjson.dumps({"error": text}), headers=headers or {})
