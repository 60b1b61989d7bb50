"""A person's word where a part of the configuration cannot be built: what follows must not be forgotten."""

import pytest

from connector.assembly.standing import Standing
from connector.cli.deeds import Deed
from connector.cli.word_doing import Word, WordDoing
from connector.domain.lifecycle import Status
from connector.errors import LedgerError
from connector.ledger import Ledger
from connector.ledger.records import OutboxPolicy
from connector.settings.settings import Settings
from connector.testing.builders import HeldClock
from tests.contract.ledger.walk import a_ready_letter

WITHDRAW = Word(deed=Deed.WITHDRAW)


def doing(ledger: Ledger, *not_built: str) -> WordDoing:
    standing = Standing(policy=OutboxPolicy(), offices={}, not_built=not_built)
    return WordDoing(Settings.model_construct(), ledger, standing)


@pytest.mark.parametrize("part", ["portals.web", "offices.main"])
def test_a_word_is_refused_where_its_portal_or_office_cannot_be_built(
    ledger: Ledger, clock: HeldClock, part: str
) -> None:
    letter_id = a_ready_letter(ledger, clock)
    with pytest.raises(LedgerError, match=part) as refused:
        doing(ledger, part).choose(WITHDRAW, letter_id)
    assert "chapar check" in (refused.value.next_step or "")
    assert ledger.state(letter_id).status is Status.READY


def test_a_word_is_taken_where_the_broken_part_is_anothers(ledger: Ledger, clock: HeldClock) -> None:
    letter_id = a_ready_letter(ledger, clock)
    chosen = doing(ledger, "portals.branch", "offices.branch", "gateways.sms").choose(WITHDRAW, letter_id)
    assert chosen.word.deed is Deed.WITHDRAW
