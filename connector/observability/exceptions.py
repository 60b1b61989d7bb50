"""How an exception is told in the log: its type and its way through the code, and nothing that it carries.

Local variables hold letters, and the messages of other people's exceptions quote what they were given. So
neither is written: only our own errors bring a sentence, because their sentences are written to be seen.
"""

import sys
from collections.abc import Iterator, MutableMapping
from types import TracebackType
from typing import Any, Final

from connector.errors import ChaparError
from connector.observability.redaction import mask, redact

__all__ = ["tell_exception", "told"]

_FRAMES: Final = 30
_CHAIN: Final = 8


def told(error: BaseException) -> list[dict[str, Any]]:
    """Return the exception and what led to it, the last one first."""
    return [_one(each) for each in _chain(error)]


def tell_exception(_logger: Any, _level: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put what may be told in place of ``exc_info``; a structlog processor."""
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = _error(given)
    if error is not None:
        event["exception"] = told(error)
    return event


def _error(given: Any) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple) and len(given) == 3:
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exc_info()[1] if given else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    now: BaseException | None = error
    while now is not None and id(now) not in seen and len(seen) < _CHAIN:
        seen.add(id(now))
        yield now
        now = now.__cause__ or (None if now.__suppress_context__ else now.__context__)


def _one(error: BaseException) -> dict[str, Any]:
    kind = type(error)
    line: dict[str, Any] = {"type": f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")}
    if isinstance(error, ChaparError):
        line["sentence"] = mask(error.sentence)
        line |= {"facts": redact(None, "", dict(error.facts))} if error.facts else {}
        reason = getattr(error, "reason", "")
        line |= {"reason": mask(reason)} if reason else {}
    line["frames"] = [
        f"{frame.f_globals.get('__name__', '?')}:{number} {frame.f_code.co_name}"
        for frame, number in _frames(error.__traceback__)
    ][-_FRAMES:]
    if isinstance(error, BaseExceptionGroup):
        line["among"] = [_one(each) for each in error.exceptions[:_CHAIN]]
    return line


def _frames(trace: TracebackType | None) -> Iterator[tuple[Any, int]]:
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next
