"""Bundles: gathered whole or refused with the place, pinned, looked through, compared, and never fetched at load."""

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from connector.errors import MappingInvalid
from connector.transport.soap import load_contract
from connector.transport.wsdl_bundle import gather_folder, gather_url, write_bundle
from connector.transport.wsdl_check import Usable, check_wsdl
from connector.transport.wsdl_drift import drift_between
from connector.transport.wsdl_fetch import WsdlFetcher
from tests.unit.transport.soap_oracle import BUNDLES

SCHEMA = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:a="urn:a" xmlns:b="urn:b" {0}>{1}</xs:schema>'
LETTER = SCHEMA.format(
    'targetNamespace="urn:b" elementFormDefault="qualified"',
    '<xs:import namespace="urn:a" schemaLocation="{circle}"/>'
    '<xs:element name="Register"><xs:complexType><xs:sequence><xs:element name="subject" type="xs:string"/>'
    '<xs:element name="note" type="a:Note" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>',
)
NOTE = SCHEMA.format(
    'targetNamespace="urn:a"',
    '<xs:import namespace="urn:b" schemaLocation="{circle}"/>'
    '<xs:import namespace="http://www.w3.org/2005/05/xmlmime" schemaLocation="http://www.w3.org/2005/05/xmlmime"/>'
    '<xs:simpleType name="Note"><xs:restriction base="xs:string"><xs:enumeration value="x"/></xs:restriction>'
    "</xs:simpleType>",
)


def wsdl(place: str, operation: str = "Register") -> str:
    return f"""<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:b="urn:b" xmlns:t="urn:w" targetNamespace="urn:w">
  <w:types><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
    <xs:import namespace="urn:b" schemaLocation="{place}"/></xs:schema></w:types>
  <w:message name="In"><w:part name="p" element="b:Register"/></w:message>
  <w:portType name="T"><w:operation name="{operation}"><w:input message="t:In"/></w:operation></w:portType>
  <w:binding name="B" type="t:T"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <w:operation name="{operation}"><s:operation soapAction="urn:do"/>
      <w:input><s:body use="literal"/></w:input></w:operation>
  </w:binding>
  <w:service name="S"><w:port name="P" binding="t:B"><s:address location="http://localhost/"/></w:port></w:service>
</w:definitions>"""


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        stem, _, suffix = name.rpartition("_")
        (folder / f"{stem}.{suffix}").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    """A vendor's folder, saved from the web: remote places, a circle, a schema that everybody knows."""
    return write(
        tmp_path / "vendor",
        office_wsdl=wsdl("http://office.invalid/ws?xsd=letter.xsd"),
        letter_xsd=LETTER.replace("{circle}", "http://office.invalid/other/NOTE.XSD"),
        note_xsd=NOTE.replace("{circle}", "Letter.xsd"),
    )


def test_a_folder_becomes_a_bundle_in_which_nothing_leads_outside(vendor: Path, tmp_path: Path) -> None:
    bundle = gather_folder(vendor)
    write_bundle(bundle, tmp_path / "bundle")
    lock = json.loads((tmp_path / "bundle" / "bundle.json").read_text(encoding="utf-8"))
    assert [each["file"] for each in lock["documents"]] == ["letter.xsd", "note.xsd", "office.wsdl"]
    assert all(len(each["sha256"]) == 64 for each in lock["documents"])
    assert lock["supplied"] == ["http://www.w3.org/2005/05/xmlmime"]
    texts = [path.read_text(encoding="utf-8") for path in (tmp_path / "bundle").glob("*.[wx]s*")]
    assert not any('schemaLocation="http' in text for text in texts)
    assert str(tmp_path) not in json.dumps(lock)
    message = load_contract(tmp_path / "bundle" / "office.wsdl").write("Register", {"subject": "سلام"})
    assert "سلام" in message.envelope.decode()
    assert drift_between(vendor, tmp_path / "bundle") == []


