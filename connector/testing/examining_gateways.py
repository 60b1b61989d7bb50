"""Examines a gateway's adapter for its certificate: against its simulated vendor, or the vendor itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from connector import clock
from connector.errors import AdapterUnknown
from connector.ports.catalogue import GATEWAYS, adapter_kind
from connector.ports.gateway import GatewayAdapter, GatewayCapabilities
from connector.ports.office import RecoveryLevel
from connector.simulator.fates import Fate
from connector.simulator.faults import FaultRule
from connector.simulator.gateways import Arrival, CallToUs, SentText, VendorBook, WrittenText
from connector.testing.certificate import Certificate, Subject, package_of, proven_level
from connector.testing.checks import CheckResult, Verdict
from connector.testing.gateway_contract import CHECKS, Wish, bench_of, run_checks

__all__ = ["examine_gateway", "examine_live_gateway"]

_LIVE = "It would send a text, and a live vendor sends it to somebody."
Saw = Callable[[CheckResult], None]


def examine_gateway(
    adapter: str,
    *,
    connection: str | None = None,
    mappings: Path | None = None,
    saw: Saw = lambda _result: None,
    now: clock.Now = clock.now,
) -> Certificate:
    """Examine an installed gateway before its simulated vendor. Raise AdapterUnknown if its package brings none.

    ``mappings`` is the operator's own folder: it is examined with the code tables that are in force.
    """
    adapter_kind(GATEWAYS, adapter)
    opened = bench_of(adapter, mappings)
    with opened(Fate.ANSWERED) as bench:
        capabilities = bench.connect().capabilities
    results = run_checks(opened, saw=saw)
    subject = Subject(
        kind="gateway",
        adapter=adapter,
        package=package_of(GATEWAYS, adapter),
        connection=connection,
        counterpart="simulated vendor",
    )
    declared = _level(capabilities)
    return Certificate(
        subject=subject,
        made_at=now(),
        declared_level=declared,
        proven=proven_level(results) if declared == RecoveryLevel.A else declared,
        results=results,
    )


def examine_live_gateway(
    gateway: GatewayAdapter,
    *,
    connection: str,
    adapter: str,
    saw: Saw = lambda _result: None,
    now: clock.Now = clock.now,
) -> Certificate:
    """Ask a live vendor the harmless questions of the contract. Nothing is sent, so no level is proven."""
    bench = _LiveBench(gateway)

    @contextmanager
    def opened(_fate: Fate) -> Iterator[_LiveBench]:
        yield bench

    harmless = [check for check in CHECKS if check.is_harmless]
    found = {result.check.name: result for result in run_checks(opened, checks=harmless, at_once=1)}
    results = []
    for check in CHECKS:
        result = found.get(check.name) or CheckResult(check=check, verdict=Verdict.SKIPPED, reason=_LIVE)
        saw(result)
        results.append(result)
    subject = Subject(
        kind="gateway",
        adapter=adapter,
        package=package_of(GATEWAYS, adapter),
        connection=connection,
        counterpart="live system",
    )
    return Certificate(
        subject=subject,
        made_at=now(),
        declared_level=_level(gateway.capabilities),
        proven=None,
        results=results,
    )


def _level(capabilities: GatewayCapabilities) -> str:
    """Return what a lost answer means: it can be asked for by our own id, or nobody can be asked."""
    return RecoveryLevel.A if capabilities.find_by_own_id else RecoveryLevel.C


class _LiveBench:
    """A live vendor: it can be asked, and nothing of it can be arranged or looked into."""

    secret = "a secret that nobody knows"  # noqa: S105 - the true one is not revealed to look for it

    def __init__(self, gateway: GatewayAdapter) -> None:
        self._gateway = gateway
        self.book = VendorBook()

    def connect(self, wish: Wish = Wish.PLAIN) -> GatewayAdapter:
        if wish is not Wish.PLAIN:
            raise ValueError("a live vendor is asked as it is configured")
        return self._gateway

    def arm(self, rule: FaultRule) -> None:
        raise ValueError("no fault is played at a live vendor")

    def calm(self) -> None:
        """Nothing is armed."""

    def reported(self, sent: SentText, arrival: Arrival) -> CallToUs:
        raise AdapterUnknown("A live vendor calls when it wants to.")

    def brought(self, written: WrittenText) -> CallToUs:
        raise AdapterUnknown("A live vendor calls when it wants to.")

    def lacks(self, need: StrEnum) -> str | None:
        return f"Nothing of a live vendor can be arranged ({need})."
