"""The contract as tests: subclass GatewayContract, name the adapter, and pytest runs every check under its name."""

from typing import ClassVar

import pytest

from connector.simulator.fates import Fate
from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultRule
from connector.testing.checks import Check, Verdict, told
from connector.testing.gateway_contract.bench import GatewayBench, OpenBench, bench_of
from connector.testing.gateway_contract.messages import a_message
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
        result = run_check(check, self._opened())
        if result.verdict is Verdict.SKIPPED:
            pytest.skip(result.text)
        if result.verdict is Verdict.FAILED:
            pytest.fail(f"{check.sentence}\n{result.text}", pytrace=False)

    def test_no_log_line_shows_the_secret_the_number_or_the_text(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Send, ask and lose an answer with every library as talkative as it can be."""
        caplog.set_level("DEBUG")
        message = a_message()
        with self._opened()(Fate.ANSWERED) as bench:
            gateway = bench.connect()
            told(lambda: gateway.send([message]))
            bench.arm(FaultRule(fault=Fault.LOSE_ANSWER, deed="send"))
            told(lambda: gateway.send([message]))
            told(gateway.check)
            hidden = (bench.secret, message.mobile, message.mobile[1:], message.text)
            if any(secret in caplog.text for secret in hidden):
                pytest.fail("the log shows the secret, the number or the text", pytrace=False)

    def _opened(self) -> OpenBench:
        return type(self).open_bench or bench_of(self.adapter)
