"""What came over the session: receipts and citizens' texts, handed out by the page and acknowledged when stored."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from adapters.gateways.smpp.held import Held, Respond, Unit
from adapters.gateways.smpp.letters import DefaultAlphabet, IncomingPart, incoming_part, text_of
from adapters.gateways.smpp.pdu import Delivered
from adapters.gateways.smpp.receipts import IdForm, Receipt, normal, read_receipt
from connector.clock import Now, monotonic, now
from connector.domain.concatenation import joined
from connector.mapping.gateway_codes import GatewayCodes, state_of
from connector.observability.logging import get_logger
from connector.ports.gateway import DeliveryReport
from connector.ports.incoming import InboxPage, IncomingMessage, digest_key
from connector.ports.outcomes import DeliveryState, StillUnderway

__all__ = ["Heard"]

log = get_logger(__name__)

_PAGE: Final = 100
_REMEMBERED: Final = 100_000
_JOIN_WITHIN: Final = 600.0
"""Seconds after which a text is handed out although a part of it is missing."""
_BUCKET: Final = 600
"""Seconds. The same text from the same number within this time, across a restart, is taken for the same message."""
_LAST_COMING: Final = 3
"""A receipt that comes so often is of nobody's message: it is acknowledged."""


@dataclass(slots=True, eq=False)
class _Text:
    """A citizen's text, whole or not yet."""

    source: str = field(repr=False)
    line: str
    total: int
    since: float
    bucket: int
    parts: dict[int, tuple[IncomingPart, Unit]] = field(default_factory=dict, repr=False)
    key: str = ""

    def is_ready(self, now: float) -> bool:
        return len(self.parts) >= self.total or now - self.since >= _JOIN_WITHIN


