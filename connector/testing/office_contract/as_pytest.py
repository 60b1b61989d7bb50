"""The contract as tests: subclass OfficeContract, give it a bench, and pytest runs every check under its name."""

from typing import ClassVar

import pytest

from connector.testing.office_contract.bench import OpenBench
from connector.testing.office_contract.checks import Check, Verdict, run_check
from connector.testing.office_contract.suite import CHECKS

__all__ = ["OfficeContract"]


class OfficeContract:
    """Every check of the contract, for one adapter::

    class TestMyOffice(OfficeContract):
        open_bench = staticmethod(my_bench)
    """

    open_bench: ClassVar[OpenBench]

    @pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])
    def test_contract(self, check: Check) -> None:
        """Run one check; what the adapter does not declare is skipped with its reason."""
        if check.is_slow:
            pytest.skip("slow; chapar offices certify --slow runs it")
        result = run_check(check, type(self).open_bench)
        if result.verdict is Verdict.SKIPPED:
            pytest.skip(result.text)
        if result.verdict is Verdict.FAILED:
            pytest.fail(f"{check.sentence}\n{result.text}", pytrace=False)
