"""The log as it leaves the process: one object a line, nothing personal in it."""

import io
import json
import logging  # noqa: TID251 - a library's own logging is what is tested
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from connector.errors import Misbehaved
from connector.observability.logging import configure_logging, get_logger, log_uncaught

SECRET = "شهروند نمونه"


class Written:
    """What was written to standard error so far."""

    def __init__(self, captured: pytest.CaptureFixture[bytes]) -> None:
        self._captured = captured
        self._bytes = b""

    def text(self) -> str:
        self._bytes += self._captured.readouterr().err
        return self._bytes.decode()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]


@pytest.fixture
def written(capsysbinary: pytest.CaptureFixture[bytes]) -> Iterator[Written]:
    root = logging.getLogger()
    level, handlers, raising = root.level, list(root.handlers), logging.raiseExceptions
    yield Written(capsysbinary)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.setLevel(level)
    root.handlers[:] = handlers
    logging.raiseExceptions = raising


def test_a_fact_is_one_json_object_and_persian_stays_readable(written: Written) -> None:
    configure_logging("json", "info")
    get_logger("connector.intake").info("intake.admitted", letter_id="01JCQ4Z9V0ABCD", unit="مالی")
    (line,) = written.lines()
    assert line["event"] == "intake.admitted"
    assert line["level"] == "info"
    assert line["source"] == "connector.intake"
    assert line["at"].endswith("+00:00")
    assert "مالی" in written.text()


def test_context_that_was_bound_is_redacted_too(written: Written) -> None:
    configure_logging("json", "info")
    with structlog.contextvars.bound_contextvars(mobile="09123456789", letter_id="01J"):
        get_logger("x").info("intake.admitted")
    (line,) = written.lines()
    assert line["letter_id"] == "01J"
    assert "mobile" not in line
    assert line["redacted"] == ["mobile"]


def test_an_exception_is_told_without_variables_and_without_its_own_words(written: Written) -> None:
    configure_logging("json", "info")
    in_the_frame = SECRET
    try:
        int(f"{in_the_frame} 09123456789")
    except ValueError:
        get_logger("x").exception("intake.failed")
    (line,) = written.lines()
    assert line["exception"][0]["type"] == "ValueError"
    assert any("test_an_exception_is_told" in frame for frame in line["exception"][0]["frames"])
    assert SECRET not in written.text()
    assert "0912" not in written.text()


def test_our_own_errors_bring_their_sentence_reason_and_facts_and_what_caused_them(written: Written) -> None:
    configure_logging("json", "info")
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise Misbehaved("The answer is no JSON.", reason="bad_json", remark=SECRET, size=12) from error
    except Misbehaved:
        get_logger("x").exception("office.misbehaved")
    ours, cause = written.lines()[0]["exception"]
    assert ours["sentence"] == "The answer is no JSON."
    assert ours["reason"] == "bad_json"
    assert ours["facts"] == {"size": 12}
    assert cause["type"] == "KeyError"
    assert SECRET not in written.text()


def test_libraries_are_heard_from_warning_upwards_without_the_values_in_their_sentences(
    written: Written,
) -> None:
    configure_logging("json", "debug")
    logging.getLogger("urllib3.connectionpool").info("not heard")
    logging.getLogger("urllib3.connectionpool").warning(
        "Retrying after %r: %s", SECRET, "/send?to=09123456789"
    )
    (line,) = written.lines()
    assert line["event"] == "library.warned"
    assert line["source"] == "urllib3.connectionpool"
    assert line["sentence"] == "Retrying after %r: %s"


def test_configuring_twice_changes_the_level_and_says_nothing_twice(written: Written) -> None:
    log = get_logger("x")
    configure_logging("json", "warning")
    log.info("intake.admitted")
    configure_logging("json", "info")
    log.info("intake.admitted")
    logging.getLogger("zeep").warning("once")
    assert [line["event"] for line in written.lines()] == ["intake.admitted", "library.warned"]


def test_the_console_form_is_text_for_people(written: Written) -> None:
    configure_logging("console", "info")
    try:
        raise Misbehaved("The answer is no JSON.")
    except Misbehaved:
        get_logger("x").exception("office.misbehaved", unit="مالی")
    assert "office.misbehaved" in written.text()
    assert "مالی" in written.text()
    assert "connector.errors.Misbehaved: The answer is no JSON." in written.text()


def test_a_log_that_cannot_be_written_stops_nothing(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure_logging("json", "info")
    closed = io.TextIOWrapper(io.BytesIO())
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    get_logger("x").info("intake.admitted")


def test_what_nobody_catches_in_a_thread_is_a_fact_and_not_a_traceback(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    configure_logging("json", "info")
    log_uncaught()

    def die() -> None:
        raise ValueError(SECRET)

    thread = threading.Thread(target=die, name="registration-1")
    thread.start()
    thread.join()
    sys.excepthook(ValueError, ValueError(SECRET), None)
    first, second = written.lines()
    assert (first["event"], first["thread"]) == ("process.thread_died", "registration-1")
    assert second["event"] == "process.died"
    assert SECRET not in written.text()
