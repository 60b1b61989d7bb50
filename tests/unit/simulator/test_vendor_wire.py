"""A vendor's office on the wire: both versions of SOAP, files beside the envelope, rpc, and WSDLs that do not load."""

import io
from pathlib import Path

import pytest
from lxml import etree

from connector.mapping.schema_steps import Step
from connector.simulator.exchange import Request
from connector.simulator.vendor.asking import Message, read_asked
from connector.simulator.vendor.contract import VendorContract
from connector.simulator.vendor.envelopes import envelope_call, envelope_send
from connector.simulator.vendor.soap_wire import SoapBroken, read_soap, soap_answer, soap_failure
from connector.transport.soap_answer import SoapFault, envelope_body

SHIPPED = Path(__file__).parents[3] / "mappings" / "offices"
ONE = "http://schemas.xmlsoap.org/soap/envelope/"
TWO = "http://www.w3.org/2003/05/soap-envelope"
RPC = """<definitions name="O" targetNamespace="urn:o" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="urn:o"
 xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<types><xs:schema targetNamespace="urn:o">{extra}<xs:complexType name="R"><xs:sequence>
<xs:element name="code" type="xs:int"/><xs:element name="number" type="xs:string"/>
<xs:element name="note" type="xs:string" minOccurs="0"/></xs:sequence></xs:complexType></xs:schema></types>
<message name="In"><part name="key" type="xs:string"/></message>
<message name="Out"><part name="result" type="tns:R"/></message>
<portType name="P"><operation name="create"><input message="tns:In"/><output message="tns:Out"/></operation></portType>
<binding name="B" type="tns:P"><soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
<operation name="create"><soap:operation soapAction=""/><input><soap:body use="literal" namespace="urn:body"/></input>
<output><soap:body use="literal" namespace="urn:body"/></output></operation></binding>
<service name="S"><port name="B" binding="tns:B"><soap:address location="http://office.invalid/"/></port></service>
</definitions>"""


def request(body: bytes, content_type: str = "text/xml") -> Request:
    headers = {"content-type": content_type}
    return Request(method="POST", path="/", query={}, headers=headers, body=io.BytesIO(body), size=len(body))


def envelope(space: str, content: str) -> bytes:
    return f'<e:Envelope xmlns:e="{space}"><e:Body>{content}</e:Body></e:Envelope>'.encode()


@pytest.mark.parametrize(("space", "kind"), [(ONE, "text/xml"), (TWO, "application/soap+xml")])
def test_an_answer_is_in_the_version_of_the_request(space: str, kind: str) -> None:
    message = read_soap(request(envelope(space, '<a:create xmlns:a="urn:a"><key>K</key></a:create>')))
    assert (message.call, message.namespace, message.fields) == ("create", "urn:a", {"key": "K"})
    reply = soap_answer(message, "<done/>")
    assert reply.media_type.startswith(kind)
    assert f"{{{space}}}Envelope" == etree.fromstring(reply.body).tag
    fault = envelope_body(soap_failure(message, "Busy", "later").body)
    assert fault == SoapFault(code="Busy", text="later")


def test_files_beside_the_envelope_are_bytes() -> None:
    include = '<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:file1"/>'
    root = envelope(ONE, f"<put><name>a</name><data>{include}</data></put>")
    body = b"".join(
        (
            b"--b1\r\nContent-Type: application/xop+xml\r\nContent-ID: <root>\r\n\r\n", root,
            b"\r\n--b1\r\nContent-ID: <file1>\r\n\r\n", b"\x00\xff\r\nraw", b"\r\n--b1--\r\n",
        )
    )  # fmt: skip
    message = read_soap(request(body, 'multipart/related; type="application/xop+xml"; boundary="b1"'))
    assert message.fields == {"name": "a", "data": b"\x00\xff\r\nraw"}


def test_a_file_that_nothing_names_stands_beside_the_fields() -> None:
    body = b"".join(
        (
            b"--b1\r\nContent-Type: text/xml\r\nContent-ID: <root>\r\n\r\n", envelope(ONE, "<put><name>a</name></put>"),
            b"\r\n--b1\r\nContent-ID: <file1>\r\n\r\n", b"raw", b"\r\n--b1--\r\n",
        )
    )  # fmt: skip
    message = read_soap(request(body, 'multipart/related; type="text/xml"; boundary="b1"'))
    assert message.fields == {"name": "a", "$beside": [b"raw"]}


