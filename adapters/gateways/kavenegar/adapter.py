"""Kavenegar: the REST interface of api.kavenegar.com, version 1.

The key stands in the path of every call, so no address ever leaves this package. Success is ``return.status`` in
the body, whatever the HTTP status says; what each code means is data (mappings/gateways/kavenegar.yaml).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, Field

from adapters.gateways.kavenegar.answers import (
    credit_of,
    is_reference,
    messages_of,
    paired,
    sent,
)
from adapters.gateways.kavenegar.requests import lookup, texts
from connector.mapping.gateway_codes import (
    AnswerClass,
    DeliveryClass,
    GatewayCodes,
    load_gateway_codes,
    state_of,
)
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.credit import Credit
from connector.ports.gateway import GatewayCapabilities, OutgoingMessage
from connector.ports.in_parts import halves, in_parts, texts_then_patterns
from connector.ports.incoming import InboxPage
from connector.ports.outcomes import (
    DeliveryState,
    MessageFound,
    Rejected,
    SendOutcome,
    StillUnderway,
)
from connector.ports.pattern import PatternRules
from connector.transport.http_options import HttpOptions
from connector.transport.secret import SecretReference

if TYPE_CHECKING:
    from adapters.gateways.kavenegar.calls import KavenegarCalls

__all__ = ["GATEWAY", "Kavenegar", "KavenegarSettings"]

SEND_BATCH: Final = 200
STATUS_BATCH: Final = 500
INBOX_PAGE: Final = 100
"""Records of one call by the vendor's own account (code 414); unread texts that one look brings."""

_CAPABILITIES: Final = GatewayCapabilities(
    batch_size=SEND_BATCH,
    find_by_own_id=True,
    delivery_batch=STATUS_BATCH,
    patterns=PatternRules(
        places=("token", "token2", "token3", "token10", "token20"),
        required=frozenset({"token"}),
        longest_value=100,
        places_without_spaces=frozenset({"token", "token2", "token3"}),
        most_spaces={"token10": 5, "token20": 8},
    ),
    has_inbox=True,
    inbox_reads_once=True,
    tells_credit=True,
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
    sender: str = Field(
        pattern=r"^[0-9]{4,20}$", description="the line to send from and whose inbox is read, digits only"
    )
    http: KavenegarHttp = Field(default_factory=KavenegarHttp, description="address and patience")


class Kavenegar:
    """One Kavenegar account, connected."""

    capabilities = _CAPABILITIES

    def __init__(self, settings: KavenegarSettings, codes: GatewayCodes, calls: "KavenegarCalls") -> None:
        """Keep what is needed; nobody is called."""
        self._sender = settings.sender
        self._codes = codes
        self._calls = calls

    def send(self, messages: Sequence[OutgoingMessage]) -> list[SendOutcome]:
        """Send up to 200 messages: all texts in one call, each pattern in a call of its own.

        The first failure ends it: who says "slow down", or has no credit, is not called for the rest.
        """
        return in_parts(messages, texts_then_patterns(messages), self._send)

    def find(self, own_ids: Sequence[int]) -> Mapping[int, MessageFound]:
        """Ask by our own ids (``localid``), which are kept for about 12 hours; patterns have none."""
        found = {}
        for part in _chunks([str(own_id) for own_id in own_ids]):
            for entry in self._calls.entries("sms/statuslocalmessageid", {"localid": ",".join(part)}):
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
            for entry in self._calls.entries("sms/status", {"messageid": ",".join(part)}):
                reference, state = (
                    str(entry.get("messageid")),
                    state_of(self._codes, str(entry.get("status"))),
                )
                if reference in part and state is not None:
                    states[reference] = state
        return states

    def inbox(self, cursor: str | None) -> InboxPage:
        """Bring the unread texts of the line, a hundred at most; they are read from then on."""
        form = {"linenumber": self._sender, "isread": "0"}
        messages = messages_of(self._calls.entries("sms/receive", form, is_repeatable=False))
        return InboxPage(messages=messages, has_more=len(messages) >= INBOX_PAGE)

    def credit(self) -> Credit:
        """Ask for the account's credit, in rials."""
        return credit_of(self._calls.entries("account/info", {}))

    def check(self) -> str:
        """Ask for the account and say how much credit is left."""
        credit = self.credit()
        sentence = f"Kavenegar answers; {credit.amount} rials of credit are left"
        until = credit.runs_until
        return f"{sentence}, the account runs until {until:%Y-%m-%d}." if until else f"{sentence}."

    def close(self) -> None:
        """Close the pool."""
        self._calls.close()

    def _send(self, messages: Sequence[OutgoingMessage]) -> list[SendOutcome]:
        """Send one part in one call. A bad number refuses the whole call: then it goes in halves."""
        pattern = messages[0].pattern
        method, form = lookup(messages[0], pattern) if pattern else texts(messages, self._sender)
        answer = self._calls.ask(method, form, is_safe=False)
        meaning = self._codes.answer(answer.code)
        if meaning in {AnswerClass.REJECTED, AnswerClass.SPLIT} and len(messages) > 1:
            return in_parts(messages, halves(messages), self._send)
        if meaning is AnswerClass.REJECTED:
            return [Rejected(code=answer.code, reason=self._codes.wording(answer.code))]
        self._calls.raise_unless_done(answer)
        return [sent(entry) for entry in paired(messages, answer.entries)]

    def _is_absent(self, code: str) -> bool:
        return self._codes.delivery(code) is DeliveryClass.ABSENT


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), STATUS_BATCH):
        yield values[start : start + STATUS_BATCH]


def _build(settings: KavenegarSettings, site: AdapterSite) -> Kavenegar:
    from adapters.gateways.kavenegar.calls import KavenegarCalls  # whoever reads settings does without

    codes = load_gateway_codes(site.mappings, "kavenegar")
    calls = KavenegarCalls(settings.key.reveal(), settings.http, codes, site.pool_size)
    return Kavenegar(settings, codes, calls)


GATEWAY: Final = AdapterKind(
    summary="Kavenegar, REST interface of api.kavenegar.com",
    settings=KavenegarSettings,
    build=_build,
)
