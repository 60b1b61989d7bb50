"""SOAP without a network: the WSDL from disk only, answers read tolerantly and without entities."""

from pathlib import Path

import pytest

from connector.errors import MappingInvalid, NotPossible
from connector.transport.body import NO_STREAMS, Base64Stream, StreamedBody, Streams, spliced
from connector.transport.soap import SoapContract, SoapFault, load_contract
from connector.transport.soap_answer import envelope_body

WSDL = Path(__file__).parents[3] / "mappings" / "offices" / "simulated" / "office.wsdl"
NAMESPACE = "urn:chapar:simulated-office:1"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"


BOMB = b'<!DOCTYPE a [<!ENTITY e0 "' + b"x" * 1000 + b'">'
BOMB += b"".join(b'<!ENTITY e%d "%s">' % (step, b"&e%d;" % (step - 1) * 10) for step in range(1, 7))
"""Entities in entities: a thousand million characters, if anybody worked them out."""


@pytest.fixture(scope="module")
def contract() -> SoapContract:
    return load_contract(WSDL)


def enveloped(content: str, namespace: str = SOAP_11) -> bytes:
    return f'<s:Envelope xmlns:s="{namespace}"><s:Body>{content}</s:Body></s:Envelope>'.encode()


def result(fields: str, name: str = "RegisterLetterResponse") -> bytes:
    return enveloped(f'<{name} xmlns="{NAMESPACE}">{fields}</{name}>')


@pytest.mark.parametrize(
    ("fields", "values"),
    [
        ("<resultCode>0</resultCode><number>007</number>", {"resultCode": "0", "number": "007"}),
        (
            "<new>1</new><resultCode>0</resultCode><number>7</number>",
            {"new": "1", "resultCode": "0", "number": "7"},
        ),
        ("<number>7</number><resultCode>0</resultCode>", {"number": "7", "resultCode": "0"}),
        ("<resultCode>zero</resultCode>", {"resultCode": "zero"}),
        ("<number xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:nil='true'/>", {"number": None}),
        ("<number><!-- x -->7</number>", {"number": "7"}),
        ("<number>&lt;&#x1F600;</number>", {"number": "<😀"}),
        ("<number unit='a'>7</number>", {"number": {"@unit": "a", "#text": "7"}}),
        ("<extra>1</extra><extra>2</extra>", {"extra": ["1", "2"]}),
        ("", {}),
    ],
)
def test_an_answer_is_read_by_names_whatever_else_is_in_it(
    contract: SoapContract, fields: str, values: object
) -> None:
    assert contract.read("RegisterLetter", result(fields)) == values


def test_what_may_stand_several_times_is_always_a_list(contract: SoapContract) -> None:
    name = "LetterProgressResponse"
    assert contract.read("LetterProgress", result("<letters/>", name)) == {"letters": {"letter": []}}
    one = contract.read("LetterProgress", result("<letters><letter><key>a</key></letter></letters>", name))
    assert one == {"letters": {"letter": [{"key": "a"}]}}


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"garbage",
        b"<html/>",
        b"\x00\xff",
        enveloped(""),
        enveloped("<Other/>"),
        result("<resultCode>0</resultCode>", "FindLetterResponse"),
        result("<number>7</number>")[:-20],
        enveloped("<a/>", "urn:other"),
        f'<s:Envelope xmlns:s="{SOAP_11}"/>'.encode(),
        b'<!DOCTYPE a [<!ENTITY b "bb">]>' + result("<number>&b;</number>"),
        BOMB + b"]>" + result("<number>&e6;</number>"),
        BOMB + b"]>" + result("<number>7</number>").replace(b"<s:Body", b"<s:Body a='&e6;'", 1),
        BOMB + b"<!ATTLIST number a CDATA '&e6;'>]>" + result("<number>7</number>"),
        result("<a>" * 500_000 + "</a>" * 500_000),
        result("<number>7</number>").replace(SOAP_11.encode(), b"http://example.org/other"),
        result("<number>7</number>")[:-40],
        result("<number>\x01</number>"),
        b"<html><body>login</body></html>",
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x">' + result("<number>7</number>"),
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>' + result("<number>&b;</number>"),
    ],
)
def test_what_is_no_answer_to_the_call_is_told(contract: SoapContract, answer: bytes) -> None:
    with pytest.raises(ValueError):
        contract.read("RegisterLetter", answer)


def test_one_very_long_text_can_be_read(contract: SoapContract) -> None:
    text = "x" * (11 * 1024 * 1024)
    assert contract.read("RegisterLetter", result(f"<resultText>{text}</resultText>"))["resultText"] == text


