"""What both doors of the office share: the book, the faults, and the deeds with their faults."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from connector.simulator.book import OfficeBook, ResultCode, SecretariatUnknown
from connector.simulator.desk import (
    MOST_KEYS,
    MOST_MATCHES,
    UNHEARD_OF,
    ContractBroken,
    code_fields,
    letter_fields,
    match_fields,
    result_fields,
)
from connector.simulator.fault_kinds import SPOKEN
from connector.simulator.faults import Fault, FaultPlan, Injection, Played
from connector.simulator.records import Call, Search
from connector.simulator.serving import Reply

__all__ = ["Counter", "Fields", "Voice"]

Fields = dict[str, object]
"""The fields of an answer, before they are written as XML or JSON."""


class Voice(Protocol):
    """How one deed is answered in the language of a door."""

    def answer(self, fields: Fields) -> Reply:
        """Return the answer as the door's contract says."""
        ...

    def under_200(self, fields: Fields) -> Reply:
        """Return the answer under HTTP 200, whatever it says."""
        ...

    def error(self, text: str, code: ResultCode | None = None) -> Reply:
        """Return an error of the door's own kind; the code is told where that kind has room for one."""
        ...


@dataclass
class Counter:
    """The office's counter. Each deed is answered with a voice in the door's own language."""

    book: OfficeBook
    faults: FaultPlan = field(default_factory=FaultPlan)

    def register(self, call: Call, voice: Voice) -> Reply:
        """Register a letter. Raise ContractBroken for an unknown secretariat, HangUp where it is planned."""
        injection = self.faults.draw("register", call.key)
        refuse = injection is not None and injection.fault is Fault.REFUSE
        return _played(injection, voice, lambda: self._enter(call, refuse=refuse))

    def find(self, key: str, secretariat: str, voice: Voice) -> Reply:
        """Look a letter up by key."""
        injection = self.faults.draw("find", key)
        return _played(injection, voice, lambda: result_fields(*self.book.find(key, secretariat)))

    def search(self, search: Search, voice: Voice) -> Reply:
        """Tell which letters fit, a hundred at most."""
        return _played(self.faults.draw("search"), voice, lambda: self._matches(search))

    def progress(self, keys: Sequence[str], voice: Voice) -> Reply:
        """Tell how far these letters are. Raise ContractBroken when they are too many."""
        if len(keys) > MOST_KEYS:
            raise ContractBroken(f"at most {MOST_KEYS} keys")
        injection = self.faults.draw("progress", keys[0] if keys else "")
        return _played(injection, voice, lambda: self._progress(keys))

    def ping(self, voice: Voice) -> Reply:
        """Say that the office is there."""
        return _played(self.faults.draw("ping"), voice, lambda: {"status": "ok"})

    def ask(self, deed: str, key: str, voice: Voice, do: Callable[[], Fields]) -> Reply:
        """Answer what any other deed brings, or whatever a fault makes of it."""
        return _played(self.faults.draw(deed, key), voice, do)

    def _enter(self, call: Call, *, refuse: bool) -> Fields:
        try:
            return result_fields(*self.book.register(call, refuse=refuse))
        except SecretariatUnknown:
            raise ContractBroken("no such secretariat") from None

    def _matches(self, search: Search) -> Fields:
        shows_key = self.book.key_is_searchable
        found = self.book.search(search)[:MOST_MATCHES]
        return {
            **code_fields(ResultCode.REGISTERED),
            "letters": [match_fields(entry, shows_key=shows_key) for entry in found],
        }

    def _progress(self, keys: Sequence[str]) -> Fields:
        return {"resultCode": 0, "letters": [letter_fields(entry) for entry in self.book.progress(keys)]}


def _played(injection: Injection | None, voice: Voice, do: Callable[[], Fields]) -> Reply:
    """Do the deed and answer it, or whatever the fault makes of both."""
    if injection is None:
        return voice.answer(do())
    if injection.fault is Fault.DUPLICATE_ANSWER:
        return voice.answer(_as_if_known(do()))
    if injection.fault not in SPOKEN:
        return injection.around(lambda: voice.answer(do()))
    if injection.play.is_done:
        do()
    return _spoken(injection.play, voice)


def _spoken(play: Played, voice: Voice) -> Reply:
    match play.fault:
        case Fault.BUSY:
            return voice.answer(code_fields(ResultCode.BUSY))
        case Fault.ERROR_IN_200:
            return voice.under_200(code_fields(ResultCode.BUSY))
        case Fault.UNMAPPED_CODE:
            return voice.under_200(code_fields(UNHEARD_OF))
        case Fault.SESSION_EXPIRED if play.is_other:
            return voice.error("session unknown", ResultCode.SESSION_UNKNOWN)
        case Fault.SESSION_EXPIRED:
            return voice.under_200(code_fields(ResultCode.SESSION_UNKNOWN))
    return voice.error("internal error")


def _as_if_known(fields: Fields) -> Fields:
    return {**fields, **code_fields(ResultCode.KNOWN)} if "number" in fields else fields
