"""A person settles, releases and withdraws letters from the command line, beside a daemon that goes on with them."""

import json
import os
import signal
import sys

import pytest

from connector.domain.text import to_persian_digits
from tests.acceptance.daemon import PATIENCE, ROOT
from tests.acceptance.letters import letters_of, until

ELSEWHERE = """\
routes:
  - when: {service: another}
    to: {office: municipality, secretariat: "1", gateway: sms}
"""
EVERYWHERE = """\
routes:
  - to: {office: municipality, secretariat: "1", gateway: sms}
"""
WHY = ("--reason", "در دفتر دبیرخانه دیده شد", "--yes")
TOLD = {'facts = ["registered"]': 'facts = ["registered", "withdrawn", "delayed"]'}


def without_look_ups(longest=0.0):
    """The office of level C: it cannot be asked for anything. Nothing takes effect there once its answer was lost."""
    return {
        'adapter = "stand_in"': f'adapter = "stand_in"\nfinds = false\nlongest_seconds = {longest}'
    } | TOLD


def said(place, *arguments):
    return place.chapar("letters", *arguments, SUDO_USER="navvab")


def number_of(place, code):
    [row] = [row for row in letters_of(place).values() if row["tracking_code"] == code]
    return row["number"]


@pytest.fixture
def lost(place, start, office, portal):
    """A letter whose daemon was killed in the middle of the call to an office that cannot be asked; a new daemon."""
    place.write_config(**without_look_ups())
    first = start()
    first.hears("READY")
    gate = office.new_gate(is_open=False)
    office.open.clear()
    gate.set()
    code = portal.hand_in("s-1")
    office.arrived.get(timeout=PATIENCE)
    first.send(signal.SIGKILL)
    first.ends()
    office.new_gate(is_open=True).set()
    start().hears("READY")
    until(place, code, "uncertain", "needs_a_person")  # nobody looks at it any more: it is a person's turn
    return code


def test_a_lost_letter_is_settled_by_hand_and_its_citizen_told_by_the_running_daemon(place, lost, messages):
    [row] = [
        row for row in json.loads(place.chapar("attention", "--json").stdout) if row["tracking_code"] == lost
    ]
    assert row["because"] == "asks_a_person"
    assert any("--registered" in command for command in row["commands"])
    done = said(place, "settle", lost, "--registered", "۱", "--on", "۱۴۰۵/۰۸/۳۰", *WHY)
    assert done.returncode == 0, done.stderr
    assert "never sends it again" in done.stdout
    assert "چاپار دیگر آن را نمی‌فرستد" in done.stdout
    [told] = messages.take(1)
    assert "شمارهٔ ثبت" in told
    until(place, lost, "registered")
    assert number_of(place, lost) == "1"
    assert json.loads(place.chapar("attention", "--json").stdout) == []
    told = place.chapar("letters", "explain", lost, "--json").stdout
    assert "by navvab" in told
    assert WHY[1] not in told
    assert WHY[1] in place.chapar("letters", "explain", lost, "--personal", "--json").stdout
    [act] = json.loads(place.chapar("audit", "acts", "--json").stdout)
    assert (act["actor"], act["act"], act["subject"]) == ("navvab", "settled_registered", lost)


def test_what_is_not_there_is_sent_again_once(place, lost, office, messages):
    done = said(place, "settle", lost, "--not-there", *WHY)
    assert done.returncode == 0, done.stderr
    assert "A SECOND ENTRY" in done.stdout
    office.arrived.get(timeout=PATIENCE)
    messages.take(1)
    until(place, lost, "registered")
    assert number_of(place, lost) == "2"


