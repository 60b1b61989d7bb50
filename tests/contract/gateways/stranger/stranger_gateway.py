"""A third party's gateway, its adapter and its simulated vendor, as small as they can be."""

import hmac
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar

import orjson
from pydantic import BaseModel, ConfigDict

from connector.errors import CredentialsRejected, Misbehaved, RateLimited, Unavailable
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.gateway import GatewayCapabilities, OutgoingMessage
from connector.ports.outcomes import Accepted, Rejected, SendOutcome, Unanswered
from connector.simulator.exchange import Reply
from connector.simulator.fault_kinds import Fault
from connector.simulator.gateways import Heard, HttpVendor, NumberKind, Place, Trait
from connector.transport.http import HttpClient
from connector.transport.http_options import HttpOptions
from connector.transport.secret import SecretReference


class StrangerSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretReference
    http: HttpOptions


class StrangerGateway:
    capabilities = GatewayCapabilities()

    def __init__(self, settings: StrangerSettings, site: AdapterSite) -> None:
        self._token = settings.token.reveal()
        self._client = HttpClient(settings.http, site.pool_size)

    def send(self, messages: Sequence[OutgoingMessage]) -> list[SendOutcome]:
        (message,) = messages
        document = self._ask({"to": message.mobile, "text": message.text}, is_safe=False)
        if document["result"] == "no_such_number":
            return [Rejected(code="no_such_number", reason="")]
        reference = document.get("id")
        if not isinstance(reference, str) or not reference.isdecimal():
            return [Unanswered(reason="no_reference")]
        return [Accepted(gateway_reference=reference)]

    def check(self) -> str:
        self._ask({}, is_safe=True)
        return "The stranger's gateway answers."

    def close(self) -> None:
        self._client.close()

    def _ask(self, fields: Mapping[str, str], *, is_safe: bool) -> Mapping[str, Any]:
        answer = self._client.request(
            "POST",
            "send",
            headers={"Authorization": f"Bearer {self._token}"},
            body=orjson.dumps(fields),
            is_safe=is_safe,
        )
        try:
            document = orjson.loads(answer.body)
            result = str(document["result"])
        except (orjson.JSONDecodeError, TypeError, KeyError):
            result = {401: "who", 429: "slower"}.get(answer.status, "")
            document = {}
        if result in {"who", "no_credit"}:
            raise CredentialsRejected(reason="gateway_stopped", code=result)
        if result == "slower":
            raise RateLimited(reason="rate_limited")
        if result == "busy":
            raise Unavailable(reason="busy")
        if result not in {"ok", "no_such_number"}:
            raise Misbehaved(reason="unmapped_code")
        return document


GATEWAY = AdapterKind(summary="A stranger's gateway.", settings=StrangerSettings, build=StrangerGateway)


class StrangerVendor(HttpVendor):
    adapter = "stranger"
    exempt: ClassVar[Mapping[StrEnum, str]] = {
        Trait.BLACKLIST: "This vendor does not tell.",
        Trait.HOURS: "This vendor has no hours.",
        Trait.ENTRIES: "One call sends one text.",
        Trait.SPLITS: "One call sends one text.",
    }

    def settings(self, place: Place) -> Mapping[str, Any]:
        return {"token": place.secret, "http": place.http}

    def answer(self, heard: Heard) -> Reply:
        authorization = heard.request.headers.get("authorization", "")
        if not hmac.compare_digest(authorization, f"Bearer {self.secret}"):
            return self._said("who")
        fields = orjson.loads(heard.body)
        if not fields:
            return self.around("credit", "", lambda: self._said("ok"))
        return self.around("send", "", lambda: self._take(fields["to"], fields["text"]))

    def words(self, fault: Fault) -> Reply | None:
        said = {Fault.BUSY: "busy", Fault.UNMAPPED_CODE: "moonlight", Fault.WRONG_PASSWORD: "who"}
        return self._said(said[fault]) if fault in said else None

    def _take(self, mobile: str, text: str) -> Reply:
        if not self.book.can_pay():
            return self._said("no_credit")
        kind = self.book.number(mobile)
        if kind is not NumberKind.GOOD:
            return self._said("no_such_number" if kind is NumberKind.INVALID else "moonlight")
        return self._said("ok", id=self.book.take(mobile, text).reference)

    def _said(self, result: str, **facts: str) -> Reply:
        return Reply(200, orjson.dumps({"result": result, **facts}))
