"""An office whose messages are written out in the mapping: what goes out, what comes back, what is refused."""

import io
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from adapters.offices.soap import OFFICE
from connector.errors import MappingInvalid, Misbehaved, NotPossible, OutcomeUnknown, Unavailable
from connector.ports.catalogue import AdapterSite
from connector.ports.outcomes import Registered
from connector.transport.soap_parts import joined, unnamed
from tests.contract.offices.requests_to_register import NASTY, a_request, content_of

MAPPING = """
title: An office without a WSDL
source: written for this test
transport: soap
services:
  office:
    path: /ws
    mode: template
    lists: [number]
    header: <t:Ticket xmlns:t="urn:t">{{ credentials.token }}</t:Ticket>
text: {letters: arabic}
limits: {longest_processing: PT1M}
operations:
  register:
    steps:
      - name: register
        action: urn:office:register
        send:
          subject: {$pick: letter.subject, $longest: 500}
          files: {$each: attachments, $give: {name: item.name, data: item.content}}
        envelope: |
          <o:register xmlns:o="urn:office" key="{{ correlation_key }}">
            <o:subject>{{ send.subject }}</o:subject>
            {% if unit %}<o:unit>{{ unit }}</o:unit>{% endif %}
            {% for file in send.files %}<o:file name="{{ file.name }}">{{ file.data }}</o:file>{% endfor %}
          </o:register>
        verdict: {code: reply.code, means: {"0": registered}}
    registration: {number: "reply.number[0]"}
"""


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("OFFICE_TOKEN", "secret-ticket")

    def built(url: str = "http://127.0.0.1:9", change: Any = None) -> Any:
        values = yaml.safe_load(MAPPING)
        if change:
            change(values)
        (tmp_path / "offices").mkdir(exist_ok=True)
        path = tmp_path / "offices" / "mine.yaml"
        path.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
        settings = {
            "mapping": "mine",
            "http": {"url": url},
            "token": {"environment": "OFFICE_TOKEN"},
            "may_lack_cases": True,
        }
        return OFFICE.build(
            OFFICE.settings.model_validate(settings),
            AdapterSite(name="main", mappings=(tmp_path,), pool_size=1),
        )

    return built


def step_of(values: Any) -> Any:
    return values["operations"]["register"]["steps"][0]


def beside(values: Any, **service: Any) -> None:
    """Send the attachments beside the message."""
    values["services"]["office"].update({"attachments": "swa", **service})
    step_of(values)["send"] = {"$beside": {"$each": "attachments", "$give": "item.content"}}
    step_of(values)["envelope"] = "<a>{{ letter.subject }}</a>"


def said(fields: str, status: int = 200) -> Response:
    envelope = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f"{fields}</s:Body></s:Envelope>"
    )
    return Response(envelope, status=status, content_type="text/xml")


def test_a_written_message_goes_out_with_header_action_and_streamed_attachments(
    build: Any, httpserver: HTTPServer
) -> None:
    received: list[Request] = []

    def answer(request: Request) -> Response:
        received.append(request)
        request.get_data()
        return said("<r><code>0</code><number>007</number></r>")

    httpserver.expect_request("/ws").respond_with_handler(answer)
    outcome = build(httpserver.url_for("")).register(
        a_request("K<1>", content_of('a"<b>.pdf', b"\x00\x01" * 300_000))
    )
    assert isinstance(outcome, Registered)
    assert outcome.registration.number == "007"
    (request,) = received
    assert request.headers["SOAPAction"] == '"urn:office:register"'
    assert request.content_type == "text/xml; charset=utf-8"
    root = etree.parse(io.BytesIO(request.get_data()), etree.XMLParser(huge_tree=True)).getroot()
    assert root.findtext(".//{urn:t}Ticket") == "secret-ticket"
    register = root.find(".//{urn:office}register")
    assert register is not None
    assert register.get("key") == "K<1>"
    assert register.findtext("{urn:office}subject") == NASTY.replace("ی", "ي").replace("ک", "ك")
    assert register.findtext("{urn:office}unit") == "امور مالي"
    (file,) = register.findall("{urn:office}file")
    assert file.get("name") == 'a"<b>.pdf'
    assert file.text is not None
    assert len(file.text) == 800_000


def test_a_whole_envelope_of_soap_1_2_can_be_written(build: Any, httpserver: HTTPServer) -> None:
    def change(values: Any) -> None:
        values["services"]["office"]["version"] = "1.2"
        step_of(values)["envelope"] = (
            '<?xml version="1.0"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Header><own/>'
            "</e:Header><e:Body><a>{{ letter.subject }}</a></e:Body></e:Envelope>"
        )

    httpserver.expect_request(
        "/ws", headers={"Content-Type": 'application/soap+xml; charset=utf-8; action="urn:office:register"'}
    ).respond_with_handler(lambda _: said("<r><code>0</code><number>7</number></r>"))
    assert isinstance(build(httpserver.url_for(""), change).register(a_request()), Registered)
    root = etree.fromstring(httpserver.log[0][0].get_data())
    assert [etree.QName(each).localname for each in root[0]] == ["Ticket", "own"]