def test_not_there_is_not_believed_while_a_call_may_still_take_effect(place, lost, office):
    place.write_config(**without_look_ups(longest=3600))
    early = said(place, "settle", lost, "--not-there", *WHY)
    assert early.returncode == 1
    assert "TOO EARLY" in early.stdout
    assert "--even-now" in early.stderr
    until(place, lost, "uncertain")
    looked = said(place, "settle", "--status", "uncertain", "--not-there", "--dry-run", "--json")
    assert looked.returncode == 1
    told = json.loads(looked.stdout)
    assert told["counts"] == {"too_early": 1}
    [of_office] = told["offices"]
    assert (of_office["office"], of_office["level"], of_office["letters"]) == ("municipality", "C", 1)
    assert "A SECOND ENTRY" in of_office["en"]
    assert "شمارهٔ دوم" in of_office["fa"]
    assert any("TOO EARLY" in words["en"] and words["fa"] for words in told["letters"][0]["foretold"])
    assert office.arrived.empty()
    assert said(place, "settle", lost, "--not-there", "--even-now", *WHY).returncode == 0
    assert office.arrived.get(timeout=PATIENCE)


def test_a_letter_whose_call_is_under_way_is_left_to_its_call(place, start, office, portal, messages):
    place.write_config(**without_look_ups())
    start().hears("READY")
    office.open.clear()
    code = portal.hand_in("s-1")
    office.arrived.get(timeout=PATIENCE)
    refused = said(place, "settle", code, "--registered", "7", "--on", "1405/08/30", *WHY)
    assert refused.returncode == 1
    assert "under way right now" in refused.stderr
    assert "Try again" in refused.stderr
    office.open.set()
    assert "شمارهٔ ثبت" in messages.take(1)[0]
    refused = said(place, "settle", code, "--registered", "7", "--on", "1405/08/30", *WHY)
    assert refused.returncode == 1
    assert "registered under number 1" in refused.stderr


def test_parked_letters_are_released_together_and_registered(place, start, office, portal, messages):
    (place.folder / "routes.yaml").write_text(ELSEWHERE, encoding="utf-8")
    place.write_config(**TOLD)
    daemon = start()
    daemon.hears("READY")
    codes = [portal.hand_in(f"s-{n}", subject=f"درخواست {n}") for n in range(3)]
    for code in codes:
        until(place, code, "parked")
    withdrawn = said(place, "withdraw", codes[0], "--json", *WHY)
    assert json.loads(withdrawn.stdout)["is"] == "withdrawn"
    assert "پس گرفته شد" in messages.take(1)[0]
    (place.folder / "routes.yaml").write_text(EVERYWHERE, encoding="utf-8")
    daemon.send(signal.SIGHUP)
    daemon.hears("RELOADING")
    daemon.hears("READY")
    before = said(place, "release", "--reason-was", "no_route", "--dry-run")
    assert (before.returncode, before.stdout.count("would_be_done")) == (0, 3)  # two letters and the sum
    assert before.stdout.count("2 letters, (no office) (level ?)") == 1
    assert "It was never sent to an office: there can be no duplicate." in before.stdout
    done = said(place, "release", "--reason-was", "no_route", "--json", *WHY)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"] == {"done": 2}
    assert "never sent to an office" in str(json.loads(done.stdout)["letters"][0]["foretold"])
    assert len(messages.take(3)) == 3
    again = said(place, "release", "--reason-was", "no_route", *WHY)
    assert again.returncode == 5
    assert "No letter fits" in again.stderr


def test_a_word_is_taken_while_no_daemon_runs_and_carried_out_at_the_next_start(
    place, start, office, portal, messages
):
    (place.folder / "routes.yaml").write_text(ELSEWHERE, encoding="utf-8")
    place.write_config(**TOLD)
    daemon = start()
    daemon.hears("READY")
    code = portal.hand_in("s-1")
    until(place, code, "parked")
    daemon.send(signal.SIGTERM)
    daemon.ends()
    by_hand = ("--registered", "۷۷/الف", "--on", "۱۴۰۵-۰۸-۳۰", "--secretariat", "1")
    done = said(place, "settle", code, *by_hand, *WHY)
    assert done.returncode == 0, done.stderr
    assert messages.so_far() == []
    start().hears("READY")
    assert to_persian_digits("77/الف") in messages.take(1)[0]


