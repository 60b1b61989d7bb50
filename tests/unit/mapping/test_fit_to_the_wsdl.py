"""A mapping beside its WSDL: what can never be found or sent is told, and what the WSDL leaves open is not."""

import jmespath
import pytest

from connector.mapping.reply_paths import Answer, Told, Walk
from connector.mapping.request_fit import left_out, misfits, unknown_fields
from connector.mapping.schema_parts import Send
from connector.transport.soap import SoapContract, load_contract

WSDL = """<definitions name="O" targetNamespace="urn:o" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="urn:o"
 xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<types><xs:schema targetNamespace="urn:o" elementFormDefault="qualified">
<xs:complexType name="Base"><xs:sequence><xs:element name="id" type="xs:string"/></xs:sequence></xs:complexType>
<xs:complexType name="More"><xs:complexContent><xs:extension base="tns:Base"><xs:sequence>
 <xs:element name="more" type="xs:string"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
<xs:complexType name="Coded"><xs:simpleContent><xs:extension base="xs:string">
 <xs:attribute name="code" type="xs:string"/></xs:extension></xs:simpleContent></xs:complexType>
<xs:element name="head" type="xs:string"/><xs:element name="tail" type="xs:string" substitutionGroup="tns:head"/>
<xs:complexType name="Item"><xs:sequence><xs:element name="number" type="xs:string"/>
 <xs:element name="inner" minOccurs="0" maxOccurs="unbounded" type="tns:Item"/></xs:sequence>
 <xs:attribute name="kind" type="xs:string"/></xs:complexType>
<xs:element name="Ask"><xs:complexType><xs:sequence><xs:element name="count" type="xs:int"/>
 <xs:choice><xs:element name="one" type="xs:string"/><xs:element name="other" type="xs:string"/></xs:choice>
 <xs:element name="flag" type="xs:boolean" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>
<xs:element name="Told"><xs:complexType><xs:sequence>
 <xs:element name="number" type="xs:string"/><xs:element name="single" type="tns:Item"/>
 <xs:element name="items" type="tns:Item" maxOccurs="unbounded"/><xs:element name="coded" type="tns:Coded"/>
 <xs:element name="base" type="tns:Base"/><xs:element name="anything"/>
 <xs:element name="wild"><xs:complexType><xs:sequence><xs:any/></xs:sequence></xs:complexType></xs:element>
 <xs:element name="heads"><xs:complexType><xs:sequence><xs:element ref="tns:head"/></xs:sequence></xs:complexType>
 </xs:element>
 <xs:sequence maxOccurs="unbounded"><xs:element name="left" type="xs:string"/></xs:sequence>
</xs:sequence></xs:complexType></xs:element>
</xs:schema></types>
<message name="In"><part name="p" element="tns:Ask"/></message>
<message name="Out"><part name="p" element="tns:Told"/></message>
<portType name="P"><operation name="Ask"><input message="tns:In"/><output message="tns:Out"/></operation></portType>
<binding name="B" type="tns:P"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
<operation name="Ask"><soap:operation soapAction=""/><input><soap:body use="literal"/></input>
<output><soap:body use="literal"/></output></operation></binding>
<service name="S"><port name="B" binding="tns:B"><soap:address location="http://office.invalid/"/></port></service>
</definitions>"""


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> SoapContract:
    path = tmp_path_factory.mktemp("wsdl") / "office.wsdl"
    path.write_text(WSDL, encoding="utf-8")
    return load_contract(path)


def complaints(contract: SoapContract, source: str, **beyond: tuple[str, ...]) -> list[str]:
    element, contents = contract.told("Ask")
    walk = Walk()
    reply = Told(Answer("Ask", element, **beyond), element, contents)
    walk.of(jmespath.compile(source).parsed, {"reply": reply, "taken": None})
    return walk.complaints


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("reply.nubmer", "by the WSDL the answer to Ask has no 'nubmer'; did you mean 'number'?"),
        ("reply.single.numbr", "'single' in the answer to Ask has no 'numbr'; did you mean 'number'?"),
        ("reply.single.\"@knid\"", "has no '@knid'; did you mean '@kind'?"),
        ("reply.items.number", "'items' is a list here"),
        ("reply.items[0].numbr", "did you mean 'number'?"),
        ("reply.items[].inner[].numbr", "did you mean 'number'?"),
        ("reply.items[?numbr=='7'].number | [0]", "did you mean 'number'?"),
        ("reply.items[*].inner[0].{a: numbr}", "did you mean 'number'?"),
        ("map(&numbr, reply.items)", "did you mean 'number'?"),
        ("sort_by(reply.items, &number)[0].numbr", "did you mean 'number'?"),
        ("reply.number || reply.nubmer", "did you mean 'number'?"),
        ("join('/', [reply.number, reply.nubmer])", "did you mean 'number'?"),
        ("reply.nubmer && 'there'", "did you mean 'number'?"),
        ("reply.number.text", "'number' is a text here, and a text has no 'text'"),
        ("reply.single[0].number", "'single' stands once in the WSDL and is no list"),
        ("reply.single[].number", "'single' stands once in the WSDL and is no list"),
        ("(reply.single || reply.single).numbr", "did you mean 'number'?"),
        ("to_array(reply.single)[].numbr", "did you mean 'number'?"),
    ],
)  # fmt: skip
def test_what_no_answer_can_hold_is_told_with_the_near_name(
    contract: SoapContract, source: str, words: str
) -> None:
    found = complaints(contract, source)
    assert len(found) == 1, found
    assert words in found[0]


