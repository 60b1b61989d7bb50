"""chapar messages: what citizens would read and what it costs, and what became of what they were told."""

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from connector.cli.main import application
from connector.cli.message_words import FACTS, MESSAGE_STATUSES
from connector.domain.message import FactKind, MessageStatus
from connector.ledger import prepare_database

Run = Callable[..., Result]
CONFIGURATION = """
[ledger]
url = "sqlite:///{folder}/chapar.db"
attachments = "{folder}/attachments"

[ledger.keys]
current = "key-1"
ring = {{ key-1 = {{ file = "{folder}/key" }} }}
blind_index = {{ file = "{folder}/key" }}

[notification]
facts = ["received", "registered"]

[gateways.line]
adapter = "kavenegar"
sender = "30001234"
key = {{ file = "{folder}/key" }}
price_per_part = 250
{more}
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    key = tmp_path / "key"
    key.write_bytes(base64.b64encode(os.urandom(32)))
    key.chmod(0o600)
    prepare_database(f"sqlite:///{tmp_path}/chapar.db")

    def invoke(*arguments: str, more: str = "") -> Result:
        file = tmp_path / "chapar.toml"
        file.write_text(CONFIGURATION.format(folder=tmp_path, more=more), encoding="utf-8")
        return CliRunner().invoke(application, ["messages", *arguments, "--config", str(file)])

    return invoke


def test_the_preview_shows_text_alphabet_parts_and_cost_of_each_fact_and_tongue(run: Run) -> None:
    found = json.loads(run("preview", "--json").stdout)
    assert [(each["fact"], each["language"]) for each in found] == [
        ("received", "fa"), ("received", "en"), ("registered", "fa"), ("registered", "en"),
    ]  # fmt: skip
    for each in found:
        assert each["alphabet"] == ("ucs2" if each["language"] == "fa" else "gsm")
        assert float(each["cost"]) == 250 * each["parts"]
        assert each["goes_as"] == "free_text"
        assert not each["is_long"]


def test_the_preview_is_readable_in_both_tongues(run: Run) -> None:
    shown = run("preview", "--fact", "registered", "--tongue", "fa").stdout
    assert "registered · ثبت" in shown
    assert "متن آزاد، ۲ بخش" in shown
    assert "UCS-2" in shown
    assert "All of them once: 500" in shown


def test_counts_of_an_empty_ledger_are_nothing(run: Run) -> None:
    assert json.loads(run("counts", "--json").stdout) == {"possible_doubles": 0, "messages": []}
    assert "0 messages; possibly told twice: 0 · ۰ پیامک" in run("counts").stdout


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("daily_cost = 0", "daily_cost"),
        ('then = ["other"]', "which is no other gateway"),
        ("share = 0", "share"),
        ('[gateways.line.patterns.fa.register]\ncode = "x"\nvalues = { token = "number" }', "register"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(run: Run, more: str, sentence: str) -> None:
    result = run("preview", more=more)
    assert result.exit_code != 0
    assert sentence in str(result.exception) + result.output


def test_a_gateway_that_is_not_there_is_named_with_those_that_are(run: Run) -> None:
    result = run("preview", "--gateway", "nobody")
    assert result.exit_code == 2
    assert "line" in result.output


def test_every_fact_and_every_status_of_a_message_has_its_words() -> None:
    assert set(FACTS) == set(FactKind)
    assert set(MESSAGE_STATUSES) == set(map(str, MessageStatus))
