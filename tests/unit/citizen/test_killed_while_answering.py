"""A process that is killed before or after any of its writes while it takes a question in, handles it and answers it:
nothing is lost, and nobody is answered twice.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from connector.domain.lifecycle import Stage
from connector.ledger.records import Lane
from connector.ports.incoming import IncomingMessage
from tests.integration.stages.test_killed_at_every_write import Killed, MortalWriter
from tests.unit.citizen.talk import Talk
from tests.unit.notification.house import LEASE

LANE = Lane(Stage.NOTIFICATION, "sms")


class Courier:
    """A gateway that brings a message to our address until that is answered."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.unanswered: list[IncomingMessage] = []

    def write(self, message: IncomingMessage) -> None:
        self.unanswered.append(message)

    def bring(self) -> None:
        while self.unanswered:
            self.talk.receiving.take_in("sms", self.unanswered[:1])
            self.unanswered.pop(0)


class Reader:
    """An inbox that is asked by a cursor."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk

    def bring(self) -> None:
        self.talk.inbox.run()


def live(talk: Talk, way: Courier | Reader) -> None:
    """Bring what was written, handle what was left over, and send until nothing is due."""
    talk.clock.advance(timedelta(minutes=2))
    way.bring()
    talk.handling.handle_left_over()
    for _ in range(20):
        due_at = talk.ledger.next_due_at(LANE)
        if due_at is None:
            return
        talk.clock.advance(max(timedelta(), due_at - talk.clock.now()))
        talk.house.send()
    raise AssertionError("it does not come to its end")


def die_at(talk: Talk, way: Courier | Reader, at: int, *, is_written: bool) -> bool:
    """Live until the process is killed at this write; return whether it came to that."""
    inner = talk.ledger._writer
    talk.ledger._writer = MortalWriter(inner, at, is_written=is_written)
    waiting = list(talk.gateway.waiting)
    try:
        live(talk, way)
    except Killed:
        kept = talk.ledger.incoming.inbox("sms").cursor
        if isinstance(way, Reader) and kept != waiting[-1].gateway_key:
            talk.gateway.waiting = waiting
        return True
    finally:
        talk.ledger._writer = inner
    return False


@pytest.mark.parametrize("is_written", [True, False], ids=["after the write", "before the write"])
@pytest.mark.parametrize("way", [Courier, Reader], ids=["by a call", "from an inbox"])
def test_whichever_write_is_the_last_every_question_is_answered_once(
    talk: Talk, way: Callable[[Talk], Courier | Reader], is_written: bool
) -> None:
    bringing, at, was_killed = way(talk), 0, True
    while was_killed:
        at += 1
        number = f"090000001{at:02d}"
        message = talk.gateway.write("help", number)
        if isinstance(bringing, Courier):
            talk.gateway.waiting = []
            bringing.write(message)
        was_killed = die_at(talk, bringing, at, is_written=is_written)
        talk.restart()
        talk.clock.advance(LEASE + timedelta(minutes=1))
        live(talk, bringing)
        assert len(talk.gateway.heard(number)) == 1
        assert talk.unhandled() == []
    assert at > 5, "every write of the way was the last one once"
    assert len(talk.ledger.incoming.rows(limit=100)) == at