@pytest.mark.parametrize(
    "source",
    [
        "reply.number", "reply.single.inner[0].number", "reply.items[-1].number", "reply.items[].inner[].number",
        'reply.coded."@code" || reply.coded."#text" || reply.coded', "reply.base.more", "reply.anything.whatever",
        "reply.wild.whatever.it[0].is", "reply.heads.tail", "reply.left", "reply.left[0]", "taken.first.thing",
        "reply.items[?\"@kind\"=='x' && number] | [0].number", "length(reply.items)", "reply.items[0:2].number",
        "to_array(reply.single)[].number", "reply.*.whatever", "http.status", "`null`", "not_null(reply.number, '0')",
    ],
)  # fmt: skip
def test_what_can_be_there_and_what_nobody_knows_is_not_told(contract: SoapContract, source: str) -> None:
    assert complaints(contract, source) == []


def test_what_the_service_says_of_its_answers_counts(contract: SoapContract) -> None:
    for lists in (("single",), ("Told/single",)):
        assert complaints(contract, "reply.single[0].number", lists=lists) == []
    for undeclared in (("extra",), ("Told/extra",)):
        assert complaints(contract, "reply.extra.number", undeclared=undeclared) == []
    assert complaints(contract, "reply.extra", undeclared=("single/extra",))


LISTS = {"level": {"low": 1, "high": "2"}, "word": {"low": "L", "high": 2}}


@pytest.mark.parametrize(
    ("send", "missing"),
    [
        ({"count": "letter.number", "one": "'x'"}, []),
        ({"one": "'x'"}, ["count"]),
        ({"count": 1}, []),
        ({"flag": True}, ["count"]),
        ({"@xsi:type": "'More'"}, []),
    ],
)
def test_what_a_request_requires_and_nobody_sends_is_told_and_a_choice_is_not(
    contract: SoapContract, send: dict[str, object], missing: list[str]
) -> None:
    found = left_out(Send.model_validate(send), contract.asked("Ask"), ("send",))
    assert [name for _, name in found] == missing


@pytest.mark.parametrize(
    ("send", "places"),
    [
        ({"count": "'7'", "flag": "`true`"}, []),
        ({"count": "letter.count", "flag": {"$write": "{{ letter.flag }}"}}, []),
        ({"count": 7.0, "flag": {"$value": "TRUE"}}, []),
        ({"count": {"$value": ""}, "flag": None}, []),
        ({"count": "code('level', letter.urgency)"}, []),
        ({"count": "code('word', 'high')"}, []),
        ({"count": "code('word', letter.urgency)"}, ["count"]),
        ({"count": "'seven'", "flag": "'yes'"}, ["count", "flag"]),
        ({"count": 7.5, "one": "'seven'"}, ["count"]),
        ({"count": {"$value": "7 "}, "flag": {"$value": 2}}, ["flag"]),
        ({"@xsi:type": "'More'", "count": "'seven'"}, []),
    ],
)
def test_a_constant_of_another_type_is_told(
    contract: SoapContract, send: dict[str, object], places: list[str]
) -> None:
    found = list(misfits(Send.model_validate(send), contract.asked("Ask"), ("send",), LISTS))
    assert [place[-1] for place, _ in found] == places
    assert all(words in {"a whole number", "true or false"} for _, words in found)


def test_every_field_that_the_request_does_not_have_is_told_with_its_place(contract: SoapContract) -> None:
    send = Send.model_validate({"cuont": 1, "one": {"$value": "x"}, "flg": True})
    found = list(unknown_fields(send, contract.asked("Ask"), ("send",)))
    assert [place for place, _ in found] == [("send", "cuont"), ("send", "flg")]
    assert found[0][1] == ["count", "flag", "one", "other"]
