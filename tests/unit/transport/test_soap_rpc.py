"""Messages in rpc style, literal and encoded, by what SOAP 1.1 and SOAP 1.2 say of them."""

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from connector.errors import NotPossible
from connector.mapping.request_fit import unknown_fields
from connector.mapping.schema_parts import Send
from connector.transport.soap import load_contract
from tests.unit.transport.rpc_wsdl import rpc_wsdl

OLD, NEW = "http://schemas.xmlsoap.org/soap/encoding/", "http://www.w3.org/2003/05/soap-encoding"
ENVELOPES = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}
XSI = "{http://www.w3.org/2001/XMLSchema-instance}type"
LISTS: dict[str, Any] = {"literal": ({"file": [{"name": "a", "content": "YQ=="}]}, {"tag": ["x", "y"]}),
                         "encoded": ([{"name": "a", "content": "YQ=="}], ["x", "y"])}  # fmt: skip


def sent(folder: Path, version: Any, use: Any, encoding: str | None = None) -> etree._Element:
    contract = load_contract(rpc_wsdl(folder, version, use, encoding))
    files, tags = LISTS[use]
    values = {"letter": {"subject": "s", "urgent": True, "files": files}, "tags": tags}
    body = etree.fromstring(contract.write("register", values).envelope).find("{*}Body")
    assert body is not None
    return body


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_literal_message_wraps_bare_parts_and_names_no_types(tmp_path: Path, version: str) -> None:
    body = sent(tmp_path, version, "literal")
    (wrapper,) = body
    # WS-I Basic Profile 1.1, R2717 and R2735: the operation's element has a namespace, its parts have none.
    assert wrapper.tag == "{urn:rpc}register"
    assert [part.tag for part in wrapper] == ["letter", "tags"]
    assert [each.tag for each in wrapper[0]] == ["subject", "urgent", "files"]
    assert [tag.text for tag in wrapper[1]] == ["x", "y"]
    assert not any(element.attrib for element in wrapper.iter())


def test_an_encoded_message_of_soap_1_1_names_its_encoding_types_and_lengths(tmp_path: Path) -> None:
    body = sent(tmp_path, "1.1", "encoded")
    wrapper = body[0]
    assert wrapper.get(f"{{{ENVELOPES['1.1']}}}encodingStyle") == OLD
    assert wrapper[1].get(f"{{{OLD}}}arrayType") == "xsd:string[2]"
    assert wrapper[1].get(XSI) == "soapenc:Array"
    assert wrapper[0].find("subject").get(XSI) == "xsd:string"  # type: ignore[union-attr]


@pytest.mark.parametrize("encoding", [None, NEW])
def test_an_encoded_message_of_soap_1_2_has_the_encoding_of_soap_1_2(
    tmp_path: Path, encoding: str | None
) -> None:
    body = sent(tmp_path, "1.2", "encoded", encoding)
    wrapper = body[0]
    # Part 1, 5.1.1: encodingStyle stands at the child of the body and not above it.
    assert wrapper.get(f"{{{ENVELOPES['1.2']}}}encodingStyle") == NEW
    assert not body.attrib
    assert (wrapper[1].get(f"{{{NEW}}}itemType"), wrapper[1].get(f"{{{NEW}}}arraySize")) == (
        "xsd:string",
        "2",
    )
    assert not any(OLD in str(name) for element in wrapper.iter() for name in element.attrib)


def test_the_older_encoding_goes_with_soap_1_2_where_the_wsdl_says_so(tmp_path: Path) -> None:
    wrapper = sent(tmp_path, "1.2", "encoded", OLD)[0]
    assert wrapper.get(f"{{{ENVELOPES['1.2']}}}encodingStyle") == OLD
    assert wrapper[1].get(f"{{{OLD}}}arrayType") == "xsd:string[2]"


@pytest.mark.parametrize("use", ["literal", "encoded"])
def test_a_part_that_the_message_does_not_have_is_told(tmp_path: Path, use: Any) -> None:
    contract = load_contract(rpc_wsdl(tmp_path, "1.1", use))
    with pytest.raises(NotPossible) as caught:
        contract.write("register", {"lettre": {}})
    assert "lettre" in caught.value.sentence or "letter" in caught.value.sentence
    send = Send.model_validate({"letter": {"subjet": "letter.subject"}})
    assert list(unknown_fields(send, contract.asked("register"), ())) == [
        (("letter", "subjet"), ["files", "subject", "urgent"])
    ]


def answered(version: str, content: str) -> bytes:
    return (
        f'<e:Envelope xmlns:e="{ENVELOPES[version]}" xmlns:enc="{NEW}" xmlns:r="urn:rpc"><e:Body>{content}</e:Body>'
        "</e:Envelope>"
    ).encode()


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("name", ["r:registerResponse", "r:anything", "anything"])
def test_a_literal_answer_is_read_whatever_its_wrapper_is_called(
    tmp_path: Path, version: Any, name: str
) -> None:
    contract = load_contract(rpc_wsdl(tmp_path, version, "literal"))
    inner = "<registration><number>007</number><names><tag>one</tag></names></registration>"
    found = contract.read("register", answered(version, f"<{name}>{inner}</{name}>"))
    assert found["registration"] == {"number": "007", "names": {"tag": ["one"]}}


def test_an_encoded_answer_of_soap_1_2_is_read_with_its_arrays_and_references(tmp_path: Path) -> None:
    contract = load_contract(rpc_wsdl(tmp_path, "1.2", "encoded"))
    content = """<r:registerResponse><registration><number enc:id="n">007</number><echo enc:ref="n"/>
        <names enc:itemType="xsd:string" enc:arraySize="2"><item>one</item><item enc:ref="#n"/></names>
        </registration></r:registerResponse>"""
    found = contract.read("register", answered("1.2", content))["registration"]
    assert (found["number"], found["echo"], found["names"]) == ("007", "007", ["one", "007"])


@pytest.mark.parametrize(
    "reference", ['<echo enc:ref="nobody"/>', '<echo enc:id="e"><a enc:ref="e"/></echo>']
)
def test_a_reference_that_leads_nowhere_or_into_itself_is_no_answer(tmp_path: Path, reference: str) -> None:
    contract = load_contract(rpc_wsdl(tmp_path, "1.2", "encoded"))
    content = f"<r:registerResponse><registration>{reference}</registration></r:registerResponse>"
    with pytest.raises(ValueError):
        contract.read("register", answered("1.2", content))