def test_a_citizen_whose_letter_takes_long_is_told_once(place, start, office, portal, messages):
    place.write_config(
        extra='[deadlines]\ndelayed_after = "200ms"\nlook_every = "100ms"\nready = "1s"\n', **TOLD
    )
    office.close()
    start().hears("READY")
    code = portal.hand_in("s-1")
    [told] = messages.take(1)
    assert "فراموش نشده" in told
    for _ in range(10):
        shown = json.loads(place.chapar("attention", "--json").stdout)
        if shown:
            break
    assert [(need["tracking_code"], need["because"]) for need in shown] == [(code, "beyond_deadline")]
    assert len(messages.so_far()) == 1
    told = json.loads(place.chapar("letters", "explain", code, "--json").stdout)
    assert [entry["name"] for entry in told["timeline"] if entry["what"] == "event"].count("delayed") == 1


def test_an_office_that_is_misspelt_is_not_told_that_nothing_waits(place):
    misspelt = place.chapar("attention", "--office", "nonesuch")
    assert misspelt.returncode == 2
    assert "nonesuch" in misspelt.stderr
    assert place.chapar("attention").returncode == 0


def test_a_step_that_does_not_wait_is_not_settled_not_even_on_trial(place, lost):
    tried = said(place, "settle", lost, "--step", "invented", "--done", "--dry-run")
    assert tried.returncode == 5
    assert "No such step of this letter waits for a person." in tried.stderr


def test_an_unknown_letter_and_a_choice_that_fits_none_end_with_their_code(place):
    unknown = said(place, "release", "999999999999999", *WHY)
    assert (unknown.returncode, "No letter has this id" in unknown.stderr) == (5, True)
    nothing = said(place, "withdraw", "--status", "parked", *WHY)
    assert (nothing.returncode, "No letter fits" in nothing.stderr) == (5, True)


@pytest.mark.parametrize("choice", [["LOST"], ["LOST", "--json"], ["--status", "uncertain", "--json"]])
def test_a_person_at_a_terminal_is_told_what_will_be_and_asked_why_and_whether_to_go_on(place, lost, choice):
    pid, end = os.forkpty()
    if pid == 0:  # the child is the command itself
        os.environ["PYTHONPATH"] = os.pathsep.join([str(place.packages), str(ROOT)])
        code = "from connector.cli.main import main; main()"
        choice = [lost if word == "LOST" else word for word in choice]
        command = ["letters", "settle", *choice, "--not-there", "--config", str(place.config)]
        os.execv(sys.executable, [sys.executable, "-c", code, *command])
    seen = typed(end, [("دلیل", "دیده نشد"), ("[y/N]", "n")])
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
    assert "Nothing was changed" in seen
    assert seen.index("A SECOND ENTRY") < seen.index("[y/N]")
    until(place, lost, "uncertain")


def test_a_number_that_another_letter_has_is_refused_before_anybody_is_asked(place, lost, office, portal):
    portal.hand_in("s-2", subject="نامهٔ دیگر")
    office.arrived.get(timeout=PATIENCE)
    [other] = [row["tracking_code"] for row in letters_of(place).values() if row["tracking_code"] != lost]
    until(place, other, "registered")
    number = number_of(place, other)
    for tried, says in ((number, "--registered"), (f"00{number}", "--zeros-matter")):
        by_hand = ("--registered", tried, "--on", "1405/08/30", "--secretariat", "1")
        refused = said(place, "settle", lost, *by_hand, "--dry-run")
        assert refused.returncode == 1, refused.stdout
        assert other in refused.stderr
        assert says == "--registered" or says in refused.stderr
    insisted = said(place, "settle", lost, *by_hand, "--zeros-matter", "--dry-run")
    assert insisted.returncode == 0, insisted.stderr


def typed(end, turns):
    """Answer each question on the terminal; return everything that was shown."""
    seen = ""
    for question, answer in turns:
        before = len(seen)
        while question not in seen[before:]:
            try:
                seen += os.read(end, 4096).decode(errors="replace")
            except OSError:  # the command is at its end, and was not to be
                pytest.fail(f"it did not ask {question!r}, but said: {seen}")
        os.write(end, f"{answer}\n".encode())
    while True:
        try:
            piece = os.read(end, 4096)
        except OSError:
            break
        if not piece:
            break
        seen += piece.decode(errors="replace")
    os.close(end)
    return seen