@pytest.mark.parametrize(
    ("fault", "namespace", "code", "text"),
    [
        ("<faultcode>s:Server</faultcode><faultstring> boom </faultstring>", SOAP_11, "s:Server", "boom"),
        ("<faultcode/><faultstring/>", SOAP_11, "", ""),
        ("<detail/>", SOAP_11, "", ""),
        (
            f'<s:Code xmlns:s="{SOAP_12}"><s:Value>s:Sender</s:Value>'
            "<s:Subcode><s:Value>m:Expired</s:Value></s:Subcode></s:Code>"
            f'<s:Reason xmlns:s="{SOAP_12}"><s:Text>over</s:Text></s:Reason>',
            SOAP_12,
            "m:Expired",
            "over",
        ),
    ],
)
def test_a_fault_of_either_version_keeps_code_and_text(
    fault: str, namespace: str, code: str, text: str
) -> None:
    found = envelope_body(enveloped(f'<s:Fault xmlns:s="{namespace}">{fault}</s:Fault>', namespace))
    assert found == SoapFault(code=code, text=text)


@pytest.mark.parametrize(
    ("fault", "namespace"),
    [
        ("<faultcode/><faultstring/><detail>{}</detail>", SOAP_11),
        ("<s:Code/><s:Reason/><s:Detail>{}</s:Detail>", SOAP_12),
    ],
)
def test_a_fault_keeps_the_words_of_its_detail_and_no_more(fault: str, namespace: str) -> None:
    declared = f"<o:Error xmlns:o='urn:o'><code> unit.unknown </code><text>{'long ' * 100}</text></o:Error>"
    many = "<n/>" * 1000 + "<late/>"
    told = fault.format(declared + many)
    found = envelope_body(enveloped(f'<s:Fault xmlns:s="{namespace}">{told}</s:Fault>', namespace))
    assert isinstance(found, SoapFault)
    assert found.detail == {"Error", "code", "unit.unknown", "text", "n"}


@pytest.mark.parametrize(
    "values", [{"key": "a"}, {"unknown": "a"}, {"keys": {"key": ["a\x01"]}}, {"keys": {"key": ["a\ud800"]}}]
)
def test_values_that_do_not_fit_are_told_and_not_repeated(
    contract: SoapContract, values: dict[str, object]
) -> None:
    with pytest.raises(NotPossible) as caught:
        contract.write("LetterProgress", values)
    assert "\x01" not in str(caught.value)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def importing(location: str) -> str:
    return WSDL.read_text(encoding="utf-8").replace(
        "<xsd:schema ",
        f'<xsd:schema targetNamespace="urn:a"><xsd:import namespace="urn:b" schemaLocation="{location}"/>'
        "</xsd:schema><xsd:schema ",
        1,
    )


@pytest.mark.parametrize("location", ["http://127.0.0.1:9/b.xsd", "https://office.invalid/b.xsd"])
def test_a_wsdl_that_imports_from_elsewhere_is_refused_and_nothing_is_fetched(
    tmp_path: Path, location: str
) -> None:
    with pytest.raises(MappingInvalid, match="is not beside it") as caught:
        load_contract(write(tmp_path, "office.wsdl", importing(location)))
    assert location in caught.value.sentence


def test_a_wsdl_that_imports_what_everybody_knows_loads_without_a_network(tmp_path: Path) -> None:
    text = importing("http://schemas.xmlsoap.org/soap/encoding/").replace(
        'namespace="urn:b"', 'namespace="http://schemas.xmlsoap.org/soap/encoding/"'
    )
    assert "Ping" in load_contract(write(tmp_path, "office.wsdl", text)).operations


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "cannot be loaded"),
        ("not xml", "cannot be loaded"),
        ("<html/>", "this is not a WSDL"),
        (importing("absent.xsd"), "imports absent.xsd, which is not beside it"),
        (
            '<!DOCTYPE a [<!ENTITY b "c">]>' + WSDL.read_text(encoding="utf-8").split("?>", 1)[1],
            "it has a document type or entities of its own",
        ),
        (
            WSDL.read_text(encoding="utf-8").replace('type="tns:Result"', 'type="tns:Absent"'),
            "cannot be loaded",
        ),
        (WSDL.read_text(encoding="utf-8").split("<wsdl:service")[0] + "</wsdl:definitions>", "no service"),
    ],
)
def test_a_wsdl_that_cannot_be_used_is_told_with_its_file(tmp_path: Path, text: str, words: str) -> None:
    path = write(tmp_path, "office.wsdl", text)
    with pytest.raises(MappingInvalid, match=words) as caught:
        load_contract(path)
    assert caught.value.sentence.startswith(f"{path}: ")
    assert caught.value.next_step


def test_streams_take_the_place_of_their_marks_and_of_their_base64() -> None:
    streams = Streams(
        (mark, Base64Stream(open=lambda: __import__("io").BytesIO(b"abc"), size=3)) for mark in (b"m1", b"m2")
    )
    body = spliced(b"<a>m1</a><b>bTI=</b>", streams)
    assert isinstance(body, StreamedBody)
    assert b"".join(body) == b"<a>YWJj</a><b>YWJj</b>"
    assert spliced(b"<a/>", NO_STREAMS) == b"<a/>"
    with pytest.raises(KeyError):
        spliced(b"<a>m1</a>", streams)
