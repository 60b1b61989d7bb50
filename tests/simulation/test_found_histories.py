"""Histories that are kept: found ones, which broke a promise once, and instructive ones, which never may.

Each is played to its end with every promise looked at after each step. What the machine prints goes in as it is.
"""

import pytest

from connector.domain.lifecycle import Status
from tests.simulation.replay import replay
from tests.simulation.steps import (
    Admit,
    Beat,
    Die,
    Disk,
    Do,
    GoOn,
    History,
    Pass,
    Person,
    Serve,
    Setting,
    Work,
)

SCREENED = (Admit(0), Do("a", "intake"))

FOUND = {
    "a sender that was held up after announcing sends what another one has sent meanwhile": History(
        Setting(),
        (Admit(letter=0), Do(node="a", lane="notification", stop_at=3), Serve("b", 4000.0), GoOn()),
    ),
    "a sender that was held up after announcing tells old news after new ones": History(
        Setting(gateway="cannot be asked", publishes=False),
        (
            Admit(letter=0),
            Do(node="b", lane="notification", stop_at=3),
            Do(node="a", lane="intake"),
            Do(node="a", lane="registration"),
            Pass(seconds=61.0),
            Do(node="a", lane="notification"),
            Do(node="a", lane="notification"),
            Do(node="a", lane="notification", limit=4),
        ),
    ),
    "a search shows the new number of a letter that waited for it, and it is taken for its twin's": History(
        Setting(office="searched by subject", publishes=False, tells="registered", are_alike=True),
        (
            Admit(letter=0),
            Admit(letter=1),
            Do(node="a", lane="intake", stop_at=4, dies=True),
            Do(node="b", lane="registration", fate="unavailable", stop_at=13),
            Pass(seconds=4000.0),
            Do(node="b", lane="registration", fate="accepted", stop_at=8),
            Do(node="a", lane="intake", limit=4),
            Do(node="a", lane="registration", fate="not_possible", stop_at=4, dies=True),
            Pass(seconds=59.999),
        ),
    ),
    "a person refuses a letter that the office may have": History(
        Setting(publishes=False, tells="registered"),
        (
            *SCREENED,
            Do(node="a", lane="registration", stop_at=4),
            Die(node="a"),
            Pass(seconds=63.0),
            Person(letter=0, word="refuse"),
        ),
    ),
}

