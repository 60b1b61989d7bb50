"""The ways of SOAP against stacks that others wrote: rpc/encoded, SOAP 1.2, MTOM, and the security header."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.offices.soap import OFFICE
from connector.domain.registration import LetterReference
from connector.ports.catalogue import AdapterSite
from connector.ports.outcomes import Registered
from tests.contract.offices.requests_to_register import NASTY, a_request, content_of
from tests.integration.soap.stacks import STACKS, running_office
from tests.unit.transport.rpc_wsdl import rpc_wsdl
from tests.unit.transport.soap_certificates import certified

MAPPINGS = Path(__file__).parents[3] / "mappings" / "offices"
WRITTEN = """
title: An office
source: written for this test
transport: soap
services: {office: {mode: template}}
limits: {longest_processing: PT1M}
operations:
  register:
    steps:
      - name: register
        envelope: |
          <a xmlns='urn:a'>
            <s>{{ letter.subject }}</s>{% for file in attachments %}<c>{{ file.content }}</c>{% endfor %}
          </a>
        verdict: {code: reply.code, means: {"0": registered}}
    registration: {number: reply.number}
"""
ENCODED = """
title: An office
source: written for this test
transport: soap
services: {office: {wsdl: shapes.wsdl, port: Encoded}}
limits: {longest_processing: PT1M}
operations:
  register:
    steps:
      - name: register
        call: register
        send:
          letter:
            subject: letter.subject
            urgent: true
            files: {$each: attachments, $give: {name: item.name, content: item.content}}
          tags: [letter.urgency, correlation_key]
        verdict: {code: "'0'", means: {"0": registered}}
    registration:
      number: reply.registration.number
      office_reference: "join('|', [reply.registration.echo, reply.registration.names[1]])"
