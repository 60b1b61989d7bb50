"""The security header of a SOAP message: user name, timestamp, signature (OASIS WS-Security 1.1)."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lxml import etree

from connector.clock import Now
from connector.transport.body import Base64Stream
from connector.transport.soap_answer import parsed
from connector.transport.soap_envelope import SoapMessage
from connector.transport.soap_signature import WSSE, WSU, Signer
from connector.transport.soap_ways import PasswordKind

__all__ = ["SecurityHeader", "UsernameToken"]

_PROFILE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"
_BASE64: Final = (
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
)
_NAMES: Final = {"wsse": WSSE, "wsu": WSU}


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class UsernameToken:
    """Who we are, by name and password."""

    username: str
    password: str
    kind: PasswordKind


class SecurityHeader:
    """Puts the security header into messages. Safe for many threads."""

    def __init__(
        self,
        *,
        token: UsernameToken | None,
        lifetime: timedelta | None,
        signer: Signer | None,
        now: Now,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """Keep what the office wants. ``lifetime`` is how long a message is good; None leaves the timestamp out."""
        self._token = token
        self._lifetime = lifetime
        self._signer = signer
        self._now = now
        self._random = random

    def secured(self, message: SoapMessage, streams: Mapping[bytes, Base64Stream]) -> SoapMessage:
        """Return the message with the header in front of all others, and signed where the office wants it.

        The signature is over the body and the timestamp, with the attachments in it. Raise CredentialsRejected where
        our certificate is over, BodyBroken where an attachment cannot be read.
        """
        at = self._now()
        root = parsed(message.envelope)
        soap = message.version.namespace
        security = etree.Element(f"{{{WSSE}}}Security", nsmap=_NAMES)
        security.set(f"{{{soap}}}mustUnderstand", "1" if "xmlsoap" in soap else "true")
        self._header(root, soap).insert(0, security)
        signed = []
        if self._lifetime is not None:
            signed.append(_timestamp(security, at, self._lifetime))
        if self._token is not None:
            security.append(self._username_token(self._token, at))
        if self._signer is not None:
            self._signer.refuse_when_expired(at)
            body = root.find(f"{{{soap}}}Body")
            assert body is not None  # noqa: S101 - every message was looked at before
            body.set(f"{{{WSU}}}Id", body.get(f"{{{WSU}}}Id") or "body")
            security.append(self._signer.token("certificate"))
            self._signer.sign(security, [body, *signed], "certificate", streams)
        envelope = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
        return SoapMessage(envelope=envelope, version=message.version, action=message.action)

    @staticmethod
    def _header(root: etree._Element, soap: str) -> etree._Element:
        header = root.find(f"{{{soap}}}Header")
        if header is None:
            header = etree.Element(f"{{{soap}}}Header")
            root.insert(0, header)
        return header

    def _username_token(self, token: UsernameToken, at: datetime) -> etree._Element:
        element = etree.Element(f"{{{WSSE}}}UsernameToken")
        etree.SubElement(element, f"{{{WSSE}}}Username").text = token.username
        password = etree.SubElement(element, f"{{{WSSE}}}Password")
        if token.kind is PasswordKind.TEXT:
            password.set("Type", f"{_PROFILE}#PasswordText")
            password.text = token.password
            return element
        nonce, created = self._random(16), _spelt(at)
        password.set("Type", f"{_PROFILE}#PasswordDigest")
        # SHA-1 is what the profile knows; it keeps the password off the wire and nothing else.
        digest = hashlib.sha1(nonce + created.encode() + token.password.encode(), usedforsecurity=False)
        password.text = base64.b64encode(digest.digest()).decode("ascii")
        told = etree.SubElement(element, f"{{{WSSE}}}Nonce")
        told.set("EncodingType", _BASE64)
        told.text = base64.b64encode(nonce).decode("ascii")
        etree.SubElement(element, f"{{{WSU}}}Created").text = created
        return element


def _timestamp(security: etree._Element, at: datetime, lifetime: timedelta) -> etree._Element:
    stamp = etree.SubElement(security, f"{{{WSU}}}Timestamp")
    stamp.set(f"{{{WSU}}}Id", "timestamp")
    etree.SubElement(stamp, f"{{{WSU}}}Created").text = _spelt(at)
    etree.SubElement(stamp, f"{{{WSU}}}Expires").text = _spelt(at + lifetime)
    return stamp


def _spelt(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
