"""The security header: user name by text and digest, timestamp, and a signature that everybody can check."""

import base64
import hashlib
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from connector.errors import CredentialsRejected, SettingsInvalid
from connector.transport.body import NO_STREAMS, Base64Stream, Streams, spliced
from connector.transport.soap_envelope import SoapMessage, SoapVersion, enveloped
from connector.transport.soap_security import SecurityHeader, UsernameToken
from connector.transport.soap_signature import DS, WSSE, WSU, Signer
from connector.transport.soap_ways import PasswordKind
from tests.unit.transport.soap_certificates import certified as certificate_of

AT = datetime(2026, 11, 21, 8, 0, 0, 123_000, tzinfo=UTC)
MARK = b"chapar-mark-1"
CONTENT = bytes(range(256)) * 1000


def a_message(version: SoapVersion = SoapVersion.V11, body: str = "<a xmlns='urn:a'>س</a>") -> SoapMessage:
    return SoapMessage(envelope=enveloped(version, body, header="<own/>"), version=version, action="x")


def secured(message: SoapMessage, **wanted: Any) -> etree._Element:
    streams = wanted.pop("streams", NO_STREAMS)
    options: dict[str, Any] = {"token": None, "lifetime": None, "signer": None, "now": lambda: AT}
    header = SecurityHeader(**{**options, **wanted}, random=lambda size: b"n" * size)
    content = spliced(header.secured(message, streams).envelope, streams)
    return etree.fromstring(content if isinstance(content, bytes) else b"".join(content))


def token(kind: PasswordKind) -> UsernameToken:
    return UsernameToken(username="کاربر", password="رمز&<", kind=kind)


@pytest.mark.parametrize("version", list(SoapVersion))
def test_a_user_name_goes_with_its_password_as_text(version: SoapVersion) -> None:
    root = secured(a_message(version), token=token(PasswordKind.TEXT))
    security, own = root[0]
    assert (security.tag, own.tag) == (f"{{{WSSE}}}Security", "own")
    assert security.get(f"{{{version.namespace}}}mustUnderstand") in {"1", "true"}
    assert security.findtext(f".//{{{WSSE}}}Username") == "کاربر"
    password = security.find(f".//{{{WSSE}}}Password")
    assert password is not None
    assert password.text == "رمز&<"
    assert (password.get("Type") or "").endswith("#PasswordText")


def test_a_digest_is_over_nonce_time_and_password() -> None:
    root = secured(a_message(), token=token(PasswordKind.DIGEST))
    nonce = base64.b64decode(root.findtext(f".//{{{WSSE}}}Nonce") or "")
    created = root.findtext(f".//{{{WSU}}}Created") or ""
    assert created == "2026-11-21T08:00:00.123Z"
    digest = hashlib.sha1(nonce + created.encode() + "رمز&<".encode()).digest()
    assert root.findtext(f".//{{{WSSE}}}Password") == base64.b64encode(digest).decode()
    assert "رمز" not in etree.tostring(root, encoding="unicode")


def test_a_timestamp_says_how_long_the_message_is_good() -> None:
    stamp = secured(a_message(), lifetime=timedelta(minutes=5)).find(f".//{{{WSU}}}Timestamp")
    assert stamp is not None
    assert [child.text for child in stamp] == ["2026-11-21T08:00:00.123Z", "2026-11-21T08:05:00.123Z"]


def certified(key: Any, folder: Path, *, days: int = 10) -> Path:
    return certificate_of(key, folder, days=days, at=AT)


def pem(key: Any) -> str:
    plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return str(key.private_bytes(*plain).decode())


@pytest.fixture(scope="module", params=["rsa", "ec"])
def key(request: pytest.FixtureRequest) -> Any:
    return (
        rsa.generate_private_key(65537, 2048)
        if request.param == "rsa"
        else ec.generate_private_key(ec.SECP256R1())
    )


@pytest.mark.parametrize("version", list(SoapVersion))
def test_body_timestamp_and_attachments_are_signed_so_that_a_change_is_seen(
    key: Any, tmp_path: Path, version: SoapVersion
) -> None:
    streams = Streams({MARK: Base64Stream(open=lambda: io.BytesIO(CONTENT), size=len(CONTENT))})
    message = a_message(version, f"<a xmlns='urn:a'><b>س\r\n</b><c>{base64.b64encode(MARK).decode()}</c></a>")
    signer = Signer(certified(key, tmp_path), pem(key))
    root = secured(message, lifetime=timedelta(minutes=5), signer=signer, streams=streams)
    assert base64.b64decode(root.findtext(".//{urn:a}c") or "") == CONTENT
    assert verified(root) == {"Body", "Timestamp"}
    changed = root.find(".//{urn:a}c")
    assert changed is not None
    changed.text = (changed.text or "")[:-4] + "AAAA"
    assert verified(root) == {"Timestamp"}


def verified(root: etree._Element) -> set[str]:
    """Return the names of what the signature covers unchanged. Written from the standard, not from what is tested."""
    info = root.find(f".//{{{DS}}}SignedInfo")
    value = base64.b64decode(root.findtext(f".//{{{DS}}}SignatureValue") or "")
    shown = root.findtext(f".//{{{WSSE}}}BinarySecurityToken") or ""
    public: Any = x509.load_der_x509_certificate(base64.b64decode(shown)).public_key()
    canonical = etree.tostring(info, method="c14n", exclusive=True)  # type: ignore[arg-type]
    if isinstance(public, rsa.RSAPublicKey):
        public.verify(value, canonical, padding.PKCS1v15(), hashes.SHA256())
    else:
        half = len(value) // 2
        numbers = int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
        public.verify(encode_dss_signature(*numbers), canonical, ec.ECDSA(hashes.SHA256()))
    found = set()
    for reference in info.iterfind(f"{{{DS}}}Reference"):  # type: ignore[union-attr]
        (part,) = root.xpath("//*[@w:Id=$id]", namespaces={"w": WSU}, id=reference.get("URI", "")[1:])  # type: ignore[misc]
        digest = hashlib.sha256(etree.tostring(part, method="c14n", exclusive=True)).digest()
        if base64.b64encode(digest).decode() == reference.findtext(f"{{{DS}}}DigestValue"):
            found.add(etree.QName(part).localname)
    return found


def test_nothing_is_sent_with_a_certificate_that_is_over(key: Any, tmp_path: Path) -> None:
    with pytest.raises(CredentialsRejected, match="is not valid now: it is good until 2026-11-20"):
        secured(a_message(), signer=Signer(certified(key, tmp_path, days=-1), pem(key)))


@pytest.mark.parametrize("wrong", ["absent", "garbage", "another key", "a key with a password"])
def test_a_certificate_that_cannot_be_used_is_told_and_the_key_is_not(tmp_path: Path, wrong: str) -> None:
    own, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    certificate = tmp_path / "absent.pem" if wrong == "absent" else certified(own, tmp_path)
    text = "garbage-secret" if wrong == "garbage" else pem(other if wrong == "another key" else own)
    if wrong.startswith("a key with"):
        sealed = serialization.BestAvailableEncryption(b"x")
        text = own.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealed
        ).decode()
    with pytest.raises(SettingsInvalid) as caught:
        Signer(certificate, text)
    assert "secret" not in str(caught.value)
    assert caught.value.next_step
