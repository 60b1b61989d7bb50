"""The services of an office mapping: where they are, and how messages to them are made."""

from datetime import timedelta
from enum import StrEnum

from pydantic import Field, model_validator

from connector.mapping.schema_parts import Closed
from connector.transport.soap_envelope import SoapVersion
from connector.transport.soap_ways import AttachmentWay, PasswordKind

__all__ = ["Security", "Service", "SoapMode"]


class SoapMode(StrEnum):
    """How SOAP messages are made."""

    WSDL = "wsdl"
    """From the vendor's WSDL."""
    TEMPLATE = "template"
    """Each step writes its message out, for WSDLs that cannot be loaded, or that nobody has."""


class Security(Closed):
    """SOAP: the security header of every message (WS-Security 1.1)."""

    username_token: PasswordKind | None = Field(
        default=None,
        description="the configured user name and password: as text (only over TLS), or as digest with nonce and time",
    )
    timestamp: timedelta | None = Field(
        default=None, gt=timedelta(0), description="a timestamp; how long a message is good, such as PT5M"
    )
    signature: bool = Field(
        default=False,
        description="body and timestamp are signed with the configured signing_certificate: X.509, SHA-256",
    )

    @model_validator(mode="after")
    def _something(self) -> "Security":
        if self.username_token is None and self.timestamp is None and not self.signature:
            raise ValueError("give username_token, timestamp or signature, or leave security out")
        return self


class Service(Closed):
    """One service of the office. Its address is the configured one plus ``path``."""

    path: str = Field(default="", description="joined to the configured address")
    wsdl: str | None = Field(
        default=None,
        description="SOAP: the WSDL file, beside the mapping; never fetched",
        pattern=r"^[^/\\].*$",
    )
    mode: SoapMode = Field(default=SoapMode.WSDL, description="SOAP: how messages are made")
    service: str | None = Field(
        default=None, description="SOAP: the service in the WSDL, where it has several"
    )
    port: str | None = Field(default=None, description="SOAP: the port of the service, where it has several")
    version: SoapVersion | None = Field(
        default=None, description="SOAP in template mode: 1.1 (the default) or 1.2; a WSDL says it itself"
    )
    header: str | None = Field(
        default=None, description="SOAP: blocks of the header of every message, a Jinja2 template"
    )
    lists: list[str] = Field(
        default_factory=list,
        description="SOAP: elements of answers that are lists also where one stands alone, besides those that a WSDL "
        "knows; name or parent/name",
    )
    undeclared: list[str] = Field(
        default_factory=list,
        description="SOAP by the WSDL: elements of answers that the office sends and its WSDL does not declare; "
        "name or parent/name",
    )
    attachments: AttachmentWay = Field(
        default=AttachmentWay.INLINE,
        description="SOAP: how attachments travel: inline as base64, or beside the envelope as mtom or swa",
    )
    security: Security | None = None

    @model_validator(mode="after")
    def _fits_its_mode(self) -> "Service":
        if self.mode is SoapMode.TEMPLATE and (self.service or self.port):
            raise ValueError("service and port are chosen in a WSDL; in template mode there is none")
        if self.mode is SoapMode.WSDL and self.version is not None:
            raise ValueError("the WSDL says the version of SOAP; choose the port that speaks it")
        return self
