"""The comparison itself: a contract that is the vendor's has no differences, and each kind of lie is told."""

from pathlib import Path

import pytest

from tests.integration.profiles.original import PROFILES, differences, strange_elements, written_messages

CONTRACT = PROFILES / "simulated" / "office.wsdl"


def test_a_contract_that_is_the_vendors_has_no_differences() -> None:
    assert differences("simulated-soap", CONTRACT) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        ('name="senderMobile"', 'name="senderPhone"', "RegisterLetter?/senderMobile: the vendor has no such field"),
        ('name="resultText"', 'name="resultWords"', "RegisterLetter!/resultText: the vendor has no such field"),
        ('name="RegisterLetter"', 'name="Register"', "the vendor has no operation RegisterLetter"),
        ("1#RegisterLetter", "1#Register", "RegisterLetter: action is"),
        ('elementFormDefault="qualified"', "", "RegisterLetter?/key: the element is"),
        ("urn:chapar:simulated-office:1", "urn:another", "the vendor has no binding"),
        ('minOccurs="0" maxOccurs="unbounded"', "", "it is a list, and the other way round"),
        ('<xsd:element name="key" type="xsd:string"/>', '<xsd:element name="key" type="xsd:int"/>', "the type is"),
        (
            '<xsd:element name="key" type="xsd:string"/>',
            '<xsd:element name="owner" type="xsd:string"/><xsd:element name="key" type="xsd:string"/>',
            "RegisterLetter?/owner: the vendor requires it",
        ),
    ],
)  # fmt: skip
def test_each_kind_of_lie_is_told(tmp_path: Path, ours: str, theirs: str, told: str) -> None:
    contract = CONTRACT.read_text(encoding="utf-8")
    assert ours in contract
    (tmp_path / "vendor.wsdl").write_text(contract.replace(ours, theirs), encoding="utf-8")
    found = differences("simulated-soap", tmp_path)
    assert any(told in difference for difference in found), found


def test_elements_that_no_schema_declares_are_told() -> None:
    messages = list(written_messages("simulated-soap"))
    assert messages
    assert {name for each in messages for name in strange_elements(each, CONTRACT)} == set()
    strange = b"<Envelope><Body><a xmlns='urn:x'><key/></a></Body></Envelope>"
    assert strange_elements(strange, CONTRACT) == ["{urn:x}a", "{urn:x}key"]
