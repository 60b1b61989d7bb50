"""The settings of an IPPanel account."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from connector.transport.http_options import HttpOptions
from connector.transport.secret import SecretReference

__all__ = ["IpPanelSettings"]


class IpPanelHttp(HttpOptions):
    """Where IPPanel is and how long we wait for it."""

    url: str = Field(
        default="https://edge.ippanel.com/v1", description="address of the service, with its version"
    )
    answer_within: timedelta = Field(default=timedelta(seconds=30), description="longest silence")


class IpPanelSettings(BaseModel):
    """An IPPanel account (FarazSMS and others) and the line that it sends from."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    key: SecretReference = Field(description="where the API key is found; a log-in token would run out")
    sender: str = Field(
        pattern=r"^\+98[0-9]{3,17}$",
        description="the line to send from, with +98",
        examples=["+983000505"],
    )
    batch_size: int = Field(
        default=50, ge=1, le=100, description="texts of one call; the vendor states no limit of its own"
    )
    longest_value: int = Field(
        default=40,
        ge=1,
        le=500,
        description="characters of one value of a pattern; a longer one goes as free text. The panel shows it as len",
    )
    http: IpPanelHttp = Field(default_factory=IpPanelHttp, description="address and patience")
