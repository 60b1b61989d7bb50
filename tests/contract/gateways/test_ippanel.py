"""IpPanel before its simulated vendor, which holds to the documented rules."""

from connector.testing.gateway_contract.as_pytest import GatewayContract


class TestIpPanel(GatewayContract):
    """The contract."""

    adapter = "ippanel"
