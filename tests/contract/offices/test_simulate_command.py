"""``chapar simulate office`` as a process of its own: it serves, goes wrong on demand, and shows its book."""

import json
import signal
from pathlib import Path
from socket import socket
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from typer.testing import CliRunner

from adapters.offices.rest import OFFICE as REST
from adapters.offices.soap import OFFICE as SOAP
from connector.cli.main import application
from connector.errors import ChaparError, OutcomeUnknown
from connector.ports.catalogue import AdapterSite
from connector.ports.outcomes import Registered
from connector.simulator.fates import Fate
from connector.simulator.fault_kinds import OFFICE_FAULTS, Fault
from connector.simulator.vendor.opening import load_vendor
from connector.simulator.vendor.sandbox import Sandbox
from tests.contract.offices.benches import MAPPINGS
from tests.contract.offices.requests_to_register import a_request
from tests.contract.offices.served_command import simulated


def connected(transport: str, told: dict[str, Any], folder: Path) -> Any:
    (folder / "secret").write_text(told["password"], encoding="ascii")
    kind, secret = (SOAP if transport == "soap" else REST), {"file": folder / "secret"}
    credentials = (
        {"username": told["username"], "password": secret} if transport == "soap" else {"token": secret}
    )
    settings = {"mapping": f"simulated-{transport}", "http": {"url": told["url"]}, **credentials}
    return kind.build(
        kind.settings.model_validate(settings), AdapterSite(name="o", mappings=(MAPPINGS,), pool_size=2)
    )


@pytest.mark.parametrize("transport", ["soap", "rest"])
def test_it_serves_a_mapping_loses_an_answer_and_shows_its_book_when_it_is_ended(
    transport: str, tmp_path: Path
) -> None:
    words = ("--mapping", f"simulated-{transport}", "--fault", "lose_answer")
    with simulated(*words) as served:
        office = connected(transport, served.until("listening"), tmp_path)
        with pytest.raises(OutcomeUnknown):
            office.register(a_request("K1"))
        assert served.until("call") == {
            "event": "call",
            "deed": "register",
            "key": "K1",
            "status": 200,
            "number": "000001",
            "fault": "lose_answer",
        }
        found = office.find("K1", "10")
        assert isinstance(found, Registered)
        office.close()
        served.process.send_signal(signal.SIGINT)
        entry = served.until("entry")
        assert (entry["number"], entry["key"], entry["secretariat"]) == ("000001", "K1", "10")
        assert served.until("stopped")["entries"] == 1
        assert served.process.wait(10) == 0


@pytest.mark.parametrize(("name", "fate"), [("simulated-rest", Fate.ANSWERED), ("dhx", Fate.NUMBERED_LATER)])
def test_unless_it_is_asked_for_no_letter_is_refused(name: str, fate: Fate) -> None:
    sandbox = Sandbox(load_vendor(MAPPINGS / "offices" / f"{name}.yaml"))
    with sandbox:
        assert {sandbox.counter.book.deck.deal() for _ in range(30)} == {fate}


@pytest.mark.parametrize(
    "words", [("--wsdl", str(MAPPINGS / "offices" / "simulated")), ("--mapping", "simulated-soap")]
)
def test_its_contract_is_read_at_its_address_bundled_and_compared(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    pinned = MAPPINGS / "offices" / "simulated"
    with simulated(*words) as served:
        told = served.until("listening")
        (contract,) = told["contracts"]
        run = CliRunner().invoke
        for live in (contract, f"{told['url']}/any/service?wsdl"):
            assert run(application, ["wsdl", "drift", str(pinned), live]).stdout == "Nothing has moved.\n"
        made = run(application, ["wsdl", "bundle", contract, "--into", str(tmp_path / "bundle")])
        assert made.exit_code == 0, made.output
        (wsdl,) = (tmp_path / "bundle").glob("*.wsdl")
        assert f'location="{told["url"]}"' in wsdl.read_text(encoding="utf-8")
        for elsewhere in ("/../simulated-rest.yaml", "/%2e%2e/simulated-rest.yaml", "/nothing.xsd"):
            with pytest.raises(HTTPError):
                urlopen(f"{told['url']}{elsewhere}", timeout=5)


def test_a_wsdl_alone_is_answered_in_its_right_form(tmp_path: Path) -> None:
    with simulated("--wsdl", str(MAPPINGS / "offices" / "simulated"), "--fault", "garbagex2") as served:
        office = connected("soap", served.until("listening"), tmp_path)
        for _ in range(3):
            with pytest.raises(ChaparError):
                office.register(a_request("K1"))
            assert served.until("call")["deed"] == "RegisterLetter"
        served.process.send_signal(signal.SIGTERM)
        served.until("stopped")
        assert served.process.wait(10) == 0


@pytest.fixture
def run():
    runner = CliRunner()
    return lambda *arguments: runner.invoke(application, ["simulate", "office", *map(str, arguments)])


def test_every_fault_is_listed(run) -> None:
    listed = [json.loads(line) for line in run("--fault", "list", "--json").stdout.splitlines()]
    assert {line["fault"] for line in listed} == OFFICE_FAULTS["register"] - {Fault.REFUSE}
    assert all("register" in line["deeds"] for line in listed)


def test_what_cannot_be_served_is_told_with_the_next_step(run, tmp_path: Path) -> None:
    assert run().exit_code == 2
    taken = socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    for words in (
        ("--mapping", "nothing"),
        ("--wsdl", tmp_path),
        ("--wsdl", tmp_path / "no.wsdl"),
        ("--mapping", "simulated-rest", "--fault", "nonsense"),
        ("--mapping", "simulated-rest", "--fault", "garbage@nowhere"),
        ("--mapping", "simulated-rest", "--port", taken.getsockname()[1]),
    ):
        error = run(*words).exception
        assert isinstance(error, ChaparError), words
        assert error.next_step
    taken.close()