@pytest.mark.parametrize(
    "body",
    [
        b"not xml",
        b"<a/>",
        envelope(ONE, ""),
        b'<!DOCTYPE a [<!ENTITY e "x">]>' + envelope(ONE, "<a>&e;</a>"),
    ],
)
def test_what_is_no_soap_is_refused(body: bytes) -> None:
    with pytest.raises(SoapBroken):
        read_soap(request(body))


@pytest.mark.parametrize(
    "extra", ["", '<xs:import namespace="urn:x" schemaLocation="http://office.invalid/x.xsd"/>']
)
def test_an_rpc_answer_has_its_parts_also_where_only_names_are_known(extra: str, tmp_path: Path) -> None:
    path = tmp_path / "office.wsdl"
    path.write_text(RPC.format(extra=extra), encoding="utf-8")
    contract = VendorContract([path])
    assert bool(contract.complaints) == bool(extra)
    answer = contract.write("create", "urn:body", {"result": {"number": "007", "unknown": "x"}})
    assert etree.QName(answer).localname == "createResponse"
    assert answer.findtext(".//{*}number") == "007"
    assert answer.findtext(".//{*}unknown") == ("x" if extra else None), (
        "what the WSDL declares is not made up"
    )
    if not extra:
        assert etree.QName(answer).namespace == "urn:body"
        (result,) = answer
        assert [etree.QName(child).localname for child in result] == ["code", "number"], "what is required"
        told = VendorContract([path], {"unknown"}).write("create", "urn:body", {"result": {"unknown": "x"}})
        assert told.findtext(".//{*}unknown") == "x", "what the mapping says of the office counts"


def test_an_encoded_array_is_answered_item_by_item() -> None:
    contract = VendorContract([SHIPPED / "folium" / "protocollo.wsdl"])
    found = {"ricercaProtocolliReturn": [{"numeroProtocollo": "1"}, {"numeroProtocollo": "2"}]}
    answer = contract.write("ricercaProtocolli", "urn:ProtocolloWebService", found)
    assert [each.text for each in answer.iterfind("ricercaProtocolliReturn/item/numeroProtocollo")] == [
        "1",
        "2",
    ]
    (nothing,) = contract.write("ricercaProtocolli", "urn:x", {"ricercaProtocolliReturn": []})
    assert len(nothing) == 0
    assert not nothing.text


def test_a_fault_says_the_word_that_a_rule_wants_in_its_detail() -> None:
    for space in (ONE, TWO):
        message = Message(envelope=space)
        fault = envelope_body(soap_failure(message, "Server", "boom", "unit.unknown").body)
        assert isinstance(fault, SoapFault)
        assert "unit.unknown" in fault.detail


def test_a_list_of_fixed_items_and_a_loop_is_read_back() -> None:
    send = {
        "files": [
            "letter.text",
            {"$each": "attachments", "$give": {"n": "item.name", "d": "item.content"}},
            "unit",
        ]
    }
    step = Step.model_validate({"name": "put", "call": "put", "send": send})
    asked = read_asked(
        step, Message(call="put", fields={"files": ["a", {"n": "x", "d": "eA=="}, {"n": "y", "d": ""}, "u"]})
    )
    assert (asked.values["letter.text"], asked.values["unit"]) == ("a", "u")
    assert [mark.name for mark in asked.marks] == ["x", "y"]


def test_a_file_that_is_no_wsdl_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.wsdl").write_text("<html>log in</html>", encoding="utf-8")
    contract = VendorContract([tmp_path / "a.wsdl", tmp_path / "missing.wsdl"])
    assert not contract.answers
    assert len(contract.complaints) == 2


def test_an_envelope_that_is_written_out_is_read_by_what_send_says() -> None:
    step = Step.model_validate(
        {
            "name": "register",
            "send": {
                "subject": {"$pick": "letter.subject", "$longest": 20},
                "files": {"$each": "attachments", "$give": {"name": "item.name", "data": "item.content"}},
            },
            "envelope": '<o:put xmlns:o="urn:o"><o:id>[{{ correlation_key }}]</o:id><o:s>{{ send.subject }}</o:s>'
            '{% for file in send.files %}<o:f name="{{ file.name }}">{{ file.data }}</o:f>{% endfor %}</o:put>',
        }
    )
    assert envelope_call(step) == "put"
    written_out = step.model_copy(update={"send": envelope_send(step)})
    files = [{"@name": "a.txt", "#text": "YWJj"}, {"@name": "b.txt", "#text": ""}]
    asked = read_asked(written_out, Message(call="put", fields={"id": "[K1]", "s": "متن", "f": files}))
    assert (asked.key, asked.first("letter.subject")) == ("K1", "متن")
    assert [(mark.name, mark.size) for mark in asked.marks] == [("a.txt", 3), ("b.txt", 0)]
