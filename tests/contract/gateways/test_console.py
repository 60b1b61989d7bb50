"""The console gateway: a screen, or a file."""

from pathlib import Path

import pytest

from adapters.gateways.console import GATEWAY, Console, ConsoleSettings, framed
from connector.errors import Unavailable
from connector.ports.catalogue import AdapterSite
from connector.testing.gateway_contract.as_pytest import GatewayContract
from connector.testing.gateway_contract.messages import PERSIAN, a_message


class TestConsole(GatewayContract):
    """The contract."""

    adapter = "console"


def test_each_line_of_a_persian_message_is_isolated_and_fits_the_screen() -> None:
    shown = framed(a_message(1, PERSIAN + " واژه" * 40), width=40).splitlines()
    assert shown[0] == shown[-1] == "─" * 40
    for line in shown[1:-1]:
        assert line.startswith("\u2067")
        assert line.endswith("\u2069")
        assert len(line) <= 44


def test_the_number_is_masked_unless_asked_for() -> None:
    message = a_message(1)
    assert message.mobile not in framed(message)
    assert message.mobile in framed(message, show_mobile=True)


def test_a_latin_message_is_framed_left_to_right() -> None:
    assert "\u2066SMS to 0900*****01, 1 part\u2069" in framed(a_message(1, "hello"))


def test_a_file_is_appended_to(tmp_path: Path) -> None:
    settings = GATEWAY.settings.model_validate({"file": tmp_path / "messages.txt"})
    gateway = GATEWAY.build(settings, AdapterSite(name="console", mappings=(), pool_size=1))
    gateway.send([a_message(1), a_message(2)])
    gateway.send([a_message(3)])
    assert (tmp_path / "messages.txt").read_text(encoding="utf-8").count("پیامک به") == 3


def test_a_file_that_cannot_be_written_is_told_as_not_sent(tmp_path: Path) -> None:
    gateway = Console(ConsoleSettings(file=tmp_path / "missing" / "messages.txt"))
    with pytest.raises(Unavailable):
        gateway.send([a_message(1)])
