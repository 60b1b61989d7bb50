"""The office itself: a request is told apart by the mapping, done in the book, and answered by the mapping."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.simulator.book import ResultCode
from connector.simulator.counter import Counter, Fields
from connector.simulator.desk import ContractBroken, code_fields, letter_fields, match_fields, result_fields
from connector.simulator.exchange import Reply, Request
from connector.simulator.records import AttachmentMark, Call, OfficeEntry
from connector.simulator.vendor.answering import Answering, VendorVoice
from connector.simulator.vendor.asking import Asked, Message, read_asked
from connector.simulator.vendor.credentials import Doorkeeper
from connector.simulator.vendor.finding import asked_about, named_in, searched
from connector.simulator.vendor.model import VendorModel
from connector.simulator.vendor.plan import Deed, Planned, fitting, twins
from connector.simulator.vendor.sources import sources_of

__all__ = ["Seen", "VendorCall", "VendorOffice"]


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorCall(Call):
    """A letter as the vendor's office was sent it: as much of it as the mapping sends."""

    texts: tuple[str, ...] = ()
    """Every text of the request."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One exchange, for whoever looks on. Nothing of a letter's content is in it."""

    deed: str
    key: str | None
    status: int
    number: str | None = None
    fault: str | None = None


@dataclass
class VendorOffice:
    """Answers requests as the mapping expects it. Give it to a LoopbackServer. Thread-safe."""

    model: VendorModel
    counter: Counter
    doorkeeper: Doorkeeper
    saw: Callable[[Seen], None] = lambda _seen: None
    default_secretariat: str = "10"
    handed_in: dict[str, list[AttachmentMark]] = field(default_factory=dict, init=False)
    """Files that came in calls of their own, by the letter's document id."""
    _uploads: dict[str, list[AttachmentMark]] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _count: int = field(default=0, init=False)

    def __call__(self, request: Request) -> Reply:
        """Answer one request."""
        message = self.model.wire.read(request)
        if isinstance(message, Reply):
            return message
        one = fitting(self.model.plan, message, self.model.paths)
        if one is None:
            self.saw(Seen(deed="unknown", key=message.call or message.path, status=404))
            return self.model.wire.error(message, "no such operation", 404)
        asked = _read(one, message)
        answering = Answering(self.model, one)
        refusal = self.doorkeeper.refusal(one, message, asked)
        if refusal is not None:
            self.saw(Seen(deed=str(one.deed), key=asked.key, status=refusal.status, fault="turned_away"))
            return answering.said(refusal, message)
        return self._played(one, asked, VendorVoice(answering, message, self.doorkeeper))

    def _played(self, one: Planned, asked: Asked, voice: VendorVoice) -> Reply:
        before = len(self.counter.faults.plays)
        try:
            return self._done(one, asked, voice)
        except ContractBroken as broken:
            return self.model.wire.error(voice.message, str(broken), 400)
        finally:
            plays = self.counter.faults.plays[before:]
            fault = next((str(play.fault) for play in plays if play.deed == _fault_deed(one.deed)), None)
            key = asked.key or next(iter(asked.pointers), None)
            self.saw(Seen(deed=str(one.deed), key=key, status=voice.status, number=voice.number, fault=fault))

    def _done(self, one: Planned, asked: Asked, voice: VendorVoice) -> Reply:
        match one.deed:
            case Deed.REGISTER:
                return self.counter.register(self._call(asked), voice)
            case Deed.LOG_IN:
                voice.taken, voice.cookie = self.doorkeeper.open(one)
            case Deed.PREPARE:
                voice.taken = self._prepared(one, self._files(one, asked, voice.message))
            case Deed.COMPLETE:
                return self.counter.ask("complete", asked.key or "", voice, lambda: self._completed(asked))
            case Deed.FIND | Deed.VERIFY:
                return self.counter.ask("find", asked.key or "", voice, lambda: self._found(asked))
            case Deed.SEARCH:
                return self.counter.ask("search", "", voice, lambda: self._matches(asked))
            case Deed.PROGRESS:
                return self.counter.ask("progress", "", voice, lambda: self._progress(asked))
        return self.counter.ask(_fault_deed(one.deed), asked.key or "", voice, lambda: code_fields(0))

    def _call(self, asked: Asked) -> VendorCall:
        with self._lock:
            self._count += 1
            number = self._count
        handles = set(asked.texts) - self._without_file(asked)
        uploads = [mark for handle, marks in self._uploads.items() if handle in handles for mark in marks]
        return VendorCall(
            key=asked.key or f"(no key {number})",
            secretariat=asked.of(r"\bsecretariat\b") or self.default_secretariat,
            subject=asked.first("letter.subject"),
            body=asked.first("letter.text"),
            sender_kind=asked.first("sender.kind"),
            sender_id=asked.first("sender.identity_number"),
            sender_name=asked.first("sender.name"),
            sender_mobile=asked.first("sender.mobile"),
            unit=asked.of(r"\bunit\b"),
            urgency=1,
            confidentiality=1,
            letter_date="",
            attachments=(*asked.marks, *uploads),
            texts=tuple(asked.texts),
        )

    def _files(self, one: Planned, asked: Asked, message: Message) -> list[AttachmentMark]:
        """Return the files in a request, also where another step, which sends one, explains it just as well."""
        others = [] if asked.marks else twins(self.model.plan, one, message, self.model.paths)
        return asked.marks or next((marks for other in others if (marks := _read(other, message).marks)), [])

    def _without_file(self, asked: Asked) -> set[str]:
        """Return the handles of steps that hand in something else than the letter's files, such as its text."""
        names = [
            one.step.name
            for one in self.model.plan
            if one.deed is Deed.PREPARE and not any("content" in each for each in sources_of(one.send))
        ]
        return {
            value
            for source, value in asked.values.items()
            if any(f"taken.{name}." in source for name in names)
        }

    def _prepared(self, one: Planned, marks: list[AttachmentMark]) -> dict[str, str]:
        """Return how the office calls what it was given, under the names that the step takes."""
        with self._lock:
            self._count += 1
            handles = {name: f"H{self._count:06d}{position}" for position, name in enumerate(one.step.take)}
        for handle in handles.values():
            self._uploads[handle] = marks
        return handles

    def _completed(self, asked: Asked) -> Fields:
        entry = self._entry(asked)
        if entry is None:
            raise ContractBroken("no such letter")
        with self._lock:
            marks = self.handed_in.setdefault(entry.document_id, [])
            marks.extend(mark for mark in asked.marks if mark not in marks)
        return code_fields(0)

    def _entry(self, asked: Asked) -> OfficeEntry | None:
        secretariat = asked.of(r"\bsecretariat\b")
        found = asked_about(self.counter.book.entries(), asked.pointers)
        return next((entry for entry in found if secretariat in {None, entry.call.secretariat}), None)

    def _found(self, asked: Asked) -> Fields:
        entry = self._entry(asked)
        if entry is None:
            return code_fields(ResultCode.NOT_FOUND)
        code, _ = self.counter.book.find(entry.call.key, entry.call.secretariat)
        return result_fields(code, entry)

    def _matches(self, asked: Asked) -> Fields:
        entries = searched(self.counter.book.entries(), asked, self.model.mapping)
        operation = self.model.mapping.operations.search
        most = None if operation is None else operation.most
        return _listed(match_fields(entry, shows_key=True) for entry in entries[:most])

    def _progress(self, asked: Asked) -> Fields:
        entries: dict[str, OfficeEntry] = {}
        for pointer in asked.pointers:
            known = self.counter.book.entries()
            for entry in named_in(known, pointer) or asked_about(known, [pointer])[:1]:
                entries.setdefault(entry.document_id, entry)
        return _listed(letter_fields(entry) for entry in entries.values())


def _read(one: Planned, message: Message) -> Asked:
    return read_asked(one.step.model_copy(update={"send": one.send}), message)


def _listed(letters: Any) -> Fields:
    listed: Sequence[Fields] = list(letters)
    return {**code_fields(0), "letters": listed}


def _fault_deed(deed: Deed) -> str:
    """Return how faults call the deed."""
    return {Deed.VERIFY: "find", Deed.CHECK: "ping"}.get(deed, str(deed))
