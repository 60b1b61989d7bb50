"""Looks a mapping over: its schema, its expressions and templates, its WSDL, its cases, and what is doubtful."""

import re
from typing import Any, Final

from connector.cli.mapping_files import MappingFile
from connector.errors import OperatorError
from connector.mapping.cases import CaseFile
from connector.mapping.cases_fit import strange_calls
from connector.mapping.doubts import Doubt, doubts_of
from connector.mapping.located import Located, Location, spell
from connector.mapping.names import nearest

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
    by_wsdl: list[tuple[Location, str]] = []
    calls: set[str] | None = None
    located = load_located(file.path)
    try:
        mapping = validate(OfficeMapping, located)
        _build(file)
        calls, by_wsdl = _by_wsdl(file)
    except OperatorError as error:
        wrong += _complaints(error, file)
    try:
        if cases_path(file.path).is_file():
            cases, its_places = load_cases(cases_path(file.path))
            wrong += _strange(cases, its_places, calls)
    except OperatorError as error:
        wrong += _complaints(error, file)
    doubts = doubts_of(mapping, located, cases, by_wsdl) if mapping is not None else []
    return wrong, doubts


def _by_wsdl(file: MappingFile) -> tuple[set[str] | None, list[tuple[Location, str]]]:
    """Return the elements that the mapping's requests are, where its WSDLs tell, and what these find doubtful."""
    from connector.mapping.load import load_office_mapping
    from connector.mapping.wsdl_fit import calls_of, contracts_of, required_and_left_out
    from connector.testing.mapping_cases import placed

    if file.transport != "soap":
        return None, []
    with placed(file.path) as folder:
        compiled = load_office_mapping(file.path.stem, (folder,), transport="soap", may_lack_cases=True)
        contracts = contracts_of(compiled)
    return calls_of(compiled.mapping, contracts), list(required_and_left_out(compiled.mapping, contracts))


def _strange(cases: CaseFile, located: Located, calls: set[str] | None) -> list[dict[str, Any]]:
    return [
        {
            "where": located.where(place).partition(": ")[0],
            "sentence": f"{spell(place)}: the mapping never calls {call!r}{nearest(call, calls or ())}.",
            "next_step": "Write the element that the office is sent, as the WSDL calls it.",
        }
        for place, call in (strange_calls(cases, calls) if calls is not None else ())
    ]


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
