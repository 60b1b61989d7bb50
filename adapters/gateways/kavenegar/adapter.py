"""Kavenegar: the REST interface of api.kavenegar.com, version 1.

The key stands in the path of every call, so no address ever leaves this file. Success is ``return.status`` in
the body, whatever the HTTP status says; what each code means is data (mappings/gateways/kavenegar.yaml).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict, Field

from adapters.gateways.kavenegar.answers import Answer, instant, is_reference, paired, read, sent
from connector.errors import CallFailed, Misbehaved, RateLimited
from connector.mapping.gateway_codes import (
    AnswerClass,
    DeliveryClass,
    GatewayCodes,
    failure,
    load_gateway_codes,
    state_of,
)
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.gateway import GatewayCapabilities, OutgoingMessage, left_over
from connector.ports.outcomes import (
    DeliveryState,
    MessageFound,
    Rejected,
    SendOutcome,
    StillUnderway,
)
from connector.transport.http_options import HttpOptions
from connector.transport.secret import SecretReference

__all__ = ["GATEWAY", "Kavenegar", "KavenegarSettings"]

SEND_BATCH: Final = 200
STATUS_BATCH: Final = 500
"""Records of one call by the vendor's own account (code 414)."""

_CAPABILITIES: Final = GatewayCapabilities(
    batch_size=SEND_BATCH,
    find_by_own_id=True,
    delivery_batch=STATUS_BATCH,
    delivery_horizon=timedelta(hours=24),
    concurrency=2,
)


class KavenegarHttp(HttpOptions):
    """Where Kavenegar is and how long we wait for it."""

    url: str = Field(
        default="https://api.kavenegar.com", description="address of the service, without the key"
    )
    answer_within: timedelta = Field(default=timedelta(seconds=30), description="longest silence")