INSTRUCTIVE = {
    "the process dies after the intent, before the call": (
        History(steps=(*SCREENED, Do("a", "registration", stop_at=3, dies=True))),
        Status.REGISTERED,
    ),
    "the process dies when the office has done it and nobody has heard it": (
        History(steps=(*SCREENED, Do("a", "registration", stop_at=5, dies=True))),
        Status.REGISTERED,
    ),
    "the answer is given up, the effect comes after the first look-ups": (
        History(steps=(*SCREENED, Do("a", "registration", "late"), Serve("b", 480.0))),
        Status.REGISTERED,
    ),
    "a slow call outlives its lease; the late answer changes nothing": (
        History(steps=(*SCREENED, Do("a", "registration", "slow", stop_at=4), Serve("b", 4000.0), GoOn())),
        Status.REGISTERED,
    ),
    "a late refusal of the network comes after another node has registered the letter": (
        History(
            steps=(*SCREENED, Do("a", "registration", "unavailable", stop_at=4), Serve("b", 4000.0), GoOn())
        ),
        Status.REGISTERED,
    ),
    "a heart that beats keeps the letter in the hands of the slow one": (
        History(
            steps=(
                *SCREENED,
                Do("a", "registration", "slow", stop_at=4),
                Pass(25.0),
                Beat("a"),
                Pass(40.0),
                Do("b", "registration"),
                GoOn(),
            )
        ),
        Status.REGISTERED,
    ),
    "the intent was kept, and the database said that it was not": (
        History(steps=(*SCREENED, Disk(kept=True, writes=2), Do("a", "registration"))),
        Status.REGISTERED,
    ),
    "the portal was not answered and asks again": (
        History(steps=(Admit(0, "a", stop_at=1, dies=True), Admit(0, "b"))),
        Status.REGISTERED,
    ),
    "an office that cannot be asked leaves a lost answer to a person": (
        History(
            Setting(office="nothing can be asked"), (*SCREENED, Do("a", "registration", "done_unanswered"))
        ),
        Status.UNCERTAIN,
    ),
    "a person says rightly that the office has nothing": (
        History(
            Setting(office="nothing can be asked"),
            (*SCREENED, Do("a", "registration", "lost"), Person(0, "settle_absent")),
        ),
        Status.REGISTERED,
    ),
    "a person settles the letter while a node looks it up": (
        History(
            steps=(
                *SCREENED,
                Do("a", "registration", "done_unanswered"),
                Pass(),
                Do("a", "reconciliation", stop_at=4),
                Person(0, "settle_registered"),
                GoOn(),
            )
        ),
        Status.REGISTERED,
    ),
    "a person knows the number of what the office took, while a node asks for it": (
        History(
            steps=(
                *SCREENED,
                Do("a", "registration", "accepted"),
                Pass(),
                Do("a", "tracking", stop_at=4),
                Person(0, "settle_registered"),
                GoOn(),
                Serve("b", 4000.0),
            )
        ),
        Status.REGISTERED,
    ),
    "what the office took was refused there, says a person, while a node asks for it": (
        History(
            steps=(
                *SCREENED,
                Do("a", "registration", "accepted"),
                Pass(),
                Do("a", "tracking", stop_at=4),
                Person(0, "settle_refused"),
                GoOn(),
            )
        ),
        Status.REFUSED,
    ),
    "what the office took never arrived, says a person, and it comes after all": (
        History(
            steps=(
                *SCREENED,
                Do("a", "registration", "accepted"),
                Person(0, "settle_absent"),
                Work(0, "number"),
                Serve("b", 4000.0),
            )
        ),
        Status.REGISTERED,
    ),
    "a letter is withdrawn between its claim and its announcement": (
        History(steps=(*SCREENED, Do("a", "registration", stop_at=2), Person(0, "withdraw"), GoOn())),
        Status.WITHDRAWN,
    ),
    "the reserved place tells what became of the create": (
        History(
            Setting(office="places are reserved"),
            (*SCREENED, Do("a", "registration", "done_unanswered", fate_of=1)),
        ),
        Status.REGISTERED,
    ),
    "the same create again is cut off, and made once more": (
        History(
            Setting(office="creates once"),
            (
                *SCREENED,
                Do("a", "registration", "lost"),
                Pass(),
                Do("a", "reconciliation", stop_at=5, dies=True),
            ),
        ),
        Status.REGISTERED,
    ),
    "of two letters alike, both lost, a search cannot say which is which": (
        History(
            Setting(office="searched by subject", are_alike=True),
            (
                Admit(0),
                Admit(1),
                Do("a", "intake", limit=2),
                Do("a", "registration", "done_unanswered"),
                Do("b", "registration", "late"),
            ),
        ),
        None,
    ),
    "a side step that does harm when done twice is done once": (
        History(
            Setting(office="many steps"),
            (
                *SCREENED,
                Do("a", "registration"),
                Do("a", "completion"),
                Do("a", "completion"),
                Do("a", "completion", stop_at=5, dies=True),
                Serve("b", 4000.0),
            ),
        ),
        Status.REGISTERED,
    ),
    "the office goes on, and each fact is told once, in order, by a gateway that loses answers": (
        History(
            steps=(
                *SCREENED,
                Do("a", "registration"),
                Work(0, "refer"),
                Work(0, "answer"),
                Do("a", "notification", "done_unanswered"),
                Serve("b", 1000.0),
                Work(0, "close"),
                Serve("a", 4000.0),
            )
        ),
        Status.CLOSED,
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_once_is_not_so_any_more(name: str) -> None:
    replay(FOUND[name])


@pytest.mark.parametrize("name", INSTRUCTIVE)
def test_every_promise_holds_when(name: str) -> None:
    history, status = INSTRUCTIVE[name]
    world = replay(history)
    letter_id = world.letter_id(0)
    assert letter_id is not None
    if status is not None:
        assert world.ground.ledger.state(letter_id).status is status


def test_a_history_is_written_down_as_it_is_read() -> None:
    for history, _ in INSTRUCTIVE.values():
        assert eval(history.as_code()) == history


def test_the_same_history_ends_the_same_each_time() -> None:
    history = FOUND["a sender that was held up after announcing sends what another one has sent meanwhile"]
    first, second = (
        [(text.mobile, text.words.partition("\n")[0]) for text in replay(history).handset.texts]
        for _ in range(2)
    )
    assert first == second
