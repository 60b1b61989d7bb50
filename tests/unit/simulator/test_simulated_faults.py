"""Faults on demand: by call, key, count and probability, and what each does to a deed and its answer."""

import threading
from datetime import timedelta

import pytest

from connector.simulator.fault_kinds import GATEWAY_FAULTS, IS_DONE, OFFICE_FAULTS
from connector.simulator.faults import Fault, FaultPlan, FaultRule
from connector.simulator.serving import HangUp, Reply


def outcome(fault: Fault) -> tuple[bool, int | None, bytes | None]:
    """Return whether the deed was done, and the status and body that came back."""
    done = []

    def deed() -> Reply:
        done.append(True)
        return Reply(200, b'{"number": 1}')

    plan = FaultPlan(rules=[FaultRule(fault=fault, deed="register", delay=timedelta())])
    injection = plan.draw("register")
    assert injection is not None
    try:
        reply = injection.around(deed)
    except HangUp:
        return bool(done), None, None
    return bool(done), reply.status, reply.body


@pytest.mark.parametrize(
    ("fault", "is_done", "status"),
    [
        (Fault.LOSE_ANSWER, True, None),
        (Fault.LOSE_REQUEST, False, None),
        (Fault.STALL, True, 200),
        (Fault.STALL_BEFORE, True, 200),
        (Fault.SERVER_ERROR, False, 500),
        (Fault.ERROR_AFTER, True, 500),
        (Fault.GARBAGE, True, 200),
        (Fault.TRUNCATED, True, 200),
        (Fault.RESET_IN_BODY, True, 200),
        (Fault.WRONG_CONTENT_TYPE, True, 200),
        (Fault.WRONG_PASSWORD, False, 401),
        (Fault.TOO_MANY, False, 429),
        (Fault.TOO_MANY_SILENT, False, 429),
    ],
)
def test_each_fault_says_whether_the_deed_was_done(fault: Fault, is_done: bool, status: int | None) -> None:
    assert outcome(fault)[:2] == (is_done, status)


@pytest.mark.parametrize("fault", [fault for fault, is_done in IS_DONE.items() if is_done is None])
def test_a_fault_before_or_after_the_deed_is_drawn_by_the_seed_alone(fault: Fault) -> None:
    def drawn(seed: int, *before: str) -> list[bool]:
        plan = FaultPlan(seed, [FaultRule(fault=fault, deed="register", times=None)])
        for deed in before:
            plan.draw(deed)
        for _ in range(40):
            plan.draw("register")
        return [play.is_done for play in plan.plays]

    assert drawn(7) == drawn(7, "find", "find")
    assert drawn(7) != drawn(8)
    assert {*drawn(7)} == {True, False}


def test_a_rule_may_say_whether_the_deed_is_done_and_in_which_form() -> None:
    rules = [
        FaultRule(fault=Fault.HTTP_502, deed="register", key="a", is_done=True),
        FaultRule(fault=Fault.HTTP_502, deed="register", key="b", is_done=False),
        FaultRule(fault=Fault.WRONG_CONTENT_TYPE, deed="register", key="c", is_other=True),
        FaultRule(fault=Fault.WRONG_CONTENT_TYPE, deed="register", key="d", is_other=False),
    ]
    plan = FaultPlan(rules=rules)
    for key in "abcd":
        plan.draw("register", key)
    assert [play.is_done for play in plan.plays] == [True, False, True, True]
    assert plan.lost_keys("register") == {"a", "c"}
    assert plan.lost_keys("find") == frozenset()


def test_every_fault_can_be_played_somewhere() -> None:
    assert set().union(*OFFICE_FAULTS.values(), *GATEWAY_FAULTS.values()) == set(Fault)


def test_a_truncated_answer_is_half_of_the_right_one() -> None:
    assert outcome(Fault.TRUNCATED)[2] == b'{"numb'


def test_a_rule_hits_only_its_deed_and_key_and_only_so_often() -> None:
    plan = FaultPlan(rules=[FaultRule(fault=Fault.BUSY, deed="register", key="b", times=2)])
    calls = [("find", "b"), ("register", "a"), ("register", "b"), ("register", "b"), ("register", "b")]
    assert [plan.draw(*call) is not None for call in calls] == [False, False, True, True, False]
    assert plan.played == {Fault.BUSY: 2}
    assert (plan.hit_keys("register"), plan.hit_keys("find")) == ({"b"}, set())


def test_a_rule_may_let_the_first_calls_pass() -> None:
    plan = FaultPlan(rules=[FaultRule(fault=Fault.BUSY, deed="register", skip=2)])
    assert [plan.draw("register") is not None for _ in range(4)] == [False, False, True, False]


def test_the_same_seed_gives_the_same_faults() -> None:
    rule = FaultRule(fault=Fault.BUSY, deed="register", times=None, probability=0.3)
    rows = [
        [plan.draw("register") is not None for _ in range(50)]
        for plan in (FaultPlan(5, [rule]), FaultPlan(5, [rule]))
    ]
    assert rows[0] == rows[1]
    assert 0 < sum(rows[0]) < 50


def test_a_stall_can_be_waited_for_and_ends_when_the_plan_is_disarmed() -> None:
    plan = FaultPlan(rules=[FaultRule(fault=Fault.STALL, deed="register", delay=timedelta(minutes=5))])
    injection = plan.draw("register")
    assert injection is not None
    call = threading.Thread(target=injection.around, args=(lambda: Reply(200),))
    call.start()
    assert plan.wait_stalling(within=timedelta(seconds=10))
    plan.disarm()
    call.join(timeout=10)
    assert not call.is_alive()


def test_waiting_for_a_fault_that_never_comes_ends_with_the_time() -> None:
    assert not FaultPlan().wait_played(Fault.BUSY, within=timedelta(milliseconds=10))
