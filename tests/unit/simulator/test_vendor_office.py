"""The office out of a mapping: expressions and templates read backwards, and what cannot be is told with its place."""

import shutil
from pathlib import Path
from typing import Any

import jmespath
import pytest
import yaml

from connector.errors import MappingInvalid
from connector.mapping.schema_parts import Meaning
from connector.simulator.vendor.asking import Message
from connector.simulator.vendor.inverse import NotInvertible, inverse, merged, satisfying
from connector.simulator.vendor.opening import load_vendor
from connector.simulator.vendor.own_replies import told
from connector.simulator.vendor.plan import Deed, fitting, twins
from connector.simulator.vendor.soap_wire import xml_text
from connector.simulator.vendor.speech import strange
from connector.simulator.vendor.written_texts import read_text

SHIPPED = Path(__file__).parents[3] / "mappings" / "offices"


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("reply.a.b", "7"),
        ("reply.items[0].number", "7"),
        ("reply.items[2].number", "7"),
        ("reply.items | [0]", "7"),
        ("reply.number || reply.other", "7"),
        ("to_string(reply.no)", "7"),
        ('reply."a-b"."@id"', "7"),
        ("reply.fields[?name=='number'].value | [0]", "7"),
        ("reply.fields[?name=='number' && kind=='x'] | [0].value", "7"),
        ("reply.letters", [{"a": 1}, {"a": 2}]),
        ("reply.letters[].letter", [{"a": 1}, {"a": 2}]),
        ("reply.letters[*].x", ["1", "2"]),
    ],
)
def test_an_expression_finds_in_the_inverse_what_was_put_there(source: str, value: Any) -> None:
    assert jmespath.search(source, inverse(source, value)) == value


@pytest.mark.parametrize(
    "source", ["join('-', [reply.a, reply.b])", "reply.a && reply.b", "reply.{a: b}", "length(reply)"]
)
def test_an_expression_that_computes_something_is_not_guessed(source: str) -> None:
    with pytest.raises(NotInvertible):
        inverse(source, "7")


def test_several_values_stand_beside_each_other_and_two_at_one_place_are_refused() -> None:
    fields = "reply.f[?n=='{}'].v | [0]"
    both = merged(inverse(fields.format("a"), "1"), inverse(fields.format("b"), "2"))
    assert [jmespath.search(fields.format(name), both) for name in "ab"] == ["1", "2"]
    with pytest.raises(NotInvertible):
        merged(inverse("reply.a", "1"), inverse("reply.a", "2"))
    assert jmespath.search("reply.error == 'expired'", satisfying("reply.error == 'expired'"))


def test_a_word_of_the_mappings_own_asks_nothing_of_the_answer() -> None:
    assert merged(inverse("reply.number && 'numbered'", "numbered"), inverse("reply.number", "7")) == {
        "reply": {"number": "7"}
    }
    with pytest.raises(NotInvertible):
        inverse("reply.number && 'numbered'", "refused")


def test_a_template_gives_its_values_back() -> None:
    assert read_text("{{ letter.text }}\n[{{ correlation_key }}]", "متن\nدو\n[K1]") == {
        "letter.text": "متن\nدو",
        "correlation_key": "K1",
    }
    assert read_text("{% if unit %}{{ unit }}{% endif %}", "x") == {}


def test_plain_values_become_a_text_of_xml() -> None:
    assert xml_text({"r": {"@id": "1", "a": ["x", "<"]}}) == '<r id="1"><a>x</a><a>&lt;</a></r>'


def changed(tmp_path: Path, change: Any, **office: Any) -> Path:
    mapping = yaml.safe_load((SHIPPED / "simulated-rest.yaml").read_text(encoding="utf-8"))
    change(mapping["operations"])
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(mapping, allow_unicode=True), encoding="utf-8")
    if office:
        (tmp_path / "mine.office.yaml").write_text(
            yaml.safe_dump(office, allow_unicode=True), encoding="utf-8"
        )
    return tmp_path / "mine.yaml"


def computed_number(operations: Any) -> None:
    operations["register"]["registration"]["number"] = "join('/', [reply.no, reply.year])"


def test_a_number_that_is_worked_out_is_told_with_file_line_and_path(tmp_path: Path) -> None:
    path = changed(tmp_path, computed_number)
    with pytest.raises(MappingInvalid) as told:
        load_vendor(path)
    assert f"{path}:" in told.value.sentence
    assert (
        "operations.register.steps[0]: the answer for registered cannot be read backwards"
        in told.value.sentence
    )
    assert str(tmp_path / "mine.office.yaml") in (told.value.next_step or "")


