"""One word, one meaning: the glossary and the code say the same."""

import re
from functools import cache
from pathlib import PurePosixPath

import pytest

from tests.law.code_names import public_definitions, words_of
from tests.law.tracked import ROOT, python_files

FORBIDDEN_SECTION = "## Words that are part of no public name"
NAMES_OF_OTHERS = {"ServiceManager"}  # systemd calls itself so in every page of its manual
ROW = re.compile(r"^\| (?P<word>[^|]+) \| (?P<code>[^|]*`[^|]*) \|", re.MULTILINE)


@cache
def glossary() -> str:
    return (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")


def forbidden_words() -> set[str]:
    return set(re.findall(r"`([a-z0-9]+)`", glossary().partition(FORBIDDEN_SECTION)[2]))


def terms() -> list[tuple[str, str]]:
    rows = ROW.finditer(glossary().partition("## Grammar")[0])
    return [(row["word"], code) for row in rows for code in re.findall(r"`([^`]+)`", row["code"])]


@cache
def words_in_code() -> frozenset[str]:
    text = "\n".join((ROOT / path).read_text(encoding="utf-8") for path in python_files("connector"))
    return frozenset(re.findall(r"\w+", text))


def test_the_glossary_can_be_read() -> None:
    assert len(terms()) > 40
    assert {"utils", "manager", "handler"} <= forbidden_words()


@pytest.mark.parametrize(("word", "code"), terms())
def test_every_word_of_the_glossary_is_used_in_the_code(word: str, code: str) -> None:
    missing = [part for part in code.split(".") if part not in words_in_code()]
    assert not missing, f"{word}: the code has no {missing}"


def test_no_module_has_a_vague_name() -> None:
    vague = {
        path
        for path in python_files("connector", "adapters", "tests")
        for part in PurePosixPath(path).with_suffix("").parts
        if words_of(part) & forbidden_words()
    }
    assert vague == set()


def test_no_public_name_has_a_forbidden_word() -> None:
    found = [
        definition.place
        for definition in public_definitions("connector", "adapters")
        if definition.node.name not in NAMES_OF_OTHERS and words_of(definition.node.name) & forbidden_words()
    ]
    assert found == []


def test_adapters_are_named_after_the_kind_and_not_after_the_house() -> None:
    shadowed = {"connector", "adapters", "mappings"}
    assert not [path for path in python_files("adapters") if set(PurePosixPath(path).parts[1:-1]) & shadowed]
