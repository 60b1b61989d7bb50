"""The contract of a gateway adapter as checks that anybody can run, with pytest or without.

``CHECKS`` are plain sentences with a deed each. A bench (``GatewayBench``) is the adapter before a vendor with a book
of its own and faults on demand; ``vendor_bench`` makes one of any ``connector.simulator.gateways.Vendor``.
``GatewayContract`` in ``as_pytest`` runs the checks as tests of a third party's package; ``chapar gateways certify``
runs them without pytest.
"""

from connector.testing.checks import Check, CheckFailed, CheckResult, Skipped, Verdict
from connector.testing.gateway_contract.bench import (
    VENDORS,
    GatewayBench,
    OpenBench,
    VendorBench,
    Wish,
    bench_of,
    vendor_bench,
)
from connector.testing.gateway_contract.needs import Need
from connector.testing.gateway_contract.suite import CHECKS, run_check, run_checks

__all__ = [
    "CHECKS",
    "VENDORS",
    "Check",
    "CheckFailed",
    "CheckResult",
    "GatewayBench",
    "Need",
    "OpenBench",
    "Skipped",
    "VendorBench",
    "Verdict",
    "Wish",
    "bench_of",
    "run_check",
    "run_checks",
    "vendor_bench",
]
