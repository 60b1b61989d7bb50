"""The strongest way back that an office has is the one that is taken."""

import itertools
from typing import Any

import pytest

from connector.ports.office import OfficeAdapter, OfficeCapabilities, recovery_level
from connector.registration.ways import Way, lookup_deed, way_back

ABILITIES = ("find_by_key", "reserves", "idempotent_create", "search")
WAYS = {
    "find_by_key": Way.FIND,
    "reserves": Way.VERIFY,
    "idempotent_create": Way.CREATE_AGAIN,
    "search": Way.SEARCH,
}
LEVELS = {Way.FIND: "A", Way.VERIFY: "A", Way.CREATE_AGAIN: "A", Way.SEARCH: "B", Way.PERSON: "C"}


class AnOffice:
    """Has every deed, whatever it declares."""

    def __init__(self, *abilities: str) -> None:
        self.capabilities = OfficeCapabilities(**dict.fromkeys(abilities, True))  # type: ignore[arg-type]

    def register(self, request: Any) -> Any: ...
    def check(self) -> str:
        return ""

    def close(self) -> None: ...
    def find(self, correlation_key: str, secretariat: str) -> Any: ...
    def reserve(self, request: Any) -> Any: ...
    def verify(self, reservation: Any, secretariat: str) -> Any: ...
    def search(self, query: Any) -> Any: ...


class ABareOffice:
    """Declares everything, and has nothing of it."""

    capabilities = OfficeCapabilities(find_by_key=True, reserves=True, search=True)

    def register(self, request: Any) -> Any: ...
    def check(self) -> str:
        return ""

    def close(self) -> None: ...


def every_office() -> list[tuple[str, ...]]:
    return [chosen for count in range(5) for chosen in itertools.combinations(ABILITIES, count)]


@pytest.mark.parametrize("abilities", every_office(), ids="+".join)
def test_the_strongest_ability_is_the_way_back_and_gives_the_level(abilities: tuple[str, ...]) -> None:
    office: OfficeAdapter = AnOffice(*abilities)
    expected = WAYS[abilities[0]] if abilities else Way.PERSON
    assert way_back(office) is expected
    assert recovery_level(office.capabilities) == LEVELS[expected]


@pytest.mark.parametrize("abilities", [each for each in every_office() if "reserves" in each], ids="+".join)
def test_a_letter_without_a_reservation_goes_the_next_way(abilities: tuple[str, ...]) -> None:
    left = [ability for ability in abilities if ability != "reserves"]
    expected = WAYS[left[0]] if left else Way.PERSON
    assert way_back(AnOffice(*abilities), has_reservation=False) is expected


def test_what_is_declared_and_not_there_is_no_way() -> None:
    assert way_back(ABareOffice()) is Way.PERSON


@pytest.mark.parametrize(
    ("ability", "deed"),
    [
        ("find_by_key", "find"),
        ("reserves", "verify"),
        ("idempotent_create", "register"),
        ("search", "search"),
    ],
)
def test_the_lane_waits_for_the_deed_by_which_it_asks(ability: str, deed: str) -> None:
    assert lookup_deed(AnOffice(ability)) == deed
