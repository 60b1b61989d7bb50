"""How one request is answered: what the book says, turned into the mapping's places, codes and faults."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from connector.mapping.schema_operations import CheckOperation
from connector.mapping.schema_parts import Meaning, Verdict
from connector.simulator.book import ResultCode
from connector.simulator.counter import Fields
from connector.simulator.desk import UNHEARD_OF
from connector.simulator.exchange import Reply
from connector.simulator.vendor.asking import Message
from connector.simulator.vendor.credentials import Doorkeeper
from connector.simulator.vendor.inverse import NotInvertible, inverse, merged
from connector.simulator.vendor.model import VendorModel
from connector.simulator.vendor.own_replies import told
from connector.simulator.vendor.plan import Deed, Planned
from connector.simulator.vendor.soap_wire import xml_text
from connector.simulator.vendor.speech import Spoken, expired, spoken, strange
from connector.simulator.vendor.telling import Teller

__all__ = ["Answering", "VendorVoice", "meaning_of"]

_MEANINGS: Final = {
    ResultCode.REGISTERED: Meaning.REGISTERED,
    ResultCode.KNOWN: Meaning.KNOWN,
    ResultCode.REFUSED: Meaning.NEVER,
    ResultCode.ACCEPTED: Meaning.ACCEPTED,
    ResultCode.NOT_FOUND: Meaning.ABSENT,
    ResultCode.DUPLICATE: Meaning.KNOWN,
    ResultCode.BUSY: Meaning.RETRY,
}
_NUMBERED: Final = frozenset({Deed.REGISTER, Deed.FIND, Deed.VERIFY})
_TOLD: Final = frozenset({Meaning.REGISTERED, Meaning.KNOWN, Meaning.ACCEPTED})
_INSTEAD: Final = {Meaning.KNOWN: Meaning.REGISTERED, Meaning.ABSENT: Meaning.DONE}
"""What is said by an office that has no word for a meaning."""


def meaning_of(deed: Deed, code: object) -> Meaning | None:
    """Return what a result of the simulator's own contract means as the answer to this deed; None for a strange one."""
    if code in {UNHEARD_OF, ResultCode.SESSION_UNKNOWN}:
        return None
    meaning = _MEANINGS[ResultCode(int(str(code)))]
    return Meaning.DONE if meaning is Meaning.REGISTERED and deed not in _NUMBERED else meaning


@dataclass(frozen=True)
class Answering:
    """Writes the answers to one step of the mapping."""

    model: VendorModel
    one: Planned

    def reply(self, fields: Fields, message: Message, taken: Mapping[str, str]) -> Reply:
        """Return the reply that tells this result of the simulator's own contract."""
        one = self.one
        own = self.model.own_replies.find(
            one.step.name, one.operation, meaning_of(one.deed, fields["resultCode"])
        )
        if own is not None:
            status, template = own
            values = {**told(fields), "handle": next(iter(taken.values()), None)}
            return self.model.wire.body(message, template.render(values), status)
        return self.said(self.laid_out(fields, taken), message)

    def said(self, said: Spoken, message: Message) -> Reply:
        """Return on the wire what is laid out."""
        return self.model.wire.write(self.one, message, self._enveloped(said))

    def laid_out(self, fields: Fields, taken: Mapping[str, str]) -> Spoken:
        """Return what is said, in the places where the mapping looks for it. Raise NotInvertible where it cannot be."""
        code, step = fields["resultCode"], self.one.step
        if code == ResultCode.SESSION_UNKNOWN:
            return expired(self.model.mapping, step) or Spoken(status=401)
        if code == UNHEARD_OF:
            return strange(self.model.mapping, step) or Spoken(status=500)
        meaning = meaning_of(self.one.deed, code) or Meaning.UNKNOWN
        said = spoken(self.model.mapping, step, meaning)
        if said is None and meaning in _INSTEAD:
            said = spoken(self.model.mapping, step, _INSTEAD[meaning])
        if said is None:
            return Spoken(status=500)
        data = said.data
        if meaning in _TOLD:
            data = merged(data, self._registration(fields))
        if meaning is Meaning.DONE and "letters" in fields:
            data = merged(data, self._letters(fields))
        for name, value in taken.items():
            data = merged(data, inverse(step.take[name], value))
        return replace(said, data=self._worded(data, fields))

    def _enveloped(self, said: Spoken) -> Spoken:
        """Return the same with XML inside a text, where the step reads such."""
        place = self.one.step.read_xml
        if place is None or said.fault is not None or "reply" not in said.data:
            return said
        inner = inverse(place, xml_text(said.data["reply"]))
        return replace(said, data={**said.data, "reply": merged(inner["reply"], said.data.get("outer"))})

    def _registration(self, fields: Fields) -> Any:
        operation = self.model.mapping.operations.by_name[self.one.operation]
        if isinstance(operation, CheckOperation):
            return {}
        return Teller(self.model.mapping).registration(operation.registration, fields)

    def _letters(self, fields: Fields) -> Any:
        letters: Any = fields["letters"]
        operations, teller = self.model.mapping.operations, Teller(self.model.mapping)
        if self.one.deed is Deed.SEARCH and operations.search is not None:
            return teller.matches(operations.search, letters)
        return {} if operations.progress is None else teller.letters(operations.progress, letters)

    def _worded(self, data: Any, fields: Fields) -> Any:
        verdict: Verdict | None = self.one.step.verdict
        while verdict is not None:
            if verdict.text is not None and fields.get("resultText"):
                try:
                    data = merged(data, inverse(verdict.text, fields["resultText"]))
                except NotInvertible:
                    pass
            verdict = verdict.inner
        return data


@dataclass
class VendorVoice:
    """Answers one request in the vendor's language; see connector.simulator.counter."""

    answering: Answering
    message: Message
    doorkeeper: Doorkeeper
    taken: Mapping[str, str] = field(default_factory=dict)
    cookie: str | None = None
    status: int = 0
    """What was answered last."""
    number: str | None = None

    def answer(self, fields: Fields) -> Reply:
        """Return the answer as the mapping reads it."""
        if fields["resultCode"] == ResultCode.SESSION_UNKNOWN:
            self.doorkeeper.forget()
        taken = self.taken if fields["resultCode"] == ResultCode.REGISTERED else {}
        reply = self.answering.reply(fields, self.message, taken)
        self.status = reply.status
        self.number = str(fields["number"]) if "number" in fields else None
        if self.cookie is not None and taken is self.taken:
            reply = replace(reply, headers={**reply.headers, "Set-Cookie": f"SESSION={self.cookie}; Path=/"})
        return reply

    def under_200(self, fields: Fields) -> Reply:
        """Return the answer; under which status is the mapping's affair."""
        return self.answer(fields)

    def error(self, text: str, code: ResultCode | None = None) -> Reply:
        """Return an error that stands in no rule of the mapping, or that the session is over."""
        if code is not None:
            return self.answer({"resultCode": int(code)})
        self.status = 500
        return self.answering.model.wire.error(self.message, text)
