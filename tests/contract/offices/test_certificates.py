"""Certificates: dated, with what was examined, each check, and the level that was proven."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from connector.cli.main import application
from connector.errors import MappingInvalid, SettingsInvalid
from connector.simulator.agency import SimulatedAgency
from connector.testing.certificate import mapping_digest, page_of
from connector.testing.examining import examine_mapping
from connector.testing.starting import start_mapping

NOON = datetime(2026, 3, 20, 22, tzinfo=UTC)
"""In Tehran it is the first day of 1405 already."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("mappings")
    mapping, *_ = start_mapping("blue-office", folder, is_soap=False)
    return examine_mapping(mapping, now=lambda: NOON)


def test_a_certificate_says_what_was_examined_when_and_what_was_proven(certificate) -> None:
    plain = certificate.as_plain()
    assert plain["verdict"] == "passed"
    assert plain["level"] == {"declared": "A", "proven": "A"}
    assert plain["day"] == {"jalali": "1405/01/01", "gregorian": "2026-03-21"}
    assert plain["subject"]["mapping"] == "blue-office"
    assert plain["subject"]["mapping_source"].startswith(
        "Not written yet: say what this mapping was built from"
    )
    assert len(plain["subject"]["mapping_digest"]) == len(plain["fingerprint"]) == 64
    assert sum(plain["counts"].values()) == len(plain["checks"])
    assert all(check["reason"] for check in plain["checks"] if check["verdict"] == "skipped")
    assert json.loads(json.dumps(plain)) == plain


def test_the_page_needs_nothing_else_and_reads_from_the_right(certificate) -> None:
    page = page_of(certificate)
    assert '<html lang="fa" dir="rtl">' in page
    assert "۱۴۰۵/۰۱/۰۱" in page
    assert "2026-03-21" in page
    assert certificate.subject.mapping_source in page
    for outside in ("http://", "https://", "<script", "<link", "src="):
        assert outside not in page


def test_a_look_up_whose_silence_proves_nothing_reaches_level_c_and_what_it_finds_counts(
    tmp_path: Path,
) -> None:
    mapping, *_ = start_mapping("blue-office", tmp_path, is_soap=False)
    document = yaml.safe_load(mapping.read_text(encoding="utf-8"))
    document["operations"]["find"]["absence_is_proof"] = False
    mapping.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    plain = examine_mapping(mapping, now=lambda: NOON).as_plain()
    assert (plain["verdict"], plain["level"]) == ("passed", {"declared": "C", "proven": "C"})
    checks = {check["name"]: check for check in plain["checks"]}
    assert checks["lost_answer_found_by_key"]["verdict"] == "passed"
    assert checks["lost_request_absent_by_key"]["verdict"] == "skipped"
    assert "a look-up that finds nothing proves nothing" in checks["lost_request_absent_by_key"]["reason"]


def test_a_letter_whose_text_is_sent_as_a_file_passes(tmp_path: Path) -> None:
    mapping, *_ = start_mapping("blue-office", tmp_path, is_soap=True)
    document = yaml.safe_load(mapping.read_text(encoding="utf-8"))
    text = "{name: 'letter.txt', media_type: 'text/plain', content: base64(letter.text)}"
    document["operations"]["register"]["steps"][0]["send"]["attachment"]["$each"] = (
        f"[[{text}], attachments][]"
    )
    mapping.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    plain = examine_mapping(mapping, now=lambda: NOON).as_plain()
    assert [check for check in plain["checks"] if check["verdict"] == "failed"] == []


def test_a_mapping_in_any_folder_is_examined_and_one_whose_cases_do_not_hold_has_not_passed(
    tmp_path: Path,
) -> None:
    mapping, cases, *_ = start_mapping("blue-office", tmp_path / "offices", is_soap=False)
    moved = tmp_path / "anywhere"
    mapping.parent.rename(moved)
    mapping, cases = moved / mapping.name, moved / cases.name
    text = cases.read_text(encoding="utf-8")
    assert "registered:" in text
    cases.write_text(text.replace("registered:", "known:", 1), encoding="utf-8")
    plain = examine_mapping(mapping, now=lambda: NOON).as_plain()
    failed = [check for check in plain["checks"] if check["verdict"] == "failed"]
    assert [check["name"] for check in failed] == ["cases_hold"]
    assert "outcome" in failed[0]["came"]
    assert plain["verdict"] == "failed"


