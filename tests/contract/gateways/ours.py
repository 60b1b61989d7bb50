"""The contract for gateways of our own: what does not concern one is written down, and everything else runs."""

from enum import StrEnum
from typing import Any, ClassVar

import pytest

from connector.simulator.fates import Fate
from connector.testing.checks import Check
from connector.testing.gateway_contract import CHECKS
from connector.testing.gateway_contract.as_pytest import GatewayContract
from connector.testing.gateway_contract.suite import why_not

NEEDS: frozenset[StrEnum] = frozenset(need for check in CHECKS for need in check.needs)


class OurGateway(GatewayContract):
    """Subclass it with the adapter's name, what it does not declare, and what its vendor cannot play."""

    unmet: ClassVar[frozenset[str]] = frozenset()
    beside_the_point: ClassVar[frozenset[str]] = frozenset()
    """Checks that find out only on their way that they say nothing of this gateway."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run the checks that concern this gateway: one that were left out would be a failure."""
        if "check" in metafunc.fixturenames:
            checks = [
                check
                for check in CHECKS
                if not self.unmet.intersection(check.needs) and check.name not in self.beside_the_point
            ]
            metafunc.parametrize("check", checks, ids=[check.name for check in checks])

    def test_contract(self, check: Check[Any]) -> None:
        """Run one check."""
        super().test_contract(check)

    def test_it_leaves_out_what_is_written_here_and_nothing_else(self) -> None:
        """Compare what is written with what the adapter declares and the vendor can play."""
        with self._opened()(Fate.ANSWERED) as bench:
            assert {str(need) for need in NEEDS if why_not(need, bench)} == self.unmet
