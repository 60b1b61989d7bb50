"""What both doors of the office share: the book, the faults, and the deeds with their faults."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from connector.simulator.book import OfficeBook, ResultCode, SecretariatUnknown
from connector.simulator.desk import MOST_KEYS, ContractBroken, letter_fields, result_fields
from connector.simulator.faults import Fault, FaultPlan
from connector.simulator.records import Call
from connector.simulator.serving import Reply

__all__ = ["Counter", "Fields"]

Fields = dict[str, object]
"""The fields of an answer, before they are written as XML or JSON."""


@dataclass
class Counter:
    """The office's counter. Each deed takes a function that writes its fields in the door's own language."""

    book: OfficeBook
    faults: FaultPlan = field(default_factory=FaultPlan)

    def register(self, call: Call, write: Callable[[Fields], Reply]) -> Reply:
        """Register a letter. Raise ContractBroken for an unknown secretariat, HangUp where it is planned."""
        injection = self.faults.draw("register", call.key)
        if injection is None:
            return write(self._enter(call, refuse=False))
        if injection.fault is Fault.BUSY:
            return write(result_fields(ResultCode.BUSY, None))
        return injection.around(lambda: write(self._enter(call, refuse=injection.fault is Fault.REFUSE)))

    def find(self, key: str, secretariat: str, write: Callable[[Fields], Reply]) -> Reply:
        """Look a letter up by key."""
        return self._around("find", key, lambda: write(result_fields(*self.book.find(key, secretariat))))

    def progress(self, keys: Sequence[str], write: Callable[[Fields], Reply]) -> Reply:
        """Tell how far these letters are. Raise ContractBroken when they are too many."""
        if len(keys) > MOST_KEYS:
            raise ContractBroken(f"at most {MOST_KEYS} keys")
        letters = [letter_fields(entry) for entry in self.book.progress(keys)]
        return self._around("progress", keys[0] if keys else "", lambda: write({"letters": letters}))

    def ping(self, write: Callable[[Fields], Reply]) -> Reply:
        """Say that the office is there."""
        return self._around("ping", "", lambda: write({"status": "ok"}))

    def _enter(self, call: Call, *, refuse: bool) -> Fields:
        try:
            return result_fields(*self.book.register(call, refuse=refuse))
        except SecretariatUnknown:
            raise ContractBroken("no such secretariat") from None

    def _around(self, deed: str, key: str, do: Callable[[], Reply]) -> Reply:
        injection = self.faults.draw(deed, key)
        return do() if injection is None else injection.around(do)
