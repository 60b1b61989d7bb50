"""``chapar gateways``: asking, the credit, and the certificate; before simulated vendors, in this process."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connector.cli.gateways import _names
from connector.cli.language import chosen_language
from connector.cli.main import application
from connector.domain.letter import Language
from connector.errors import SettingsInvalid
from connector.ledger import new_key
from connector.simulator.gateways.kavenegar import KavenegarVendor

CONFIGURATION = """
[ledger]
url = "sqlite:///chapar.db"
attachments = "attachments"
[ledger.keys]
current = "key-1"
ring = {{ key-1 = {{ file = "key" }} }}
blind_index = {{ file = "key" }}
[intake]
routes = "routes.yaml"
[gateways.screen]
adapter = "console"
[gateways.vendor]
adapter = "kavenegar"
key = {{ file = "vendor-key" }}
sender = "30001234"
http = {{ url = "{url}" }}
"""


@pytest.fixture
def vendor() -> Iterator[KavenegarVendor]:
    one = KavenegarVendor("the-right-key")
    one.start()
    yield one
    one.stop()


@pytest.fixture
def house(tmp_path: Path, vendor: KavenegarVendor) -> Path:
    (tmp_path / "key").write_text(new_key(), encoding="ascii")
    (tmp_path / "vendor-key").write_text("the-right-key\n", encoding="ascii")
    (tmp_path / "routes.yaml").write_text("rules: []\n", encoding="utf-8")
    file = tmp_path / "chapar.toml"
    file.write_text(CONFIGURATION.format(url=vendor.url), encoding="utf-8")
    return file


@pytest.fixture
def run(house: Path) -> Iterator[Any]:
    runner = CliRunner()

    def invoke(*arguments: str) -> Any:
        return runner.invoke(application, [*arguments, "--config", str(house)])

    yield invoke
    chosen_language(Language.EN)


def test_every_gateway_is_asked_and_says_what_it_can_do(run: Any, vendor: KavenegarVendor) -> None:
    done = run("gateways", "check")
    assert done.exit_code == 0
    assert "✓ screen (console): in order. Messages are shown on standard output" in done.stdout
    assert "✓ vendor (kavenegar): in order. Kavenegar answers; 1250000 rials" in done.stdout
    assert (
        "in one call: 200; a lost answer is asked for by our own id; delivery is asked; patterns"
        in done.stdout
    )
    assert vendor.book.calls == ["credit"]
    assert not vendor.book.sent


def test_the_reader_who_asks_for_persian_has_it_beside(run: Any) -> None:
    said = run("--language", "fa", "gateways", "check", "vendor").stdout
    assert "در هر فراخوانی" in said
    assert "الگو" in said


def test_machines_are_told_the_same(run: Any) -> None:
    (one,) = json.loads(run("gateways", "check", "vendor", "--json").stdout)
    assert (one["name"], one["adapter"], one["verdict"]) == ("vendor", "kavenegar", "in_order")
    assert "tells its credit" in one["can"]


def test_a_wrong_key_ends_with_four_and_is_not_shown(run: Any, house: Path) -> None:
    (house.parent / "vendor-key").write_text("another-key", encoding="ascii")
    done = run("gateways", "check", "vendor")
    assert done.exit_code == 4
    assert "✗ vendor (kavenegar): wrong." in done.stdout
    assert "Next step: Look at the account" in done.stdout
    assert "another-key" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", ["check", "credit", "certify"])
def test_a_name_that_is_not_there_is_told_with_those_that_are(run: Any, command: str) -> None:
    done = run("gateways", command, "nobody")
    assert isinstance(done.exception, SettingsInvalid)
    assert "screen, vendor" in str(done.exception.next_step)


def test_what_is_left_is_told_in_both_kinds_of_digits(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")  # processes that share the tests among them are told 80
    done = run("gateways", "credit")
    assert done.exit_code == 0
    assert "1,250,000 rial · ۱٬۲۵۰٬۰۰۰ ریال" in done.stdout
    assert "2027-12-28" in done.stdout
    assert "does not tell its credit" in done.stdout


@pytest.mark.parametrize(("least", "ending"), [("1250000", 0), ("1250001", 1)])
def test_less_than_is_wanted_ends_with_one(run: Any, least: str, ending: int) -> None:
    assert run("gateways", "credit", "--below", least).exit_code == ending


def test_a_vendor_that_is_away_ends_with_four_and_the_others_are_told(
    run: Any, vendor: KavenegarVendor
) -> None:
    vendor.stop()
    done = run("gateways", "credit", "--json")
    assert done.exit_code == 4
    screen, away = json.loads(done.stdout)
    assert (screen["amount"], screen["failure"]) == (None, None)
    assert (away["amount"], away["reason"]) == (None, "refused")


def test_a_certificate_says_what_was_proven_without_a_configuration(tmp_path: Path) -> None:
    page = tmp_path / "kannel.html"
    done = CliRunner().invoke(
        application, ["gateways", "certify", "--adapter", "console", "--report", "html", "-o", str(page)]
    )
    assert done.exit_code == 0
    assert done.stdout.strip() == f"{page}: passed, level C"
    text = page.read_text(encoding="utf-8")
    assert "گواهی آداپتور درگاه پیامک" in text
    assert "A screen only shows." in text
    assert "After a lost answer nobody can be asked." in text


def test_a_configured_gateway_is_examined_before_its_simulated_vendor(
    run: Any, vendor: KavenegarVendor
) -> None:
    done = run("gateways", "certify", "screen", "--json")
    assert done.exit_code == 0
    plain = json.loads(done.stdout)
    assert (plain["verdict"], plain["subject"]["kind"], plain["subject"]["connection"]) == (
        "passed",
        "gateway",
        "screen",
    )


def test_a_code_table_of_the_operators_own_is_examined_too(run: Any, house: Path) -> None:
    tables = house.parent / "mappings" / "gateways"
    tables.mkdir(parents=True)
    shipped = Path("mappings/gateways/kavenegar.yaml").read_text(encoding="utf-8")
    wrong = shipped.replace('"10": {means: delivered', '"10": {means: undelivered')
    (tables / "kavenegar.yaml").write_text(wrong, encoding="utf-8")
    house.write_text(f"{house.read_text()}[daemon]\nmappings = 'mappings'\n", encoding="utf-8")
    done = run("gateways", "certify", "vendor", "--json")
    assert done.exit_code == 1
    failed = {check["name"] for check in json.loads(done.stdout)["checks"] if check["verdict"] == "failed"}
    assert "told_delivered" in failed


def test_a_live_vendor_is_asked_harmless_questions_only(run: Any, vendor: KavenegarVendor) -> None:
    done = run("gateways", "certify", "vendor", "--live", "--json")
    assert done.exit_code == 0
    plain = json.loads(done.stdout)
    passed = {check["name"] for check in plain["checks"] if check["verdict"] == "passed"}
    assert passed == {
        "declared_is_there",
        "check_is_harmless",
        "horizon_is_said",
        "nobody_is_not_found",
        "credit_is_harmless",
    }
    assert plain["level"] == {"declared": "A", "proven": None}
    assert not vendor.book.sent
    assert set(vendor.book.calls) == {"credit", "find"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "Name one"),
        (("screen", "--adapter", "console"), "Name one"),
        (("--adapter", "console", "--live"), "Only a configured gateway"),
    ],
)
def test_what_cannot_be_examined_is_wrong_usage(run: Any, words: tuple[str, ...], says: str) -> None:
    done = run("gateways", "certify", *words)
    assert done.exit_code == 2
    assert says in " ".join(done.stderr.replace("│", " ").split())


def test_the_shell_completes_the_names_of_gateways(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAPAR_CONFIG", str(house))
    assert _names() == ["screen", "vendor"]
    monkeypatch.setenv("CHAPAR_CONFIG", str(house.parent / "nothing.toml"))
    assert _names() == []
