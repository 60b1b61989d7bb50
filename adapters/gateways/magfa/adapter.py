"""Magfa: the HTTP interface, version 2, of sms.magfa.com.

JSON over HTTPS with a Basic user ``username/domain``. Success is ``status`` = 0 twice: of the call, and of each
message in it. What each code means is data (mappings/gateways/magfa.yaml).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, Field

from adapters.gateways.magfa.answers import credit_of, messages_of, outcome_of, paired, reference_of, state_in
from connector.mapping.gateway_codes import AnswerClass, DeliveryClass, GatewayCodes, load_gateway_codes
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.credit import Credit
from connector.ports.gateway import GatewayCapabilities, OutgoingMessage
from connector.ports.in_parts import halves, in_parts
from connector.ports.incoming import InboxPage
from connector.ports.outcomes import DeliveryState, MessageFound, Rejected, SendOutcome, StillUnderway
from connector.transport.http_options import HttpOptions
from connector.transport.secret import SecretReference

if TYPE_CHECKING:
    from adapters.gateways.magfa.calls import MagfaCalls

__all__ = ["GATEWAY", "Magfa", "MagfaSettings"]

BATCH: Final = 100
"""Recipients of one call (code 107), ids of one question, and texts that one look into the inbox brings."""

_CAPABILITIES: Final = GatewayCapabilities(
    batch_size=BATCH,
    find_by_own_id=True,
    delivery_batch=BATCH,
    has_inbox=True,
    inbox_reads_once=True,
    tells_credit=True,
    delivery_horizon=timedelta(hours=24),
    concurrency=2,
)


class MagfaHttp(HttpOptions):
    """Where Magfa is and how long we wait for it."""

    url: str = Field(
        default="https://sms.magfa.com/api/http/sms/v2", description="address of the service, version 2"
    )
    answer_within: timedelta = Field(default=timedelta(seconds=30), description="longest silence")


class MagfaSettings(BaseModel):
    """A Magfa account and the line that it sends from."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    username: str = Field(pattern=r"^[^:/\s]+$", description="user name of the web service")
    domain: str = Field(
        default="magfa", pattern=r"^[^:/\s]+$", description="domain of the account, as Magfa gave it"
    )
    password: SecretReference = Field(description="where the password of the web service is found")
    sender: str = Field(pattern=r"^\+?[0-9]{4,20}$", description="the line to send from")
    http: MagfaHttp = Field(default_factory=MagfaHttp, description="address and patience")


class Magfa:
    """One Magfa account, connected."""

    capabilities = _CAPABILITIES

    def __init__(self, settings: MagfaSettings, codes: GatewayCodes, calls: "MagfaCalls") -> None:
        """Keep what is needed; nobody is called."""
        self._sender = settings.sender
        self._codes = codes
        self._calls = calls
        self._shown: frozenset[str] = frozenset()

    def send(self, messages: Sequence[OutgoingMessage]) -> list[SendOutcome]:
        """Send up to 100 texts in one call; each has an outcome of its own in the answer."""
        document = self._calls.ask("POST", "send", self._written(messages), is_safe=False)
        code = str(document["status"])
        meaning = self._codes.answer(code)
        if meaning in {AnswerClass.REJECTED, AnswerClass.BLACKLISTED, AnswerClass.SPLIT}:
            if len(messages) > 1:
                return in_parts(messages, halves(messages), self.send)
            if meaning is not AnswerClass.SPLIT:
                is_blacklisted = meaning is AnswerClass.BLACKLISTED
                reason = self._codes.wording(code)
                return [Rejected(code=code, reason=reason, is_blacklisted=is_blacklisted)]
        self._calls.raise_unless_done(code)
        return [outcome_of(entry, self._codes) for entry in paired(messages, document.get("messages"))]

    def find(self, own_ids: Sequence[int]) -> Mapping[int, MessageFound]:
        """Ask by our own ids (``uid``), one in a call, for that is how it is documented."""
        found = {}
        for own_id in own_ids:
            document = self._calls.ask("GET", f"mid/{own_id}", is_safe=True)
            code = str(document["status"])
            if self._is_absent(code):
                continue
            self._calls.raise_unless_done(code)
            reference = reference_of(document.get("mid"))
            if reference is not None:
                found[own_id] = MessageFound(gateway_reference=reference, state=StillUnderway())
        return found

    def delivery(self, gateway_references: Sequence[str]) -> Mapping[str, DeliveryState]:
        """Ask for the state of messages by Magfa's own ids, for a day; an unknown code is left out."""
        states: dict[str, DeliveryState] = {}
        for part in _chunks(gateway_references):
            document = self._calls.ask("GET", f"statuses/{','.join(part)}", is_safe=True)
            code = str(document["status"])
            if self._is_absent(code):
                continue
            self._calls.raise_unless_done(code)
            states |= state_in(document.get("dlrs"), part, self._codes)
        return states

    def inbox(self, cursor: str | None) -> InboxPage:
        """Bring the newest texts, a hundred at most. They have no ids: their keys are digests of the whole.

        Whether what was shown is shown again is not documented: a page that brings nothing new is the last one.
        """
        document = self._calls.ask("GET", f"messages/{BATCH}", is_safe=False)
        self._calls.raise_unless_done(str(document["status"]))
        messages = messages_of(document.get("messages"))
        keys = frozenset(message.gateway_key for message in messages)
        is_new, self._shown = bool(keys - self._shown), keys
        return InboxPage(messages=messages, has_more=is_new and len(messages) >= BATCH)

    def credit(self) -> Credit:
        """Ask for the account's balance, in rials."""
        document = self._calls.ask("GET", "balance", is_safe=True)
        self._calls.raise_unless_done(str(document["status"]))
        return credit_of(document.get("balance"))

    def check(self) -> str:
        """Ask for the balance and say how much is left."""
        return f"Magfa answers; {self.credit().amount} rials of credit are left."

    def close(self) -> None:
        """Close the pool."""
        self._calls.close()

    def _is_absent(self, code: str) -> bool:
        """Return whether a question's code says: no such id, or older than a day."""
        return self._codes.delivery(code) is DeliveryClass.ABSENT

    def _written(self, messages: Sequence[OutgoingMessage]) -> dict[str, list[str] | list[int]]:
        return {
            "senders": [self._sender] * len(messages),
            "recipients": [message.mobile for message in messages],
            "messages": [message.text for message in messages],
            "encodings": [0] * len(messages),
            "uids": [message.own_id for message in messages],
        }


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), BATCH):
        yield values[start : start + BATCH]


def _build(settings: MagfaSettings, site: AdapterSite) -> Magfa:
    from adapters.gateways.magfa.calls import MagfaCalls  # whoever reads settings does without

    codes = load_gateway_codes(site.mappings, "magfa")
    user = f"{settings.username}/{settings.domain}"
    calls = MagfaCalls(user, settings.password.reveal(), settings.http, codes, site.pool_size)
    return Magfa(settings, codes, calls)


GATEWAY: Final = AdapterKind(
    summary="Magfa, HTTP interface version 2 of sms.magfa.com", settings=MagfaSettings, build=_build
)
