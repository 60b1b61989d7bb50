"""The console gateway: a screen, or a file."""

from pathlib import Path

import pytest

from adapters.gateways.console import GATEWAY, Console, ConsoleSettings, framed
from connector.errors import Unavailable
from connector.ports.catalogue import AdapterSite
from connector.testing.gateway_contract.messages import PERSIAN, a_message
from tests.contract.gateways.ours import OurGateway


class TestConsole(OurGateway):
    """The contract."""

    adapter = "console"
    unmet = frozenset(
        [
            "account",
            "bad_numbers",
            "blacklist",
            "blacklisted",
            "busy",
            "code_each",
            "credentials",
            "credit",
            "cursor",
            "entries",
            "error_after",
            "find",
            "forgotten",
            "garbage",
            "hours",
            "http_502",
            "http_503",
            "huge_answers",
            "inbox",
            "incoming",
            "letters",
            "lose_answer",
            "lose_request",
            "network",
            "numbers_shown",
            "patterns",
            "patterns_found",
            "patterns_lost",
            "reads_once",
            "receipts",
            "reset_in_body",
            "server_error",
            "splits",
            "stall",
            "stall_before",
            "strange_references",
            "too_many",
            "too_many_silent",
            "truncated",
            "undelivered",
            "underway",
            "unheard_of",
            "unknown_pattern",
            "unmapped_code",
            "wrong_content_type",
            "wrong_password",
        ]
    )
    beside_the_point = frozenset({"strange_shapes_send", "strange_shapes_delivery"})


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
