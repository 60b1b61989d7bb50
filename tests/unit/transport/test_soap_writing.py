"""Messages by the WSDL: equal to what zeep writes wherever zeep can, and typed where the message is SOAP-encoded."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from connector.errors import MappingInvalid, NotPossible
from connector.transport.soap import SoapContract, load_contract
from tests.unit.transport.soap_oracle import BUNDLES, by_zeep, differences, sample, written

ROOT = Path(__file__).parents[3]
SIMULATED = ROOT / "mappings" / "offices" / "simulated" / "office.wsdl"
SHAPES = Path(__file__).with_name("shapes.wsdl")
needs_bundles = pytest.mark.skipif(
    not BUNDLES.is_dir(), reason=f"the vendors' own interface files are not there: {BUNDLES}"
)


def body_of(contract: SoapContract, operation: str, values: Any) -> etree._Element:
    body = etree.fromstring(contract.write(operation, values).envelope).find("{*}Body")
    assert body is not None
    return body


def compared(wsdl: Path) -> Iterator[tuple[str, list[str] | None]]:
    """Yield each operation with the differences to zeep's message; None where zeep cannot write it."""
    contract = load_contract(wsdl)
    for operation in sorted(contract.operations):
        body = contract._operation(operation).input.body
        ours, theirs = ({}, {}) if body is None else sample(body.type)
        mine = written(body_of(contract, operation, ours))
        try:
            his = by_zeep(contract._client, contract._binding, operation, theirs)
        except Exception:
            yield operation, None
            continue
        yield operation, list(differences(mine, written(his)))


@pytest.mark.parametrize("wsdl", [SIMULATED, SHAPES], ids=lambda path: path.stem)
def test_what_is_written_is_what_zeep_writes(wsdl: Path) -> None:
    found = dict(compared(wsdl))
    assert found
    assert {operation: told for operation, told in found.items() if told} == {}


@needs_bundles
def test_what_is_written_is_what_zeep_writes_for_every_bundle_that_loads() -> None:
    same = beyond_zeep = 0
    for wsdl in sorted(BUNDLES.rglob("*.wsdl")):
        if "stuf-zds" in wsdl.parts and wsdl.stem != "zkn0310_verstrekSynchronisatieBericht":
            continue  # a second each; one stands for them
        try:
            found = list(compared(wsdl))
        except MappingInvalid:
            continue  # for the template mode
        for operation, told in found:
            assert not told, f"{wsdl.name} {operation}"
            same += told is not None
            beyond_zeep += told is None
    assert same > 250
    assert beyond_zeep < 30


@pytest.fixture(scope="module")
def shapes() -> SoapContract:
    return load_contract(SHAPES)


ENCODED = "{http://schemas.xmlsoap.org/soap/encoding/}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def test_an_encoded_message_names_its_types_and_the_lengths_of_its_arrays() -> None:
    contract = load_contract(SHAPES, port="Encoded")
    files = [{"name": "a", "content": b"a"}, {"name": "b", "content": b"b"}]
    letter = {"subject": "سلام", "urgent": True, "files": files}
    body = body_of(contract, "register", {"letter": letter, "tags": ["x", "y"]})
    (register,) = body
    assert register.tag == "{urn:shapes}register"
    assert register.get("{http://schemas.xmlsoap.org/soap/envelope/}encodingStyle") == ENCODED[1:-1]
    told, tags = register
    assert etree.QName(told).localname == "letter"
    assert typed(told) == "{urn:shapes}Letter"
    assert [(etree.QName(each).localname, typed(each)) for each in told] == [
        ("subject", "{http://www.w3.org/2001/XMLSchema}string"),
        ("urgent", "{http://www.w3.org/2001/XMLSchema}boolean"),
        ("files", f"{ENCODED}Array"),
    ]
    assert named(told[2], told[2].get(f"{ENCODED}arrayType")) == "{urn:shapes}File[2]"
    assert [typed(each) for each in told[2]] == ["{urn:shapes}File"] * 2
    assert named(tags, tags.get(f"{ENCODED}arrayType")) == "{http://www.w3.org/2001/XMLSchema}string[2]"
    assert [each.text for each in tags] == ["x", "y"]


def typed(element: Any) -> str:
    return named(element, element.get(f"{XSI}type"))


