"""What every office that is configured by a mapping has in its settings."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from connector.errors import SettingsInvalid
from connector.mapping.schema import Authentication
from connector.ports.office import Duplicates, OfficeCapabilities
from connector.transport.http_options import HttpOptions, NtlmCredentials
from connector.transport.secret import SecretReference

if TYPE_CHECKING:
    from connector.mapping.compiled import CompiledMapping
    from connector.transport.soap_signature import Signer

__all__ = ["Credentials", "MappedOfficeSettings", "capabilities_of", "credentials_of", "lacking", "signer_of"]


class MappedOfficeSettings(BaseModel):
    """An office that is described by a mapping."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    mapping: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", description="name of the mapping, such as simulated-soap"
    )
    http: HttpOptions = Field(description="where the office's services are")
    username: str | None = Field(
        default=None, min_length=1, description="user name, where the mapping wants one"
    )
    password: SecretReference | None = Field(default=None, description="where the password is found")
    token: SecretReference | None = Field(default=None, description="where the token is found")
    signing_certificate: Path | None = Field(
        default=None, description="PEM file with our certificate, where messages are signed"
    )
    signing_key: SecretReference | None = Field(
        default=None, description="where the PEM key of that certificate is found; it has no password"
    )
    longest_processing: timedelta | None = Field(
        default=None,
        gt=timedelta(0),
        description="longest time after which a lost call may still take effect; the mapping's unless given",
    )
    concurrency: int | None = Field(
        default=None, ge=1, le=256, description="calls at the same time; the mapping's unless given"
    )
    calls_per_second: float | None = Field(
        default=None, gt=0, description="calls in a second; the mapping's unless given"
    )
    may_lack_cases: bool = Field(
        default=False, description="use the mapping although it has no cases; not for production"
    )


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Credentials:
    """The revealed credentials of one connection."""

    username: str | None
    password: str | None
    token: str | None
    headers: Mapping[str, str]
    """The HTTP headers that carry them, where the mapping says so."""
    ntlm: NtlmCredentials | None = None
    """Where they go with a handshake."""

    @property
    def values(self) -> dict[str, str | None]:
        """Return them under the names that a mapping's expressions use."""
        return {"username": self.username, "password": self.password, "token": self.token}


def credentials_of(settings: MappedOfficeSettings, compiled: "CompiledMapping") -> Credentials:
    """Read the secrets and make the header of the mapping's authentication.

    Raise SettingsInvalid where one is not configured, SecretMissing where it cannot be read.
    """
    password = settings.password.reveal() if settings.password else None
    token = settings.token.reveal() if settings.token else None
    headers: dict[str, str] = {}
    ntlm = None
    match compiled.mapping.authentication:
        case Authentication.BASIC:
            if settings.username is None or password is None:
                raise lacking("username and password")
            pair = base64.b64encode(f"{settings.username}:{password}".encode()).decode("ascii")
            headers["Authorization"] = f"Basic {pair}"
        case Authentication.BEARER:
            if token is None:
                raise lacking("token")
            if not (token.isascii() and token.isprintable()):
                raise SettingsInvalid(
                    "The token holds a line break or a letter that no HTTP header can carry.",
                    next_step="Write the token alone into its place, in one line, as the vendor gave it.",
                )
            headers["Authorization"] = f"Bearer {token}"
        case Authentication.NTLM:
            if settings.username is None or password is None:
                raise lacking("username and password")
            ntlm = NtlmCredentials(username=settings.username, password=password)
    return Credentials(username=settings.username, password=password, token=token, headers=headers, ntlm=ntlm)


def signer_of(settings: MappedOfficeSettings) -> "Signer":
    """Read the certificate for signing. Raise SettingsInvalid where it is not configured or cannot be used."""
    from connector.transport.soap_signature import Signer

    if settings.signing_certificate is None or settings.signing_key is None:
        raise lacking("signing_certificate and signing_key")
    return Signer(settings.signing_certificate, settings.signing_key.reveal())


def capabilities_of(settings: MappedOfficeSettings, compiled: "CompiledMapping") -> OfficeCapabilities:
    """Return what the mapping declares, with what the settings of this connection say otherwise."""
    limits = compiled.mapping.limits
    return OfficeCapabilities(
        find_by_key=compiled.find is not None,
        absence_is_proof=compiled.mapping.absence_is_proof,
        idempotent_create=compiled.mapping.idempotent_create,
        reserves=compiled.reserves is not None,
        prepares=bool(compiled.prepares),
        completes=bool(compiled.follows),
        search=compiled.search is not None,
        search_sees_key=compiled.matches is not None and compiled.matches.key is not None,
        duplicates=Duplicates(compiled.mapping.on_duplicate),
        progress_batch=compiled.letters.batch if compiled.letters else 0,
        numbers_later=compiled.may_accept_first,
        longest_processing=settings.longest_processing or limits.longest_processing,
        concurrency=settings.concurrency or limits.concurrency,
        calls_per_second=settings.calls_per_second or limits.calls_per_second,
    )


def lacking(what: str) -> SettingsInvalid:
    """Return the error that something which the mapping wants is not configured."""
    return SettingsInvalid(
        f"The mapping wants {what}, and the connection has none.",
        next_step=f"Add {what} to the settings of this office.",
    )
