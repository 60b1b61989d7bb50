"""The tree drawn on top of connector/errors.py is the tree of the classes, and every leaf has its sentence."""

import inspect
import re

import pytest

from connector import errors

LINE = re.compile(r"^(?P<indent>[ │├└─]*)(?P<name>[A-Z]\w+)(?: {2,}(?P<what>\S.*))?$")
DEPTH_WIDTH = 4

CLASSES = {
    name: member
    for name, member in inspect.getmembers(errors, inspect.isclass)
    if issubclass(member, Exception) and member.__module__ == errors.__name__
}


def drawn_tree() -> dict[str, str | None]:
    """Return the parent of each error as the docstring draws it."""
    parents: dict[str, str | None] = {}
    way: list[str] = []
    for line in inspect.cleandoc(errors.__doc__ or "").partition("::")[2].splitlines():
        match = LINE.match(line.removeprefix("    "))
        if match:
            depth = len(match["indent"]) // DEPTH_WIDTH
            parents[match["name"]] = way[depth - 1] if depth else None
            way[depth:] = [match["name"]]
    return parents


def test_the_drawn_tree_is_the_tree_of_the_classes() -> None:
    written = {name: member.__bases__[0].__name__ for name, member in CLASSES.items()}
    written["ChaparError"] = None  # type: ignore[assignment]
    assert drawn_tree() == written


def test_every_error_and_what_belongs_to_it_is_public() -> None:
    assert set(CLASSES) | {"FieldProblem"} == set(errors.__all__)


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_every_error_is_a_sentence(name: str) -> None:
    sentence = " ".join((CLASSES[name].__doc__ or "").split())
    assert sentence.endswith(".")
    assert sentence[0].isupper()


def test_the_docstring_is_the_message_and_facts_stay_out_of_it() -> None:
    error = errors.OutcomeUnknown(reason="timeout", letter_id="01J")
    assert str(error) == "The other system may or may not have done it. Look it up; never send it twice."
    assert error.facts == {"letter_id": "01J"}
    assert "01J" not in str(error)


def test_a_problem_names_its_fields_and_never_their_values() -> None:
    problem = errors.FieldProblem(
        field="sender.mobile", code="mobile", sentence_fa="نادرست.", sentence_en="Wrong."
    )
    error = errors.SubmissionInvalid([problem])
    assert error.facts == {"fields": ["sender.mobile"]}
    assert error.problems == (problem,)


def test_what_another_system_asked_for_and_said_is_kept_apart_from_the_facts() -> None:
    from datetime import timedelta

    error = errors.RateLimited(
        retry_after=timedelta(seconds=7), reason="http_429", code="18", remark="slow down"
    )
    assert (error.retry_after, error.reason, error.code, error.remark) == (
        timedelta(seconds=7),
        "http_429",
        "18",
        "slow down",
    )
    assert error.facts == {}