"""


@pytest.fixture
def connect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("OFFICE_SECRET", "رمز&<")
    opened: list[Any] = []

    def connected(url: str, mapping: str, change: Any = None, **more: Any) -> Any:
        values = yaml.safe_load(mapping)
        if change:
            change(values)
        (tmp_path / "offices").mkdir(exist_ok=True)
        text = yaml.safe_dump(values, allow_unicode=True)
        (tmp_path / "offices" / "mine.yaml").write_text(text, encoding="utf-8")
        settings = {
            "mapping": "mine",
            "http": {"url": url, "answer_within": timedelta(seconds=20)},
            "username": "chapar",
            "password": {"environment": "OFFICE_SECRET"},
            "may_lack_cases": True,
            **more,
        }
        site = AdapterSite(name="main", mappings=(tmp_path,), pool_size=2)
        opened.append(OFFICE.build(OFFICE.settings.model_validate(settings), site))
        return opened[-1]

    yield connected
    for office in opened:
        office.close()


def laid_beside(tmp_path: Path, wsdl: Path, name: str) -> None:
    target = tmp_path / "offices" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(wsdl.read_bytes())


def test_php_reads_every_type_and_array_of_an_encoded_message(tmp_path: Path, connect: Any) -> None:
    shapes = Path(__file__).parents[2] / "unit" / "transport" / "shapes.wsdl"
    laid_beside(tmp_path, shapes, "shapes.wsdl")
    files = [content_of("a.pdf", os.urandom(200_000)), content_of("نامه.txt", "متن".encode())]
    with running_office("php-encoded", tmp_path, shapes) as url:
        outcome = connect(url, ENCODED).register(a_request("K1", *files))
    assert isinstance(outcome, Registered)
    assert outcome.registration.number == "000007"
    told, _, name = (outcome.registration.office_reference or "").rpartition("|")
    assert name == "two"
    received = json.loads(told)
    assert (received["subject"], received["urgent"], received["tags"]) == (NASTY, True, ["urgent", "K1"])
    assert received["files"] == [[each.attachment.name, each.attachment.digest] for each in files]
    assert received["named_types"] == 15


@pytest.mark.parametrize(("version", "use"), [("1.1", "literal"), ("1.2", "literal"), ("1.2", "encoded")])
def test_php_reads_rpc_in_both_versions_and_is_read(
    tmp_path: Path, connect: Any, version: Any, use: Any
) -> None:
    def change(values: Any) -> None:
        values["services"]["office"] = {"wsdl": "rpc.wsdl"}
        step = values["operations"]["register"]["steps"][0]
        if use == "literal":
            step["send"] = {
                "letter": {**step["send"]["letter"], "files": {"file": step["send"]["letter"]["files"]}},
                "tags": {"tag": step["send"]["tags"]},
            }
            words = "join('|', [reply.registration.echo, reply.registration.names.tag[1]])"
            values["operations"]["register"]["registration"]["office_reference"] = words

    # PHP reads no encoded binding that does not name its encoding.
    encoding = "http://www.w3.org/2003/05/soap-encoding" if use == "encoded" else None
    wsdl = rpc_wsdl(tmp_path, version, use, encoding)
    laid_beside(tmp_path, wsdl, "rpc.wsdl")
    files = [content_of("a.pdf", os.urandom(200_000)), content_of("نامه.txt", "متن".encode())]
    with running_office("php-encoded", tmp_path, wsdl) as url:
        outcome = connect(url, ENCODED, change).register(a_request("K1", *files))
    assert isinstance(outcome, Registered)
    assert outcome.registration.number == "000007"
    told, _, name = (outcome.registration.office_reference or "").rpartition("|")
    assert name == "two"
    received = json.loads(told)
    assert (received["subject"], received["urgent"], received["tags"]) == (NASTY, True, ["urgent", "K1"])
    assert received["files"] == [[each.attachment.name, each.attachment.digest] for each in files]
    assert received["versions"] == [version == "1.2", (version, use) == ("1.2", "encoded")]
    assert (received["named_types"] > 0) == (use == "encoded")


def test_php_takes_a_written_message_of_soap_1_2_and_answers_in_it(tmp_path: Path, connect: Any) -> None:
    def change(values: Any) -> None:
        values["services"]["office"]["version"] = "1.2"
        step = values["operations"]["register"]["steps"][0]
        step["envelope"] = "<o:Ping xmlns:o='urn:chapar:simulated-office:1'/>"
        step["verdict"] = {"code": "reply.status", "means": {"ok": "registered"}}
        values["operations"]["register"]["registration"] = {"number": "reply.status"}

    with running_office("php", tmp_path) as url:
        assert isinstance(connect(url, WRITTEN, change).register(a_request()), Registered)


if "spyne" in STACKS:

    def test_spyne_puts_the_parts_of_mtom_back_into_the_letter(tmp_path: Path, connect: Any) -> None:
        laid_beside(tmp_path, MAPPINGS / "simulated" / "office.wsdl", "simulated/office.wsdl")
        large = os.urandom(3 * 1024 * 1024)
        mapping = (MAPPINGS / "simulated-soap.yaml").read_text(encoding="utf-8")
        with running_office("spyne", tmp_path) as url:
            office = connect(
                url, mapping, lambda values: values["services"]["office"].update(attachments="mtom")
            )
            office.register(a_request("M1", content_of("نقشه.pdf", large), content_of("b.bin", b"\r\n--")))
            (progress,) = office.progress([LetterReference(correlation_key="M1", secretariat="10")])
        marks = json.loads(progress.answer.text)["attachments"]
        assert marks[0] == {"name": "نقشه.pdf", "size": len(large), "sha256": sha256(large).hexdigest()}
        assert marks[1]["sha256"] == sha256(b"\r\n--").hexdigest()


@pytest.mark.parametrize(
    ("security", "found"),
    [
        ({"username_token": "text"}, {"password": "text", "fresh": None, "signed": []}),
        (
            {"username_token": "digest", "timestamp": "PT5M"},
            {"password": "digest", "fresh": True, "signed": []},
        ),
        (
            {"username_token": "digest", "timestamp": "PT5M", "signature": True},
            {"password": "digest", "fresh": True, "signed": ["Body", "Timestamp"]},
        ),
        ({"signature": True}, {"password": "absent", "fresh": None, "signed": ["Body"]}),
    ],
)
def test_the_security_header_stands_before_a_judge_of_others(
    tmp_path: Path, connect: Any, security: Any, found: Any
) -> None:
    key = rsa.generate_private_key(65537, 2048)
    plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "key.pem").write_bytes(key.private_bytes(*plain))
    signing = {"signing_certificate": certified(key, tmp_path), "signing_key": {"file": tmp_path / "key.pem"}}
    with running_office("node-secure", tmp_path) as url:
        office = connect(
            url, WRITTEN, lambda values: values["services"]["office"].update(security=security), **signing
        )
        outcome = office.register(a_request("S1", content_of("a.bin", os.urandom(300_000))))
    assert json.loads(outcome.registration.number) == found
