"""The bench: a gateway's adapter and its counterpart, a vendor with a book of its own and switches for faults."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final, Protocol

from connector.errors import AdapterUnknown
from connector.ports.catalogue import GATEWAYS, AdapterKind, AdapterSite, adapter_kind
from connector.ports.gateway import GatewayAdapter
from connector.settings.shipped import mapping_folders
from connector.simulator.fates import Fate
from connector.simulator.faults import FaultRule
from connector.simulator.gateways import (
    Arrival,
    BringsByCall,
    CallToUs,
    Place,
    ReportsByCall,
    SentText,
    Vendor,
    VendorBook,
    WrittenText,
)
from connector.testing.checks import Skipped
from connector.testing.office_contract.bench import Wish

__all__ = [
    "SECRET",
    "VENDORS",
    "GatewayBench",
    "OpenBench",
    "VendorBench",
    "Wish",
    "bench_of",
    "vendor_bench",
]

VENDORS: Final = "chapar.simulated_gateways"
"""Entry points of this group give the simulated vendor of a gateway, under the adapter's name."""

SECRET: Final = "Zx81-the-secret-of-this-bench-09cf"  # noqa: S105 - it opens nothing
_WRONG: Final = "another-secret-that-nobody-knows"
_PATIENT: Final = timedelta(seconds=10)
_HURRIED: Final = timedelta(seconds=0.3)
_NOWHERE: Final = "http://127.0.0.1:9"
"""The discard port, where nobody listens."""
_RECEIPTS: Final = "https://chapar.example/receipts/"


class GatewayBench(Protocol):
    """A vendor to test an adapter against. Each check is given a fresh one, with an empty book."""

    book: VendorBook
    secret: str
    """What the adapter knows and nobody may see."""

    def connect(self, wish: Wish = Wish.PLAIN) -> GatewayAdapter:
        """Return the adapter that is connected in this way; built once, and closed by the bench at the end."""
        ...

    def arm(self, rule: FaultRule) -> None:
        """Let calls go wrong from now on: send, find, delivery, credit, inbox."""
        ...

    def calm(self) -> None:
        """Let nothing go wrong any more; calls that are held back go on."""
        ...

    def reported(self, sent: SentText, arrival: Arrival) -> CallToUs:
        """Return the call by which the vendor reports what became of a text."""
        ...

    def brought(self, written: WrittenText) -> CallToUs:
        """Return the call by which the vendor brings what a citizen wrote."""
        ...

    def lacks(self, need: StrEnum) -> str | None:
        """Return why this vendor cannot do or play what a check needs; None where it can."""
        ...


OpenBench = Callable[[Fate], AbstractContextManager[GatewayBench]]
"""Opens a fresh bench. The fate is of no matter here."""


class VendorBench:
    """A simulated vendor, with an adapter that is configured as an operator would."""

    def __init__(self, vendor: Vendor, folder: Path, mappings: Path | None = None) -> None:
        """Let the vendor answer. The folder takes the files of the secrets; ``mappings`` is the operator's own one."""
        self.book = vendor.book
        self.secret = SECRET
        self.vendor = vendor
        self._folder = folder
        self._mappings = mapping_folders(mappings)
        self._adapters: dict[Wish, GatewayAdapter] = {}
        vendor.start()

    def close(self) -> None:
        """Close the adapters and the vendor."""
        self.calm()
        for adapter in self._adapters.values():
            adapter.close()
        self.vendor.stop()

    def connect(self, wish: Wish = Wish.PLAIN) -> GatewayAdapter:
        """Return an adapter that is connected to this vendor."""
        if wish not in self._adapters:
            self._adapters[wish] = self.build(self.vendor.settings(self.place(wish)))
        return self._adapters[wish]

    def build(self, settings: Mapping[str, Any]) -> GatewayAdapter:
        """Return an adapter with these settings; whoever asks closes it."""
        name = self.vendor.adapter
        kind = _kind_of(name)
        site = AdapterSite(name=name, mappings=self._mappings, pool_size=8, receipt_url=f"{_RECEIPTS}{name}")
        return kind.build(kind.settings.model_validate(settings), site)

    def place(self, wish: Wish = Wish.PLAIN) -> Place:
        """Return where an adapter that is connected in this way finds the vendor."""
        secret = self._folder / wish
        secret.write_text(f"{_WRONG if wish is Wish.WRONG_CREDENTIALS else SECRET}\n", encoding="ascii")
        return Place(
            url=_NOWHERE if wish is Wish.UNREACHABLE else self.vendor.url,
            secret={"file": secret},
            answer_within=_HURRIED if wish is Wish.HURRIED else _PATIENT,
        )

    def arm(self, rule: FaultRule) -> None:
        """Let calls go wrong from now on."""
        self.vendor.faults.arm(rule)

    def calm(self) -> None:
        """Let nothing go wrong any more."""
        self.vendor.faults.disarm()

    def reported(self, sent: SentText, arrival: Arrival) -> CallToUs:
        """Return the call by which the vendor reports what became of a text."""
        if not isinstance(self.vendor, ReportsByCall):
            raise Skipped("This vendor calls nobody with delivery reports.")
        return self.vendor.reported(sent, arrival)

    def brought(self, written: WrittenText) -> CallToUs:
        """Return the call by which the vendor brings what a citizen wrote."""
        if not isinstance(self.vendor, BringsByCall):
            raise Skipped("This vendor calls nobody with what citizens wrote.")
        return self.vendor.brought(written)

    def lacks(self, need: StrEnum) -> str | None:
        """Return why this vendor cannot do or play it."""
        return self.vendor.lacks(need)


@contextmanager
def vendor_bench(vendor: Callable[[str], Vendor], mappings: Path | None = None) -> Iterator["VendorBench"]:
    """Open a bench with a fresh vendor of this class; ``mappings`` is the operator's own folder, where there is one."""
    with tempfile.TemporaryDirectory() as folder:
        bench = VendorBench(vendor(SECRET), Path(folder), mappings)
        try:
            yield bench
        finally:
            bench.close()


@cache
def _kind_of(adapter: str) -> AdapterKind[GatewayAdapter]:
    return adapter_kind(GATEWAYS, adapter)


@cache
def bench_of(adapter: str, mappings: Path | None = None) -> OpenBench:
    """Return what opens benches for this gateway. Raise AdapterUnknown where its package brings no vendor.

    ``mappings`` is the operator's own folder, whose code tables come before the shipped ones.
    """
    points = [point for point in entry_points(group=VENDORS) if point.name == adapter]
    if not points:
        raise AdapterUnknown(
            f"The package of the gateway {adapter!r} brings no simulated vendor to examine it against.",
            next_step=f"Give it an entry point in {VENDORS}; docs/gateways.md says how.",
        )
    vendor: Callable[[str], Vendor] = points[0].load()

    def opened(_fate: Fate) -> AbstractContextManager[GatewayBench]:
        return vendor_bench(vendor, mappings)

    return opened
