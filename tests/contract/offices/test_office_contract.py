"""The contract of an office adapter, over the configured offices at every level and behind every door."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from adapters.offices.rest import OFFICE as REST
from adapters.offices.soap import OFFICE as SOAP
from connector.mapping.plain_yaml import load_located
from connector.ports.catalogue import OFFICES, AdapterKind, adapter_kind
from connector.ports.office import OfficeAdapter, recovery_level
from connector.simulator.book import Duplicates
from connector.simulator.fates import Fate
from connector.simulator.levels import Level, OfficeLevel
from connector.testing.certificate import proven_level
from connector.testing.office_contract import CHECKS, Check, CheckResult, OpenBench, Verdict, run_checks
from connector.testing.office_contract.mapped import mapped_bench
from tests.contract.offices.benches import MAPPINGS, simulated

UNDECLARED = {
    "lost_answer_found_in_place",
    "lost_request_place_empty",
    "duplicate_without_number",
    "preparing_steps_may_be_repeated",
    "reserved_places_may_stay_empty",
    "side_steps_never_undo_the_number",
}
OF_LEVELS = {"declared_is_there", "nobody_is_not_found", "search_of_several", "search_finds_nothing"}
LEVELS = {
    "A, duplicates are errors": OfficeLevel(duplicates=Duplicates.ANSWERED_WITH_AN_ERROR),
    "B": OfficeLevel(level=Level.B, duplicates=Duplicates.NAIVE),
    "B, no key to be seen": OfficeLevel(level=Level.B, duplicates=Duplicates.NAIVE, key_is_searchable=False),
    "C": OfficeLevel(level=Level.C, duplicates=Duplicates.NAIVE),
}


def demand_passed(opened: OpenBench, checks: Iterable[Check] = CHECKS) -> dict[str, CheckResult]:
    """Run the contract, demand that nothing failed, and return what each check found."""
    results = {result.check.name: result for result in run_checks(opened, checks=checks)}
    failed = [f"{name}: {each.text}" for name, each in results.items() if each.verdict is Verdict.FAILED]
    assert not failed, "\n\n".join(failed)
    return results


def test_every_check_has_a_name_and_a_sentence_of_its_own() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert len({check.sentence for check in CHECKS}) == len(CHECKS)
    assert all(check.sentence.endswith(".") and check.look_at for check in CHECKS)


@pytest.mark.parametrize("transport", ["soap", "rest"])
def test_the_simulated_office_keeps_the_whole_contract(transport: str, tmp_path: Path) -> None:
    results = demand_passed(simulated(transport, OfficeLevel(), tmp_path))
    skipped = {name for name, result in results.items() if result.verdict is Verdict.SKIPPED}
    assert skipped == UNDECLARED
    assert all("does not declare" in (results[name].reason or "") for name in skipped)


@pytest.mark.parametrize("level", list(LEVELS))
@pytest.mark.parametrize("transport", ["soap", "rest"])
def test_an_office_of_any_level_keeps_what_the_contract_says_of_levels(
    transport: str, level: str, tmp_path: Path
) -> None:
    checks = [check for check in CHECKS if check.theme == "lost answers" or check.name in OF_LEVELS]
    demand_passed(simulated(transport, LEVELS[level], tmp_path), checks)


SHIPPED = sorted(path for path in (MAPPINGS / "offices").glob("*.yaml") if "." not in path.stem)


@pytest.mark.parametrize("mapping", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_mapping_keeps_the_contract_against_the_office_that_is_made_of_it(
    mapping: Path,
) -> None:
    with mapped_bench(mapping, adapter_kind(OFFICES, load_located(mapping).values["transport"])) as opened:
        results = demand_passed(opened)
        with opened(Fate.ANSWERED) as bench:
            declared = recovery_level(bench.connect().capabilities)
    assert proven_level(list(results.values())) == declared
    skipped = {name for name, result in results.items() if result.verdict is Verdict.SKIPPED}
    if mapping.stem in {"simulated-soap", "simulated-rest"}:
        assert skipped == UNDECLARED | {
            "register_session_expired",
            "register_session_expired_other",
            "question_session_expired",
        }


RICH = Path(__file__).parent / "rich"
"""Mappings that use the whole language: sessions, steps, a reservation, XML inside texts, written-out envelopes."""
PLAYABLE = [("reserved-place", REST), ("xml-inside", SOAP), ("written-out", SOAP)]


@pytest.mark.parametrize(("name", "kind"), PLAYABLE)
def test_the_whole_language_is_played(name: str, kind: AdapterKind[OfficeAdapter], tmp_path: Path) -> None:
    offices = tmp_path / "offices"
    shutil.copytree(RICH, offices)
    shutil.copytree(MAPPINGS / "offices" / "simulated", offices / "simulated")
    with mapped_bench(offices / f"{name}.yaml", kind) as opened:
        results = demand_passed(opened)
    passed = {name for name, result in results.items() if result.verdict is Verdict.PASSED}
    assert passed > {"files_arrive_whole", "nasty_texts", "many_threads"}
    if name != "written-out":
        assert passed > {"register_session_expired", "register_session_expired_other"}
    if name == "reserved-place":
        assert passed > {
            "lost_answer_found_in_place",
            "lost_request_place_empty",
            "preparing_steps_may_be_repeated",
            "side_steps_never_undo_the_number",
        }
