"""The page about mappings names every key that a mapping and its cases can have."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connector.mapping.cases import CaseFile
from connector.mapping.functions import OfficeFunctions
from connector.mapping.schema import OfficeMapping
from connector.mapping.schema_parts import Meaning
from connector.mapping.schema_picks import Progressing

PAGE = (Path(__file__).parents[3] / "docs" / "mappings.md").read_text(encoding="utf-8")


def keys(schema: Any) -> Iterator[str]:
    for model in [schema, *schema.get("$defs", {}).values()]:
        yield from model.get("properties", {})
        yield from model.get("enum", [])


def test_every_key_and_word_stands_in_the_page() -> None:
    words = set(re.findall(r"\d\.\d|[$\w]+", PAGE))
    wanted = {*keys(OfficeMapping.model_json_schema()), *keys(CaseFile.model_json_schema())}
    wanted |= {str(word) for word in (*Meaning, *Progressing)}
    assert wanted - words == set()


def test_every_function_of_our_own_stands_in_the_page() -> None:
    own = {name.removeprefix("_func_") for name in vars(OfficeFunctions) if name.startswith("_func_")}
    assert own
    assert {name for name in own if f"{name}(" not in PAGE} == set()
