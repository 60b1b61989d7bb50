"""How a value of a message becomes the text of its simple type."""

import base64
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from zeep.xsd.types import builtins
from zeep.xsd.types.collection import ListType

from connector.transport.soap_particles import Unfit

__all__ = ["text_by"]

_TRUE_WORDS: Final = {"true", "1"}
_FALSE_WORDS: Final = {"false", "0", ""}


def text_by(xsd_type: Any) -> Callable[[Any], str]:
    """Return the function that writes a value by this simple type.

    The function raises Unfit for a list or for fields, and for what is neither yes nor no where one is wanted.
    Text goes out as the mapping wrote it: a date is not read and written anew.
    """
    if isinstance(xsd_type, builtins.Boolean):
        return _boolean
    if isinstance(xsd_type, builtins.Base64Binary):
        return _base64
    if isinstance(xsd_type, ListType):
        return _listed
    return _text


def _listed(value: Any) -> str:
    return " ".join(_text(item) for item in value) if isinstance(value, list) else _text(value)


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, list | dict):
        raise Unfit("one value is wanted here and not several")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def _boolean(value: Any) -> str:
    if isinstance(value, bool | int):
        return "true" if value else "false"
    word = _text(value).strip().lower()
    if word in _TRUE_WORDS:
        return "true"
    if word in _FALSE_WORDS:
        return "false"
    raise Unfit("yes or no is wanted here: true or false")


def _base64(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return _text(value)
