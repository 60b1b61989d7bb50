"""A vendor's office to try against: served on loopback, faults by name, and its book at the end."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from connector.errors import SettingsInvalid
from connector.simulator.book import Duplicates, OfficeBook
from connector.simulator.counter import Counter
from connector.simulator.exchange import Answering
from connector.simulator.fates import Fate, FateDeck, Pace
from connector.simulator.fault_kinds import OFFICE_FAULTS, Fault
from connector.simulator.faults import FaultPlan, FaultRule
from connector.simulator.serving import LoopbackServer
from connector.simulator.vendor.credentials import Doorkeeper
from connector.simulator.vendor.model import VendorModel
from connector.simulator.vendor.office import Seen, VendorOffice
from connector.simulator.vendor.published import Published
from connector.simulator.vendor.wsdl_office import WsdlOffice

__all__ = ["PASSWORD", "USER", "Sandbox", "known_faults", "read_fault"]

USER: Final = "chapar"
PASSWORD: Final = "simulated"  # noqa: S105 - of an office on loopback that holds nothing
_FAULT: Final = re.compile(r"([a-z0-9_]+?)(?:@([a-z_]+))?(?:x(\d+|all))?")
_DEEDS: Final = ("register", "find", "search", "progress", "check", "prepare", "complete", "log_in")
_SAID: Final = {
    "another_entry": Duplicates.NAIVE,
    "the_number": Duplicates.ANSWERED_WITH_THE_NUMBER,
    "an_error": Duplicates.ANSWERED_WITH_AN_ERROR,
}


def read_fault(text: str) -> FaultRule:
    """Return the rule of ``NAME[@DEED][xTIMES|xall]``: once at the next registration unless it says otherwise.

    Raise SettingsInvalid where there is no such fault or deed.
    """
    match = _FAULT.fullmatch(text.strip())
    name = match[1] if match else text
    if match is None or name not in set(Fault):
        raise SettingsInvalid(
            f"There is no fault {name!r}.",
            next_step="See which there are: chapar simulate office --fault list",
        )
    deed = match[2] or "register"
    if deed not in _DEEDS:
        raise SettingsInvalid(
            f"No office is asked to {deed!r}.", next_step=f"Choose one of: {', '.join(_DEEDS)}."
        )
    times = None if match[3] == "all" else int(match[3] or 1)
    return FaultRule(fault=Fault(name), deed="ping" if deed == "check" else deed, times=times)


@dataclass
class Sandbox:
    """One office that is served until it is stopped; a context manager."""

    model: VendorModel | None
    wsdls: Sequence[Path] = ()
    port: int = 0
    faults: Sequence[FaultRule] = ()
    fates: Sequence[Fate] = ()
    secretariats: Sequence[str] = ()
    seed: int = 1
    saw: Callable[[Seen], None] = lambda _seen: None
    counter: Counter = field(init=False)

    def __post_init__(self) -> None:
        """Bind the address. Raise SettingsInvalid where the port is taken."""
        book = OfficeBook(
            frozenset(self.secretariats),
            deck=FateDeck(self.seed, tuple(self.fates) or (self._usual,)),
            pace=Pace(),
        )
        if self.model is not None:
            book.duplicates = _SAID[str(self.model.mapping.on_duplicate)]
        self.counter = Counter(book, FaultPlan(self.seed, self.faults))
        door = self._make_door()
        self._published = Published(files, door) if (files := self._files()) else None
        try:
            self._server = LoopbackServer(self._published or door, port=self.port)
        except OSError as error:
            raise SettingsInvalid(
                f"Port {self.port} cannot be listened on: {error.strerror}.",
                next_step="Choose another --port, or none for any free one.",
            ) from None

    @property
    def url(self) -> str:
        """Return its address."""
        return self._server.url

    @property
    def contracts(self) -> list[str]:
        """Return where its WSDLs are to be read."""
        return [f"{self.url}{path}" for path in self._published.paths] if self._published else []

    def _files(self) -> Sequence[Path]:
        if self.wsdls or self.model is None:
            return self.wsdls
        named = {service.wsdl for service in self.model.mapping.services.values() if service.wsdl}
        files = [self.model.path.parent / each for each in sorted(named)]
        return [file for file in files if file.is_file()]

    @property
    def _usual(self) -> Fate:
        """What becomes of a letter where nobody asked for anything else: nothing is refused by chance."""
        is_later = self.model is not None and self.model.numbers_all_later
        return Fate.NUMBERED_LATER if is_later else Fate.ANSWERED

    def entries(self) -> Iterator[dict[str, Any]]:
        """Yield what stands in its book, oldest first: numbers and keys, and nothing that a citizen wrote."""
        for entry in self.counter.book.entries():
            yield {
                "number": entry.number,
                "year": entry.year,
                "secretariat": entry.call.secretariat,
                "key": entry.call.key,
                "state": str(entry.state),
                "files": len(entry.call.attachments),
            }

    def __enter__(self) -> "Sandbox":
        """Begin to answer."""
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop; calls that are held back go on first."""
        self.counter.faults.disarm()
        self._server.stop()

    def _make_door(self) -> Answering:
        if self.model is None:
            return WsdlOffice(self.wsdls, self.counter.faults, self.saw)
        doorkeeper = Doorkeeper(self.model.mapping, username=USER, password=PASSWORD, token=PASSWORD)
        default = self.secretariats[0] if self.secretariats else "10"
        return VendorOffice(self.model, self.counter, doorkeeper, saw=self.saw, default_secretariat=default)


def known_faults() -> dict[str, list[str]]:
    """Return for each fault the deeds at which it can be played."""
    return {
        str(fault): [deed for deed, faults in OFFICE_FAULTS.items() if fault in faults]
        for fault in Fault
        if fault is not Fault.REFUSE and fault in OFFICE_FAULTS["register"]
    }
