"""Settings of an SMPP gateway: where the centre is, who we are there, and what is peculiar to it."""

from datetime import timedelta
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connector.transport.secret import SecretReference

__all__ = ["SmppLink", "SmppSettings"]

_PORTS: Final = {"smpp": 2775, "smpps": 3550}


class SmppLink(BaseModel):
    """Where the centre is, and how long we wait for it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    address: str = Field(
        description="address of the centre (SMSC): smpp://host:2775, or smpps://host:3550 over TLS, where certificate "
        "and name are checked"
    )
    ca_file: Path | None = Field(
        default=None,
        description="PEM file of the authorities to trust; without it those of the operating system",
    )
    connect_within: timedelta = Field(
        default=timedelta(seconds=5), description="time to connect; as long again for the bind"
    )
    answer_within: timedelta = Field(
        default=timedelta(seconds=20), description="longest wait for the answer to one unit"
    )
    enquire_every: timedelta = Field(
        default=timedelta(seconds=30), description="after so much silence we ask whether the line lives"
    )
    hold_incoming: timedelta = Field(
        default=timedelta(seconds=10),
        description="what comes in is acknowledged when it is stored; after this time the centre is asked to bring it "
        "again. Shorter than the centre waits for an acknowledgement",
    )

    @field_validator("address")
    @classmethod
    def _plain_address(cls, address: str) -> str:
        parts = urlsplit(address)
        if parts.scheme not in _PORTS or not parts.hostname or parts.path or parts.query or parts.fragment:
            raise ValueError("give smpp:// or smpps://, the name of the centre, and its port")
        if parts.username or parts.password:
            raise ValueError("give system_id and password by themselves, not in the address")
        return address

    @field_validator("connect_within", "answer_within", "enquire_every", "hold_incoming")
    @classmethod
    def _some_time(cls, value: timedelta) -> timedelta:
        if value <= timedelta(0):
            raise ValueError("give a time longer than nothing")
        return value

    @property
    def host(self) -> str:
        """The name of the centre."""
        return urlsplit(self.address).hostname or ""

    @property
    def port(self) -> int:
        """Its port, or the usual one."""
        parts = urlsplit(self.address)
        return parts.port or _PORTS[parts.scheme]

    @property
    def tls(self) -> bool:
        """Whether the line goes over TLS."""
        return urlsplit(self.address).scheme == "smpps"


class SmppSettings(BaseModel):
    """An account at a message centre that speaks SMPP 3.4."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    link: SmppLink = Field(description="address and patience")
    system_id: str = Field(pattern=r"^[!-~]{1,15}$", description="user name (system_id)")
    password: SecretReference = Field(
        description="where the password is found; SMPP knows eight characters, many centres take more"
    )
    system_type: str = Field(
        default="", pattern=r"^[!-~]{0,12}$", description="system_type, where the centre wants one"
    )
    sender: str = Field(pattern=r"^[ -~]{1,20}$", description="the line to send from (source address)")
    sender_ton: int = Field(default=1, ge=0, le=6, description="its type of number; 5 for letters")
    sender_npi: int = Field(default=1, ge=0, le=18, description="its numbering plan; 0 for letters")
    numbers: Literal["national", "international"] = Field(
        default="international", description="how mobiles are written: national 09..., international 989..."
    )
    default_alphabet: Literal["gsm", "latin1"] = Field(
        default="gsm", description="what data_coding 0 means at this centre"
    )
    long_texts: Literal["parts", "payload"] = Field(
        default="parts", description="a long text goes in parts with a header, or whole as message_payload"
    )
    ids_in_answers: Literal["text", "decimal", "hex"] = Field(
        default="text", description="how message ids are written in answers to submit_sm"
    )
    ids_in_receipts: Literal["text", "decimal", "hex"] = Field(
        default="text", description="how the same ids are written in delivery receipts"
    )
    asks_state: bool = Field(
        default=True, description="ask the centre (query_sm) about messages without a receipt"
    )
    window: int = Field(
        default=10, ge=1, le=100, description="submits that may wait for their answers at once"
    )
    delivery_horizon: timedelta = Field(
        default=timedelta(hours=48), description="after this time no receipt is expected any more"
    )
