"""What may not be in a log line is taken out here, before anything else sees it.

Two nets, one behind the other: keys that name something personal or secret are dropped whole, and values
are masked where they look like a mobile number, an identity number, a key or a URL's query.
"""

import re
from collections.abc import Mapping, MutableMapping, Set
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any, Final

__all__ = ["DROPPED_KEYS", "MASK", "mask", "redact"]

MASK: Final = "[…]"

DROPPED_KEYS: Final = frozenset(
    {
        "name", "full_name", "first_name", "last_name", "representative", "sender", "citizen", "person",
        "user", "mobile", "phone", "receptor", "recipient", "email", "address", "postcode",
        "identity_number", "national_id", "national_code", "legal_id",
        "subject", "text", "body", "content", "message", "answer", "remark", "instruction", "fields",
        "submission", "form", "payload", "envelope", "file_name", "filename",
        "password", "passphrase", "secret", "token", "api_key", "apikey", "key", "credential", "credentials",
        "authorization", "cookie", "headers", "signature", "ticket", "session",
        "query", "query_string", "params",
    }
)  # fmt: skip
"""Keys whose values are never logged, compared in lower case with ``-`` as ``_``."""

_OURS: Final = frozenset({"letter_id", "tracking_code", "own_id", "digest", "level", "source"})
"""Keys whose values we made ourselves: they are not masked, even where one looks like a person's."""

_PASSED_ON: Final = frozenset({"exc_info", "_record", "_from_structlog"})

_URL_LOGIN = re.compile(r"(?<=://)[^\s/@?#]+@")
_URL_QUERY = re.compile(r"\?[^\s\"'<>=&]+=[^\s\"'<>]*")
_SCHEME = re.compile(r"\b(Bearer|Basic|Digest|NTLM|Negotiate)\s+[^\s\"',]+", re.IGNORECASE)
_NAMED_SECRET = re.compile(
    r"\b(api[-_ ]?key|token|pass(?:word|wd|phrase)?|secret|authorization)(\"?'?\s*[=:]\s*\"?'?)[^\s\"'&,;]+",
    re.IGNORECASE,
)
_OPAQUE_KEY = re.compile(
    r"(?<![A-Za-z0-9_])(?=[A-Za-z_]*\d)(?=\d*[A-Za-z_])[A-Za-z0-9_]{32,}={0,2}(?![A-Za-z0-9_])"
)
_WEB_TOKEN = re.compile(r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,4}")
# Not after a digit or a capital: our own ids (ULID) are capitals and digits. ``\d`` is every script's digit.
_MOBILE = re.compile(
    r"(?<![\dA-Z])(?:(?:(?:\+|[0۰٠]{2})?[9۹٩][8۸٨]|[0۰٠])[ -]?)?[9۹٩]\d{2}"
    r"[ -]?\d{3}[ -]?\d{2}[ -]?\d{2}(?!\d)"
)
_IDENTITY = re.compile(r"(?<![\dA-Z])(?:\d{10,11}|\d{3}-\d{6}-\d)(?!\d)")


def mask(text: str) -> str:
    """Return the text with everything masked that looks personal or secret."""
    text = _URL_LOGIN.sub(f"{MASK}@", text)
    text = _URL_QUERY.sub(f"?{MASK}", text)
    text = _SCHEME.sub(rf"\1 {MASK}", text)
    text = _WEB_TOKEN.sub(MASK, text)
    text = _NAMED_SECRET.sub(rf"\1\2{MASK}", text)
    text = _OPAQUE_KEY.sub(MASK, text)
    text = _MOBILE.sub(MASK, text)
    return _IDENTITY.sub(MASK, text)


def redact(_logger: Any, _level: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take out of a log event what may not be in it; a structlog processor.

    The names of dropped keys are kept under ``redacted``, so that whoever logged them can find and mend it.
    """
    dropped: list[str] = []
    clean = {
        key: _value(key, value, dropped) for key, value in event.items() if not _is_dropped(key, dropped)
    }
    if dropped:
        clean["redacted"] = sorted(set(dropped))
    return clean


def _is_dropped(key: object, dropped: list[str]) -> bool:
    word = str(key).lower().replace("-", "_")
    if word in DROPPED_KEYS:
        dropped.append(word)
        return True
    return False


def _value(key: object, value: Any, dropped: list[str]) -> Any:
    if key in _PASSED_ON or (key in _OURS and isinstance(value, str | int)):
        return value
    if isinstance(value, Mapping):
        return {
            mask(str(inner)): _value(inner, part, dropped)
            for inner, part in value.items()
            if not _is_dropped(inner, dropped)
        }
    if isinstance(value, list | tuple | Set):
        return [_value(None, part, dropped) for part in value]
    return _plain(value)


def _plain(value: Any) -> Any:  # noqa: PLR0911 - one line for each kind of value
    """Return a single value in a form that is safe to print; where that is not known, its type alone."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, str | PurePath):
        return mask(str(value))
    if isinstance(value, int):
        return value if mask(str(value)) == str(value) else MASK
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    return f"[{type(value).__name__}]"
