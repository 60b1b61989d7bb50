"""Answers of many megabytes: by the WSDL, written out, in parts beside the envelope; too large ones are not kept."""

import base64
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_httpserver import HTTPServer
from werkzeug import Response

from adapters.offices.soap import OFFICE
from connector.errors import Misbehaved
from connector.ports.catalogue import AdapterSite
from connector.ports.outcomes import Registered

SHIPPED = Path(__file__).parents[3] / "mappings" / "offices"
MEGABYTE = 1024 * 1024
SCAN = base64.b64encode(b"\x00scan" * (MEGABYTE // 5 * 9)).decode()
"""Twelve megabytes as they stand in an answer."""

WRITTEN = """
title: An office without a WSDL
source: written for this test
transport: soap
services: {office: {mode: template}}
limits: {longest_processing: PT1M}
operations:
  register:
    steps:
      - {name: create, envelope: <a/>, verdict: {code: reply.resultCode, means: {"0": registered}}}
    registration: {number: reply.number}
  find:
    steps:
      - {name: find, envelope: <a/>, verdict: {code: reply.resultCode, means: {"0": registered, "4": absent}}}
    registration: {number: reply.number}
"""


def office_of(values: Any, folder: Path, url: str) -> Any:
    (folder / "offices").mkdir()
    shutil.copytree(SHIPPED / "simulated", folder / "offices" / "simulated")
    (folder / "offices" / "mine.yaml").write_text(
        yaml.safe_dump(values, allow_unicode=True), encoding="utf-8"
    )
    settings = {"mapping": "mine", "http": {"url": url}, "may_lack_cases": True}
    if values["services"]["office"].get("mode") != "template":
        (folder / "secret").write_text("secret", encoding="ascii")
        settings |= {"username": "chapar", "password": {"file": str(folder / "secret")}}
    site = AdapterSite(name="o", mappings=(folder,), pool_size=1)
    return OFFICE.build(OFFICE.settings.model_validate(settings), site)


def answer(scan: str, *, parts: str = "") -> Response:
    content = (
        f"<FindLetterResponse xmlns='urn:chapar:simulated-office'><resultCode>0</resultCode><number>007</number>"
        f"<year>1405</year><scan>{scan}</scan></FindLetterResponse>"
    )
    envelope = f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{content}</s:Body></s:Envelope>'
    if not parts:
        return Response(envelope, content_type="text/xml")
    body = (
        f"--b\r\nContent-Type: application/xop+xml\r\nContent-ID: <root>\r\n\r\n{envelope}\r\n"
        f"--b\r\nContent-ID: <scan>\r\n\r\n{parts}\r\n--b--\r\n"
    )
    return Response(body, content_type='multipart/related; boundary=b; type="application/xop+xml"')


@pytest.mark.parametrize("mode", ["wsdl", "template"])
@pytest.mark.parametrize("is_in_parts", [False, True], ids=["inline", "mtom"])
def test_an_answer_with_twelve_megabytes_in_one_element_is_read(
    mode: str, is_in_parts: bool, tmp_path: Path, httpserver: HTTPServer
) -> None:
    include = '<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:scan"/>'
    reply = answer(include, parts=SCAN) if is_in_parts else answer(SCAN)
    httpserver.expect_request("").respond_with_response(reply)
    httpserver.expect_request("/").respond_with_response(reply)
    values = yaml.safe_load(WRITTEN)
    if mode == "wsdl":
        values = yaml.safe_load((SHIPPED / "simulated-soap.yaml").read_text(encoding="utf-8"))
        values["services"]["office"]["path"] = ""
    found = office_of(values, tmp_path, httpserver.url_for("/")).find("K1", "10")
    assert isinstance(found, Registered)
    assert found.registration.number == "007"


def test_an_answer_over_the_mappings_limit_is_told_and_not_kept(
    tmp_path: Path, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/").respond_with_response(answer(SCAN))
    values = yaml.safe_load(WRITTEN)
    values["limits"]["answer_bytes"] = MEGABYTE
    with pytest.raises(Misbehaved) as caught:
        office_of(values, tmp_path, httpserver.url_for("/")).find("K1", "10")
    assert caught.value.reason == "answer_too_large"
