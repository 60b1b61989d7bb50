"""The demo as people and machines run it: the real command, the real daemon, real sockets."""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.settings.shipped import shipped_folder
from connector.simulator.agency import SimulatedAgency
from connector.simulator.book import Duplicates
from connector.simulator.fates import Pace
from connector.simulator.play import Play, PlayOptions
from connector.simulator.reading import MessageReader, openings_in
from connector.simulator.watching import NobodyWatches

CHAPAR = (sys.executable, "-c", "from connector.cli.main import main; main()")
AGREED = {
    *("letters", "acknowledged", "registered", "refused", "registered_twice", "lost", "silent"),
    *("facts_told_twice", "messages_sent", "recovered_answers", "kills", "seconds"),
}


def run_demo(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CHAPAR, "demo", *arguments],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
        env={**os.environ, "TERM": "dumb", "NO_COLOR": "1", **environment},
    )


def the_object(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return the one JSON object of standard output; anything beside it is a failure."""
    read = json.loads(done.stdout)
    assert isinstance(read, dict)
    return read


def test_letters_go_their_whole_way_through_a_lost_answer_a_refusal_and_a_kill() -> None:
    done = run_demo("--letters", "12", "--no-ui", "--report", "json")
    report = the_object(done)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(report) >= AGREED
    assert report["letters"] == report["acknowledged"] == report["registered"] + report["refused"] == 12
    assert report["registered_twice"] == report["lost"] == report["silent"] == report["facts_told_twice"] == 0
    assert (report["kills"], report["facts_missing"], report["order_inversions"]) == (1, 0, 0)
    assert report["refused"] >= 1
    assert report["recovered_answers"] >= 1
    assert report["attachments_verified"] >= 12
    assert report["faults"]["main.lose_answer"] == 1
    assert done.stderr == ""


def test_people_see_the_progress_the_handset_and_a_summary_in_both_tongues() -> None:
    done = run_demo("--letters", "6")
    assert done.returncode == 0, done.stdout + done.stderr
    for words in (
        "kill -9",
        "پیک ناگهان کشته شد",
        "کد رهگیری",
        "╭──",
        "registered twice",
        "Every promise was kept.",
    ):
        assert words in done.stdout
    assert "\x1b" not in done.stdout


def test_a_single_letter_is_enough() -> None:
    report = the_object(run_demo("--letters", "1", "--no-ui", "--json"))
    assert (report["acknowledged"], report["clean"], report["complete"]) == (1, True, True)


@pytest.mark.parametrize("letters", ["0", "-1", "many"])
def test_a_number_of_letters_that_is_none_is_refused(letters: str) -> None:
    done = run_demo("--letters", letters)
    assert done.returncode != 0
    assert "letters" in done.stderr


QUICK = Pace(*[timedelta(milliseconds=300)] * 4)


def a_play(folder: Path, *, within: timedelta, letters: int = 8, ledger_url: str | None = None) -> Play:
    agency = SimulatedAgency(folder, duplicates=Duplicates.NAIVE, pace=QUICK, ledger_url=ledger_url)
    texts = MessageReader(openings_in(shipped_folder("mappings") / "messages"))
    return Play(agency, PlayOptions(letters=letters, within=within), texts, NobodyWatches())


def test_an_office_that_makes_a_second_entry_for_every_repeat_is_never_asked_twice(tmp_path: Path) -> None:
    play = a_play(tmp_path, within=timedelta(seconds=85))
    with play.agency:
        report = play.run()
    assert report.exit_code == 0, report
    assert report.recovered_answers >= 1


def test_the_whole_way_goes_over_postgresql_as_well(tmp_path: Path, postgresql_url: str) -> None:
    play = a_play(tmp_path, within=timedelta(seconds=85), letters=15, ledger_url=postgresql_url)
    with play.agency:
        report = play.run()
    assert report.exit_code == 0, report
    assert not list(tmp_path.glob("*.db*"))
    assert (report.acknowledged, report.kills, report.faults["main.lose_answer"]) == (15, 1, 1)
    assert report.refused >= 1
    assert report.recovered_answers >= 1


def test_a_run_whose_time_is_over_says_what_is_missing_and_fails(tmp_path: Path) -> None:
    play = a_play(tmp_path, within=timedelta(seconds=12, milliseconds=1))
    with play.agency:
        report = play.run()
    assert report.exit_code == 1
    assert report.missing


def test_a_demo_that_is_told_to_stop_leaves_no_daemon_behind(tmp_path: Path) -> None:
    demo = subprocess.Popen(
        [*CHAPAR, "demo", "--letters", "50"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "TERM": "dumb", "TMPDIR": str(tmp_path)},
    )
    assert demo.stdout is not None
    with demo.stdout:
        for line in demo.stdout:
            if b"the daemon is up" in line:
                break
        demo.send_signal(signal.SIGTERM)
        demo.stdout.read()
    assert demo.wait(timeout=30) == 128 + signal.SIGTERM
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in running
    assert list(tmp_path.iterdir()) == []
