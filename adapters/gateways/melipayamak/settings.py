"""The settings of a payamak-panel account."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from connector.transport.http_options import HttpOptions
from connector.transport.secret import SecretReference

__all__ = ["MelipayamakSettings"]


class MelipayamakHttp(HttpOptions):
    """Where payamak-panel is and how long we wait for it."""

    url: str = Field(
        default="https://rest.payamak-panel.com/api/SendSMS",
        description="address of the service, without the name of a method",
    )
    answer_within: timedelta = Field(default=timedelta(seconds=30), description="longest silence")


class MelipayamakSettings(BaseModel):
    """A payamak-panel account (MeliPayamak, FaraPayamak and others) and the line that it sends from."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    username: str = Field(min_length=1, max_length=100, description="user name of the panel")
    password: SecretReference = Field(
        description="where the password, or the key that stands for it, is found"
    )
    sender: str = Field(pattern=r"^[0-9]{4,20}$", description="the line that free texts go from, digits only")
    http: MelipayamakHttp = Field(default_factory=MelipayamakHttp, description="address and patience")
