"""Routes: the most specific rule wins, and every mistake in the file is named by file, line and path."""

from collections.abc import Callable
from pathlib import Path

import pytest

from connector.errors import SettingsInvalid
from connector.intake.routes import Routes, load_routes

EXAMPLE = Path(__file__).parents[3] / "config" / "routes.example.yaml"

RULES = """\
routes:
  - to: {office: all, secretariat: "1", gateway: sms}
  - when: {unit: مالي}
    to: {office: unit, secretariat: "2", gateway: sms}
  - when: {service: permit, unit: "*"}
    to: {office: service, secretariat: "3", gateway: sms, unit: فنی}
    needs_review: true
  - when: {service: permit, unit: مالی}
    to: {office: both, secretariat: "4", gateway: other}
"""

Load = Callable[[str], Routes]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def loaded(text: str) -> Routes:
        path = tmp_path / "routes.yaml"
        path.write_text(text, encoding="utf-8")
        return load_routes(path)

    return loaded


@pytest.mark.parametrize(
    ("service", "unit", "office"),
    [
        ("permit", "مالی", "both"),
        ("Permit", "مالي", "both"),
        ("permit", "فنی", "service"),
        ("permit", None, "service"),
        ("complaint", "مالی", "unit"),
        ("complaint", "فنی", "all"),
        ("complaint", None, "all"),
        ("*", "*", "all"),
    ],
)
def test_the_most_specific_rule_wins(load: Load, service: str, unit: str | None, office: str) -> None:
    route = load(RULES).route_for(service, unit)
    assert route is not None
    assert route.office == office


def test_a_route_carries_everything_that_its_rule_says(load: Load) -> None:
    route = load(RULES).route_for("permit", None)
    assert route is not None
    assert (route.secretariat, route.gateway, route.unit, route.needs_review) == ("3", "sms", "فنی", True)


def test_without_a_rule_for_the_rest_some_letters_have_no_route(load: Load) -> None:
    routes = load("routes:\n  - when: {service: permit}\n    to: {office: a, secretariat: '1', gateway: s}\n")
    assert routes.route_for("complaint", None) is None
    assert not routes.covers_everything()
    assert load(RULES).covers_everything()


def test_a_good_file_has_no_problems(load: Load) -> None:
    assert load(RULES).lint({"all", "unit", "service", "both"}, {"sms", "other"}) == []
    assert load(RULES).offices() == {"all", "unit", "service", "both"}


def test_unknown_names_are_told_with_line_and_next_step(load: Load) -> None:
    problems = load(RULES).lint({"all", "service", "both"}, {"sms"})
    assert [problem.facts["line"] for problem in problems] == [4, 9]
    assert [problem.facts["path"] for problem in problems] == ["routes[1].to.office", "routes[3].to.gateway"]
    assert "routes.yaml:4: routes[1].to.office: no office named 'unit' is configured." in problems[0].sentence
    assert problems[0].next_step == "Choose one of: all, both, service; or add [offices.unit]."


def test_two_rules_for_the_same_letters_are_told(load: Load) -> None:
    text = RULES + "  - when: {service: PERMIT}\n    to: {office: all, secretariat: '9', gateway: sms}\n"
    routes = load(text)
    (problem,) = routes.lint({"all", "unit", "service", "both"}, {"sms", "other"})
    assert "routes.yaml:10: routes[4]: the rule in line 5 is for the same letters." in problem.sentence
    route = routes.route_for("permit", "فنی")
    assert route is not None
    assert route.secretariat == "3"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("routes: []\n", "routes.yaml:1: routes"),
        ("", "routes.yaml:1: routes"),
        ("routes:\n  - to: {office: a, secretariat: '1'}\n", "routes.yaml:2: routes[0].to.gateway"),
        (
            "routes:\n  - to:\n      office: a\n      secretariat: 1\n      gateway: s\n",
            "routes.yaml:4: routes[0].to.secretariat",
        ),
        (
            "routes:\n  - to: {office: a, secretariat: '1', gateway: s}\n    review: true\n",
            "routes.yaml:3: routes[0].review",
        ),
        ("routes:\n  - when: {service: ''}\n", "routes.yaml:2: routes[0].when.service"),
        ("routes:\n  - to: [\n", "routes.yaml:"),
        ("routes: 1\nroutes: 2\n", "routes.yaml:2"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(load: Load, text: str, where: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(text)
    assert where in caught.value.sentence
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("routes: 5", ":1: routes: write a list, each item in a line of its own that begins with -"),
        ("routes:\n- 5", ":2: routes[0]: write keys, each in a line of its own with its value"),
        (
            "routes:\n- to: {office: 5, secretariat: x, gateway: sms}",
            ":2: routes[0].to.office: write it as text",
        ),
        ("routes:\n- needs_review: 5\n  to: {office: a, secretariat: x, gateway: s}", "write true or false"),
    ],
)
def test_a_value_of_another_kind_is_told_in_the_words_of_whoever_writes_yaml(
    load: Load, text: str, words: str
) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(text)
    assert words in caught.value.sentence
    assert "Input should" not in caught.value.sentence


def test_a_missing_file_is_refused_with_a_next_step(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_routes(tmp_path / "nowhere.yaml")
    assert "nowhere.yaml" in caught.value.sentence
    assert caught.value.next_step


def test_the_example_file_is_a_good_one() -> None:
    routes = load_routes(EXAMPLE)
    assert routes.lint({"municipality"}, {"sms"}) == []
    assert routes.covers_everything()
    route = routes.route_for("complaint", None)
    assert route is not None
    assert not route.needs_review
