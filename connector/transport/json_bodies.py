"""JSON as a body of HTTP: written so that it can always be sent, read with suspicion."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from connector.transport.http import HttpAnswer

__all__ = ["as_json", "json_of", "retry_after"]

_LONGEST_WAIT: Final = timedelta(days=1)


def as_json(document: Any) -> bytes:
    """Return the document as UTF-8. What is no letter at all (a lone surrogate) becomes a question mark."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def json_of(answer: "HttpAnswer") -> Any:
    """Return what the body says, or None where it is no JSON, or JSON of a depth that nobody means."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def retry_after(answer: "HttpAnswer") -> timedelta | None:
    """Return how long the other side asks us to wait, in seconds of at most a day; a date is not read."""
    waited = answer.headers.get("Retry-After", "")
    if not (waited.isascii() and waited.isdigit()):
        return None
    return min(timedelta(seconds=int(waited[:9])), _LONGEST_WAIT)
