"""``chapar mappings``: what is wrong is told with file, line and path, cases are run, and requests shown."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connector.cli.main import application
from connector.errors import MappingInvalid

ROOT = Path(__file__).parents[3]
WHOLE = ROOT / "tests" / "contract" / "offices" / "mappings" / "offices" / "whole-way.yaml"
SOAP = ROOT / "mappings" / "offices" / "simulated-soap.yaml"
PROFILES = sorted(path for path in SOAP.parent.glob("*.yaml") if "." not in path.stem)


def run(*arguments: str) -> Any:
    return CliRunner().invoke(application, ["mappings", *arguments])


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    for path in WHOLE.parent.glob("whole-way*"):
        shutil.copy(path, tmp_path / path.name)
    return tmp_path / "whole-way.yaml"


def changed(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_mapping_in_which_nothing_is_wrong_ends_well_with_its_doubts() -> None:
    result = run("lint", "simulated-soap", "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert told["wrong"] == []
    assert {"operations.register.steps[0].send.subject"} <= {each["path"] for each in told["doubtful"]}
    assert "Nothing is wrong, 4 doubtful." in run("lint", str(WHOLE)).stdout


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("  check:", "  chek: {}\n  check:", "operations.chek", "did you mean 'check'?"),
        ("subject: letter.subject", "subject: letter.subjct", "send.subject", "did you mean 'subject'?"),
        ("subject: letter.subject", "subjekt: letter.subject", "send.subjekt", "has no such field"),
        (
            "subject: letter.subject",
            "subject: 'letter.['",
            "send.subject",
            "this is not a JMESPath expression",
        ),
        (
            "code('urgency'",
            "code('urgncy'",
            "send.urgency",
            "code knows no 'urgncy'; did you mean 'urgency'?",
        ),
        ("call: Ping", "call: Pong", "steps[0].call", "the WSDL has no operation 'Pong'"),
        (
            "subject: letter.subject",
            'subject: {$xml: "<a>{{ letter.subject }}</b>"}',
            "send.subject.$xml",
            "is no XML",
        ),
        (
            "subject: letter.subject",
            'subject: {$write: "{{ letter.subject * 99999999 }}"}',
            "send.subject.$write",
            "multiplication is not allowed",
        ),
        (
            "number: reply.number",
            "number: reply.nubmer",
            "register.registration.number",
            "did you mean 'number'?",
        ),
        ("code: reply.resultCode", "code: reply.resultCod", "verdict.code", "did you mean 'resultCode'?"),
        (
            "matches: reply.letters.letter",
            "matches: reply.leters.letter",
            "search.matches",
            "did you mean 'letters'?",
        ),
        (
            "longest_processing: PT5S",
            "longest_processing: 30m",
            "limits.longest_processing",
            "PT30M (minutes)",
        ),
        ("immediate: 3", "immediate: high", "send.urgency", "wants a whole number"),
        ("key: match.key", "key: match.kye", "search.key", "did you mean 'key'?"),
        (
            "reason: letter.refusalText",
            "reason: letter.refusal",
            "progress.reason",
            "did you mean 'refusalText'?",
        ),
        (
            "urgency: code('urgency', letter.urgency)",
            "urgency: \"'high'\"",
            "send.urgency",
            "wants a whole number here",
        ),
    ],
)
def test_what_is_wrong_is_told_with_file_line_path_and_next_step(
    tmp_path: Path, old: str, new: str, path: str, words: str
) -> None:
    shutil.copytree(SOAP.parent / "simulated", tmp_path / "simulated")
    file = tmp_path / "simulated-soap.yaml"
    shutil.copy(SOAP, file)
    changed(file, old, new)
    result = run("lint", str(file), "--json")
    assert result.exit_code == 3
    found = [
        each
        for each in json.loads(result.stdout)["wrong"]
        if words in each["sentence"] and path in each["sentence"]
    ]
    assert found, result.stdout
    assert found[0]["where"].startswith(f"{file}:")
    assert found[0]["next_step"]
    assert "✗" in run("lint", str(file)).stdout


def test_the_line_is_that_of_the_field(tmp_path: Path) -> None:
    shutil.copytree(SOAP.parent / "simulated", tmp_path / "simulated")
    file = tmp_path / "mine.yaml"
    shutil.copy(SOAP, file)
    changed(file, "          senderKind: sender.kind", "          senderKnd: sender.kind")
    changed(file, "    reason: letter.refusalText", "    reason: letter.refusal")
    lines = file.read_text(encoding="utf-8").splitlines()
    for name in ("senderKnd", "    reason: letter.refusal"):
        told = json.loads(run("lint", str(file), "--json").stdout)["wrong"]
        assert [each["where"] for each in told] == [
            f"{file}:{next(at for at, line in enumerate(lines, 1) if name in line)}"
        ]
        changed(file, "senderKnd", "senderKind") if name == "senderKnd" else None


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_nothing_is_wrong_in_a_shipped_mapping(path: Path) -> None:
    result = run("lint", str(path), "--json")
    told = json.loads(result.stdout)
    assert told["wrong"] == []
    assert not [each for each in told["doubtful"] if "is never sent" in each["sentence"]]


def test_a_case_about_a_call_that_the_mapping_never_makes_is_told(tmp_path: Path) -> None:
    shutil.copytree(SOAP.parent / "simulated", tmp_path / "simulated")
    for path in (SOAP, SOAP.with_suffix(".cases.yaml")):
        shutil.copy(path, tmp_path / path.name)
    cases = tmp_path / "simulated-soap.cases.yaml"
    text = cases.read_text(encoding="utf-8")
    cases.write_text(text.replace("call: RegisterLetter", "call: RegisterLeter", 1), encoding="utf-8")
    result = run("lint", str(tmp_path / "simulated-soap.yaml"), "--json")
    assert result.exit_code == 3
    (told,) = json.loads(result.stdout)["wrong"]
    assert "never calls 'RegisterLeter'; did you mean 'RegisterLetter'?" in told["sentence"]
    assert told["where"].startswith(f"{cases}:")


def test_a_required_field_that_is_never_sent_is_doubtful(tmp_path: Path) -> None:
    shutil.copytree(SOAP.parent / "simulated", tmp_path / "simulated")
    file = tmp_path / "simulated-soap.yaml"
    shutil.copy(SOAP, file)
    changed(file, "          senderKind: sender.kind\n", "")
    changed(file, "                name: item.name\n", "")
    result = run("lint", str(file))
    assert result.exit_code == 0
    for name in ("senderKind", "name"):
        assert f"RegisterLetter requires {name!r}, and it is never sent" in result.stdout


def test_everything_that_is_wrong_is_told_at_once(mine: Path) -> None:
    changed(mine, "user: credentials.username", "user: credentials.usrname")
    changed(mine, "name: item.name", "name: item.name, extra: nothing.here")
    changed(mine, "<Subject>", "<Subjct>")
    changed(mine.with_suffix(".cases.yaml"), "outcome: {checked: true}", "outcome: {chekked: true}")
    told = json.loads(run("lint", str(mine), "--json").stdout)["wrong"]
    assert len(told) == 4
    assert len({each["where"] for each in told}) == 4
    assert any(each["where"].startswith(f"{mine.with_suffix('.cases.yaml')}:") for each in told)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("urgency: {normal: 1, urgent: 2, immediate: 3}", "urgency: {normal: 1}", "has no code for: urgent, immediate"),
        ("<Key>{{ correlation_key }}</Key>", "", "no step sends correlation_key"),
        ("data: item.content", "size: item.size", "no step sends the content of attachments"),
        ("<Subject>", "<Subject>", "without progress nobody is told"),
        ("<Subject>", "<Subject>", "without text nobody is told in what words"),
    ],
)  # fmt: skip
def test_what_is_doubtful_is_told_too(mine: Path, old: str, new: str, words: str) -> None:
    changed(mine, old, new)
    result = run("lint", str(mine))
    assert result.exit_code == 0
    assert words in result.stdout


def test_a_mapping_without_cases_is_doubtful(mine: Path) -> None:
    mine.with_suffix(".cases.yaml").unlink()
    assert "there are no cases" in run("lint", str(mine)).stdout
    shown = run("preview", str(mine))
    assert "1. POST /desk/login" in shown.stdout
    assert "It ended with Unavailable" in shown.stdout


def test_the_cases_are_run_and_a_wrong_one_is_told(mine: Path) -> None:
    result = run("test", str(mine), "--json")
    assert result.exit_code == 0
    assert [case["holds"] for case in json.loads(result.stdout)["cases"]] == [True] * 10
    changed(mine.with_suffix(".cases.yaml"), "outcome: {kept: {handle: 12}}", "outcome: {kept: {handle: 13}}")
    result = run("test", str(mine))
    assert result.exit_code == 1
    assert "9 of 10 cases hold." in result.stdout
    assert "outcome.kept.handle is 12, not 13" in result.stdout


def test_an_expression_that_fails_is_told_with_its_place(tmp_path: Path) -> None:
    shutil.copytree(SOAP.parent / "simulated", tmp_path / "simulated")
    for path in (SOAP, SOAP.with_suffix(".cases.yaml")):
        shutil.copy(path, tmp_path / path.name)
    file = tmp_path / "simulated-soap.yaml"
    changed(file, "number: reply.number", "number: join('-', reply.number)")
    result = run("test", str(file), "--json")
    assert result.exit_code == 1
    complaint = next(each for case in json.loads(result.stdout)["cases"] for each in case["complaints"])
    assert (
        f"{file}:58: operations.register.registration.number: the expression cannot be worked out"
        in complaint
    )


def test_the_requests_of_a_letter_are_shown_step_by_step(mine: Path) -> None:
    told = json.loads(run("preview", str(mine), "--json").stdout)
    targets = [request["target"] for request in told["requests"]]
    assert targets == ["/desk/login", "/files/new", "/files/new", "/desk/insert", "/desk/start"]
    assert told["requests"][1]["headers"]["x-ticket"] == "T1"
    assert "درخواست" in told["requests"][3]["body"]


def test_another_letter_is_shown_with_contents_made_short(mine: Path, tmp_path: Path) -> None:
    letter = tmp_path / "letter.yaml"
    letter.write_text(
        f"subject: دیگر\nattachments: [{{name: a, text: {'x' * 900}}}, {{}}, {{}}]\n", encoding="utf-8"
    )
    told = json.loads(run("preview", str(mine), "--letter", str(letter), "--json").stdout)
    targets = [request["target"] for request in told["requests"]]
    assert targets == ["/desk/login", *["/files/new"] * 3, "/desk/insert", "/desk/start"]
    assert "(1200 characters)" in told["requests"][1]["body"]
    assert "دیگر" in told["requests"][4]["body"]
    assert told["ending"] == "It ended with Registered."


def test_what_is_not_there_is_told_with_what_there_is(mine: Path, tmp_path: Path) -> None:
    for arguments, words in (
        (["lint", "absent"], "There is no office mapping named 'absent'"),
        (["lint", str(tmp_path / "absent.yaml")], "There is no file"),
        (["preview", str(mine), "--case", "absent"], "no case is named 'absent'"),
        (["preview", str(mine), "--operation", "progress"], "no case tries progress"),
    ):
        result = run(*arguments)
        assert isinstance(result.exception, MappingInvalid)
        assert words in result.exception.sentence
        assert result.exception.next_step


def test_the_operators_own_folder_goes_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "own" / "offices").mkdir(parents=True)
    (tmp_path / "own" / "offices" / "simulated-soap.yaml").write_text("transport: ftp\n", encoding="utf-8")
    config = tmp_path / "chapar.toml"
    config.write_text((ROOT / "config" / "chapar.dev.toml").read_text(encoding="utf-8"), encoding="utf-8")
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("[daemon]", '[daemon]\nmappings = "own"', 1), encoding="utf-8")
    result = run("lint", "simulated-soap", "--config", str(config))
    assert isinstance(result.exception, MappingInvalid), result.output
    assert "a mapping says its transport" in result.exception.sentence
