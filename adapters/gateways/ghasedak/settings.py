"""The settings of a Ghasedak account."""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from connector.transport.http_options import HttpOptions
from connector.transport.secret import SecretReference

__all__ = ["GhasedakSettings"]


class GhasedakHttp(HttpOptions):
    """Where Ghasedak is and how long we wait for it."""

    url: str = Field(
        default="https://gateway.ghasedak.me/rest/api/v1/WebService",
        description="address of the service, without the name of a method; "
        "the vendor's packages use https://gw.ghasedak.me/Rest/api/v1/WebService",
    )
    answer_within: timedelta = Field(default=timedelta(seconds=30), description="longest silence")


class GhasedakSettings(BaseModel):
    """A Ghasedak account and the line that it sends from."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    key: SecretReference = Field(description="where the ApiKey is found")
    sender: str = Field(pattern=r"^[0-9]{4,20}$", description="the line to send from, digits only")
    statuses: Literal["sdk", "documentation", "agreed"] = Field(
        description="which list of delivery statuses this account speaks; the vendor has published two that contradict "
        "each other, so there is no default: agreed believes only what both say, see docs/gateways/ghasedak.md",
        examples=["agreed"],
    )
    batch_size: int = Field(
        default=50, ge=1, le=100, description="texts of one call; the vendor states no limit of its own"
    )
    http: GhasedakHttp = Field(default_factory=GhasedakHttp, description="address and patience")