def test_what_vendors_ship_loads_as_it_is(vendor: Path) -> None:
    assert load_contract(vendor / "office.wsdl").operations == {"Register"}
    assert check_wsdl(vendor / "office.wsdl").usable is Usable.WSDL


def test_a_document_that_is_not_what_was_pinned_is_refused(vendor: Path, tmp_path: Path) -> None:
    write_bundle(gather_folder(vendor), tmp_path / "bundle")
    path = tmp_path / "bundle" / "note.xsd"
    path.write_text(path.read_text(encoding="utf-8").replace('"x"', '"y"'), encoding="utf-8")
    with pytest.raises(MappingInvalid, match=r"note\.xsd: it is not what bundle\.json pins"):
        load_contract(tmp_path / "bundle" / "office.wsdl")
    (tmp_path / "bundle" / "bundle.json").write_text("{", encoding="utf-8")
    assert check_wsdl(tmp_path / "bundle" / "office.wsdl").usable is Usable.NOT


def test_a_missing_import_is_named_with_its_place_and_leaves_the_template_mode(
    vendor: Path, tmp_path: Path
) -> None:
    (vendor / "note.xsd").unlink()
    with pytest.raises(
        MappingInvalid, match=r"letter\.xsd, line 1: http://office\.invalid/other/NOTE\.XSD"
    ) as caught:
        gather_folder(vendor)
    assert "urn:a" in caught.value.sentence
    assert caught.value.next_step
    checked = check_wsdl(vendor / "office.wsdl")
    assert checked.usable is Usable.TEMPLATE
    assert (
        checked.why == "letter.xsd, line 1: imports http://office.invalid/other/NOTE.XSD, which is not there."
    )
    (operation,) = checked.operations
    assert (operation.name, operation.shape, operation.version) == ("Register", "document/literal", "1.1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('<!DOCTYPE a [<!ENTITY e "x">]>' + LETTER, "a document type or entities of its own"),
        ("<html>", "it is not XML"),
        ("", "it is not XML"),
    ],
)
def test_entities_and_what_is_no_xml_are_refused_everywhere(vendor: Path, text: str, words: str) -> None:
    write(vendor, letter_xsd=text)
    with pytest.raises(MappingInvalid, match=words):
        gather_folder(vendor)
    with pytest.raises(MappingInvalid, match=words):
        load_contract(vendor / "office.wsdl")
    checked = check_wsdl(vendor / "office.wsdl")
    assert checked.usable is Usable.NOT
    assert words in str(checked.why)


def test_a_bundle_replaces_an_older_one_and_touches_nothing_of_others(vendor: Path, tmp_path: Path) -> None:
    target = tmp_path / "bundle"
    write_bundle(gather_folder(vendor), target)
    write(vendor, letter_xsd=LETTER.replace('<xs:import namespace="urn:a" schemaLocation="{circle}"/>', "").replace(
        "a:Note", "xs:string"))  # fmt: skip
    write_bundle(gather_folder(vendor / "office.wsdl"), target)
    assert sorted(path.name for path in target.iterdir()) == ["bundle.json", "letter.xsd", "office.wsdl"]
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("x")
    with pytest.raises(MappingInvalid, match="holds other files"):
        write_bundle(gather_folder(vendor), tmp_path / "full")
    with pytest.raises(MappingInvalid, match="There is no WSDL"):
        gather_folder(tmp_path / "full")


@pytest.fixture
def served(httpserver: HTTPServer) -> Any:
    """A vendor's server: a WSDL whose imports are relative, absolute, and in a circle."""

    def serve(**documents: str) -> str:
        letter = LETTER.replace("{circle}", "schemas/note.xsd")
        note = NOTE.replace("{circle}", httpserver.url_for("/ws/letter.xsd"))
        pages = {
            "/ws": wsdl("/ws/letter.xsd"),
            "/ws/letter.xsd": letter,
            "/ws/schemas/note.xsd": note,
            **documents,
        }
        for path, text in pages.items():
            httpserver.expect_request(path).respond_with_data(text, content_type="text/xml")
        return httpserver.url_for("/ws") + "?wsdl"

    return serve