class Heard:
    """Receipts and texts of one account. Thread-safe."""

    def __init__(
        self,
        codes: GatewayCodes,
        *,
        hold_for: float,
        alphabet: DefaultAlphabet,
        ids: tuple[IdForm, IdForm],
        name: str = "",
        now: Now = now,
        monotonic: Callable[[], float] = monotonic,
    ) -> None:
        """Begin with nothing. ``ids``: how answers and how receipts write message ids; ``name``: for the log."""
        self._name = name
        self._now, self._monotonic = now, monotonic
        self._codes, self._alphabet = codes, alphabet
        self._in_answers, self._in_receipts = ids
        self._lock = threading.Lock()
        self._held = Held(hold_for)
        self._texts: list[_Text] = []
        self._receipts: list[tuple[Receipt, Unit]] = []
        self._states: OrderedDict[str, DeliveryState] = OrderedDict()
        self._own_ids: OrderedDict[str, int] = OrderedDict()
        self._seen: Counter[str] = Counter()
        self._handed: tuple[list[_Text], list[tuple[Receipt, Unit]]] = ([], [])
        self._given: str | None = None
        self._pages = 0

    def sent(self, reference: str, own_id: int) -> None:
        """Remember whose message this is, for its receipt."""
        with self._lock:
            self._own_ids[normal(reference, self._in_answers)] = own_id
            _trim(self._own_ids)

    def came(self, body: Delivered, respond: Respond) -> None:
        """Take one deliver_sm in. It is answered when it is stored."""
        extras = "".join(f"{tag:04x}{value.hex()}" for tag, value in sorted(body.extras.items()))
        content = f"{body.esm_class:02x}{body.data_coding:02x}{body.content.hex()}"
        key = digest_key(body.source, body.destination, content, extras)
        with self._lock:
            unit = self._held.came(key, respond, self._monotonic())
            if unit is None:
                return
            receipt = read_receipt(body)
            if receipt is None:
                self._take_text(body, unit)
            else:
                self._take_receipt(receipt, unit)

    def stored(self, cursor: str | None) -> None:
        """Acknowledge what the last page held: it is stored, as its cursor says. Without a cursor it is believed."""
        with self._lock:
            if self._given is not None and cursor in {None, self._given}:
                self._settle()

    def page(self) -> InboxPage:
        """Return what came in and was not stored yet."""
        with self._lock:
            at = self._monotonic()
            texts = [each for each in self._texts if each.is_ready(at)][:_PAGE]
            receipts = [each for each in self._receipts if self._own_id(each[0]) is not None][:_PAGE]
            self._handed = (texts, receipts)
            if not texts and not receipts:
                self._given = None
                return InboxPage(messages=())
            self._pages += 1
            self._given = str(self._pages)
            return InboxPage(
                messages=tuple(self._message(text) for text in texts),
                reports=tuple(self._report(receipt) for receipt, _ in receipts),
                cursor=self._given,
                has_more=True,
            )

    def states(self, references: Sequence[str]) -> Mapping[str, DeliveryState]:
        """Return what receipts said of these messages. Those of messages from before a restart need no page then."""
        asked = {normal(each, self._in_answers) for each in references}
        with self._lock:
            for each in [each for each in self._receipts if self._own_id(each[0]) is None]:
                if self._reference(each[0]) in asked:
                    self._receipts.remove(each)
                    self._held.stored(each[1], self._monotonic())
            known = {each: self._states.get(normal(each, self._in_answers)) for each in references}
            return {each: state for each, state in known.items() if state is not None}

    def broke(self) -> None:
        """A session has broken."""
        with self._lock:
            self._held.broke(self._monotonic())

    def ticked(self) -> None:
        """Let the centre bring again what nobody has stored in time."""
        with self._lock:
            for unit in self._held.overdue(self._monotonic()):
                if unit.comings < _LAST_COMING:
                    continue
                of_nobody = [
                    each for each in self._receipts if each[1] is unit and self._own_id(each[0]) is None
                ]
                for each in of_nobody:
                    self._receipts.remove(each)
                    self._held.stored(unit, self._monotonic())

    def _settle(self) -> None:
        texts, receipts = self._handed
        for text in texts:
            self._texts.remove(text)
            self._seen[self._identity(text)] += 1
            for _, unit in text.parts.values():
                self._held.stored(unit, self._monotonic())
        for each in receipts:
            self._receipts.remove(each)
            self._held.stored(each[1], self._monotonic())
        self._given, self._handed = None, ([], [])

    def _take_receipt(self, receipt: Receipt, unit: Unit) -> None:
        reference, state = self._reference(receipt), state_of(self._codes, receipt.state)
        if self._codes.delivery(receipt.state) is None:
            log.warning("smpp.receipt_unmapped", gateway=self._name, code=receipt.state)
        if state is None or isinstance(state, StillUnderway):
            self._held.stored(unit, self._monotonic())  # it says nothing that would be kept
            return
        self._states[reference] = state
        _trim(self._states)
        self._receipts.append((receipt, unit))

    def _take_text(self, body: Delivered, unit: Unit) -> None:
        part = incoming_part(body)
        total, number = (part.place.total, part.place.number) if part.place else (1, 1)
        text = self._text_of(body, part) if part.place else None
        if text is None:
            bucket = int(self._now().timestamp()) // _BUCKET
            text = _Text(
                source=body.source, line=body.destination, total=total, since=unit.since, bucket=bucket
            )
            self._texts.append(text)
        text.parts[number] = (part, unit)

    def _text_of(self, body: Delivered, part: IncomingPart) -> _Text | None:
        """Return the text that this part belongs to, where another part of it is here and this one is not."""
        place = part.place
        for text in self._texts:
            first = next(iter(text.parts.values()))[0].place
            if (
                place is not None
                and first is not None
                and (text.source, text.line) == (body.source, body.destination)
                and (first.reference, first.total) == (place.reference, place.total)
                and place.number not in text.parts
                and text not in self._handed[0]
            ):
                return text
        return None

    def _message(self, text: _Text) -> IncomingMessage:
        identity = self._identity(text)
        text.key = text.key or digest_key(identity, str(self._seen[identity]))
        return IncomingMessage(
            gateway_key=text.key, sender=text.source, line=text.line, text=self._written(text)
        )

    def _identity(self, text: _Text) -> str:
        return digest_key(text.source, text.line, self._written(text), str(text.bucket))

    def _written(self, text: _Text) -> str:
        parts = {number: part for number, (part, _) in sorted(text.parts.items())}
        codings = {part.data_coding for part in parts.values()}
        if len(codings) == 1 and len(parts) == text.total:  # a letter may be cut in two between parts
            content = b"".join(part.content for part in parts.values())
            return text_of(content, codings.pop(), self._alphabet)
        texts = {
            number: text_of(part.content, part.data_coding, self._alphabet) for number, part in parts.items()
        }
        return joined(texts, text.total)

    def _reference(self, receipt: Receipt) -> str:
        return normal(receipt.message_id, self._in_receipts)

    def _own_id(self, receipt: Receipt) -> int | None:
        return self._own_ids.get(self._reference(receipt))

    def _report(self, receipt: Receipt) -> DeliveryReport:
        reference = self._reference(receipt)
        return DeliveryReport(own_id=self._own_ids[reference], state=self._states[reference])


def _trim(kept: OrderedDict[str, int] | OrderedDict[str, DeliveryState]) -> None:
    while len(kept) > _REMEMBERED:
        kept.popitem(last=False)
