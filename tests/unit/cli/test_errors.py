"""Errors for people: one sentence, safe facts, the next step, an exit code for each kind; never a trace."""

import inspect
import json

import pytest

from connector import errors
from connector.cli.errors import ExitCode, exit_code, render, render_bug
from connector.cli.language import chosen_language
from connector.domain.letter import Language

LEAVES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.ChaparError) and kind is not errors.SubmissionInvalid
]


@pytest.fixture(autouse=True)
def english():
    chosen_language(Language.EN)
    yield
    chosen_language(Language.EN)


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.__name__)
def test_every_error_has_a_sentence_and_an_exit_code_that_is_not_done(kind, capsys):
    code = render(kind())
    assert code is not ExitCode.DONE
    assert (
        capsys.readouterr().err.strip().endswith((".", "check", "upgrade", "list", "again", "nodes", "alone"))
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.SettingsInvalid(), 3),
        (errors.SecretMissing(), 3),
        (errors.DatabaseNotReady(), 3),
        (errors.LedgerInUse(), 4),
        (errors.LedgerUnavailable(), 4),
        (errors.Unavailable(), 4),
        (errors.LetterUnknown(), 5),
        (errors.LostRace(), 1),
    ],
)
def test_each_kind_of_ending_has_its_code(error, code):
    assert exit_code(error) == code


@pytest.mark.parametrize(
    "kind",
    [
        errors.SettingsInvalid,
        errors.DatabaseNotReady,
        errors.LedgerInUse,
        errors.LetterUnknown,
        errors.Unavailable,
    ],
)
def test_an_operators_error_without_a_next_step_of_its_own_gets_the_usual_one(kind, capsys):
    render(kind())
    assert "Next step: " in capsys.readouterr().err


def test_the_vendors_remark_is_never_shown(capsys):
    render(errors.OutcomeUnknown(reason="timeout", code="E-7", remark="citizen hunter2"))
    told = capsys.readouterr().err
    assert "hunter2" not in told
    assert "reason: timeout, code: E-7" in told


def test_as_json_it_is_one_object(capsys):
    render(errors.LetterUnknown(), as_json=True)
    told = json.loads(capsys.readouterr().err)
    assert told["error"] == "LetterUnknown"
    assert told["exit_code"] == 5
    assert told["next_step"]


def test_a_fault_of_ours_shows_its_place_and_not_its_values(capsys):
    with pytest.raises(ValueError) as caught:
        raise ValueError("hunter2")
    assert render_bug(caught.value, debug=False) == 70
    told = capsys.readouterr().err
    assert "ValueError" in told
    assert "--debug" in told
    assert "hunter2" not in told


def test_headings_stand_in_both_tongues_where_persian_is_asked_for(capsys):
    chosen_language(Language.FA)
    render(errors.LetterUnknown())
    assert "Next step · گام بعدی: " in capsys.readouterr().err