def fetched(url: str, **options: Any) -> Any:
    with WsdlFetcher(url, **options) as fetch:
        return gather_url(url, fetch)


def test_a_live_wsdl_is_fetched_with_all_its_imports_and_compared(
    served: Any, httpserver: HTTPServer, tmp_path: Path
) -> None:
    bundle = fetched(served(), username="u", password="p")
    assert sorted(each.file for each in bundle.documents) == ["letter.xsd", "note.xsd", "ws.wsdl"]
    assert all(request.authorization is not None for request, _ in httpserver.log)
    write_bundle(bundle, tmp_path / "bundle")
    assert load_contract(tmp_path / "bundle" / "ws.wsdl").operations == {"Register"}
    assert "?" not in bundle.source


def test_an_import_that_cannot_be_fetched_is_named_with_its_place(
    served: Any, httpserver: HTTPServer
) -> None:
    httpserver.expect_ordered_request("/ws").respond_with_data(wsdl("/gone.xsd"))
    url = httpserver.url_for("/ws")
    with pytest.raises(
        MappingInvalid, match=r"ws\.wsdl, line 4: http://.*/gone\.xsd: it cannot be fetched: .* 500"
    ):
        fetched(url)
    with pytest.raises(MappingInvalid, match="it cannot be fetched: The other system refuses the connection"):
        fetched("http://127.0.0.1:9/ws?wsdl")


def test_drift_tells_operations_and_fields_added_removed_and_changed(vendor: Path, tmp_path: Path) -> None:
    live = write(
        tmp_path / "live",
        office_wsdl=wsdl("letter.xsd", "Enter"),
        letter_xsd=LETTER.replace("{circle}", "note.xsd").replace(
            '<xs:element name="subject" type="xs:string"/>',
            '<xs:element name="subject" type="xs:string" minOccurs="0"/><xs:element name="kind" type="xs:int"/>',
        ),
        note_xsd=NOTE.replace("{circle}", "letter.xsd").replace(
            '<xs:enumeration value="x"/>', '<xs:enumeration value="x"/><xs:enumeration value="y"/>'
        ),
    )
    found = {
        (each.what, each.change, each.name): (each.before, each.after) for each in drift_between(vendor, live)
    }
    told = "SOAP 1.1, document/literal, action urn:do, {urn:b}Register"
    assert found == {
        ("operation", "added", "S/P/Enter"): (None, told),
        ("operation", "removed", "S/P/Register"): (told, None),
        ("field", "added", "{urn:b}Register/kind"): (None, "int, 1..1"),
        ("field", "changed", "{urn:b}Register/subject"): ("string, 1..1", "string, 0..1"),
        ("field", "changed", "{urn:a}Note/="): ("x", "x | y"),
    }


@pytest.mark.skipif(not BUNDLES.is_dir(), reason=f"the vendors' own interface files are not there: {BUNDLES}")
def test_the_vendors_own_bundles_can_be_used_each_in_one_way_or_the_other() -> None:
    usable: dict[str, set[str]] = {}
    for path in sorted(BUNDLES.rglob("*.wsdl")):
        if "bg0310" in path.parts or "zkn0310" in path.parts or "berichten" in path.parts[-2]:
            continue  # StuF: a second each; the one below stands for them
        checked = check_wsdl(path)
        usable.setdefault(path.relative_to(BUNDLES).parts[0], set()).add(str(checked.usable))
        assert checked.why or checked.usable is Usable.WSDL, path.name
    assert not any("not" in ways for ways in usable.values())
    by_wsdl = {vendor for vendor, ways in usable.items() if "wsdl" in ways}
    assert set(usable) - by_wsdl == {"dhx-estonia", "geointegrasjon-norway", "stuf-zds"}
    (stuf,) = BUNDLES.rglob("zkn0310_verstrekSynchronisatieBericht.wsdl")
    assert check_wsdl(stuf).usable is Usable.WSDL
