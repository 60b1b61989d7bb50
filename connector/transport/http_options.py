"""How another system is reached over HTTP: the section that adapters embed in their settings."""

import ssl
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from connector.errors import SettingsInvalid

__all__ = ["HttpOptions", "NtlmCredentials", "tls_context", "trusting"]


class HttpOptions(BaseModel):
    """Where the other system is and how long we wait for it.

    Certificates are always checked; a private authority is configured, never switched off. Proxies are never
    taken from the environment.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: str = Field(
        description="address of the other system, http:// or https://, without user name and password"
    )
    ca_file: Path | None = Field(
        default=None,
        description="PEM file of the authorities to trust; without it those of the operating system",
    )
    client_certificate: Path | None = Field(
        default=None, description="PEM file with our certificate, where the other system asks for one"
    )
    client_key: Path | None = Field(
        default=None, description="PEM file with the key of our certificate; may be the same file"
    )
    connect_within: timedelta = Field(default=timedelta(seconds=5), description="time to connect")
    answer_within: timedelta = Field(
        default=timedelta(seconds=60),
        description="longest silence while sending and while waiting for the answer",
    )
    finish_within: timedelta = Field(
        default=timedelta(minutes=5), description="longest time of one whole call"
    )

    @field_validator("url")
    @classmethod
    def _plain_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("give a whole address that begins with http:// or https://")
        if parts.username or parts.password:
            raise ValueError("give user name and password by reference, not in the address")
        if parts.query or parts.fragment:
            raise ValueError("give the address without ? and #")
        return url

    @field_validator("connect_within", "answer_within", "finish_within")
    @classmethod
    def _some_time(cls, value: timedelta) -> timedelta:
        if value <= timedelta(0):
            raise ValueError("give a time longer than nothing")
        return value

    @model_validator(mode="after")
    def _key_with_certificate(self) -> "HttpOptions":
        if self.client_key is not None and self.client_certificate is None:
            raise ValueError("client_key needs client_certificate")
        return self

    @property
    def is_in_the_clear(self) -> bool:
        """Return whether what is sent can be read on the way: no TLS, and the way leads out of this machine."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        try:
            stays_here = ip_address(host).is_loopback
        except ValueError:
            stays_here = host == "localhost"
        return parts.scheme == "http" and not stays_here


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class NtlmCredentials:
    """Who we are where a server asks by NTLM: ``DOMAIN\\name`` or ``name@domain``, and the password."""

    username: str
    password: str


def tls_context(options: HttpOptions) -> ssl.SSLContext:
    """Return the one TLS context of a connection.

    The authorities of the operating system are read only where the address asks for TLS: that takes longer than all
    the rest of a connection. Whoever then calls an https:// address over it trusts nobody, and is refused.
    Raise SettingsInvalid when a certificate file cannot be used.
    """
    context = trusting(options.ca_file, needed=urlsplit(options.url).scheme == "https")
    if options.client_certificate is not None:
        try:
            # An empty password, so that an encrypted key is refused and never asks at a terminal.
            context.load_cert_chain(options.client_certificate, options.client_key, password="")
        except (OSError, ssl.SSLError) as error:
            raise _unusable(options.client_key or options.client_certificate, error) from None
    return context


def trusting(ca_file: Path | None, *, needed: bool = True) -> ssl.SSLContext:
    """Return a context that checks certificate and name against these authorities, or the operating system's.

    The latter are left out where they are not ``needed``: it trusts nobody then. Raise SettingsInvalid when the file
    cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if ca_file is None:
            if needed:
                context.load_default_certs()
        else:
            context.load_verify_locations(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise _unusable(ca_file, error) from None
    return context


def _unusable(path: Path | None, error: Exception) -> SettingsInvalid:
    return SettingsInvalid(
        f"The certificate file {path} cannot be used: {type(error).__name__}.",
        next_step="Name a readable PEM file; certificate and key belong together, the key has no password.",
    )
