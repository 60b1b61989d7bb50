"""The contract as tests: subclass GatewayContract, name the adapter, and pytest runs every check under its name."""

from typing import ClassVar

import pytest

from connector.testing.checks import Check, Verdict
from connector.testing.gateway_contract.bench import GatewayBench, OpenBench, bench_of
from connector.testing.gateway_contract.suite import CHECKS, run_check

__all__ = ["GatewayContract"]


class GatewayContract:
    """Every check of the contract, for one gateway::

    class TestMyGateway(GatewayContract):
        adapter = "my-gateway"
    """

    adapter: ClassVar[str] = ""
    """The adapter's name; its simulated vendor is found through its entry point."""
    open_bench: ClassVar[OpenBench | None] = None
    """What opens a bench, where none is found by name."""

    @pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])
    def test_contract(self, check: Check[GatewayBench]) -> None:
        """Run one check; what the adapter does not declare, or the vendor cannot play, is skipped with its reason."""
        result = run_check(check, type(self).open_bench or bench_of(self.adapter))
        if result.verdict is Verdict.SKIPPED:
            pytest.skip(result.text)
        if result.verdict is Verdict.FAILED:
            pytest.fail(f"{check.sentence}\n{result.text}", pytrace=False)
