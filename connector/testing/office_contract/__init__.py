"""The contract of an office adapter as checks that anybody can run, with pytest or without.

``CHECKS`` are plain sentences with a deed each. A bench (``OfficeBench``) is the counterpart: an office with a book of
its own and faults on demand. ``ServedBench`` makes one of any HTTP office. ``OfficeContract`` in ``as_pytest`` runs the
checks as tests of a third party's package; ``chapar offices certify`` runs them without pytest.
"""

from connector.testing.office_contract.bench import BookEntry, OfficeBench, OpenBench, Wish
from connector.testing.office_contract.checks import (
    Check,
    CheckFailed,
    CheckResult,
    Skipped,
    Verdict,
    run_check,
)
from connector.testing.office_contract.needs import Need
from connector.testing.office_contract.served import Place, ServedBench, served
from connector.testing.office_contract.suite import CHECKS, run_checks

__all__ = [
    "CHECKS",
    "BookEntry",
    "Check",
    "CheckFailed",
    "CheckResult",
    "Need",
    "OfficeBench",
    "OpenBench",
    "Place",
    "ServedBench",
    "Skipped",
    "Verdict",
    "Wish",
    "run_check",
    "run_checks",
    "served",
]
