"""Reads one form file: bounded, strict JSON, with every complaint as a field problem for the portal."""

import json
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final

from adapters.portals.folder.spool import disk_trouble, open_inside
from connector.domain.text import to_persian_digits
from connector.errors import FieldProblem, SubmissionInvalid, Unavailable
from connector.ports.portal import SubmittedFile, SubmittedForm

__all__ = ["named_files", "read_form_file"]

_FORM: Final = "form"
_FILE_KEYS: Final = frozenset({"name", "file", "media_type"})


def read_form_file(incoming: Path, name: str, *, limit: int) -> SubmittedForm:
    """Return the form ``NAME.json`` and the files that it names, none of them read yet.

    Raise SubmissionInvalid if it is too large, not JSON (with line and column) or names files in a wrong way, and
    Unavailable if it is not there or not readable just now.
    """
    values = _parsed(_content(incoming, name, limit))
    if not isinstance(values, dict):
        raise _invalid(
            _FORM, "not_an_object", "فرم باید یک شیء JSON باشد.", "The form must be a JSON object."
        )
    files, problems = _files(incoming, values.pop("attachments", []))
    if problems:
        raise SubmissionInvalid(problems)
    return SubmittedForm(data=values, files=files)


def named_files(form: Path, *, limit: int) -> list[str]:
    """Return the files that a form names, as far as it can be read; for moving them after it."""
    try:
        values = _parsed(_content(form.parent, form.stem, limit))
    except (SubmissionInvalid, Unavailable):  # it was refused for exactly this, or is gone
        return []
    attachments = values.get("attachments") if isinstance(values, dict) else None
    entries = attachments if isinstance(attachments, list) else []
    named = [entry.get("file") for entry in entries if isinstance(entry, dict)]
    return [file for file in named if isinstance(file, str) and _is_inside(file)]


def _content(incoming: Path, name: str, limit: int) -> bytes:
    with disk_trouble("The form cannot be read.", "form_unreadable"):
        try:
            with open_inside(incoming, f"{name}.json") as stream:
                content = stream.read(limit + 1)
        except ValueError:
            raise _invalid(
                _FORM, "not_a_file", "فرم یک فایل ساده نیست.", "The form is not a plain file."
            ) from None
    if len(content) > limit:
        raise _invalid(
            _FORM,
            "too_large",
            "فرم از اندازهٔ مجاز بزرگ‌تر است؛ پیوست‌ها را جدا بگذارید.",
            f"The form is larger than {limit} bytes; attachments go into files of their own.",
        )
    return content


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(
            content.decode("utf-8-sig"), object_pairs_hook=_without_doubles, parse_constant=_no_constant
        )
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _malformed(f"line {line}: not UTF-8", line) from None
    except json.JSONDecodeError as error:
        raise _malformed(f"line {error.lineno}, column {error.colno}: {error.msg}", error.lineno) from None
    except RecursionError:
        raise _malformed("nested too deeply", None) from None
    except ValueError as error:  # a key twice, NaN, a number without end
        raise _malformed(str(error).partition(":")[0], None) from None


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return values


def _no_constant(_name: str) -> Any:
    raise ValueError("NaN and Infinity are not JSON")


def _files(incoming: Path, entries: Any) -> tuple[tuple[SubmittedFile, ...], list[FieldProblem]]:
    if not isinstance(entries, list):
        return (), [
            _problem(
                "attachments", "not_a_list", "پیوست‌ها باید یک فهرست باشند.", "Attachments must be a list."
            )
        ]
    files: list[SubmittedFile] = []
    problems: list[FieldProblem] = []
    for index, entry in enumerate(entries):
        found = _file(incoming, index, entry)
        if isinstance(found, FieldProblem):
            problems.append(found)
        else:
            files.append(found)
    return tuple(files), problems


def _file(incoming: Path, index: int, entry: Any) -> SubmittedFile | FieldProblem:
    where = f"attachments[{index}]"
    if not isinstance(entry, dict) or not entry.keys() <= _FILE_KEYS or not _all_text(entry):
        return _problem(
            where,
            "malformed",
            "هر پیوست یک شیء با نام‌های name، file و media_type و مقدار متنی است.",
            "Each attachment is an object with name, file and media_type, all of them text.",
        )
    file = entry.get("file")
    if not file or not _is_inside(file):
        return _problem(
            f"{where}.file",
            "outside",
            "نام فایل باید نسبی و درون پوشهٔ ورودی باشد.",
            "The file must be named relative to the incoming folder and lie inside it.",
        )
    name = entry.get("name") or PurePosixPath(file).name
    return SubmittedFile(
        name=name, declared=entry.get("media_type"), open=partial(_open, incoming, file, where)
    )


def _open(incoming: Path, file: str, where: str) -> BinaryIO:
    with disk_trouble("An attached file cannot be read.", "file_unreadable"):
        try:
            return open_inside(incoming, file)
        except (ValueError, FileNotFoundError):
            raise _invalid(
                where,
                "file_missing",
                "فایل پیوست پیدا نشد.",
                "The attached file was not found as a plain file.",
            ) from None


def _is_inside(file: str) -> bool:
    """Return whether the name stays inside, as far as it can be seen; another submission's form is not a file."""
    path = PurePosixPath(file)
    is_form = len(path.parts) == 1 and path.suffix == ".json"
    return (
        not path.is_absolute()
        and ".." not in path.parts
        and "\x00" not in file
        and bool(path.parts)
        and not is_form
    )


def _all_text(entry: dict[str, Any]) -> bool:
    return all(isinstance(value, str) or (value is None and key != "file") for key, value in entry.items())


def _malformed(what: str, line: int | None) -> SubmissionInvalid:
    place = f" (سطر {to_persian_digits(str(line))})" if line else ""
    return _invalid(
        _FORM, "malformed", f"فرم JSON درستی نیست{place}.", f"The form is not valid JSON: {what}."
    )


def _problem(field: str, code: str, in_persian: str, in_english: str) -> FieldProblem:
    return FieldProblem(field=field, code=code, sentence_fa=in_persian, sentence_en=in_english)


def _invalid(field: str, code: str, in_persian: str, in_english: str) -> SubmissionInvalid:
    return SubmissionInvalid([_problem(field, code, in_persian, in_english)])
