"""One place that renders errors for people: a sentence, the facts safe to show, the next step, an exit code."""

import os
import sys
import traceback
from enum import IntEnum
from typing import Final

import orjson

from connector.cli.language import say
from connector.errors import (
    AdapterUnknown,
    CallFailed,
    ChaparError,
    DatabaseNotReady,
    DatabaseTooNew,
    DatabaseUnreadable,
    LedgerInUse,
    LedgerUnavailable,
    LetterMoved,
    LetterUnknown,
    MappingInvalid,
    NumberTaken,
    OperatorError,
    SecretMissing,
    SettingsInvalid,
)

__all__ = ["ExitCode", "exit_code", "render", "render_bug"]


class ExitCode(IntEnum):
    """How a command ended. docs/operations.md lists them."""

    DONE = 0
    FAILED = 1
    """The command did its work and the answer is no: check found something wrong, the demo broke a promise."""
    USAGE = 2
    CONFIGURATION = 3
    UNREACHABLE = 4
    NOT_FOUND = 5
    BUG = 70
    INTERRUPTED = 130


_CODES: Final[tuple[tuple[type[ChaparError], ExitCode], ...]] = (
    (LetterUnknown, ExitCode.NOT_FOUND),
    (LedgerInUse, ExitCode.UNREACHABLE),
    (LedgerUnavailable, ExitCode.UNREACHABLE),
    (CallFailed, ExitCode.UNREACHABLE),
    (OperatorError, ExitCode.CONFIGURATION),
    (ChaparError, ExitCode.FAILED),
)

_NEXT_STEPS: Final[dict[type[ChaparError], str]] = {
    SettingsInvalid: "Correct the configuration, then try: chapar check",
    SecretMissing: "Put the secret where the configuration says, readable for Chapar's user alone.",
    MappingInvalid: "Correct the mapping, then try: chapar check",
    AdapterUnknown: "Install the package that brings the adapter, or name another one.",
    DatabaseTooNew: "Install the version of Chapar that wrote the database, or a later one.",
    DatabaseNotReady: "Bring it up to date: chapar db upgrade",
    DatabaseUnreadable: "Name the right file in ledger.url, or put the file of the last backup there.",
    LedgerInUse: "Stop the other Chapar (systemctl stop chapar), or use a PostgreSQL for several nodes.",
    LedgerUnavailable: "See whether the database runs and its disk has room, then try again.",
    LetterMoved: "See with chapar letters explain LETTER how it stands now.",
    NumberTaken: "Look the number up in the office's book again.",
    LetterUnknown: "See which letters there are: chapar letters list",
    CallFailed: "See how the connections are: chapar check",
}
_SAFE: Final = (str, int, float, bool)


def exit_code(error: ChaparError) -> ExitCode:
    """Return the exit code of an error."""
    return next(code for kind, code in _CODES if isinstance(error, kind))


def render(error: ChaparError, *, as_json: bool = False) -> ExitCode:
    """Write the error for people (or as one JSON object) to standard error and return the exit code."""
    code = exit_code(error)
    if as_json:
        _write(orjson.dumps({"error": type(error).__name__, **_told(error), "exit_code": int(code)}).decode())
        return code
    told = _told(error)
    lines = [error.sentence]
    if isinstance(told["facts"], dict) and told["facts"]:
        lines.append("  " + ", ".join(f"{name}: {value}" for name, value in told["facts"].items()))
    if told["next_step"]:
        lines.append(f"{say('Next step')}: {told['next_step']}")
    _write("\n".join(lines))
    return code


def render_bug(error: BaseException, *, debug: bool) -> ExitCode:
    """Write that Chapar itself is at fault; the values of an unexpected error may be personal and are left out."""
    if debug:
        traceback.print_exception(error)
        return ExitCode.BUG
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].name}, line {frames[-1].lineno})" if frames else ""
    _write(
        f"This is a fault of Chapar itself: {type(error).__name__}{where}.\n"
        f"{say('Next step')}: run it again with --debug before the command and report what it shows."
    )
    return ExitCode.BUG


def _told(error: ChaparError) -> dict[str, object]:
    facts: dict[str, object] = {
        name: value for name, value in error.facts.items() if isinstance(value, _SAFE)
    }
    if isinstance(error, CallFailed):  # the remark stays away: it may name a citizen
        facts = {"reason": error.reason, "code": error.code, **facts}
    own = next((step for kind, step in _NEXT_STEPS.items() if isinstance(error, kind)), None)
    return {
        "sentence": error.sentence,
        "facts": {name: value for name, value in facts.items() if value not in {None, ""}},
        "next_step": error.next_step or own,
    }


def _write(text: str) -> None:
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except OSError:
        # The disk that our words go to is full: the exit code must still say what happened, and at the end
        # what was not written must not be tried again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
