"""SMPP before a simulated centre."""

from connector.testing.gateway_contract.as_pytest import GatewayContract


class TestSmpp(GatewayContract):
    """The contract."""

    adapter = "smpp"