class KavenegarSettings(BaseModel):
    """A Kavenegar account and the line that it sends from."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    key: SecretReference = Field(description="where the API key is found")
    sender: str = Field(pattern=r"^[0-9]{4,20}$", description="the line to send from, digits only")
    http: KavenegarHttp = Field(default_factory=KavenegarHttp, description="address and patience")


class Kavenegar:
    """One Kavenegar account, connected."""

    capabilities = _CAPABILITIES

    def __init__(self, settings: KavenegarSettings, codes: GatewayCodes, pool_size: int) -> None:
        """Read the key and open the pool; nobody is called. Raise SecretMissing when there is no key."""
        from connector.transport.http import HttpClient  # whoever reads settings does without

        self._path = f"v1/{quote(settings.key.reveal(), safe='')}"
        self._sender = settings.sender
        self._codes = codes
        self._client = HttpClient(settings.http, pool_size)

    def send(self, messages: Sequence[OutgoingMessage]) -> list[SendOutcome]:
        """Send up to 200 texts in one call. A bad number refuses the whole call: then it goes in halves."""
        answer = self._ask(*self._sending(messages), is_safe=False)
        meaning = self._codes.answer(answer.code)
        if meaning in {AnswerClass.REJECTED, AnswerClass.SPLIT} and len(messages) > 1:
            middle = len(messages) // 2
            return [*self._part(messages[:middle]), *self._part(messages[middle:])]
        if meaning is AnswerClass.REJECTED:
            return [Rejected(code=answer.code, reason=self._codes.wording(answer.code))]
        self._raise_unless_done(answer)
        return [sent(entry) for entry in paired(messages, answer.entries)]

    def find(self, own_ids: Sequence[int]) -> Mapping[int, MessageFound]:
        """Ask by our own ids (``localid``). Whether very old ones are still known is not certain."""
        found = {}
        for part in _chunks([str(own_id) for own_id in own_ids]):
            for entry in self._entries("sms/statuslocalmessageid", {"localid": ",".join(part)}):
                own_id, reference, code = (
                    str(entry.get(name)) for name in ("localid", "messageid", "status")
                )
                if own_id in part and is_reference(reference) and not self._is_absent(code):
                    state = state_of(self._codes, code) or StillUnderway()
                    found[int(own_id)] = MessageFound(gateway_reference=reference, state=state)
        return found

    def delivery(self, gateway_references: Sequence[str]) -> Mapping[str, DeliveryState]:
        """Ask for the state of messages by Kavenegar's own ids; a code that nobody knows is left out."""
        states = {}
        for part in _chunks(gateway_references):
            for entry in self._entries("sms/status", {"messageid": ",".join(part)}):
                reference, state = (
                    str(entry.get("messageid")),
                    state_of(self._codes, str(entry.get("status"))),
                )
                if reference in part and state is not None:
                    states[reference] = state
        return states

    def check(self) -> str:
        """Ask for the account and say how much credit is left."""
        entries = self._entries("account/info", {})
        if not entries or "remaincredit" not in entries[0]:
            raise Misbehaved("Kavenegar's account answer has no credit in it.", reason="unreadable_answer")
        sentence = f"Kavenegar answers; {entries[0]['remaincredit']} rials of credit are left"
        until = instant(entries[0].get("expiredate"))
        return f"{sentence}, the account runs until {until:%Y-%m-%d}." if until else f"{sentence}."

    def close(self) -> None:
        """Close the pool."""
        self._client.close()

    def _sending(self, messages: Sequence[OutgoingMessage]) -> tuple[str, dict[str, str]]:
        if len(messages) == 1:
            one = messages[0]
            return "sms/send", {
                "receptor": one.mobile,
                "sender": self._sender,
                "message": one.text,
                "localid": str(one.own_id),
            }
        # Arrays go as JSON in one field each: the server does not take repeated fields.
        return "sms/sendarray", {
            "receptor": _array([message.mobile for message in messages]),
            "sender": _array([self._sender] * len(messages)),
            "message": _array([message.text for message in messages]),
            "localmessageids": _array([message.own_id for message in messages]),
        }

    def _part(self, messages: Sequence[OutgoingMessage]) -> list[SendOutcome]:
        """Send a half; its failure must not hide what became of the other half."""
        try:
            return self.send(messages)
        except CallFailed as error:
            return [left_over(error)] * len(messages)

    def _entries(self, method: str, form: Mapping[str, str]) -> list[Mapping[str, Any]]:
        answer = self._ask(method, form, is_safe=True)
        self._raise_unless_done(answer)
        entries = [answer.entries] if isinstance(answer.entries, dict) else answer.entries or []
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise Misbehaved(reason="unreadable_answer")
        return entries

    def _raise_unless_done(self, answer: Answer) -> None:
        meaning, code = self._codes.answer(answer.code), answer.code
        if meaning is AnswerClass.REJECTED:  # not of one message: such a code has no place here
            meaning = None
        problem = failure(meaning, gateway="Kavenegar", code=code, text=self._codes.wording(code))
        if isinstance(problem, RateLimited):
            problem.retry_after = answer.retry_after
        if problem is not None:
            raise problem

    def _is_absent(self, code: str) -> bool:
        return self._codes.delivery(code) is DeliveryClass.ABSENT

    def _ask(self, method: str, form: Mapping[str, str], *, is_safe: bool) -> Answer:
        try:
            answer = self._client.request(
                "POST",
                f"{self._path}/{method}.json",
                headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
                body=urlencode(form).encode("ascii"),
                is_safe=is_safe,
            )
        except CallFailed as error:
            # What lies below quotes the address, and the key is in it.
            error.__cause__ = error.__context__ = None
            raise
        return read(answer)


def _array(values: Sequence[str | int]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), STATUS_BATCH):
        yield values[start : start + STATUS_BATCH]


def _build(settings: KavenegarSettings, site: AdapterSite) -> Kavenegar:
    return Kavenegar(settings, load_gateway_codes(site.mappings, "kavenegar"), site.pool_size)


GATEWAY: Final = AdapterKind(
    summary="Kavenegar, REST interface of api.kavenegar.com",
    settings=KavenegarSettings,
    build=_build,
)
