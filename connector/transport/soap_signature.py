"""An X.509 signature over parts of a SOAP message (XML Signature; WS-Security 1.1, X.509 Certificate Token Profile).

Exclusive canonical XML and SHA-256, with RSA or elliptic curves. What is signed may hold attachments that are not in
memory: their base64 takes its place in the canonical form while the digest is computed, for base64 has no letter that
canonical XML writes otherwise. MTOM changes nothing about it: what is signed is the message with its content inline
(XOP 1.0, section 5.1).
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from connector.errors import CredentialsRejected, SettingsInvalid
from connector.transport.body import Base64Stream, Streams, spliced

__all__ = ["DS", "WSSE", "WSU", "Signer"]

DS: Final = "http://www.w3.org/2000/09/xmldsig#"
WSSE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
_PROFILE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
_BASE64: Final = (
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
)
_METHODS: Final = {
    rsa.RSAPrivateKey: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    ec.EllipticCurvePrivateKey: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
}
_NAMES: Final = {"ds": DS}


class Signer:
    """Our certificate with its key."""

    def __init__(self, certificate: Path, key: str) -> None:
        """Read both, PEM. Raise SettingsInvalid where they cannot be used or do not belong together."""
        try:
            self._certificate = x509.load_pem_x509_certificate(certificate.read_bytes())
            private = serialization.load_pem_private_key(key.encode(), password=None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise _unusable(f"{certificate} or its key cannot be used: {type(error).__name__}.") from None
        if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise _unusable("the key is neither RSA nor of an elliptic curve.")
        plain = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        if self._certificate.public_key().public_bytes(*plain) != private.public_key().public_bytes(*plain):
            raise _unusable(f"the key does not belong to {certificate}.")
        self._key = private
        self._method = next(method for kind, method in _METHODS.items() if isinstance(private, kind))

    def refuse_when_expired(self, at: datetime) -> None:
        """Raise CredentialsRejected where our certificate is not valid at this instant: nothing is sent with it."""
        if not self._certificate.not_valid_before_utc <= at <= self._certificate.not_valid_after_utc:
            until = self._certificate.not_valid_after_utc.date()
            raise CredentialsRejected(
                f"Our certificate for signing is not valid now: it is good until {until}.",
                reason="signing_certificate_expired",
            )

    def token(self, identity: str) -> etree._Element:
        """Return the element that carries our certificate."""
        token = etree.Element(f"{{{WSSE}}}BinarySecurityToken")
        token.set("EncodingType", _BASE64)
        token.set("ValueType", _PROFILE)
        token.set(f"{{{WSU}}}Id", identity)
        der = self._certificate.public_bytes(serialization.Encoding.DER)
        token.text = base64.b64encode(der).decode("ascii")
        return token

    def sign(
        self,
        security: etree._Element,
        parts: Sequence[etree._Element],
        token: str,
        streams: Mapping[bytes, Base64Stream],
    ) -> None:
        """Append the signature over these parts, each with its ``wsu:Id``, to the security header.

        Attachments are read through once for it. Raise BodyBroken where one cannot be.
        """
        signature = etree.SubElement(security, f"{{{DS}}}Signature", nsmap=_NAMES)
        info = etree.SubElement(signature, f"{{{DS}}}SignedInfo")
        etree.SubElement(info, f"{{{DS}}}CanonicalizationMethod").set("Algorithm", _EXCLUSIVE)
        etree.SubElement(info, f"{{{DS}}}SignatureMethod").set("Algorithm", self._method)
        for part in parts:
            _refer(info, part, streams)
        value = etree.SubElement(signature, f"{{{DS}}}SignatureValue")
        value.text = base64.b64encode(self._signed(_canonical(info))).decode("ascii")
        about = etree.SubElement(signature, f"{{{DS}}}KeyInfo")
        reference = etree.SubElement(about, f"{{{WSSE}}}SecurityTokenReference")
        pointed = etree.SubElement(reference, f"{{{WSSE}}}Reference")
        pointed.set("URI", f"#{token}")
        pointed.set("ValueType", _PROFILE)

    def _signed(self, content: bytes) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(content, padding.PKCS1v15(), hashes.SHA256())
        one, two = decode_dss_signature(self._key.sign(content, ec.ECDSA(hashes.SHA256())))
        length = (self._key.key_size + 7) // 8  # both numbers beside each other (RFC 4050, section 3.3)
        return one.to_bytes(length, "big") + two.to_bytes(length, "big")


def _refer(info: etree._Element, part: etree._Element, streams: Mapping[bytes, Base64Stream]) -> None:
    reference = etree.SubElement(info, f"{{{DS}}}Reference")
    reference.set("URI", f"#{part.get(f'{{{WSU}}}Id')}")
    transforms = etree.SubElement(reference, f"{{{DS}}}Transforms")
    etree.SubElement(transforms, f"{{{DS}}}Transform").set("Algorithm", _EXCLUSIVE)
    etree.SubElement(reference, f"{{{DS}}}DigestMethod").set("Algorithm", _SHA256)
    digest = etree.SubElement(reference, f"{{{DS}}}DigestValue")
    digest.text = base64.b64encode(_digest(_canonical(part), streams)).decode("ascii")


def _digest(canonical: bytes, streams: Mapping[bytes, Base64Stream]) -> bytes:
    inside = Streams({mark: stream for mark, stream in streams.items() if _stands_in(mark, canonical)})
    content = spliced(canonical, inside)
    digest = hashlib.sha256()
    for piece in [content] if isinstance(content, bytes) else content:
        digest.update(piece)
    return digest.digest()


def _stands_in(mark: bytes, content: bytes) -> bool:
    return mark in content or base64.b64encode(mark) in content


def _canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def _unusable(what: str) -> SettingsInvalid:
    return SettingsInvalid(
        f"The certificate for signing: {what}",
        next_step="Name a PEM certificate in signing_certificate and its PEM key, without password, in signing_key.",
    )
