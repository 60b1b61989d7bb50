"""Looks a mapping over: its schema, its expressions and templates, its WSDL, its cases, and what is doubtful."""

import re
from typing import Any, Final

from connector.cli.mapping_files import MappingFile
from connector.errors import OperatorError
from connector.mapping.doubts import Doubt, doubts_of

__all__ = ["look_at"]

_PLACE: Final = re.compile(r"^(?P<where>.+?\.yaml:\d+): (?P<sentence>.*)$")


def look_at(file: MappingFile) -> tuple[list[dict[str, Any]], list[Doubt]]:
    """Return everything that is wrong, each with ``where``, ``sentence`` and ``next_step``, and what is doubtful."""
    from connector.mapping.cases import load_cases
    from connector.mapping.load import cases_path
    from connector.mapping.located import load_located, validate
    from connector.mapping.schema import OfficeMapping

    wrong: list[dict[str, Any]] = []
    mapping = cases = None
    located = load_located(file.path)
    try:
        mapping = validate(OfficeMapping, located)
        _build(file)
    except OperatorError as error:
        wrong += _complaints(error, file)
    try:
        if cases_path(file.path).is_file():
            cases, _ = load_cases(cases_path(file.path))
    except OperatorError as error:
        wrong += _complaints(error, file)
    doubts = doubts_of(mapping, located, cases) if mapping is not None else []
    return wrong, doubts


def _build(file: MappingFile) -> None:
    """Build the adapter from the mapping: so everything is checked that a start of the daemon checks."""
    from connector.ports.catalogue import AdapterSite
    from connector.testing.mapping_cases import example_credentials, placed

    kind = file.kind
    with example_credentials() as credentials, placed(file.path) as folder:
        given = {
            **credentials,
            "mapping": file.path.stem,
            "http": {"url": "http://127.0.0.1:9/"},
            "may_lack_cases": True,
        }
        site = AdapterSite(name="lint", mappings=(folder,), pool_size=1)
        try:
            kind.build(kind.settings.model_validate(given), site).close()
        except OperatorError as error:
            # A file that lies elsewhere was looked at through a stand-in of its folder.
            told = error.sentence.replace(f"{folder}/offices", str(file.path.parent))
            raise type(error)(told, next_step=error.next_step) from None


def _complaints(error: OperatorError, file: MappingFile) -> list[dict[str, Any]]:
    complaints = []
    for line in error.sentence.splitlines():
        found = _PLACE.match(line)
        complaints.append(
            {
                "where": found["where"] if found else str(file.path),
                "sentence": found["sentence"] if found else line,
                "next_step": error.next_step,
            }
        )
    return complaints
