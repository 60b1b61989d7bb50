"""A submission as one JSON object, its files in base64 beside the other fields."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import orjson

from connector.intake.problems import ProblemCode, problem
from connector.web.incoming import IncomingFiles
from connector.web.problems import RequestRefused, Trouble

__all__ = ["read_json_form", "read_json_object"]

_KEYS = frozenset({"name", "media_type", "content_base64"})


def read_json_object(body: bytes, *, what: str) -> dict[str, Any]:
    """Return the JSON object in these bytes. Raise RequestRefused that says where it is broken."""
    try:
        data = orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        where = f"{what}: line {error.lineno}, column {error.colno}."
        raise RequestRefused(Trouble.MALFORMED_JSON, where=where) from None
    if not isinstance(data, dict):
        raise RequestRefused(Trouble.MALFORMED_JSON, where=f"{what}: it must be an object.")
    return data


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
        _write(place, name, declared if isinstance(declared, str) else None, content, files)


def _write(place: str, name: str, declared: str | None, content: str, files: IncomingFiles) -> None:
    try:
        decoded = base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError):
        files.problems.append(problem(f"{place}.content_base64", ProblemCode.NOT_BASE64))
        return
    files.begin(name, declared)
    files.write(decoded)
    files.end()
