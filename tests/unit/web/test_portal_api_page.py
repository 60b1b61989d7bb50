"""The page for portal programmers says what the code does."""

import re
from pathlib import Path
from typing import Any

from adapters.portals.push import signature
from connector.domain.lifecycle import Status
from connector.intake.form import KNOWN_KEYS, SENDER_KEYS
from connector.intake.problems import ProblemCode
from connector.web.problems import RequestRefused, Trouble

PAGE = (Path(__file__).parents[3] / "docs" / "portal-api.md").read_text(encoding="utf-8")
OF_GATEWAYS = {Trouble.RECEIPT_UNREADABLE, Trouble.INCOMING_UNREADABLE, Trouble.GATEWAY_UNKNOWN}


def test_every_problem_word_is_explained() -> None:
    words = [*ProblemCode, *(set(Trouble) - OF_GATEWAYS)]
    assert [word for word in words if f"`{word}`" not in PAGE] == []


def test_every_trouble_stands_beside_its_status() -> None:
    lines = [line for line in PAGE.splitlines() if re.match(r"\| [45]\d\d \|", line)]
    for trouble in set(Trouble) - OF_GATEWAYS - {Trouble.LETTER_UNKNOWN}:
        status = RequestRefused(trouble).status
        assert any(line.startswith(f"| {status} |") and f"`{trouble}`" in line for line in lines), trouble


def test_every_status_of_a_letter_is_explained() -> None:
    assert [status for status in Status if f"`{status}`" not in PAGE] == []


def test_every_field_of_the_form_is_explained() -> None:
    for key in KNOWN_KEYS - {"sender"}:
        assert f"`{key}`" in PAGE, key
    for key in SENDER_KEYS:
        assert f"`sender.{key}`" in PAGE, key


def test_the_check_of_a_signature_that_is_shown_accepts_ours_and_nothing_else() -> None:
    code = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert code is not None
    shown: dict[str, Any] = {}
    exec(code[1], shown)
    body = '{"unit": "مالی"}'.encode()
    headers = {"Chapar-Timestamp": "1000", "Chapar-Signature": signature(b"secret", "1000", body)}
    is_from_chapar = shown["is_from_chapar"]
    assert is_from_chapar(headers, body, b"secret", now=lambda: 1010)
    assert not is_from_chapar(headers, body + b" ", b"secret", now=lambda: 1010)
    assert not is_from_chapar(headers, body, b"other", now=lambda: 1010)
    assert not is_from_chapar(headers, body, b"secret", now=lambda: 2000)