def named(element: Any, name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{element.nsmap[prefix]}}}{local}"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": "a"}, "<name>a</name>"),
        ({"name": "a", "code": {"@list": "L", "#text": "7"}}, '<name>a</name><code list="L">7</code>'),
        ({"name": "a", "code": "7"}, "<name>a</name><code>7</code>"),
        ({"name": "a", "nothing": None}, '<name>a</name><nothing nil="true"/>'),
        ({"name": "a", "many": ["1", "2"]}, "<name>a</name><many>1</many><many>2</many>"),
        ({"name": "a", "many": "1"}, "<name>a</name><many>1</many>"),
        ({"name": "a", "left": "l"}, "<name>a</name><left>l</left>"),
        ({"name": "a", "pair_a": "1", "pair_b": "2"}, "<name>a</name><pair_a>1</pair_a><pair_b>2</pair_b>"),
        ({"name": "a", "_value_1": [{"x": "1"}, {"x": "2", "y": "3"}]}, "<name>a</name><x>1</x><x>2</x><y>3</y>"),
        ({"name": "a", "x": "1", "y": "2"}, "<name>a</name><x>1</x><y>2</y>"),
        ({"name": "a", "some": {"@xsi:type": "Special", "plain": "p", "more": "m"}},
         '<name>a</name><some type="Special"><plain>p</plain><more>m</more></some>'),
        ({"name": "a", "open": {"#any": '<b xmlns="urn:b">1</b>'}}, "<name>a</name><open><b>1</b></open>"),
        ({"name": "a\r\n<&>\"]]>"}, '<name>a&#13;\n&lt;&amp;&gt;"]]&gt;</name>'),
    ],
)  # fmt: skip
def test_every_way_that_a_schema_puts_elements_together_can_be_sent(
    shapes: SoapContract, values: dict[str, Any], expected: str
) -> None:
    (message,) = body_of(shapes, "Send", values)
    assert spelt(message) == f"<Send>{expected}</Send>"


def spelt(element: Any) -> str:
    """Return an element without its namespaces."""
    tag = etree.QName(element).localname
    attributes = "".join(
        f' {etree.QName(name).localname}="{value.rpartition(":")[2]}"'
        for name, value in element.attrib.items()
    )
    text = (
        (element.text or "")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\r", "&#13;")
    )
    inner = text + "".join(spelt(child) for child in element)
    return f"<{tag}{attributes}>{inner}</{tag}>" if inner or not attributes else f"<{tag}{attributes}/>"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "this field is missing (name)"),
        ({"name": "a", "nmae": "b"}, "there is no field 'nmae' here"),
        ({"name": ["a", "b"]}, "one value is wanted here and not several (name)"),
        ({"name": {"a": "b"}}, "one value is wanted here and not several (name)"),
        ({"name": "a", "many": ["1", "2", "3", "4"]}, "at most 3 are taken (many)"),
        ({"name": "a", "left": "l", "right": "r"}, "only one of left, pair_a, pair_b, right can be sent"),
        ({"name": "a", "pair_a": "1"}, "this field is missing (pair_b)"),
        ({"name": "a", "flag": "perhaps"}, "yes or no is wanted here: true or false (flag)"),
        ({"name": "a", "some": {"@xsi:type": "Other"}}, "there is no type 'Other' (some)"),
        ({"name": "a", "some": "text"}, "fields are wanted here and not one value (some)"),
        ({"name": "a", "open": {"#any": "<b>"}}, "what stands under #any is not XML (open)"),
        ({"name": "a", "_value_1": [{"z": "1"}]}, "_value_1 takes a list of fields: x, y"),
        ({"name": "\x0b"}, "characters that cannot be sent"),
        ({"name": "\ud800"}, "characters that cannot be sent"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_the_way_to_it_and_without_the_value(
    shapes: SoapContract, values: dict[str, Any], words: str
) -> None:
    with pytest.raises(NotPossible) as caught:
        shapes.write("Send", values)
    assert words in caught.value.sentence


def test_a_bare_message_of_one_text_is_sent_as_that_text(shapes: SoapContract) -> None:
    (message,) = body_of(shapes, "Ask", "کلید")
    assert (etree.QName(message).localname, message.text) == ("Question", "کلید")


def test_a_port_of_soap_1_2_writes_its_envelope_and_its_media_type() -> None:
    message = load_contract(SHAPES, port="Twelve").write("Ask", "a", header="<h xmlns='urn:h'/>")
    envelope = etree.fromstring(message.envelope)
    assert etree.QName(envelope).namespace == "http://www.w3.org/2003/05/soap-envelope"
    assert [etree.QName(child).localname for child in envelope] == ["Header", "Body"]
    assert message.headers == {"Content-Type": 'application/soap+xml; charset=utf-8; action="urn:shapes/Ask"'}
