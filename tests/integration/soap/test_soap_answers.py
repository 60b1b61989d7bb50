"""Answers as node-soap writes its messages: with parts beside them, signed, or both."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.offices.soap import OFFICE
from connector.errors import Misbehaved
from connector.ports.catalogue import AdapterSite
from connector.ports.outcomes import Registered
from tests.contract.offices.requests_to_register import a_request
from tests.integration.soap.stacks import running_office
from tests.unit.transport.soap_certificates import certified

CONTENT = b"\x00\xff\r\n--" + ("نامه".encode() * 25_000) + b"\r\n--"
MAPPING = """
title: An office that signs
source: written for this test
transport: soap
services: {office: {mode: template}}
limits: {longest_processing: PT1M}
operations:
  register:
    steps:
      - name: register
        envelope: <a xmlns='urn:a'>{{ letter.subject }}</a>
        verdict: {code: reply.code, means: {"0": registered}}
    registration: {number: reply.number, office_reference: reply.file}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("office")
    key = rsa.generate_private_key(65537, 2048)
    plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(*plain))
    certified(key, folder)
    (folder / "offices").mkdir()
    (folder / "offices" / "mine.yaml").write_text(MAPPING, encoding="utf-8")
    with running_office("node-answers", folder) as url:
        yield url, folder


def registered(place: tuple[str, Path], subject: str, *, certificate: str | None = "signing.pem") -> Any:
    url, folder = place
    settings: dict[str, Any] = {"mapping": "mine", "http": {"url": url}, "may_lack_cases": True}
    if certificate:
        settings["office_certificate"] = folder / certificate
    site = AdapterSite(name="main", mappings=(folder,), pool_size=1)
    office = OFFICE.build(OFFICE.settings.model_validate(settings), site)
    try:
        return office.register(a_request(subject=subject))
    finally:
        office.close()


@pytest.mark.parametrize("subject", ["PLAIN", "PARTS", "SIGNED", "SIGNED PARTS"])
def test_every_form_is_read_where_nobody_wants_a_signature(place: tuple[str, Path], subject: str) -> None:
    outcome = registered(place, subject, certificate=None)
    assert isinstance(outcome, Registered)
    assert outcome.registration.number == "000123"
    assert base64.b64decode(outcome.registration.office_reference or "") == CONTENT


@pytest.mark.parametrize("subject", ["SIGNED", "SIGNED PARTS"])
def test_what_the_office_signed_is_believed(place: tuple[str, Path], subject: str) -> None:
    outcome = registered(place, subject)
    assert outcome.registration.number == "000123"
    assert base64.b64decode(outcome.registration.office_reference or "") == CONTENT


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        ("PLAIN", "answer_unsigned"),
        ("PARTS", "answer_unsigned"),
        ("SIGNED CHANGED", "answer_signature_broken"),
        ("SIGNED CHANGED PARTS", "answer_signature_broken"),
    ],
)
def test_what_is_unsigned_or_changed_leaves_the_outcome_open(
    place: tuple[str, Path], subject: str, reason: str
) -> None:
    with pytest.raises(Misbehaved) as caught:
        registered(place, subject)
    assert caught.value.reason == reason
