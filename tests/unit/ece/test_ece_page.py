"""The page for operators says what the code says."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.offices.ece import OFFICE
from adapters.offices.ece.settings import LetterParty, SecretariatMailbox
from adapters.offices.ece.unreadable import REASONS, Unreadable
from tests.unit.ece.mails import a_mailbox

PAGE = (Path(__file__).parents[3] / "docs" / "ece.md").read_text(encoding="utf-8")
SERVER = {"host": "mail.agency.example"}


def settings(**mailboxes: object) -> object:
    return OFFICE.settings.model_validate({"secretariats": mailboxes, "smtp": SERVER, "imap": SERVER})


def test_every_option_of_a_secretariat_and_every_reason_stands_on_the_page() -> None:
    for option in (*SecretariatMailbox.model_fields, *LetterParty.model_fields):
        assert f"`{option}`" in PAGE, option
    for word, sentence in REASONS.items():
        assert f"| `{word}` | {sentence} |" in PAGE


def test_a_reason_that_nobody_explains_cannot_be_given() -> None:
    with pytest.raises(KeyError):
        Unreadable("because")


@pytest.mark.parametrize(
    "changes",
    [
        {"our_mailbox": "a@agency.example\r\nRCPT TO:<x@y.example>"},
        {"office_mailbox": "<desk@office.example>"},
        {"office_mailbox": "desk"},
        {"answers_from": ["دبیرخانه@office.example"]},
        {"password": "the secret itself"},
        {"colour": "blue"},
    ],
)
def test_addresses_that_could_end_a_line_and_what_is_unknown_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        a_mailbox(**changes)
    assert "the secret itself" not in str(caught.value)


def test_secretariats_do_not_share_a_mailbox_and_there_is_at_least_one() -> None:
    one = a_mailbox().model_dump()
    assert settings(central=one)
    for wrong in ({"central": one, "other": one}, {}, {" ": one}):
        with pytest.raises(ValidationError):
            settings(**wrong)
