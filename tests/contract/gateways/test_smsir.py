"""SmsIr before its simulated vendor, which holds to the documented rules."""

from connector.testing.gateway_contract.as_pytest import GatewayContract


class TestSmsIr(GatewayContract):
    """The contract."""

    adapter = "smsir"
