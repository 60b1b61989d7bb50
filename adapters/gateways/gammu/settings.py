"""Settings of a gammu-smsd gateway: which database, which phone."""

from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from connector.transport.secret import SecretReference

__all__ = ["GammuSettings"]


class GammuSettings(BaseModel):
    """The database of a gammu-smsd (service = sql), on SQLite or PostgreSQL."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    database: str = Field(
        description="database of smsd: sqlite:////var/lib/gammu/smsd.db (Chapar must be able to write in the file "
        "and in its folder) or postgresql://user@host/name, without the password",
    )
    password: SecretReference | None = Field(
        default=None, description="where the password of the PostgreSQL user is found"
    )
    phone: str | None = Field(
        default=None,
        pattern=r"^[!-~]{1,50}$",
        description="PhoneID to send through, where several smsd share the database",
    )
    numbers: Literal["national", "international"] = Field(
        default="international", description="how mobiles are written: national 09..., international +989..."
    )
    answer_within: timedelta = Field(
        default=timedelta(seconds=10),
        description="longest wait for the database, and for whoever writes in it",
    )
    seen_within: timedelta = Field(
        default=timedelta(minutes=10),
        description="chapar check complains of a phone that smsd has not seen for so long",
    )
    join_within: timedelta = Field(
        default=timedelta(minutes=10),
        description="an incoming text is handed out after this time although a part of it is missing",
    )
    delivery_horizon: timedelta = Field(
        default=timedelta(hours=48), description="after this time no delivery report is expected any more"
    )

    @field_validator("database")
    @classmethod
    def _plain_address(cls, address: str) -> str:
        parts = urlsplit(address)
        if parts.scheme == "sqlite" and not parts.netloc and parts.path.startswith("//"):
            return address
        if parts.scheme != "postgresql":
            raise ValueError(
                "give sqlite:/// and the whole path of the file, or an address that begins with postgresql://"
            )
        if parts.password:
            raise ValueError("give the password by reference, not in the address")
        return address

    @field_validator("answer_within", "seen_within", "join_within")
    @classmethod
    def _some_time(cls, value: timedelta) -> timedelta:
        if value <= timedelta(0):
            raise ValueError("give a time longer than nothing")
        return value

    @model_validator(mode="after")
    def _password_of_a_server(self) -> "GammuSettings":
        if self.password is not None and self.file is not None:
            raise ValueError("a SQLite file has no password")
        return self

    @property
    def file(self) -> str | None:
        """The path of the SQLite file; None where it is a server."""
        parts = urlsplit(self.database)
        return parts.path[1:] if parts.scheme == "sqlite" else None
