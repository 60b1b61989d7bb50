"""Guards of the house, each of which can be broken on purpose: the simulation must find out.

This is mutation, not a double of our own modules: one guard is taken away, everything else stays as it is, and the
question is whether anybody would notice.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.sql.visitors import replacement_traverse

from connector.completion import completing, endings
from connector.domain.lifecycle import Event
from connector.errors import CallFailed, OutcomeUnknown, Unavailable
from connector.ledger import claims, message_writes, transitions
from connector.ledger.claims import MOVED, moved
from connector.ledger.ledger import Ledger
from connector.ledger.prepared import Prepared
from connector.ledger.records import Claim, Happening, LetterState
from connector.ledger.step_records import SideStepHappening, SideStepStatus, StepOutcome
from connector.ledger.tables import messages, schedule
from connector.notification.choosing import Chooser
from connector.notification.deciding import Decider
from connector.notification.planning import Planner
from connector.notification.policy import NotificationPolicy
from connector.registration import asking, reconciliation, registration
from connector.registration.patience import RegistrationPolicy
from tests.simulation import node
from tests.simulation.machine import FATES, LettersUnderTrouble

__all__ = ["GUARDS", "Guard"]

_FOR_EVER = timedelta(days=99)


@contextmanager
def _changed(*changes: tuple[object, str, object]) -> Iterator[None]:
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in changes]
    for owner, name, value in changes:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


def intent_not_committed() -> Any:
    """The letter is said to be announced, and nothing of it is on disk until the outcome is."""
    announce, record = Ledger.announce, Ledger.record

    def announce_nothing(ledger: Ledger, claim: Claim, **_: object) -> Claim:
        return moved(claim, status="registering", version=claim.version)

    def record_both(ledger: Ledger, claim: Claim, *happenings: Any) -> None:
        rows = ledger._read(
            lambda c: c.execute(sa.select(schedule.c.status).where(schedule.c.work_id == claim.work_id)).all()
        )
        if claim.status == "registering" and rows[0].status == "ready":
            claim = announce(ledger, replace(claim, status="ready"))
        record(ledger, claim, *happenings)

    return _changed((Ledger, "announce", announce_nothing), (Ledger, "record", record_both))


def lost_answer_taken_for_failure() -> Any:
    """A call that was begun and brought no answer is sent again, as one that was never begun."""
    happening_of_failure = registration.happening_of_failure

    def hopeful(error: Any, moment: Any) -> Any:
        if isinstance(error, OutcomeUnknown):
            error = Unavailable(reason=error.reason)
        return happening_of_failure(error, moment)

    return _changed((registration, "happening_of_failure", hopeful))


def late_write_wins() -> Any:
    """Whoever writes writes, though somebody else has the letter since."""
    unguarded = schedule.c.work_id == sa.bindparam("claimed_work_id")

    def update(*columns: str) -> Prepared:
        return Prepared(
            sa.update(schedule).where(unguarded).values({name: sa.bindparam(name) for name in columns})
        )

    return _changed(
        (transitions, "_MOVE", update(*MOVED)), (transitions, "_MOVE_ON", update(*MOVED, "status_since"))
    )


def lease_not_looked_at() -> Any:
    """Whatever is due is taken, though somebody else has it in hand."""
    return _changed(
        *((claims, name, _without(claims._IS_FREE, getattr(claims, name))) for name in ("_DUE", "_TAKE"))
    )


def _without(condition: object, statement: Any) -> Any:
    return replacement_traverse(statement, {}, lambda part, **_: sa.true() if part is condition else None)


def _absence_believed(is_proof: Callable[[LetterState], bool]) -> Any:
    happening_of_lookup = reconciliation.happening_of_lookup

    def believing(found: object, state: LetterState, **moment: Any) -> Any:
        if found is None and is_proof(state):
            return Happening(event=Event.FOUND_ABSENT, due_at=moment["now"], reason="not_there")
        return happening_of_lookup(found, state, **moment)  # type: ignore[arg-type]

    return _changed((reconciliation, "happening_of_lookup", believing))


def one_look_proves_absence() -> Any:
    """The first look-up that finds nothing is believed, however early it is."""
    return _absence_believed(lambda _: True)


def processing_time_not_waited_for() -> Any:
    """Two look-ups in a row are enough, though the office may still be working on the call."""
    return _absence_believed(lambda state: state.absences >= 1)


def message_intent_not_committed() -> Any:
    """A message is said to be announced, and nothing of it is on disk until the outcome is."""
    announce, record = Ledger.announce_messages, Ledger.record_messages

    def announce_nothing(ledger: Ledger, claims: Sequence[Claim], *_: object) -> list[Claim]:
        return [moved(claim, status="sending", version=claim.version) for claim in claims]

    def record_both(ledger: Ledger, results: Sequence[tuple[Claim, Any]]) -> int:
        written = []
        for claim, happening in results:
            rows = ledger._read(
                lambda c, work_id=claim.work_id: c.execute(
                    sa.select(schedule.c.status).where(schedule.c.work_id == work_id)
                ).all()
            )
            if claim.status == "sending" and rows[0].status == "queued":
                written += [(each, happening) for each in announce(ledger, [replace(claim, status="queued")])]
            else:
                written.append((claim, happening))
        return record(ledger, written)

    return _changed((Ledger, "announce_messages", announce_nothing), (Ledger, "record_messages", record_both))


def lost_message_sent_again() -> Any:
    """A message whose answer was lost is sent again, as one that was never begun."""
    after_failure = Decider.after_failure

    def hopeful(decider: Decider, error: CallFailed, *message: Any) -> Any:
        if isinstance(error, OutcomeUnknown):
            error = Unavailable(reason=error.reason)
        return after_failure(decider, error, *message)

    return _changed((Decider, "after_failure", hopeful))


def late_message_write_wins() -> Any:
    """Whoever writes about a message writes, though somebody else has it since."""
    unguarded = schedule.c.work_id == sa.bindparam("claimed_work_id")
    update = Prepared(
        sa.update(schedule).where(unguarded).values({name: sa.bindparam(name) for name in MOVED})
    )
    return _changed((message_writes, "_MOVE", update))


def held_up_caller_calls() -> Any:
    """A process that was suspended after announcing a letter calls the office all the same when it wakes."""
    patient = partial(RegistrationPolicy, announcement_holds=_FOR_EVER)
    return _changed((registration, "RegistrationPolicy", patient))


def held_up_sender_sends() -> Any:
    """A process that was suspended after announcing messages sends them all the same when it wakes."""
    return _changed((node, "NotificationPolicy", partial(NotificationPolicy, announcement_holds=_FOR_EVER)))


def opt_out_not_looked_at() -> Any:
    """Who wants no messages gets them all the same."""
    return _changed((message_writes, "_opted_out", lambda *_: set()), (Chooser, "_withheld", lambda *_: None))


def night_not_looked_at() -> Any:
    """Texts go out at any hour, whatever the window says."""
    return _changed((Chooser, "_put_off", lambda *_: None), (Planner, "_hours", lambda *_: {}))


def doubles_not_counted() -> Any:
    """What is sent again by the policy is sent again in silence."""
    count_nothing = Prepared(
        sa.update(messages)
        .where(messages.c.own_id == sa.bindparam("of_message"))
        .values(possible_doubles=messages.c.possible_doubles)
    )
    return _changed((message_writes, "_COUNT_DOUBLE", count_nothing))


def number_dropped_with_its_fact() -> Any:
    """A stale fact is dropped, whether the newer text has its number or not."""
    return _changed((Chooser, "_keeps", lambda *_: True))


def any_match_believed() -> Any:
    """The first entry that a search brings is taken for the letter."""
    return _changed((asking, "meaning_of", lambda matches, **_: matches[0] if matches else None))


def harmful_side_step_repeated() -> Any:
    """A side step whose outcome was lost is done again, though doing it twice does harm."""

    def again(reason: str, moment: Any) -> SideStepHappening:
        due_at = moment.now + timedelta(seconds=30)
        return SideStepHappening(
            status=SideStepStatus.QUEUED, due_at=due_at, outcome=StepOutcome.LOST, reason=reason
        )

    return _changed((endings, "lost", again), (completing, "lost", again))


class _Letters(LettersUnderTrouble):
    """Looks where letters are registered and looked up."""

    weights: ClassVar = {"registration": 8, "reconciliation": 8}
    fates: ClassVar = FATES | {"registration": ("late", "done_unanswered", "slow", "lost", "unavailable")}
    offices = ("found by key", "searched by key")


class _Messages(LettersUnderTrouble):
    """Looks where messages are sent."""

    weights: ClassVar = {"notification": 12}
    fates: ClassVar = FATES | {"notification": ("late", "done_unanswered", "slow", "lost", "unavailable")}
    offices = ("found by key",)
    gateways = ("can be asked",)
    sendings = ("at any hour",)
    backups = (False,)


class _ToWhom(_Messages):
    """Looks where messages are sent while citizens opt out."""

    tells = ("all",)


class _ByNight(_Messages):
    """Looks where the hours of sending end."""

    sendings = ("by day",)


class _RatherTwice(_Messages):
    """Looks where every fact is worth a doubled text."""

    gateways = ("cannot be asked",)
    sendings = ("rather twice than never",)


class _Waiting(_Messages):
    """Looks where facts of a letter wait behind each other."""

    weights: ClassVar = {"tracking": 8}
    tells = ("all",)


class _Twins(_Letters):
    """Looks where an office's search may take one letter for another."""

    offices = ("searched by subject",)


