"""Whether the cases beside a mapping hold, as a check of its certificate: they are examples of the vendor's own words.

The rest of the contract plays an office that is read out of the mapping, and so says nothing of what a real one writes.
"""

from pathlib import Path

from connector.mapping.load import cases_path
from connector.ports.catalogue import AdapterKind
from connector.ports.office import OfficeAdapter
from connector.testing.mapping_cases import example_credentials, run_cases
from connector.testing.office_contract.bench import OfficeBench
from connector.testing.office_contract.checks import Check, Skipped, demand

__all__ = ["cases_check"]


def cases_check(mapping: Path, kind: AdapterKind[OfficeAdapter]) -> Check:
    """Return the check of this mapping; it is left out where there are no cases."""

    def run(_bench: OfficeBench) -> None:
        if not cases_path(mapping).is_file():
            raise Skipped("There are no cases beside the mapping.")
        with example_credentials() as settings:
            results = list(run_cases(mapping, kind, settings))
        failed = [f"{each.name}: {each.complaints[0]}" for each in results if each.complaints]
        demand(not failed, expected="every case holds", came="; ".join(failed))

    return Check(
        name="cases_hold",
        theme="cases",
        sentence="Every case beside the mapping holds.",
        sentence_fa="همهٔ نمونه‌های کنار نگاشت درست درمی‌آیند.",
        look_at="chapar mappings test, which says what differs in each",
        run=run,
    )
