"""A mapping that is wrong, or asks for what cannot be run yet, is refused at load with file, line and path."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from adapters.offices.soap import OFFICE, SoapOfficeSettings
from connector.errors import MappingInvalid, SettingsInvalid
from connector.mapping.compiled import CompiledMapping
from connector.mapping.load import load_office_mapping
from connector.mapping.schema_json import schema_text
from connector.mapping.schema_parts import Leaf
from connector.ports.catalogue import AdapterSite

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "mappings" / "offices"


def written(folder: Path, text: str, name: str = "mine") -> Path:
    offices = folder / "offices"
    shutil.copytree(SHIPPED / "simulated", offices / "simulated", dirs_exist_ok=True)
    (offices / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def changed(transport: str, *ways: tuple[str, Any]) -> str:
    """Return a shipped mapping with values at dotted ways replaced."""
    values = yaml.safe_load((SHIPPED / f"simulated-{transport}.yaml").read_text(encoding="utf-8"))
    for way, value in ways:
        place: Any = values
        *parents, last = way.split(".")
        for part in parents:
            place = place[int(part)] if isinstance(place, list) else place[part]
        if value is None:
            del place[last]
        else:
            place[int(last) if isinstance(place, list) else last] = value
    return yaml.safe_dump(values, allow_unicode=True, sort_keys=False)


def loaded(folder: Path, transport: Any = "soap", *, may_lack_cases: bool = True) -> CompiledMapping:
    return load_office_mapping("mine", [folder], transport=transport, may_lack_cases=may_lack_cases)


STEP = "operations.register.steps.0"


@pytest.mark.parametrize(
    ("way", "value", "words"),
    [
        (f"{STEP}.send.subject", "letter.subjct", "there is no 'subjct' here; did you mean 'subject'?"),
        (f"{STEP}.send.subject", "lettr.subject", "there is no 'lettr' here; did you mean 'letter'?"),
        (f"{STEP}.send.subject", "cod('a', unit)", "there is no function 'cod'; did you mean 'code'?"),
        (f"{STEP}.send.subject", "letter.[", "this is not a JMESPath expression"),
        (f"{STEP}.send.subject", "letter." * 2000 + "a", "4000 characters"),
        (f"{STEP}.send.subject", {"$write": "{% if %}"}, "line 1 of the template"),
        (f"{STEP}.send.subject", {"$write": "{% include 'x' %}"}, "include is not allowed"),
        (f"{STEP}.send.subject", {"$pick": "unit", "$write": "x"}, "give exactly one of"),
        (f"{STEP}.send.subject", {"$pick": "unit", "$lngest": 1}, "did you mean '$longest'?"),
        (f"{STEP}.verdict.means", {"0": "registred"}, "Input should be"),
        (f"{STEP}.verdict.means", {"2": "never"}, "no code of the deciding step means registered"),
        (f"{STEP}.verdict", {"means": {"0": "registered"}}, "means needs code"),
        (f"{STEP}.verdikt", {}, "this key is not known; did you mean 'verdict'?"),
        ("operations.find.steps.0.verdict.means", {"0": "registered"}, "means absent"),
        ("operations.search.steps.0.verdict.means", {"0": "registered"}, "a search brings matches"),
        ("operations.search.statuses", None, "status and statuses belong together"),
        ("operations.search.matches", None, "operations.search.matches: this key is missing"),
        ("operations.search.key", "letter.key", "there is no 'letter' here"),
        ("operations.search.steps.0.send.toDate", "date(untill)", "did you mean 'until'?"),
        ("operations.search.steps.0.send.senderId", "sender.identity", "did you mean 'identity_number'?"),
        ("duplicates", "another_entry", "idempotent_create is true exactly where duplicates is the_number"),
        ("idempotent_create", "perhaps", "idempotent_create"),
        ("operations.regist", {}, "did you mean 'register'?"),
        ("operations.register", None, "operations.register: this key is missing"),
        ("dates", {"pattern": "dd.MM"}, "the pattern holds yyyy, MM and dd"),
        ("services.office.wsdl", None, "services.office needs a wsdl"),
        ("services.office.wsdl", "/etc/passwd", "services.office.wsdl"),
        ("http", {"5xx": "retry"}, "http.5xx"),
        ("limits.attachment_types", ["application/PDF"], "limits.attachment_types[0]"),
        ("limits.attachment_types", ["pdf"], "limits.attachment_types[0]"),
        ("limits.longest_processing", "PT0S", "greater than 0"),
        ("limits.longest_processing", "-PT5M", "greater than 0"),
        ("limits.longest_processing", None, "limits.longest_processing: this key is missing"),
        ("operations.progress.key", None, "a batch needs key"),
        ("faults", [{"means": "retry"}], "give code, text or detail"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, way: str, value: Any, words: str) -> None:
    folder = written(tmp_path, changed("soap", (way, value)))
    with pytest.raises(MappingInvalid) as caught:
        loaded(folder)
    assert words in caught.value.sentence
    assert str(folder / "offices" / "mine.yaml") in caught.value.sentence
    assert caught.value.next_step


def test_what_is_not_said_of_duplicates_is_taken_for_the_worst(tmp_path: Path) -> None:
    silent = loaded(written(tmp_path, changed("soap", ("idempotent_create", None))))
    assert silent.mapping.on_duplicate == "another_entry"
    said = loaded(written(tmp_path, changed("soap", ("idempotent_create", None), ("duplicates", "an_error"))))
    assert said.mapping.on_duplicate == "an_error"


def test_a_look_up_without_proof_stands_alone_and_needs_no_word_for_absent(tmp_path: Path) -> None:
    means, silent = "operations.find.steps.0.verdict.means", "operations.find.absence_is_proof"
    without = (("idempotent_create", None), ("operations.search", None), (means, {"0": "registered"}))
    with pytest.raises(MappingInvalid, match=r"means absent; where .* say absence_is_proof: false"):
        loaded(written(tmp_path, changed("soap", *without)))
    one = loaded(written(tmp_path, changed("soap", *without, (silent, False))))
    assert not one.mapping.absence_is_proof
    with pytest.raises(MappingInvalid, match="find is asked first, and where its silence proves nothing"):
        loaded(written(tmp_path, changed("soap", (silent, False))))


def test_steps_must_fit_their_transport(tmp_path: Path) -> None:
    with pytest.raises(MappingInvalid, match="a step by the WSDL names its operation in call"):
        loaded(written(tmp_path, changed("soap", (f"{STEP}.call", None))))
    with pytest.raises(MappingInvalid, match="a REST step has a request"):
        loaded(written(tmp_path, changed("rest", (f"{STEP}.request", None))), "rest")
    with pytest.raises(MappingInvalid, match="this mapping speaks rest, not soap"):
        loaded(written(tmp_path, changed("rest")))


def test_a_mapping_without_cases_is_refused_unless_it_is_allowed(tmp_path: Path) -> None:
    folder = written(tmp_path, changed("soap"))
    assert loaded(folder).find is not None
    with pytest.raises(MappingInvalid, match=r"no cases beside it \(mine\.cases\.yaml\)"):
        loaded(folder, may_lack_cases=False)


def test_an_unknown_mapping_names_those_that_are_there(tmp_path: Path) -> None:
    folder = written(tmp_path, changed("soap"))
    for name in ("yours", "../offices/mine", "mine.cases"):
        with pytest.raises(MappingInvalid, match="There is no office mapping") as caught:
            load_office_mapping(name, [folder], transport="soap")
        assert caught.value.next_step == "Choose one of: mine."


def test_the_operators_own_mapping_goes_before_the_shipped_one(tmp_path: Path) -> None:
    folder = written(tmp_path, changed("soap", ("title", "Mine")), "simulated-soap")
    found = load_office_mapping(
        "simulated-soap", [folder, ROOT / "mappings"], transport="soap", may_lack_cases=True
    )
    assert found.mapping.title == "Mine"


def build(folder: Path, **settings: Any) -> None:
    site = AdapterSite(name="main", mappings=(folder,), pool_size=1)
    given = {"mapping": "mine", "http": {"url": "http://127.0.0.1:9/"}, "may_lack_cases": True, **settings}
    OFFICE.build(SoapOfficeSettings.model_validate(given), site)


@pytest.mark.parametrize(
    ("way", "value", "words"),
    [
        (f"{STEP}.call", "RegisterLeter", "the WSDL has no operation 'RegisterLeter'"),
        (f"{STEP}.send.subjekt", "unit", "RegisterLetter has no such field"),
        (
            f"{STEP}.send.attachments.attachment.$give.nme",
            "item.name",
            "send.attachments.attachment.$give.nme",
        ),
        ("services.office.service", "Other", "there is no service Other"),
        ("services.office.wsdl", "simulated/absent.wsdl", "is not there"),
        ("services.office.wsdl", "../../outside.wsdl", "is not there"),
    ],
)
def test_a_mapping_that_does_not_fit_the_wsdl_is_told_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, value: Any, words: str
) -> None:
    monkeypatch.setenv("OFFICE_SECRET", "secret")
    folder = written(tmp_path, changed("soap", (way, value)))
    with pytest.raises(MappingInvalid) as caught:
        build(folder, username="chapar", password={"environment": "OFFICE_SECRET"})
    assert words in caught.value.sentence
    assert caught.value.next_step


def test_credentials_that_the_mapping_wants_must_be_configured(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="wants username and password"):
        build(written(tmp_path, changed("soap")))


def test_the_shipped_schema_is_the_one_of_this_version() -> None:
    shipped = (ROOT / "config" / "mapping.schema.json").read_text(encoding="utf-8")
    assert shipped == schema_text(), "run: make generate"


@pytest.mark.parametrize(
    "rule", [{"$pick": "letter.text", "$as": "document"}, {"$value": "x", "$media_type": "text/plain"}]
)
def test_only_what_is_written_can_be_a_document(rule: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="belong to"):
        Leaf.model_validate(rule)