def test_a_changed_mapping_has_another_digest_and_a_moved_one_the_same(tmp_path: Path) -> None:
    digests = []
    for folder in ("one", "other", "changed"):
        mapping, _cases, wsdl = start_mapping("red", tmp_path / folder, is_soap=True)
        if folder == "changed":
            wsdl.write_text(wsdl.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        digests.append(mapping_digest(mapping))
    assert digests[0] == digests[1] != digests[2]


@pytest.fixture
def run():
    runner = CliRunner()
    return lambda *arguments: runner.invoke(application, [str(argument) for argument in arguments])


def test_a_configured_office_is_certified_by_its_name_and_asked_live_only_harmlessly(
    run, tmp_path: Path
) -> None:
    with SimulatedAgency(tmp_path) as agency:
        config = ("--config", agency.files.configuration)
        live = run("offices", "certify", "branch", "--live", "--secretariat", "20", "--json", *config)
        assert live.exit_code == 0, live.output
        certificate = json.loads(live.stdout)
        assert certificate["subject"]["counterpart"] == "live system"
        assert certificate["level"] == {"declared": "A", "proven": None}
        passed = {check["name"] for check in certificate["checks"] if check["verdict"] == "passed"}
        assert passed == {
            "declared_is_there",
            "check_is_harmless",
            "nobody_is_not_found",
            "longest_processing",
        }
        assert agency.branch.book.entries() == []
        unknown = run("offices", "certify", "nobody", *config)
        assert unknown.exit_code == 3 or isinstance(unknown.exception, Exception)
    simulated = run("offices", "certify", "branch", "--report", "html", "-o", tmp_path / "c.html", *config)
    assert simulated.exit_code == 0, simulated.output
    assert "branch" in (tmp_path / "c.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("main", "--mapping", "x"),
        ("--mapping", "x", "--live"),
        ("main", "--live"),
        ("main", "--secretariat", "1"),
    ],
)
def test_one_subject_is_named_and_live_needs_a_desk(run, words) -> None:
    assert run("offices", "certify", *words).exit_code == 2


def test_a_mapping_that_no_office_is_configured_with_is_certified_by_its_name_too(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    start_mapping("mine", tmp_path / "mappings", is_soap=False)
    done = run("offices", "certify", "mine", "--json")
    assert done.exit_code == 0, done.output
    subject = json.loads(done.stdout)["subject"]
    assert (subject["mapping"], subject["connection"]) == ("mine", None)


def test_what_is_neither_configured_nor_known_is_an_error_of_the_operator(run, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert isinstance(run("offices", "certify", "nobody").exception, SettingsInvalid)


def test_a_mapping_that_breaks_the_contract_ends_with_one(run, tmp_path: Path) -> None:
    mapping, *_ = start_mapping("bad", tmp_path, is_soap=False)
    text = mapping.read_text(encoding="utf-8").replace(
        "query: {externalId: correlation_key,", "query: {externalId: secretariat,"
    )
    mapping.write_text(text, encoding="utf-8")
    done = run("offices", "certify", "--mapping", mapping, "--json")
    assert done.exit_code == 1
    certificate = json.loads(done.stdout)
    assert certificate["verdict"] == "failed"
    assert certificate["level"] == {"declared": "A", "proven": "C"}
    failed = {check["name"]: check for check in certificate["checks"] if check["verdict"] == "failed"}
    assert "lost_answer_found_by_key" in failed
    assert failed["lost_answer_found_by_key"]["look_at"]


def test_a_misspelt_field_of_the_answer_is_not_proven_against_itself(run, tmp_path: Path) -> None:
    mapping, *_ = start_mapping("blue-office", tmp_path, is_soap=True)
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(text.replace("number: reply.number", "number: reply.nubmer", 1), encoding="utf-8")
    for arguments in (("offices", "certify"), ("simulate", "office")):
        refused = run(*arguments, "--mapping", mapping).exception
        assert isinstance(refused, MappingInvalid)
        assert (
            "operations.register.registration.number: by the WSDL the answer to Register has no"
            in refused.sentence
        )
        assert "did you mean 'number'?" in refused.sentence
        assert "undeclared" in (refused.next_step or "")
