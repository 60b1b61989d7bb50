"""Whether an answer is signed by the office (XML Signature; WS-Security 1.1, X.509 Certificate Token Profile).

The certificate is the one that the operator laid down, never the one that comes with the message: whose key it is was
settled beforehand. Signed must be the body that is read: the one below the envelope, under an id that nothing else in
the message has. What else a signature covers (a timestamp, an address) is not used and not looked at.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from connector.errors import CredentialsRejected, Misbehaved, SettingsInvalid
from connector.transport.soap_signature import DS, WSSE, WSU

__all__ = ["AnswerVerifier"]

_EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED: Final = f"{DS}enveloped-signature"
_DIGESTS: Final[dict[str, Callable[[bytes], Any]]] = {
    "http://www.w3.org/2001/04/xmlenc#sha256": hashlib.sha256,
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashlib.sha384,
    "http://www.w3.org/2001/04/xmlenc#sha512": hashlib.sha512,
}
"""SHA-1 is not among them: it no longer holds."""
_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_IDS: Final = frozenset({f"{{{WSU}}}Id", "Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id"})
_MOST_SIGNATURES: Final = 5


class AnswerVerifier:
    """The office's certificate, and what must be signed with its key."""

    def __init__(self, certificate: Path) -> None:
        """Read it, PEM. Raise SettingsInvalid where it cannot be used."""
        try:
            self._certificate = x509.load_pem_x509_certificate(certificate.read_bytes())
            key = self._certificate.public_key()
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise _unusable(f"{certificate} cannot be used: {type(error).__name__}.") from None
        if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
            raise _unusable("its key is neither RSA nor of an elliptic curve.")
        self._key = key

    def refuse_when_expired(self, at: datetime) -> None:
        """Raise CredentialsRejected where the office's certificate is not valid at this instant.

        It is asked before anything is sent: an answer that cannot be believed would leave the outcome open.
        """
        if not self._certificate.not_valid_before_utc <= at <= self._certificate.not_valid_after_utc:
            until = self._certificate.not_valid_after_utc.date()
            raise CredentialsRejected(
                f"The certificate with which the office signs is not valid now: it is good until {until}.",
                reason="office_certificate_expired",
            )

    def verify(self, root: etree._Element) -> None:
        """Raise Misbehaved unless the body of this envelope is signed by the office.

        What is no envelope is passed over: nothing is read from it.
        """
        if not str(root.tag).endswith("}Envelope"):
            return
        body = _only(root, "{*}Body")
        signatures = [] if body is None else list(_signatures(root))
        if body is None or not signatures:
            raise Misbehaved(
                "The office's answer is not signed, and it must be: its certificate is configured.",
                reason="answer_unsigned",
            )
        if not any(self._holds(signature, body, root) for signature in signatures):
            raise Misbehaved(
                "The signature of the office's answer does not hold, or is not over what is read.",
                reason="answer_signature_broken",
            )

    def refuse_unsigned(self) -> None:
        """Raise Misbehaved: an answer without an envelope has no signature."""
        raise Misbehaved(
            "The office's answer has no envelope, and so no signature; its certificate is configured.",
            reason="answer_unsigned",
        )

    def _holds(self, signature: etree._Element, body: etree._Element, root: etree._Element) -> bool:
        info, value = _only(signature, f"{{{DS}}}SignedInfo"), _only(signature, f"{{{DS}}}SignatureValue")
        if info is None or value is None:
            return False
        try:
            return self._is_ours(info, value) and _covers(info, body, root)
        except (ValueError, KeyError, etree.LxmlError):
            return False

    def _is_ours(self, info: etree._Element, value: etree._Element) -> bool:
        canonical = _canonical(info, _only(info, f"{{{DS}}}CanonicalizationMethod"))
        kind, _, name = _algorithm(_only(info, f"{{{DS}}}SignatureMethod")).removeprefix(_MORE).partition("-")
        signed = base64.b64decode("".join((value.text or "").split()), validate=True)
        try:
            if isinstance(self._key, rsa.RSAPublicKey) and kind == "rsa":
                self._key.verify(signed, canonical, padding.PKCS1v15(), _HASHES[name])
            elif isinstance(self._key, ec.EllipticCurvePublicKey) and kind == "ecdsa":
                half = len(signed) // 2  # both numbers beside each other (RFC 4050, section 3.3)
                numbers = int.from_bytes(signed[:half], "big"), int.from_bytes(signed[half:], "big")
                self._key.verify(encode_dss_signature(*numbers), canonical, ec.ECDSA(_HASHES[name]))
            else:
                return False
        except InvalidSignature:
            return False
        return True


def _signatures(root: etree._Element) -> Iterator[etree._Element]:
    """Yield the signatures in the security headers of the envelope, and of no other place."""
    header = _only(root, "{*}Header")
    found = 0
    for security in () if header is None else header.iterchildren(f"{{{WSSE}}}Security"):
        for signature in security.iterchildren(f"{{{DS}}}Signature"):
            found += 1
            if found > _MOST_SIGNATURES:
                return
            yield signature


def _covers(info: etree._Element, body: etree._Element, root: etree._Element) -> bool:
    """Return whether one of the references is to this body, and its digest is right."""
    identity = body.get(f"{{{WSU}}}Id") or body.get("Id") or body.get("ID") or ""
    named = [each for each in root.iter("{*}*") if any(each.get(name) == identity for name in _IDS)]
    if not identity or named != [body]:
        return False
    for reference in info.iterchildren(f"{{{DS}}}Reference"):
        if reference.get("URI") == f"#{identity}":
            return _is_right(reference, body)
    return False


def _is_right(reference: etree._Element, body: etree._Element) -> bool:
    transforms = _only(reference, f"{{{DS}}}Transforms")
    steps = [] if transforms is None else list(transforms.iterchildren(f"{{{DS}}}Transform"))
    # The signature stands in the header: to take it out of the body changes nothing.
    if not steps or any(_algorithm(step) != _ENVELOPED for step in steps[:-1]):
        return False
    digest = _DIGESTS[_algorithm(_only(reference, f"{{{DS}}}DigestMethod"))]
    told = _only(reference, f"{{{DS}}}DigestValue")
    expected = base64.b64decode(
        "".join(((told.text if told is not None else "") or "").split()), validate=True
    )
    return hmac.compare_digest(digest(_canonical(body, steps[-1])).digest(), expected)


def _canonical(element: etree._Element, method: etree._Element | None) -> bytes:
    """Return the element in exclusive canonical XML, with the prefixes that the method names.

    Raise ValueError where the method is another one.
    """
    if method is None or _algorithm(method) != _EXCLUSIVE:
        raise ValueError("another canonical form")
    listed = method.find(f"{{{_EXCLUSIVE}}}InclusiveNamespaces")
    prefixes = (listed.get("PrefixList") or "").split() if listed is not None else []
    return etree.tostring(
        element, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=prefixes or None
    )


def _algorithm(element: etree._Element | None) -> str:
    return "" if element is None else element.get("Algorithm") or ""


def _only(parent: etree._Element, tag: str) -> etree._Element | None:
    """Return the one child of this name; None where there is none, or several."""
    found = list(parent.iterchildren(tag))
    return found[0] if len(found) == 1 else None


def _unusable(what: str) -> SettingsInvalid:
    return SettingsInvalid(
        f"The office's certificate for signing: {what}",
        next_step="Name the PEM certificate with which the office signs its answers in office_certificate.",
    )
