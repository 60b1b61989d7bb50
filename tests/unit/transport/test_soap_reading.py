"""Answers read by names: lists, arrays and references of SOAP encoding, and messages that were written out."""

from typing import Any

import pytest
from lxml import etree

from connector.errors import NotPossible
from connector.transport.soap_answer import SoapFault
from connector.transport.soap_envelope import SoapVersion
from connector.transport.soap_written import read_answer, with_header, written_message

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NAMES = (
    f'xmlns:s="{SOAP}" xmlns:e="http://schemas.xmlsoap.org/soap/encoding/" '
    'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
)


def answer(body: str) -> bytes:
    return f"<s:Envelope {NAMES}><s:Body>{body}</s:Body></s:Envelope>".encode()


@pytest.mark.parametrize(
    ("body", "lists", "values"),
    [
        ("<r><a>1</a></r>", (), {"a": "1"}),
        ("<r><a>1</a></r>", ("a",), {"a": ["1"]}),
        ("<r><a>1</a><b><a>2</a></b></r>", ("b/a",), {"a": "1", "b": {"a": ["2"]}}),
        ("<r><a>1</a><a>2</a></r>", ("a",), {"a": ["1", "2"]}),
        ('<r><a e:arrayType="x[1]"><item>1</item></a></r>', (), {"a": ["1"]}),
        ('<r><a i:type="e:Array"/></r>', (), {"a": []}),
        ('<r><a e:arrayType="x[1]"><i>1</i></a><a e:arrayType="x[1]"><i>2</i></a></r>', (), {"a": [["1"], ["2"]]}),
        ('<r><a i:type="x">1</a></r>', (), {"a": "1"}),
        ('<r s:encodingStyle="x"><a href="#1"/></r><m id="1" e:root="0"><n>7</n></m>', (), {"a": {"n": "7"}}),
        ('<r><a e:arrayType="x[2]"><i href="#1"/><i href="#1"/></a></r><m id="1">7</m>', (), {"a": ["7", "7"]}),
        ('<r><a href="#1" id="2">x</a></r>', (), {"a": {"@href": "#1", "@id": "2", "#text": "x"}}),
        ("", (), {}),
    ],
)  # fmt: skip
def test_an_answer_without_a_wsdl_is_read_by_its_names(
    body: str, lists: tuple[str, ...], values: Any
) -> None:
    assert read_answer(answer(body), lists) == values


@pytest.mark.parametrize(
    "body",
    [
        '<r><a href="#1"/></r><m id="1"><a href="#1"/></m>',
        "<r><a href='#0'/></r>"
        + "".join(f'<m id="{n}"><a href="#{n + 1}"/><b href="#{n + 1}"/></m>' for n in range(60))
        + '<m id="60">x</m>',
    ],
)
def test_references_that_lead_into_themselves_or_multiply_are_refused(body: str) -> None:
    with pytest.raises(ValueError):
        read_answer(answer(body))


def test_a_fault_without_a_wsdl_is_a_fault() -> None:
    fault = answer("<s:Fault><faultcode>s:VersionMismatch</faultcode><faultstring>no</faultstring></s:Fault>")
    told = read_answer(fault)
    assert told == SoapFault(code="s:VersionMismatch", text="no")
    assert told.is_of_version


def test_a_body_is_put_into_its_envelope_and_a_whole_envelope_goes_as_it_is() -> None:
    text = '<?xml version="1.0"?>\n<a xmlns="urn:a">1</a>'
    message = written_message(SoapVersion.V12, text, header="<h/>", action="x")
    root = etree.fromstring(message.document)
    assert etree.QName(root).namespace == SoapVersion.V12.namespace
    assert [etree.QName(each).localname for each in root] == ["Header", "Body"]
    whole = f"<s:Envelope {NAMES}><s:Header><own/></s:Header><s:Body><a/></s:Body></s:Envelope>"
    assert written_message(SoapVersion.V11, whole).envelope == whole.encode()
    both = etree.fromstring(written_message(SoapVersion.V11, whole, header="<h/>").envelope)
    assert [each.tag for each in both[0]] == ["h", "own"]


def test_blocks_get_a_header_where_the_envelope_has_none() -> None:
    root = etree.fromstring(with_header(answer("<a/>"), "<h soap:mustUnderstand='1'/>"))
    assert [each.tag for each in root[0]] == ["h"]
    assert root[0][0].get(f"{{{SOAP}}}mustUnderstand") == "1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text alone is no element",
        "<a>",
        "<a></b>",
        "<a/></soap:Body><b/>",
        "<p:a/>",
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body/></s:Envelope>',
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><a/></s:Body></s:Envelope>',
        "<a>\ud800</a>",
    ],
)
def test_what_is_no_message_is_not_sent(text: str) -> None:
    with pytest.raises(NotPossible, match="cannot be sent"):
        written_message(SoapVersion.V11, text)
