"""The SOAP envelope of both versions, written as text around a body: SOAP 1.1 (W3C Note), SOAP 1.2 (W3C part 1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["SoapMessage", "SoapVersion", "enveloped", "http_headers", "is_envelope", "without_declaration"]

_SAID_AT_THE_TOP: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*\?>\s*")
_ENVELOPE: Final = re.compile(r"^\s*(<!--.*?-->\s*)*<([\w.-]+:)?Envelope[\s>]", re.DOTALL)


class SoapVersion(StrEnum):
    """A version of SOAP."""

    V11 = "1.1"
    V12 = "1.2"

    @property
    def namespace(self) -> str:
        """Return the namespace of its envelope."""
        return _NAMESPACES[self]

    @property
    def media_type(self) -> str:
        """Return the media type of its messages."""
        return "text/xml" if self is SoapVersion.V11 else "application/soap+xml"


_NAMESPACES: Final = {
    SoapVersion.V11: "http://schemas.xmlsoap.org/soap/envelope/",
    SoapVersion.V12: "http://www.w3.org/2003/05/soap-envelope",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SoapMessage:
    """A message, ready to be sent."""

    envelope: bytes
    """Without an XML declaration; in UTF-8."""
    version: SoapVersion
    action: str

    @property
    def document(self) -> bytes:
        """Return the envelope as a document of its own, with its XML declaration."""
        return _SAID_AT_THE_TOP + self.envelope

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the HTTP headers that go with it."""
        return http_headers(self.version, self.action)


def http_headers(version: SoapVersion, action: str) -> dict[str, str]:
    """Return the HTTP headers of a message: SOAPAction is a header in 1.1 and part of the media type in 1.2."""
    if version is SoapVersion.V11:
        return {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
    said = f'; action="{action}"' if action else ""
    return {"Content-Type": f"application/soap+xml; charset=utf-8{said}"}


def enveloped(version: SoapVersion, body: str, *, header: str = "", namespaces: str = "") -> bytes:
    """Return the envelope around this body, with these blocks in its header.

    ``namespaces`` are declarations (`` xmlns:a="..."``) for the prefixes in the body.
    """
    blocks = f"<soap:Header>{header}</soap:Header>" if header else ""
    return (
        f'<soap:Envelope xmlns:soap="{version.namespace}"{namespaces}>{blocks}'
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    ).encode()


def is_envelope(text: str) -> bool:
    """Return whether a text that a template wrote is a whole envelope, and not the content of a body."""
    return _ENVELOPE.match(without_declaration(text)) is not None


def without_declaration(text: str) -> str:
    """Return XML without its declaration: what goes out is UTF-8 whatever it said."""
    return _DECLARATION.sub("", text)