def test_a_reply_that_is_written_out_takes_its_place(tmp_path: Path) -> None:
    reply = {"json": '{"resultCode": 0, "no": {{ number | tojson }}, "year": "1405"}'}
    replies = {"register_letter": {meaning: dict(reply) for meaning in ("registered", "known", "accepted")}}
    model = load_vendor(changed(tmp_path, computed_number, replies=replies))
    assert {one.deed for one in model.plan} >= {
        Deed.REGISTER,
        Deed.FIND,
        Deed.SEARCH,
        Deed.PROGRESS,
        Deed.CHECK,
    }


def test_a_letter_without_a_number_is_answered_without_one_by_a_written_reply_too(tmp_path: Path) -> None:
    replies = {"register_letter": {"accepted": {"json": '{"no": "{{ number }}", "of": "{{ key }}"}'}}}
    own = load_vendor(changed(tmp_path, lambda _: None, replies=replies)).own_replies
    found = own.find("register_letter", "register", Meaning.ACCEPTED)
    assert found is not None
    assert found[1].render(told({"key": "K1"})) == '{"no": "", "of": "K1"}'


def test_what_may_be_left_out_is_a_note_and_no_refusal(tmp_path: Path) -> None:
    def change(operations: Any) -> None:
        operations["find"]["registration"]["office_reference"] = "join('/', [reply.a, reply.b])"

    model = load_vendor(changed(tmp_path, change))
    assert [note for note in model.notes if "operations.find.registration.office_reference" in note]


def test_two_operations_at_one_address_are_told_apart_by_what_they_send(tmp_path: Path) -> None:
    def change(operations: Any) -> None:
        operations["search"]["steps"][0]["request"] = {"method": "POST", "path": "/letters"}

    model = load_vendor(changed(tmp_path, change))
    search = Message(
        method="POST", path="/api/letters", fields={"senderId": "1", "fromDate": "x", "toDate": "y"}
    )
    register = Message(method="POST", path="/api/letters", fields={"key": "K", "body": "x", "senderId": "1"})
    for message, deed in ((search, Deed.SEARCH), (register, Deed.REGISTER)):
        one = fitting(model.plan, message, model.paths)
        assert one is not None
        assert one.deed is deed
    assert fitting(model.plan, Message(method="GET", path="/api/nowhere"), model.paths) is None


@pytest.mark.parametrize(("title", "step"), [("Brief", "add_text"), ("a.pdf", "add")])
def test_two_steps_of_one_call_are_told_apart_by_a_constant_however_deep(title: str, step: str) -> None:
    model = load_vendor(SHIPPED / "stuf-zds.yaml")
    message = Message(call="voegZaakdocumentToe_EdcLk01", fields={"object": {"titel": title}})
    one = fitting(model.plan, message, model.paths)
    assert one is not None
    assert one.step.name == step


def test_steps_that_look_alike_are_twins() -> None:
    model = load_vendor(SHIPPED / "insiel3.yaml")
    message = Message(call="UploadFileRequest", fields={"md5Checksum": None, "binaryData": "eA=="})
    one = fitting(model.plan, message, model.paths)
    assert one is not None
    names = {one.step.name, *(each.step.name for each in twins(model.plan, one, message, model.paths))}
    assert names == {"text", "upload"}


def test_a_code_that_the_mapping_works_out_cannot_be_a_strange_one() -> None:
    model = load_vendor(SHIPPED / "farzin.yaml")
    register = next(one for one in model.plan if one.deed is Deed.REGISTER)
    assert strange(model.mapping, register.step) is None


@pytest.mark.parametrize("way", ["number", "office_reference"])
def test_an_office_does_not_write_what_its_wsdl_does_not_declare(tmp_path: Path, way: str) -> None:
    document = yaml.safe_load((SHIPPED / "simulated-soap.yaml").read_text(encoding="utf-8"))
    document["operations"]["register"]["registration"][way] = "reply.nubmer"
    shutil.copytree(SHIPPED / "simulated", tmp_path / "simulated")
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(MappingInvalid, match="did you mean 'number'") as caught:
        load_vendor(path)
    assert f"operations.register.registration.{way}" in caught.value.sentence
    document["services"]["office"]["undeclared"] = ["nubmer"]
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    answer = load_vendor(path).contract.write("RegisterLetter", "urn:x", {"nubmer": "7", "other": "8"})
    assert (answer.findtext("{*}nubmer"), answer.findtext("{*}other")) == ("7", None)
