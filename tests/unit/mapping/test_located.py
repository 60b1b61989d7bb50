"""A file that is wrong is told by file, line and path, with the next step."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field

from connector.errors import MappingInvalid, SettingsInvalid
from connector.mapping.located import load_located, spell, validate


class Step(BaseModel):
    model_config = ConfigDict(extra="forbid")
    send: str
    take: dict[str, str] = Field(default_factory=dict)


class Other(BaseModel):
    model_config = ConfigDict(extra="forbid")
    body: int


class Deed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    steps: list[Step | Other]
    count: int = 0


class Whole(BaseModel):
    model_config = ConfigDict(extra="forbid")
    deeds: dict[str, Deed]
    name: str | None = None


def written(folder: Path, text: str) -> Path:
    path = folder / "some.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_values_keep_their_lines(tmp_path: Path) -> None:
    located = load_located(written(tmp_path, "deeds:\n  one:\n    steps:\n    - send: x\n    count: 3\n"))
    assert located.values == {"deeds": {"one": {"steps": [{"send": "x"}], "count": 3}}}
    assert located.line(("deeds", "one", "steps", 0, "send")) == 4
    assert located.line(("deeds", "one", "count", "nowhere")) == 5
    assert spell(("deeds", "one", "steps", 0, "send")) == "deeds.one.steps[0].send"


def test_vendor_codes_do_not_change_on_the_way(tmp_path: Path) -> None:
    text = "no: on\n007: 007\ndate: 1405-01-01\ntime: 12:30\nyes: true\nint: -12\n"
    text += "float: 1.5\nnothing:\nhex: 0x10\nexp: 1e3\n"
    assert load_located(written(tmp_path, text)).values == {
        "no": "on",
        "007": "007",
        "date": "1405-01-01",
        "time": "12:30",
        "yes": True,
        "int": -12,
        "float": 1.5,
        "nothing": None,
        "hex": "0x10",
        "exp": "1e3",
    }


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb:\n  c: 1\n  c: 2\n", 4, "b.c: this key stands here twice"),
        ("a: &x 1\nb: *x\n", 1, "anchors and aliases"),
        ("a: [\n", 2, "not YAML"),
        ("a: 1\n\tb: 2\n", 2, "not YAML"),
        ("a: !!python/object:os.system {}\n", 1, "tags are not used"),
        ("a: !!binary aGVsbG8=\n", 1, "tags are not used"),
        ("? [a]\n: 1\n", 1, "plain text"),
        ("a: " + "[" * 50 + "]" * 50, 1, "nested deeper"),
        ("- " * 200000 + "x", 1, "nested deeper"),
        ("a: 1\n--- \nb: 2\n", 2, "not YAML"),
        ("a: \x07\n", 1, "not YAML"),
    ],
)
def test_a_broken_file_is_told_by_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(MappingInvalid, match=words) as caught:
        load_located(path)
    assert caught.value.sentence.startswith(f"{path}:{line}:")
    assert caught.value.next_step


def test_a_file_that_is_absent_too_large_or_not_utf8_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        load_located(tmp_path / "absent.yaml", error=SettingsInvalid)
    with pytest.raises(MappingInvalid, match="larger than 10 bytes"):
        load_located(written(tmp_path, "a: 12345678901\n"), limit=10)
    (tmp_path / "latin.yaml").write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(MappingInvalid, match=r"latin\.yaml:2: the file is not UTF-8"):
        load_located(tmp_path / "latin.yaml")


def test_a_valid_file_becomes_the_model(tmp_path: Path) -> None:
    located = load_located(written(tmp_path, "deeds:\n  one:\n    steps:\n    - send: x\n"))
    assert validate(Whole, located).deeds["one"].steps == [Step(send="x")]


def test_every_complaint_has_its_line_and_the_nearest_name(tmp_path: Path) -> None:
    text = (
        "deeds:\n  one:\n    stepps: []\n    count: secret-word\n  two:\n    steps:\n    - snd: x\nnam: y\n"
    )
    path = written(tmp_path, text)
    with pytest.raises(MappingInvalid) as caught:
        validate(Whole, load_located(path))
    lines = caught.value.sentence.splitlines()
    assert f"{path}:3: deeds.one.stepps: this key is not known; did you mean 'steps'?" in lines
    assert f"{path}:2: deeds.one.steps: this key is missing" in lines
    assert any(line.startswith(f"{path}:4: deeds.one.count: ") for line in lines)
    assert f"{path}:7: deeds.two.steps[0].snd: this key is not known; did you mean 'send'?" in lines
    assert f"{path}:8: nam: this key is not known; did you mean 'name'?" in lines
    assert "secret-word" not in caught.value.sentence


def test_an_empty_file_misses_its_keys(tmp_path: Path) -> None:
    with pytest.raises(MappingInvalid, match="deeds: this key is missing"):
        validate(Whole, load_located(written(tmp_path, "")))


def test_a_list_at_the_top_is_refused_by_the_model(tmp_path: Path) -> None:
    with pytest.raises(MappingInvalid, match=r":1: \(top\):"):
        validate(Whole, load_located(written(tmp_path, "- 1\n")))
