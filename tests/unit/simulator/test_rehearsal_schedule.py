"""The schedule of a drill is data: the same options give the same one, and every fault that was asked for is in it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.simulator.comparison import Books, compare
from connector.simulator.levels import Level
from connector.simulator.rehearsal.names import OFFICE_CALLS, SENTENCES, FaultName, chosen_faults
from connector.simulator.rehearsal.options import RehearsalOptions
from connector.simulator.rehearsal.report import RehearsalReport
from connector.simulator.rehearsal.schedule import OFFICES, build_schedule
from connector.simulator.rehearsal.wishes import options_of

SEVERAL = RehearsalOptions(letters=60, nodes=3, is_postgresql=True, kills=6, seed=7)


def wishes(**changes: object) -> dict[str, object]:
    usual = {"letters": 60, "nodes": 1, "database": "sqlite", "faults": "all", "kills": None, "seed": 1}
    return {**usual, "level": "A", "within": None, **changes}


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("letters", [20, 60, 300])
def test_the_same_options_give_the_same_schedule_with_every_fault_in_it(level: Level, letters: int) -> None:
    options = replace(SEVERAL, level=level, letters=letters)
    schedule = build_schedule(options)
    assert build_schedule(options) == schedule
    assert {each.fault for each in schedule.planned} == set(FaultName)
    assert [each.number for each in schedule.planned] == list(range(1, len(schedule.planned) + 1))
    assert all(1 <= each.after_letter <= letters for each in schedule.planned)
    deeds = {each.deed for each in schedule.planned}
    assert ("find" in deeds, "search" in deeds) == (level is Level.A, level is Level.B)


def test_another_seed_gives_another_schedule() -> None:
    digests = {build_schedule(replace(SEVERAL, seed=seed)).digest for seed in range(20)}
    assert len(digests) == 20


def test_kills_are_as_many_as_were_asked_for_and_some_come_in_the_middle_of_a_call() -> None:
    kills = [each for each in build_schedule(SEVERAL).planned if each.fault is FaultName.NODE_KILLED]
    assert len(kills) == 6
    assert {each.form for each in kills} == {"in_a_call", "at_any_moment"}
    assert {each.where for each in kills} <= set(SEVERAL.node_names)


def test_every_fault_of_a_call_hits_a_registration_at_least_once() -> None:
    on_registrations = {each.fault for each in build_schedule(SEVERAL).planned if each.deed == "register"}
    assert on_registrations == set(OFFICE_CALLS)


def test_the_password_is_refused_at_the_office_that_was_not_down() -> None:
    planned = {each.fault: each.where for each in build_schedule(SEVERAL).planned}
    assert {planned[FaultName.OFFICE_DOWN], planned[FaultName.WRONG_PASSWORD]} == set(OFFICES)


def test_an_office_is_down_for_a_minute_and_for_less_only_in_a_small_or_hurried_drill() -> None:
    def minutes(options: RehearsalOptions) -> timedelta:
        down = next(each for each in build_schedule(options).planned if each.fault is FaultName.OFFICE_DOWN)
        return timedelta(seconds=down.seconds)

    assert minutes(replace(SEVERAL, letters=300)) == timedelta(minutes=1)
    assert minutes(SEVERAL) == timedelta(seconds=12)
    assert minutes(replace(SEVERAL, letters=300, within=timedelta(seconds=90))) == timedelta(seconds=30)


def test_a_network_that_is_not_there_cannot_be_cut() -> None:
    on_sqlite = replace(SEVERAL, nodes=1, is_postgresql=False)
    assert on_sqlite.not_applicable == (FaultName.DATABASE_CUT,)
    assert FaultName.DATABASE_CUT not in {each.fault for each in build_schedule(on_sqlite).planned}


def test_faults_are_chosen_by_name_and_a_wrong_name_is_named() -> None:
    assert chosen_faults("all") == tuple(FaultName)
    assert chosen_faults("none") == ()
    assert chosen_faults(" garbage, answer_lost") == (FaultName.ANSWER_LOST, FaultName.GARBAGE)
    with pytest.raises(ValueError, match="'grabage' is no fault"):
        chosen_faults("garbage,grabage")
    assert set(SENTENCES) == set(FaultName)


def test_one_fault_alone_comes_often() -> None:
    options = replace(SEVERAL, faults=(FaultName.GARBAGE,), kills=0)
    planned = build_schedule(options).planned
    assert {each.fault for each in planned} == {FaultName.GARBAGE}
    assert len(planned) >= 5


def test_kills_follow_the_letters_and_bring_their_fault_with_them() -> None:
    assert options_of(**wishes()).kills == 3  # type: ignore[arg-type]
    only_kills = options_of(**wishes(faults="none", kills=2))  # type: ignore[arg-type]
    assert (only_kills.faults, only_kills.kills) == ((FaultName.NODE_KILLED,), 2)
    assert options_of(**wishes(faults="garbage")).kills == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"nodes": 3}, "several nodes need a PostgreSQL"),
        ({"kills": 0}, "node_killed"),
        ({"faults": "nothing_i_know"}, "is no fault"),
        ({"within": "soon"}, "length of time"),
        ({"faults": "database_cut"}, "nothing would go wrong: database_cut"),
    ],
)
def test_wishes_that_do_not_go_together_are_refused_with_a_sentence(
    changes: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        options_of(**wishes(**changes))  # type: ignore[arg-type]


def test_a_fault_that_cannot_happen_here_is_fine_beside_one_that_can() -> None:
    assert options_of(**wishes(faults="database_cut", kills=1)).planned_faults == (FaultName.NODE_KILLED,)  # type: ignore[arg-type]
    assert options_of(**wishes(faults="database_cut", database="postgresql")).planned_faults  # type: ignore[arg-type]
    assert options_of(**wishes(faults="none")).planned_faults == ()  # type: ignore[arg-type]


def test_how_many_letters_are_enough_follows_from_the_faults_of_calls() -> None:
    everything = options_of(**wishes())  # type: ignore[arg-type]
    assert 40 <= everything.enough_letters <= 60
    assert options_of(**wishes(faults="office_down")).enough_letters == 1  # type: ignore[arg-type]
    few = options_of(**wishes(faults="garbage,answer_lost"))  # type: ignore[arg-type]
    assert few.enough_letters < everything.enough_letters


def test_what_was_never_played_is_told_by_its_name_and_place() -> None:
    schedule = build_schedule(SEVERAL)
    call = next(each for each in schedule.planned if each.deed == "register")
    kill = next(each for each in schedule.planned if each.fault is FaultName.NODE_KILLED)
    report = RehearsalReport(
        books=compare(Books(submissions=[], write_backs=[], entries=[], told=[])),
        options=SEVERAL,
        schedule=schedule,
        faults={},
        not_played=[call.number, kill.number],
        promises=[],
        database="sqlite",
        waiting_for_a_person=0,
    )
    told = {f"{call.fault} on {call.where} (register)", f"node_killed on {kill.where}"}
    assert set(report.never_played) == told
    assert report.as_json()["never_played"] == report.never_played
