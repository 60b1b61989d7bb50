"""An answer is believed when its body is signed by the certificate that was laid down, and in no other case."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

from connector.clock import now
from connector.errors import CredentialsRejected, Misbehaved, SettingsInvalid
from connector.transport.body import NO_STREAMS
from connector.transport.soap_answer import parsed
from connector.transport.soap_envelope import SoapMessage, SoapVersion, enveloped
from connector.transport.soap_parts import with_parts
from connector.transport.soap_security import SecurityHeader
from connector.transport.soap_signature import DS, WSSE, WSU, Signer
from connector.transport.soap_verifying import AnswerVerifier
from tests.unit.transport.soap_certificates import certified

KEYS: dict[str, Any] = {
    "RSA": rsa.generate_private_key(65537, 2048),
    "P-256": ec.generate_private_key(ec.SECP256R1()),
    "P-521": ec.generate_private_key(ec.SECP521R1()),
}
SOAP = SoapVersion.V11.namespace
BODY = '<r:register xmlns:r="urn:r" xmlns:q="urn:q" t="q:x"><number>000123</number></r:register>'


def signed(
    folder: Path, name: str = "RSA", *, version: SoapVersion = SoapVersion.V11, body: str = BODY
) -> tuple[etree._Element, AnswerVerifier]:
    key = KEYS[name]
    certificate = certified(key, folder)
    plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    signer = Signer(certificate, key.private_bytes(*plain).decode())
    header = SecurityHeader(token=None, lifetime=timedelta(minutes=5), signer=signer, now=now)
    message = SoapMessage(envelope=enveloped(version, body), version=version, action="")
    return parsed(header.secured(message, NO_STREAMS).envelope), AnswerVerifier(certificate)


def part(root: etree._Element, name: str) -> etree._Element:
    return next(root.iter(f"{{*}}{name}"))


@pytest.mark.parametrize("version", list(SoapVersion))
@pytest.mark.parametrize("name", KEYS)
def test_what_the_office_signed_is_believed(tmp_path: Path, name: str, version: SoapVersion) -> None:
    root, verifier = signed(tmp_path, name, version=version)
    verifier.verify(root)


def test_a_signature_over_content_that_came_in_parts_is_over_the_content(tmp_path: Path) -> None:
    root, verifier = signed(tmp_path, body="<r xmlns='urn:r'><file>AAH/</file></r>")
    file = part(root, "file")
    file.text = None
    etree.SubElement(file, "{http://www.w3.org/2004/08/xop/include}Include").set("href", "cid:a")
    with_parts(root, {"a": b"\0\1\xff"}, verifier.verify)
    file.clear()
    etree.SubElement(file, "{http://www.w3.org/2004/08/xop/include}Include").set("href", "cid:a")
    with pytest.raises(Misbehaved):
        with_parts(root, {"a": b"another"}, verifier.verify)


def another_number(root: etree._Element) -> None:
    part(root, "number").text = "000124"


def another_space(root: etree._Element) -> None:
    part(root, "register").tail = " "


def another_namespace_of_a_prefix(root: etree._Element) -> None:
    register = part(root, "register")
    text = etree.tostring(register).replace(b"urn:r", b"urn:other")
    part(root, "Body").replace(register, etree.fromstring(text))


def moved_aside(root: etree._Element) -> None:
    """The signed body stands in a header that nobody reads, and another one in its place (signature wrapping)."""
    body = part(root, "Body")
    aside = etree.SubElement(part(root, "Header"), "{urn:x}Aside")
    other = etree.SubElement(root, f"{{{SOAP}}}Body")
    etree.SubElement(etree.SubElement(other, "{urn:r}register"), "number").text = "000124"
    aside.append(body)


def moved_aside_with_its_id(root: etree._Element) -> None:
    identity = part(root, "Body").get(f"{{{WSU}}}Id") or ""
    moved_aside(root)
    root[-1].set(f"{{{WSU}}}Id", identity)


def moved_aside_with_a_plain_id(root: etree._Element) -> None:
    moved_aside(root)
    root[-1].set("Id", "body")


def a_second_body(root: etree._Element) -> None:
    etree.SubElement(root, f"{{{SOAP}}}Body")


def a_body_of_another_namespace(root: etree._Element) -> None:
    root.insert(1, etree.Element("{urn:x}Body"))


def an_id_that_another_element_has(root: etree._Element) -> None:
    etree.SubElement(part(root, "Header"), "{urn:x}a").set("ID", "body")


def without_an_id(root: etree._Element) -> None:
    del part(root, "Body").attrib[f"{{{WSU}}}Id"]


def only_the_timestamp(root: etree._Element) -> None:
    info = part(root, "SignedInfo")
    info.remove(next(each for each in info.iter(f"{{{DS}}}Reference") if each.get("URI") == "#body"))


def a_weak_digest(root: etree._Element) -> None:
    for method in root.iter(f"{{{DS}}}DigestMethod"):
        method.set("Algorithm", f"{DS}sha1")


def a_weak_signature(root: etree._Element) -> None:
    part(root, "SignatureMethod").set("Algorithm", f"{DS}rsa-sha1")


def a_shared_secret(root: etree._Element) -> None:
    part(root, "SignatureMethod").set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")


def another_transform(root: etree._Element) -> None:
    for step in root.iter(f"{{{DS}}}Transform"):
        step.set("Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")


def no_value(root: etree._Element) -> None:
    part(root, "SignatureValue").text = None


def two_infos(root: etree._Element) -> None:
    signature = part(root, "Signature")
    signature.insert(0, etree.Element(f"{{{DS}}}SignedInfo"))


CHANGES: list[Callable[[etree._Element], None]] = [
    another_number, another_space, another_namespace_of_a_prefix, moved_aside, moved_aside_with_its_id,
    moved_aside_with_a_plain_id, an_id_that_another_element_has, without_an_id, only_the_timestamp, a_weak_digest,
    a_weak_signature, a_shared_secret, another_transform, no_value, two_infos,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_was_changed_is_not_believed(tmp_path: Path, change: Callable[[etree._Element], None]) -> None:
    root, verifier = signed(tmp_path)
    change(root)
    with pytest.raises(Misbehaved) as caught:
        verifier.verify(parsed(etree.tostring(root)))
    assert caught.value.reason == "answer_signature_broken"


def no_signature(root: etree._Element) -> None:
    part(root, "Security").remove(part(root, "Signature"))


def a_signature_in_the_body(root: etree._Element) -> None:
    part(root, "Body").append(part(root, "Signature"))


@pytest.mark.parametrize(
    "change", [no_signature, a_signature_in_the_body, a_second_body, a_body_of_another_namespace]
)
def test_what_has_no_signature_in_its_security_header_or_several_bodies_is_unsigned(
    tmp_path: Path, change: Callable[[etree._Element], None]
) -> None:
    root, verifier = signed(tmp_path)
    change(root)
    with pytest.raises(Misbehaved) as caught:
        verifier.verify(parsed(etree.tostring(root)))
    assert caught.value.reason == "answer_unsigned"


def test_a_signature_of_somebody_else_is_not_believed_although_his_certificate_comes_along(
    tmp_path: Path,
) -> None:
    (tmp_path / "other").mkdir()
    _, verifier = signed(tmp_path)
    other = rsa.generate_private_key(65537, 2048)
    plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    signer = Signer(certified(other, tmp_path / "other"), other.private_bytes(*plain).decode())
    header = SecurityHeader(token=None, lifetime=None, signer=signer, now=now)
    message = SoapMessage(envelope=enveloped(SoapVersion.V11, BODY), version=SoapVersion.V11, action="")
    root = parsed(header.secured(message, NO_STREAMS).envelope)
    assert root.find(f".//{{{WSSE}}}BinarySecurityToken") is not None
    with pytest.raises(Misbehaved):
        verifier.verify(root)


def test_a_certificate_that_is_over_stops_the_call_before_it_is_sent(tmp_path: Path) -> None:
    verifier = AnswerVerifier(certified(KEYS["RSA"], tmp_path, days=5))
    verifier.refuse_when_expired(now())
    with pytest.raises(CredentialsRejected) as caught:
        verifier.refuse_when_expired(now() + timedelta(days=6))
    assert caught.value.reason == "office_certificate_expired"


def test_a_file_that_is_no_certificate_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("nothing")
    with pytest.raises(SettingsInvalid):
        AnswerVerifier(tmp_path / "a.pem")
