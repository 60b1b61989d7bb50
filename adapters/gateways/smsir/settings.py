"""The settings of an SMS.ir account."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from connector.transport.http_options import HttpOptions
from connector.transport.secret import SecretReference

__all__ = ["SmsIrSettings"]


class SmsIrHttp(HttpOptions):
    """Where SMS.ir is and how long we wait for it."""

    url: str = Field(default="https://api.sms.ir/v1", description="address of the service, with its version")
    answer_within: timedelta = Field(default=timedelta(seconds=30), description="longest silence")


class SmsIrSettings(BaseModel):
    """An SMS.ir account and the line that it sends from."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    key: SecretReference = Field(
        description="where the key of the web service is found; a sandbox key works, too"
    )
    sender: str = Field(pattern=r"^[0-9]{4,18}$", description="the line that free texts go from, digits only")
    http: SmsIrHttp = Field(default_factory=SmsIrHttp, description="address and patience")