@pytest.mark.parametrize(
    ("answer", "failure", "reason"),
    [
        (said("<s:Fault><faultcode>s:VersionMismatch</faultcode></s:Fault>", 500), Unavailable, "soap_version"),
        (Response("no", status=415), Unavailable, "soap_version"),
        (Response("<html/>", content_type="text/html"), Misbehaved, "unreadable_answer"),
        (said("<s:Fault><faultcode>s:Server</faultcode><faultstring>b</faultstring></s:Fault>", 500), OutcomeUnknown,
         "fault_unmapped"),
        (Response("", status=202), Misbehaved, "code_missing"),
    ],
)  # fmt: skip
def test_answers_are_judged_as_everywhere(
    build: Any, httpserver: HTTPServer, answer: Response, failure: type, reason: str
) -> None:
    httpserver.expect_request("/ws").respond_with_handler(lambda _: answer)
    with pytest.raises(failure) as caught:
        build(httpserver.url_for("")).register(a_request())
    assert type(caught.value) is failure
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("envelope", "words"),
    [
        ("<a>{{ letter.subject }}</b>", "what it writes is not XML"),
        ("{% for f in attachments %}<a>{% endfor %}", "what it writes is not XML"),
        ("{% if unit %}<a/>{% else %}</a>{% endif %}", "what it writes is not XML"),
        ("<p:a/>", "what it writes is not XML"),
        ("<a>{{ letter.subject", "line 1 of the template"),
    ],
)
def test_a_template_that_writes_bad_xml_is_told_when_it_is_loaded(
    build: Any, envelope: str, words: str
) -> None:
    with pytest.raises(MappingInvalid, match=words) as caught:
        build(change=lambda values: step_of(values).update(envelope=envelope))
    assert "operations.register.steps[0].envelope" in caught.value.sentence


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda values: step_of(values).update(call="Register"),
            "in template mode a step writes its message",
        ),
        (lambda values: step_of(values).pop("envelope"), "in template mode a step writes its message"),
        (lambda values: values["services"]["office"].update(service="S"), "in template mode there is none"),
        (lambda values: values["services"]["office"].update(wsdl="a.wsdl"), "has no use for a wsdl"),
        (lambda values: values["services"]["office"].update(header="<a"), "services.office.header"),
        (lambda values: beside(values, attachments="inline"), "needs a service with attachments: swa"),
        (lambda values: beside(values, security={"signature": True}), "would not be signed"),
        (
            lambda values: step_of(values)["send"].update(x={"$beside": ["attachments"]}),
            "stands on top of send",
        ),
    ],
)
def test_a_step_that_does_not_fit_the_mode_is_told(build: Any, change: Any, words: str) -> None:
    with pytest.raises(MappingInvalid, match=words):
        build(change=change)


def test_a_letter_that_would_make_bad_xml_is_parked_before_anything_is_sent(build: Any) -> None:
    office = build(change=lambda values: step_of(values).update(envelope="<{{ letter.subject }}/>"))
    with pytest.raises(NotPossible, match="envelope: The written message cannot be sent"):
        office.register(a_request())
    missing = build(
        change=lambda values: step_of(values).update(envelope="<a>{{ letter.fields.nothing }}</a>")
    )
    with pytest.raises(NotPossible, match="misses a value"):
        missing.register(a_request())
    without = build(change=lambda values: step_of(values).update(envelope="<a>{{ letter.subject }}</a>"))
    with pytest.raises(NotPossible, match="leaves an attachment out"):
        without.register(a_request("K", content_of("a", b"a")))


def test_what_goes_beside_the_message_is_no_part_of_it(build: Any, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/ws").respond_with_handler(
        lambda _: said("<r><code>0</code><number>7</number></r>")
    )
    office = build(httpserver.url_for(""), beside)
    assert isinstance(
        office.register(a_request("K", content_of("a", b"one"), content_of("b", b""))), Registered
    )
    request = httpserver.log[0][0]
    envelope, parts = joined(request.get_data(), request.headers["Content-Type"])
    assert unnamed(envelope, parts) == [b"one", b""]
    assert b"cid:" not in envelope


def test_only_contents_and_documents_go_beside_the_message(build: Any) -> None:
    def change(values: Any) -> None:
        beside(values)
        step_of(values)["send"] = {"$beside": ["letter.subject"]}

    with pytest.raises(NotPossible, match="only contents of attachments and documents"):
        build(change=change).register(a_request())
