"""The simulated office over REST: JSON, Bearer."""

import binascii
import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from connector.simulator.counter import Counter, Fields
from connector.simulator.desk import ContractBroken, read_call
from connector.simulator.records import AttachmentMark
from connector.simulator.serving import Reply, Request

__all__ = ["RestDoor"]

_STATUS = {0: 201, 1: 200, 2: 422, 3: 201, 9: 503}


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
                return self.counter.find(key, secretariat, _written)
            case ("POST", "/api/letters/progress"):
                return self.counter.progress(_keys(_object(request)), _written)
            case ("GET", "/api/ping"):
                return self.counter.ping(_written)
        return _problem(404, "no such address")

    def _register(self, request: Request) -> Reply:
        fields = _object(request)
        listed = fields.get("attachments") or []
        if not isinstance(listed, list):
            raise ContractBroken("attachments must be a list")
        call = read_call(fields, [_mark(each) for each in listed])
        return self.counter.register(call, _written_at_the_counter)


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


def _written(fields: Fields) -> Reply:
    return Reply(200, orjson.dumps(fields))


def _written_at_the_counter(fields: Fields) -> Reply:
    code = fields["resultCode"]
    assert isinstance(code, int)  # noqa: S101 - result_fields always writes a number
    return Reply(_STATUS[code], orjson.dumps(fields))


def _problem(status: int, text: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, orjson.dumps({"error": text}), headers=headers or {})
