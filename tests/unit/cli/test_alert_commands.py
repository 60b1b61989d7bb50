"""``chapar alerts test`` and what ``chapar check`` says of the channels, before a real receiver."""

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner

from connector.assembly.checkup import Finding, Verdict, checkup
from connector.assembly.ledger import open_settings_ledger
from connector.cli.main import application
from connector.clock import now
from connector.ledger import new_key, prepare_database
from connector.settings.load import load_settings

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
CONFIGURATION = """
[ledger]
url = "sqlite:///chapar.db"
attachments = "attachments"
[ledger.keys]
current = "key-1"
ring = { key-1 = { file = "key" } }
blind_index = { file = "key" }
[intake]
routes = "routes.yaml"
[alerts.channels]
pager = { file = "pager-url" }
[gateways.screen]
adapter = "console"
"""


@pytest.fixture
def house(tmp_path: Path, httpserver: HTTPServer) -> Path:
    (tmp_path / "key").write_text(new_key(), encoding="ascii")
    url = f"json://operator:s3cr3t@127.0.0.1:{httpserver.port}/hook"
    (tmp_path / "pager-url").write_text(url, encoding="utf-8")
    (tmp_path / "routes.yaml").write_text("routes: []\n", encoding="utf-8")
    file = tmp_path / "chapar.toml"
    file.write_text(CONFIGURATION, encoding="utf-8")
    prepare_database(f"sqlite:///{tmp_path / 'chapar.db'}")
    return file


def run(house: Path, *arguments: str) -> Any:
    return CliRunner().invoke(application, ["alerts", "test", *arguments, "--config", str(house)])


def of_the_channel(house: Path) -> Finding:
    return next(each for each in checkup(load_settings(house), file=house) if each.part == "Alerts")


def test_a_test_goes_through_each_channel(house: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data("")
    ended = run(house)
    assert (ended.exit_code, ended.stdout) == (0, "✓ pager: took it. · پذیرفت.\n")
    ((request, _),) = httpserver.log
    assert "This is a test" in request.get_json()["message"]


def test_a_channel_that_does_not_take_it_is_named_without_its_secret(
    house: Path, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/hook").respond_with_data("", status=403)
    ended = run(house, "pager", "--json")
    assert ended.exit_code == 4
    (told,) = json.loads(ended.stdout)
    assert (told["channel"], told["taken"]) == ("pager", False)
    assert "s3cr3t" not in ended.output


def test_a_channel_that_is_not_configured_is_no_channel(house: Path) -> None:
    assert run(house, "nobody").exit_code == 2


def test_a_check_opens_the_url_and_sends_nothing(house: Path, httpserver: HTTPServer) -> None:
    assert of_the_channel(house).verdict is Verdict.IN_ORDER
    assert httpserver.log == []


def test_a_check_says_that_the_last_alert_did_not_get_through(house: Path) -> None:
    ledger = open_settings_ledger(load_settings(house))
    ledger.alerts_told.failed("pager", "not_taken", try_after=now())
    ledger.close()
    found = of_the_channel(house)
    assert (found.verdict, found.next_step) == (Verdict.DOUBTFUL, "chapar alerts test pager")


def test_a_check_names_a_url_that_is_none(house: Path) -> None:
    (house.parent / "pager-url").write_text("s3cr3t", encoding="utf-8")
    found = of_the_channel(house)
    assert found.verdict is Verdict.WRONG
    assert "s3cr3t" not in found.sentence


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ('quiet = "at night"', "alerts.quiet"),
        ('channels = { "a b" = { file = "x" } }', "alerts.channels"),
        ('channels = { pager = "json://s3cr3t" }', "alerts.channels.pager"),
        ('at_least = "panic"', "alerts.at_least"),
    ],
)
def test_a_wrong_section_is_refused_at_its_place(house: Path, written: str, place: str) -> None:
    text = CONFIGURATION.replace('[alerts.channels]\npager = { file = "pager-url" }', f"[alerts]\n{written}")
    house.write_text(text, encoding="utf-8")
    ended = run(house)
    assert ended.exit_code != 0
    from connector.errors import SettingsInvalid

    assert isinstance(ended.exception, SettingsInvalid)
    assert place in str(ended.exception)
    assert "s3cr3t" not in str(ended.exception)
