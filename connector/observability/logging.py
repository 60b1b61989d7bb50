"""The log: facts with keys, one line each, on standard error.

Redaction comes first in the chain, right after the context is gathered, so that no later step ever holds what
may not be written. Other people's libraries log through the same chain, from WARNING upwards.
"""

import logging as standard  # noqa: TID251 - this is the one place where the libraries' own logging is taken in
import sys
import threading
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, Final, Literal, cast

import orjson
import structlog
from structlog.typing import FilteringBoundLogger, Processor

from connector.clock import now
from connector.observability.exceptions import tell_exception
from connector.observability.redaction import mask, redact

__all__ = ["LogFormat", "LogLevel", "configure_logging", "get_logger", "log_uncaught"]

LogFormat = Literal["json", "console"]
LogLevel = Literal["debug", "info", "warning", "error"]

_Event = MutableMapping[str, Any]
_LEVELS: Final[dict[str, int]] = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}


def get_logger(name: str) -> FilteringBoundLogger:
    """Return a logger that writes facts under this name (``__name__`` of the module)."""
    return cast(FilteringBoundLogger, structlog.get_logger(source=name))


def configure_logging(format: LogFormat = "json", level: str = "info") -> None:  # noqa: A002 - the setting's own name
    """Set up the log of this process; may be called again, when the settings are read anew.

    ``json`` writes one object per line, Persian left readable; ``console`` writes for a person at a terminal.
    """
    end: list[Processor]
    if format == "json":
        end = [structlog.processors.JSONRenderer(serializer=_json)]
    else:
        end = [_lines_of_exception, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()), _encoded]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            redact,
            tell_exception,
            structlog.processors.add_log_level,
            _with_time,
            *end,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level.lower()]),
        logger_factory=structlog.BytesLoggerFactory(cast(Any, _StandardError())),
        # Not cached: a level that is read anew on HUP must reach the loggers that modules already hold.
        cache_logger_on_first_use=False,
    )
    _take_in_libraries()


def log_uncaught() -> None:
    """Log what nobody caught, in any thread, and keep Python from printing it with all that it carries."""

    def process_died(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            return
        get_logger(__name__).critical("process.died", exc_info=error)

    def thread_died(what: threading.ExceptHookArgs) -> None:
        if what.exc_value is not None:
            thread = what.thread.name if what.thread else "?"
            get_logger(__name__).critical("process.thread_died", thread=thread, exc_info=what.exc_value)

    sys.excepthook = process_died
    threading.excepthook = thread_died


class _StandardError:
    """Standard error as it is at the moment of writing. A log that cannot be written stops no letter."""

    def write(self, line: bytes) -> None:
        try:
            sys.stderr.buffer.write(line)
        except (OSError, ValueError, AttributeError):
            pass

    def flush(self) -> None:
        try:
            sys.stderr.flush()
        except (OSError, ValueError):
            pass


class _Taken(standard.Handler):
    """Hands a library's record on as a fact of ours."""

    def emit(self, record: standard.LogRecord) -> None:
        """Log the record's sentence without what was filled into it: the values may be a citizen's."""
        log = get_logger(record.name)
        facts = {
            "sentence": mask(str(record.msg))[:500],
            "exc_info": record.exc_info[1] if record.exc_info else None,
        }
        if record.levelno >= _LEVELS["error"]:
            log.error("library.failed", **facts)
        else:
            log.warning("library.warned", **facts)


def _take_in_libraries() -> None:
    root = standard.getLogger()
    for taken in [each for each in root.handlers if isinstance(each, _Taken)]:
        root.removeHandler(taken)
    root.addHandler(_Taken(level=_LEVELS["warning"]))
    root.setLevel(_LEVELS["warning"])
    standard.raiseExceptions = False


def _with_time(_logger: Any, _level: str, event: _Event) -> _Event:
    return {"at": now().isoformat(timespec="milliseconds"), **event}


def _lines_of_exception(_logger: Any, _level: str, event: _Event) -> _Event:
    """Write the exception for a person: one line for each error in the chain, its frames below it."""
    if isinstance(chain := event.get("exception"), list):
        event["exception"] = "\n".join(
            "\n    ".join([f"{each['type']}: {each.get('sentence', '')}", *each["frames"]]) for each in chain
        )
    return event


def _json(event: Any, **_options: Any) -> bytes:
    return orjson.dumps(event, default=lambda value: f"[{type(value).__name__}]")


def _encoded(_logger: Any, _level: str, line: Any) -> bytes:
    return str(line).encode("utf-8", "replace")
