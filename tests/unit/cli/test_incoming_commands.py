"""``chapar messages``: what citizens wrote, who wants none, and the survey; nothing personal unless it is asked for."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from connector.assembly.ledger import open_settings_ledger, prepare_settings_database
from connector.citizen.handling import Handling
from connector.citizen.policy import ReceivingPolicy
from connector.cli.main import application
from connector.clock import now
from connector.domain.lifecycle import Event
from connector.ledger import Ledger
from connector.ledger.records import Happening
from connector.ledger.seal import new_key
from connector.ports.incoming import IncomingMessage
from connector.settings.load import load_settings
from tests.contract.ledger.walk import TRACKING, a_registered_letter, only

MOBILE = "09000000001"
CONFIGURATION = """
[ledger]
url = "sqlite:///{folder}/chapar.db"
attachments = "{folder}/attachments"
[ledger.keys]
current = "key-1"
ring = {{ "key-1" = {{ file = "{folder}/key-1" }} }}
blind_index = {{ file = "{folder}/blind" }}
[gateways.sms]
adapter = "console"
"""
Run = Callable[..., Result]


class _Clock:
    now = staticmethod(now)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    for name in ("key-1", "blind"):
        (tmp_path / name).write_text(new_key())
        (tmp_path / name).chmod(0o600)
    path = tmp_path / "chapar.toml"
    path.write_text(CONFIGURATION.format(folder=tmp_path))
    prepare_settings_database(load_settings(path))
    return path


@pytest.fixture
def ledger(file: Path) -> Iterator[Ledger]:
    ledger = open_settings_ledger(load_settings(file))
    yield ledger
    ledger.close()


@pytest.fixture
def run(file: Path) -> Run:
    runner = CliRunner()
    return lambda *words, **more: runner.invoke(application, [*words, "--config", str(file)], **more)


def write(ledger: Ledger, *texts: str, sender: str = MOBILE) -> None:
    handling = Handling(ledger, ReceivingPolicy(survey=True), now=now)
    for number, text in enumerate(texts):
        message = IncomingMessage(
            gateway_key=f"{sender}{number}{text}", sender=sender, line="3000", text=text
        )
        handling.handle(ledger.incoming.store("sms", [message]))


def test_what_citizens_wrote_is_listed_without_a_word_about_them(run: Run, ledger: Ledger) -> None:
    assert "Nobody has written." in run("messages", "incoming").stdout
    write(ledger, "متن خصوصی", "لغو")
    write(ledger, "موجودی", sender="BankMelli")
    shown = run("messages", "incoming").stdout
    assert [word for word in ("opt_out", "ignored", "reply_help") if word not in shown] == []
    for secret in (MOBILE, "خصوصی", "BankMelli", "موجودی"):
        assert secret not in shown + run("messages", "incoming", "--json").stdout
    rows = json.loads(run("messages", "incoming", "--json").stdout)
    assert [row["command"] for row in rows] == ["none", "opt_out", "none"]
    assert {"sender", "text", "line"}.isdisjoint(rows[0])


def test_whoever_may_sees_numbers_and_texts(run: Run, ledger: Ledger) -> None:
    write(ledger, "متن\u202e خصوصی\x1b[31m")
    shown = run("messages", "incoming", "--personal").stdout
    assert MOBILE in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    (row,) = json.loads(run("messages", "incoming", "--personal", "--json", "--gateway", "sms").stdout)
    assert (row["sender"], row["line"]) == (MOBILE, "3000")
    assert json.loads(run("messages", "incoming", "--json", "--gateway", "other").stdout) == []


def test_an_operator_ends_and_begins_messages_for_a_citizen_and_it_is_on_record(
    run: Run, ledger: Ledger
) -> None:
    assert "Every number wants messages." in run("messages", "optouts", "list").stdout
    added = run("messages", "optouts", "add", "--reason", "asked by phone", input="۰۹۰۰۰۰۰۰۰۰۱\n")
    assert (added.exit_code, "no messages any more" in added.stdout) == (0, True)
    assert ledger.opt_outs.holds(MOBILE)
    again = run("messages", "optouts", "add", "--reason", "twice", "--json", input=MOBILE)
    assert json.loads(again.stdout[again.stdout.index("{") :]) == {"changed": False}
    (row,) = json.loads(run("messages", "optouts", "list", "--json").stdout)
    assert row["is_own_word"] is False
    removed = run("messages", "optouts", "remove", "--reason", "asked again", input=MOBILE)
    assert "sent messages again" in removed.stdout
    assert not ledger.opt_outs.holds(MOBILE)
    acts = json.loads(run("audit", "acts", "--json").stdout)
    assert [(act["act"], act["reason"]) for act in acts] == [
        ("opt_in", "asked again"),
        ("opt_out", "asked by phone"),
    ]
    assert MOBILE not in repr(acts)
    assert ledger.audit.verify().is_whole


def test_a_number_that_said_so_itself_is_told_apart_and_shown_only_to_whoever_asks(
    run: Run, ledger: Ledger
) -> None:
    write(ledger, "لغو۱۱")
    (row,) = json.loads(run("messages", "optouts", "list", "--json").stdout)
    assert (row["is_own_word"], "mobile" in row) == (True, False)
    (row,) = json.loads(run("messages", "optouts", "list", "--personal", "--json").stdout)
    assert row["mobile"] == MOBILE


@pytest.mark.parametrize("number", ["0211234567", "", "x"])
def test_what_is_no_mobile_is_not_written_down(run: Run, number: str) -> None:
    assert run("messages", "optouts", "add", "--reason", "why", input=f"{number}\n").exit_code != 0
    assert run("messages", "optouts", "remove", "--reason", " ", input=MOBILE).exit_code == 2


def test_marks_are_summed_up_by_service(run: Run, ledger: Ledger) -> None:
    assert "Nobody has given a mark." in run("messages", "survey").stdout
    for mark in ("۵", "2"):
        a_registered_letter(ledger, _Clock)  # type: ignore[arg-type]
        ledger.record(only(ledger, TRACKING), Happening(event=Event.CLOSED))
        write(ledger, mark)
    (row,) = json.loads(run("messages", "survey", "--json", "--newer-than", "1d").stdout)
    assert (row["service"], row["letters"], row["average"]) == ("general", 2, 3.5)
    assert row["marks"] == {"1": 0, "2": 1, "3": 0, "4": 0, "5": 1}
    assert "general" in run("messages", "survey").stdout
    assert run("messages", "survey", "--newer-than", "1").exit_code == 2


def test_an_inbox_that_cannot_be_read_needs_a_person(run: Run, ledger: Ledger, file: Path) -> None:
    ledger.incoming.inbox_failed("sms", "timeout")
    ledger.incoming.inbox_failed("gone", "timeout")
    assert json.loads(run("attention", "--json").stdout) == []
    file.write_text(file.read_text() + '[deadlines]\ninbox = "10ms"\n')
    (need,) = json.loads(run("attention", "--json").stdout)
    assert (need["because"], need["connection"], need["reason"]) == ("inbox_unreadable", "sms", "timeout")
    assert need["commands"] == ["chapar check", "chapar messages incoming"]
    assert "letters behind it" not in run("attention").stdout


def test_a_reply_that_nobody_takes_needs_a_person_too(run: Run, ledger: Ledger, file: Path) -> None:
    write(ledger, "help")
    file.write_text(file.read_text() + '[deadlines]\nmessage = "10ms"\n')
    (need,) = json.loads(run("attention", "--json").stdout)
    assert (need["kind"], need["because"], need["tracking_code"]) == ("message", "beyond_deadline", None)
    assert need["commands"] == ["chapar check", "chapar messages incoming"]
    assert run("attention").exit_code == 0