class _HeldUpLetters(_Letters):
    """Looks where a process is suspended right before a letter's call."""

    stops = (3,)


class _HeldUpMessages(_Messages):
    """Looks where a process is suspended right before messages are sent."""

    stops = (3,)


class _AnsweredMessages(_Messages):
    """Looks where a process is suspended after messages were sent, and before that is written down."""

    stops = (5, 6)


class _SideSteps(LettersUnderTrouble):
    """Looks where side steps are done."""

    weights: ClassVar = {"completion": 12}
    fates: ClassVar = FATES | {"completion": ("done_unanswered", "garbage_done", "lost", "late")}
    offices = ("many steps",)


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard, how it is broken, where to look, and which promises may be seen to break first."""

    breaking: Callable[[], AbstractContextManager[None]]
    machine: type[LettersUnderTrouble]
    promises: frozenset[str]

    @property
    def name(self) -> str:
        return self.breaking.__name__


_TWICE = frozenset({"nothing registered twice"})
_TOLD_TWICE = frozenset({"no fact told twice", "no fact told out of order"})

GUARDS = (
    Guard(intent_not_committed, _Letters, frozenset({"intent before the call"})),
    Guard(lost_answer_taken_for_failure, _Letters, _TWICE),
    Guard(
        late_write_wins,
        _Letters,
        _TWICE | {"the lifecycle is kept", "the status is the last event's", "the books agree"},
    ),
    Guard(lease_not_looked_at, LettersUnderTrouble, frozenset({"one owner at a time"})),
    Guard(one_look_proves_absence, _Letters, _TWICE | {"absent means absent"}),
    Guard(processing_time_not_waited_for, _Letters, _TWICE | {"absent means absent"}),
    Guard(message_intent_not_committed, _Messages, _TOLD_TWICE),
    Guard(lost_message_sent_again, _Messages, _TOLD_TWICE),
    Guard(late_message_write_wins, _AnsweredMessages, _TOLD_TWICE),
    Guard(held_up_caller_calls, _HeldUpLetters, _TWICE | {"intent before the call"}),
    Guard(held_up_sender_sends, _HeldUpMessages, _TOLD_TWICE),
    Guard(opt_out_not_looked_at, _ToWhom, frozenset({"who wants no messages gets none"})),
    Guard(night_not_looked_at, _ByNight, frozenset({"nothing at night"})),
    Guard(doubles_not_counted, _RatherTwice, _TOLD_TWICE),
    Guard(number_dropped_with_its_fact, _Waiting, frozenset({"no number is lost"})),
    Guard(any_match_believed, _Twins, frozenset({"the books agree", "one number, one letter"})),
    Guard(harmful_side_step_repeated, _SideSteps, frozenset({"no side step done twice that does harm"})),
)
