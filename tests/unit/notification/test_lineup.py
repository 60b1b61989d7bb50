"""Failover: who has left, who is back, who sends what; and at work, that nothing uncertain ever moves."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from connector.domain.lifecycle import Stage
from connector.domain.message import MessageEvent
from connector.errors import OutcomeUnknown, Unavailable
from connector.ledger.records import Lane
from connector.notification.lineup import GatewayPlace, Lineup
from connector.notification.sending import Sending
from connector.notification.standing import AWAY_AFTER, RAMP_STEP, Standing, has_left, looked_at, share
from connector.ports.connection import Connection
from connector.ports.gateway import GatewayAdapter, OutgoingMessage
from connector.ports.outcomes import SendOutcome
from connector.testing.builders import HeldClock
from tests.unit.notification.house import LEASE, BookGateway, House
from tests.unit.notification.test_choosing import message

AT = datetime(2026, 11, 28, 8, tzinfo=UTC)
AWAY = Standing(away_since=AT)


@pytest.mark.parametrize(
    ("before", "is_away", "after_minutes", "after"),
    [
        (Standing(), False, 0, Standing()),
        (Standing(), True, 0, AWAY),
        (AWAY, True, 30, AWAY),
        (AWAY, False, 0.5, Standing()),  # so short a trouble moved nothing
        (AWAY, False, 2, Standing(back_at=AT + timedelta(minutes=2))),
        (Standing(back_at=AT), True, 1, Standing(away_since=AT + timedelta(minutes=1))),
        (Standing(back_at=AT), False, 49, Standing(back_at=AT)),
        (Standing(back_at=AT), False, 50, Standing()),
    ],
)
def test_a_gateway_leaves_after_a_minute_and_is_trusted_again_after_fifty(
    before: Standing, is_away: bool, after_minutes: float, after: Standing
) -> None:
    assert looked_at(before, is_away=is_away, at=AT + timedelta(minutes=after_minutes)) == after


@pytest.mark.parametrize(
    ("standing", "resting", "minutes", "expected"),
    [
        (Standing(), 100, 0, 100),
        (Standing(), 51, 0, 51),
        (AWAY, 51, 3, 100),  # what comes to its turn is the one try
        (Standing(back_at=AT), 100, 0, 10),
        (Standing(back_at=AT), 100, 5, 20),
        (Standing(back_at=AT), 100, 44, 90),
        (Standing(back_at=AT), 51, 44, 51),
    ],
)
def test_it_comes_back_slowly(standing: Standing, resting: int, minutes: int, expected: int) -> None:
    assert share(standing, resting=resting, at=AT + timedelta(minutes=minutes)) == expected


def test_a_short_trouble_is_no_leaving() -> None:
    assert not has_left(AWAY, AT + AWAY_AFTER / 2)
    assert has_left(AWAY, AT + AWAY_AFTER)
    assert timedelta(minutes=5) == RAMP_STEP


def a_lineup(clock: HeldClock, away: set[str], **shares: int) -> Lineup:
    def place(name: str, *then: str) -> GatewayPlace:
        return GatewayPlace(is_away=lambda: name in away, then=then, share=shares.get(name, 100))

    places = {
        "sms": place("sms", "second", "third"),
        "second": place("second", "sms"),
        "third": place("third"),
    }
    return Lineup(places=places, now=clock.now)


def test_the_first_that_is_well_takes_over(clock: HeldClock) -> None:
    away = {"sms", "second"}
    lineup = a_lineup(clock, away)
    assert lineup.next_well("sms") == "third"
    away.clear()
    assert lineup.next_well("sms") == "second"
    away |= {"second", "third"}
    assert lineup.next_well("sms") is None


def test_a_share_of_the_messages_goes_over_once_by_their_ids(clock: HeldClock) -> None:
    lineup = a_lineup(clock, set(), sms=51)
    moved = [number for number in range(100) if lineup.elsewhere(message("closed", number))]
    assert moved == list(range(51, 100))
    happening = lineup.elsewhere(message("closed", 99))
    assert happening is not None
    assert (happening.event, happening.to_gateway, happening.reason) == (
        MessageEvent.MOVED,
        "second",
        "share",
    )
    assert lineup.elsewhere(message("closed", 99, moves=1)) is None
    assert lineup.elsewhere(message("closed", 99, is_blacklisted=True)) is None


class TwoGateways:
    """The house with a second gateway that takes over."""

    def __init__(self, house: House) -> None:
        self.house, self.away = house, set[str]()
        self.lineup = a_lineup(house.clock, self.away)
        self.backup = BookGateway()
        connection: Connection[GatewayAdapter] = Connection(
            name="second", adapter=self.backup, pool_size=2, now=house.clock.now, pause=lambda _: None
        )
        self.sending = Sending(
            house.ledger,
            connection,
            house.texts,
            house.policy,
            now=house.clock.now,
            lineup=self.lineup,
            jitter=lambda: 0.5,
        )
        house.sending = Sending(
            house.ledger,
            house.connection,
            house.texts,
            house.policy,
            now=house.clock.now,
            lineup=self.lineup,
            jitter=lambda: 0.5,
        )

    def look(self) -> None:
        self.lineup.run(self.house.ledger.sendings)

    def send(self) -> None:
        lane = Lane(Stage.NOTIFICATION, "second")
        self.sending.run(self.house.ledger.claim(lane, holder="test", lease_for=LEASE, limit=100))


@pytest.fixture
def two(house: House) -> TwoGateways:
    return TwoGateways(house)


def away(_: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
    raise Unavailable(reason="refused")


def test_what_waits_for_a_gateway_that_has_left_goes_out_through_the_next(
    house: House, gateway: BookGateway, two: TwoGateways
) -> None:
    letters = house.admit(2)
    gateway.next_sends.append(away)
    house.send()
    two.away.add("sms")
    two.look()
    house.clock.advance(timedelta(seconds=59))
    two.look()
    two.send()
    assert two.backup.calls == []  # so short a trouble moves nothing
    house.clock.advance(timedelta(seconds=2))
    two.look()
    two.send()
    assert {message.own_id for message in two.backup.sent} == {
        int(entry)
        for entry in two.house.ledger._read(
            lambda c: c.exec_driver_sql("SELECT own_id FROM messages").scalars().all()
        )
    }
    assert all(house.statuses(letter)[-1] == "accepted" for letter in letters)
    assert gateway.sent == []


def test_what_may_have_gone_out_never_moves(house: House, gateway: BookGateway, two: TwoGateways) -> None:
    def lose(messages: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
        gateway.take(messages)
        raise OutcomeUnknown(reason="timeout")

    (letter_id,) = house.admit()
    gateway.next_sends.append(lose)
    house.send()
    two.away.add("sms")
    two.look()
    house.clock.advance(timedelta(hours=1))
    two.look()
    two.send()
    assert two.backup.calls == []
    two.away.clear()
    two.look()
    house.send()
    assert house.statuses(letter_id) == ["sending", "uncertain", "accepted"]
    assert len(gateway.sent) == 1


def test_nothing_is_thrown_to_and_fro(house: House, two: TwoGateways) -> None:
    house.admit(20)
    for round_ in range(20):
        two.away.clear()
        two.away.add("sms" if round_ % 2 == 0 else "second")
        for _ in range(3):
            two.look()
            house.clock.advance(timedelta(minutes=1))
    moves = house.ledger._read(lambda c: c.exec_driver_sql("SELECT moves FROM messages").scalars().all())
    assert max(moves) <= two.lineup.most_moves


def test_messages_beyond_a_budget_go_over_at_once(house: House, two: TwoGateways) -> None:
    house.admit(2)
    claims = house.claim()
    for claim in claims:
        house.ledger.postpone(claim, due_at=house.clock.now() + timedelta(hours=9), reason="daily_budget")
    two.look()
    two.send()
    assert len(two.backup.sent) == 2


def test_a_gateway_that_is_back_gets_its_messages_slowly(
    house: House, gateway: BookGateway, two: TwoGateways
) -> None:
    two.away.add("sms")
    two.look()
    house.clock.advance(timedelta(minutes=5))
    two.look()
    two.away.clear()
    two.look()
    house.admit(60)
    house.send()
    two.send()
    assert len(gateway.sent) + len(two.backup.sent) == 60
    assert len(gateway.sent) < 20 < len(two.backup.sent)
    house.clock.advance(timedelta(hours=1))
    two.look()
    before = len(gateway.sent)
    house.admit(10)
    house.send()
    assert len(gateway.sent) == before + 10
