"""A submission as one JSON object, its files in base64 beside the other fields."""

import base64
import binascii
import codecs
import json
from collections.abc import Mapping
from typing import Any, Final

import orjson

from connector.intake.problems import ProblemCode, problem
from connector.web.incoming import IncomingFiles
from connector.web.problems import RequestRefused, Trouble

__all__ = ["read_json_form", "read_json_object"]

_KEYS: Final = frozenset({"name", "media_type", "content_base64"})
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class _Twice(Exception):
    """A name stands twice in one object."""


def read_json_object(body: bytes, *, what: str) -> dict[str, Any]:
    """Return the JSON object in these bytes. Raise RequestRefused that says where it is broken.

    A name that stands twice is refused: which of the two the citizen meant, nobody can say.
    """
    text = body.removeprefix(codecs.BOM_UTF8)
    try:
        data = orjson.loads(text)
        json.loads(text, object_pairs_hook=_names_once)
    except orjson.JSONDecodeError as error:
        where = _not_utf8(text) or f"line {error.lineno}, column {error.colno}"
        raise _malformed(f"{what}: {where}.") from None
    except _Twice as twice:
        raise _malformed(f"{what}: the name {twice} stands twice in one object.") from None
    except RecursionError:
        raise _malformed(f"{what}: it is nested too deep.") from None
    if not isinstance(data, dict):
        raise _malformed(f"{what}: it must be an object.")
    return data


def _malformed(where: str) -> RequestRefused:
    return RequestRefused(Trouble.MALFORMED_JSON, where=where)


def _names_once(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise _Twice(json.dumps(name[:50], ensure_ascii=False))
        seen.add(name)


def _not_utf8(text: bytes) -> str | None:
    if text.startswith(_UTF16_MARKS) or b"\x00" in text[:4]:
        return "it looks like UTF-16; write it in UTF-8"
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return f"it is not UTF-8 at byte {error.start + 1}"
    return None


def read_json_form(body: bytes, files: IncomingFiles) -> Mapping[str, object]:
    """Return the form without its attachments, which are written to the files.

    Raise RequestRefused when the JSON is broken. What is wrong with an attachment is among the problems of the files.
    """
    data = read_json_object(body, what="The body")
    attachments = data.pop("attachments", None)
    if attachments is None:
        return data
    if not isinstance(attachments, list):
        files.problems.append(problem("attachments", ProblemCode.NOT_A_LIST))
        return data
    if files.has_room_for(len(attachments)):
        for index, attachment in enumerate(attachments):
            _read_attachment(index, attachment, files)
    return data


def _read_attachment(index: int, attachment: Any, files: IncomingFiles) -> None:
    place = f"attachments[{index}]"
    if not isinstance(attachment, dict):
        files.problems.append(problem(place, ProblemCode.NOT_A_GROUP))
        return
    if set(attachment) - _KEYS:
        files.problems.append(problem(place, ProblemCode.UNKNOWN_KEY))
    name, declared = attachment.get("name"), attachment.get("media_type")
    content = attachment.get("content_base64")
    for field, value, is_needed in (
        ("name", name, True),
        ("media_type", declared, False),
        ("content_base64", content, True),
    ):
        if value is None and is_needed:
            files.problems.append(problem(f"{place}.{field}", ProblemCode.REQUIRED))
        elif value is not None and not isinstance(value, str):
            files.problems.append(problem(f"{place}.{field}", ProblemCode.NOT_TEXT))
    if isinstance(name, str) and isinstance(content, str):
        _write(index, name, declared if isinstance(declared, str) else None, content, files)


def _write(index: int, name: str, declared: str | None, content: str, files: IncomingFiles) -> None:
    try:
        decoded = base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError):
        files.problems.append(problem(f"attachments[{index}].content_base64", ProblemCode.NOT_BASE64))
        return
    files.begin(index, name, declared)
    files.write(decoded)
    files.end()
