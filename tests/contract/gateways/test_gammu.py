"""gammu-smsd before a simulated smsd on a SQLite file; the real one is in tests/integration/gammu."""

from connector.testing.gateway_contract.as_pytest import GatewayContract


class TestGammu(GatewayContract):
    """The contract."""

    adapter = "gammu"
