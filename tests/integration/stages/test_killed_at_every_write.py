"""A process that is killed before or after any of its writes: the next one goes on, and nothing happens twice."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from connector.domain.lifecycle import Status
from connector.ledger import Ledger
from connector.ports.office import Completion
from connector.testing.builders import a_submission
from tests.integration.stages.conftest import LEASE, Agency
from tests.integration.stages.ladder_office import LadderOffice, able
from tests.integration.stages.office_double import Fate

REPEATABLE, ONCE = Completion(name="attach"), Completion(name="start", is_repeatable=False)


class Killed(BaseException):
    """The end of a process, seen from inside."""


class MortalWriter:
    """The ledger's writer, in a process that is killed before or after one of its writes."""

    def __init__(self, writer: Any, at: int, *, is_written: bool) -> None:
        self.writer = writer
        self._left = at
        self._is_written = is_written

    def run(self, unit: Callable[[Any], Any]) -> Any:
        self._left -= 1
        if self._left == 0 and not self._is_written:
            raise Killed
        value = self.writer.run(unit)
        if self._left == 0:
            raise Killed
        return value

    def close(self) -> None:
        self.writer.close()


@dataclass
class Trouble:
    """One office, and what becomes of the calls of each letter."""

    abilities: dict[str, Any]
    fates: tuple[Any, ...] = ()
    step_fates: dict[str, tuple[Any, ...]] = field(default_factory=dict)


EVERYTHING = {"prepares": True, "reserves": True, "completes": True}
TROUBLES = {
    "all is well": Trouble(EVERYTHING),
    "the register's answer is lost": Trouble(EVERYTHING, fates=(Fate.SWALLOW,)),
    "the register is lost": Trouble(EVERYTHING, fates=(Fate.LOSE,)),
    "every step's answer is lost once": Trouble(
        EVERYTHING,
        fates=(Fate.SWALLOW,),
        step_fates=dict.fromkeys(("first", "second", "reserve", "verify", "attach"), (Fate.SWALLOW,)),
    ),
    "idempotent, both answers are lost": Trouble(
        {"idempotent_create": True, "prepares": True}, fates=(Fate.SWALLOW, Fate.SWALLOW)
    ),
    "idempotent, both calls are lost": Trouble(
        {"idempotent_create": True, "completes": True}, fates=(Fate.LOSE, Fate.LOSE)
    ),
    "by key, lost and then absent": Trouble({"find_by_key": True, "completes": True}, fates=(Fate.LOSE,)),
    "searched, the answer is lost": Trouble({"search": True, "prepares": True}, fates=(Fate.SWALLOW,)),
    "searched, the call is lost": Trouble({"search": True}, fates=(Fate.LOSE,)),
}


def office_of(trouble: Trouble) -> LadderOffice:
    capabilities = able(**trouble.abilities)
    return LadderOffice(
        capabilities=capabilities,
        preparing=("first", "second") if capabilities.prepares else (),
        completing=(REPEATABLE, ONCE) if capabilities.completes else (),
    )


def live_once(agency: Agency) -> None:
    """Do what is due in every stage, in the order in which a letter meets them."""
    agency.register()
    agency.reconcile()
    agency.complete()


def live(agency: Agency, letter: str) -> None:
    """Go on until the letter is registered and nothing of it waits for anybody but a person."""
    for _ in range(60):
        live_once(agency)
        if agency.status(letter) is Status.REGISTERED and not agency.due_steps():
            return
        agency.pass_time(timedelta(seconds=31))
    raise AssertionError(f"it does not come to its end: {agency.events(letter)}")


class Mortal(Agency):
    """An agency whose process may be killed."""

    def due_steps(self) -> list[str]:
        """Return the stages in which something of a side step is still to be done."""
        return [stage for stage, _ in self.ledger.oldest_due() if stage == "completion"]

    def live_until_killed(self, letter: str, at: int, *, is_written: bool) -> bool:
        """Live with a writer that is killed at this write; return whether it came to that."""
        inner = self.ledger._writer
        self.ledger._writer = MortalWriter(inner, at, is_written=is_written)
        try:
            live(self, letter)
        except Killed:
            return True
        finally:
            self.ledger._writer = inner
        return False


@pytest.mark.parametrize("is_written", [True, False], ids=["after the write", "before the write"])
@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_whichever_write_is_the_last_the_letter_is_registered_once(
    sqlite_url: str, open_on: Callable[..., Ledger], clock: Any, trouble: Trouble, is_written: bool
) -> None:
    from connector.ledger.records import OutboxPolicy

    office = office_of(trouble)
    policy = OutboxPolicy(
        completing_offices=frozenset({"main"} if trouble.abilities.get("completes") else ())
    )
    agency = Mortal(ledger=open_on(sqlite_url, policy=policy), clock=clock, office=office)
    at, was_killed = 0, True
    while was_killed:
        at += 1
        office.fates.extend(trouble.fates)
        for name, fates in trouble.step_fates.items():
            office.step_fates[name].extend(fates)
        letter = agency.letter(a_submission(subject=f"نامه {at}"))
        was_killed = agency.live_until_killed(letter, at, is_written=is_written)
        agency.pass_time(LEASE + timedelta(seconds=1))
        live(agency, letter)
        compare(agency, office, letter)
        office.fates.clear()
        office.step_fates.clear()
        let_go(agency)
    assert at > 5, "every write of the way was the last one once"


def compare(agency: Agency, office: LadderOffice, letter: str) -> None:
    """One number, the one that we know; what may be done once was done at most once, and a person knows of the rest."""
    assert office.numbers[letter] == [agency.state(letter).registration]
    assert agency.ledger.silent() == 0
    if not office.completing:
        return
    left = {each.name: each.reason for each in agency.ledger.journal.side_steps_waiting()}
    assert office.done[letter, REPEATABLE.name] >= 1
    assert office.done[letter, ONCE.name] <= 1
    assert left == {} or left == {ONCE.name: "orphaned"}
    assert office.done[letter, ONCE.name] == 1 or left


def let_go(agency: Agency) -> None:
    """A person settles what waits, so that the next letter is looked at alone."""
    for each in agency.ledger.journal.side_steps_waiting():
        agency.ledger.journal.settle_side_step(each.work_id, done=True)
