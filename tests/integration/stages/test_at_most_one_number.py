"""A machine that drives letters through every trouble in any order: one letter, at most one number, and an end."""

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from connector.domain.lifecycle import Stage, Status
from connector.errors import CredentialsRejected, Misbehaved, RateLimited, Unavailable
from connector.ledger import open_ledger, prepare_database
from connector.ports.office import OfficeCapabilities
from connector.testing.builders import HeldClock, a_key_ring
from tests.integration.stages.conftest import Agency
from tests.integration.stages.office_double import Fate, OfficeDouble

_MINUTE = timedelta(minutes=1)
_LONGEST = 10 * _MINUTE
_FATES = st.sampled_from(
    [
        None,
        Fate.SWALLOW,
        Fate.LOSE,
        Fate.LATE,
        Fate.REFUSE,
        Fate.NO_NUMBER,
        "unavailable",
        "rate_limited",
        "credentials",
        "misbehaved",
        "crash",
        "interrupted",
    ]
)
_FAILURES: dict[str, Any] = {
    "unavailable": lambda: Unavailable(reason="refused"),
    "rate_limited": lambda: RateLimited(retry_after=_MINUTE),
    "credentials": lambda: CredentialsRejected(reason="login_refused"),
    "misbehaved": lambda: Misbehaved(reason="no_result"),
    "crash": lambda: KeyError("crash"),
    "interrupted": lambda: KeyboardInterrupt(),
}


class LettersUnderTrouble(RuleBasedStateMachine):
    """Letters, one office, nodes that are killed, and time."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.letters: list[str] = []

    @initialize()
    def open(self) -> None:
        shutil.copy(_template(), self.folder / "ledger.db")
        clock = HeldClock()
        ledger = open_ledger(
            f"sqlite:///{self.folder / 'ledger.db'}",
            a_key_ring(),
            attachments=self.folder / "attachments",
            now=clock.now,
        )
        capabilities = OfficeCapabilities(find_by_key=True, longest_processing=_LONGEST)
        office = OfficeDouble(capabilities=capabilities, late_after=_LONGEST - _MINUTE, now=clock.now)
        self.agency = Agency(ledger=ledger, clock=clock, office=office)

    @rule()
    def a_letter_comes_in(self) -> None:
        if len(self.letters) < 4:
            self.letters.append(self.agency.letter())

    @rule(fates=st.lists(_FATES, min_size=1, max_size=3))
    def register(self, fates: Sequence[Any]) -> None:
        office = self.agency.office
        office.fates.extend(_FAILURES[fate]() if fate in _FAILURES else fate for fate in fates)
        with suppress(KeyboardInterrupt):
            self.agency.register()
        office.fates.clear()

    @rule(how_far=st.sampled_from(["claimed", "announced", "took effect", "takes effect late"]))
    def a_node_is_killed(self, how_far: str) -> None:
        agency = self.agency
        for claim in agency.claims(Stage.REGISTRATION, holder="killed", limit=1):
            if how_far == "claimed" or claim.status != Status.READY:
                return
            agency.ledger.announce(claim)
            if how_far == "took effect":
                agency.office.number(claim.letter_id, "central")
            elif how_far == "takes effect late":
                agency.office.late_by_key(claim.letter_id, "central")

    @rule(fails=st.booleans())
    def reconcile(self, fails: bool) -> None:
        if fails:
            self.agency.office.find_fates.append(Unavailable(reason="refused"))
        self.agency.reconcile()
        self.agency.office.find_fates.clear()

    @rule(seconds=st.sampled_from([1, 5, 31, 61, 301, 599, 601, 3600]))
    def time_passes(self, seconds: int) -> None:
        self.agency.pass_time(timedelta(seconds=seconds))

    @invariant()
    def no_letter_has_two_numbers(self) -> None:
        if self.letters:
            assert self.agency.office.registered_twice == []
            assert self.agency.ledger.silent() == 0

    def teardown(self) -> None:
        """Whatever happened, the troubles end, and then every letter comes to a certain state by itself."""
        try:
            if self.letters:
                self._recover()
                self._compare_the_books()
        finally:
            self.agency.ledger.close()
            shutil.rmtree(self.folder)

    def _recover(self) -> None:
        for _ in range(400):
            if all(self._is_settled(letter) for letter in self.letters):
                return
            self.agency.pass_time(timedelta(seconds=30))
            self.agency.register()
            self.agency.reconcile()
        raise AssertionError("a letter does not come to a certain state")

    def _is_settled(self, letter: str) -> bool:
        return self.agency.status(letter) in {Status.REGISTERED, Status.REFUSED}

    def _compare_the_books(self) -> None:
        self.agency.office.take_effect()
        self.no_letter_has_two_numbers()
        for letter in self.letters:
            state = self.agency.state(letter)
            given = self.agency.office.numbers.get(letter, [])
            assert given == ([state.registration] if state.status is Status.REGISTERED else [])


_made: list[Path] = []


def _template() -> Path:
    """Return a SQLite file at this version, made once for all runs of the machine."""
    if not _made:
        path = Path(tempfile.mkdtemp()) / "template.db"
        prepare_database(f"sqlite:///{path}")
        _made.append(path)
    return _made[0]


TestLettersUnderTrouble = LettersUnderTrouble.TestCase
TestLettersUnderTrouble.settings = settings(
    max_examples=20,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ],  # a counter-example at once is worth more than a short one
)
