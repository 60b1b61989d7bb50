"""SMS.ir: the REST interface of api.sms.ir, version 1."""

from adapters.gateways.smsir.adapter import GATEWAY, SmsIr
from adapters.gateways.smsir.settings import SmsIrSettings

__all__ = ["GATEWAY", "SmsIr", "SmsIrSettings"]
