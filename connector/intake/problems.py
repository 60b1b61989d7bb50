"""What can be wrong in a submission, each with its sentence in both tongues.

The sentences never repeat what was handed in: they reach logs and screens of portals that we do not know.
"""

from enum import StrEnum
from typing import Final

from connector.domain.text import to_persian_digits
from connector.errors import FieldProblem

__all__ = ["ProblemCode", "problem"]


class ProblemCode(StrEnum):
    """One word for each thing that can be wrong; portals may rely on them."""

    REQUIRED = "required"
    UNKNOWN_KEY = "unknown_key"
    NOT_TEXT = "not_text"
    NOT_A_GROUP = "not_a_group"
    NOT_A_LIST = "not_a_list"
    NOT_BASE64 = "not_base64"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    FORBIDDEN_CHARACTER = "forbidden_character"
    DIRECTION_OVERRIDE = "direction_override"
    LINE_BREAK = "line_break"
    NOT_IN_LIST = "not_in_list"
    NATIONAL_ID = "national_id"
    LEGAL_ID = "legal_id"
    MOBILE = "mobile"
    EMAIL = "email"
    POSTCODE = "postcode"
    INSTANT = "instant"
    EMPTY_FILE = "empty_file"
    FILE_TOO_LARGE = "file_too_large"
    FILES_TOO_LARGE = "files_too_large"
    FILE_MISSING = "file_missing"
    TYPE_NOT_ALLOWED = "type_not_allowed"
    TYPE_DISAGREES = "type_disagrees"
    SUBMISSION_CONFLICT = "submission_conflict"


_SENTENCES: Final[dict[ProblemCode, tuple[str, str]]] = {
    ProblemCode.REQUIRED: ("این قسمت باید پر شود.", "This field must be filled in."),
    ProblemCode.UNKNOWN_KEY: ("این نام شناخته‌شده نیست.", "This name is not known."),
    ProblemCode.NOT_TEXT: ("مقدار باید متن باشد.", "The value must be text."),
    ProblemCode.NOT_A_GROUP: (
        "مقدار باید یک شیء با نام و مقدار باشد.",
        "The value must be an object of names and values.",
    ),
    ProblemCode.NOT_A_LIST: ("مقدار باید یک فهرست باشد.", "The value must be a list."),
    ProblemCode.NOT_BASE64: ("محتوا به شکل base64 نیست.", "The content is not base64."),
    ProblemCode.TOO_LONG: ("حداکثر {limit} نویسه پذیرفته می‌شود.", "At most {limit} characters are accepted."),
    ProblemCode.TOO_MANY: ("حداکثر {limit} مورد پذیرفته می‌شود.", "At most {limit} are accepted."),
    ProblemCode.FORBIDDEN_CHARACTER: (
        "نویسهٔ {points} در نامه پذیرفته نیست.",
        "The character {points} cannot be part of a letter.",
    ),
    ProblemCode.DIRECTION_OVERRIDE: (
        "نویسهٔ {points} جهت نوشته را وارونه نشان می‌دهد و اینجا پذیرفته نیست.",
        "The character {points} turns the text round for its reader and is not accepted here.",
    ),
    ProblemCode.LINE_BREAK: ("این قسمت باید در یک سطر باشد.", "This field must be a single line."),
    ProblemCode.NOT_IN_LIST: (
        "مقدار باید یکی از اینها باشد: {choices}.",
        "The value must be one of: {choices}.",
    ),
    ProblemCode.NATIONAL_ID: ("کد ملی درست نیست.", "The national id is not valid."),
    ProblemCode.LEGAL_ID: ("شناسهٔ ملی شخص حقوقی درست نیست.", "The legal id is not valid."),
    ProblemCode.MOBILE: (
        "شمارهٔ تلفن همراه درست نیست؛ یازده رقم است و با ۰۹ آغاز می‌شود.",
        "The mobile number is not valid; it has eleven digits and begins with 09.",
    ),
    ProblemCode.EMAIL: ("نشانی رایانامه درست نیست.", "The e-mail address is not valid."),
    ProblemCode.POSTCODE: ("کد پستی باید ده رقم باشد.", "The postcode must have ten digits."),
    ProblemCode.INSTANT: (
        "زمان باید به شکل ISO 8601 و با اختلاف ساعت باشد.",
        "The time must be written in ISO 8601 with its offset.",
    ),
    ProblemCode.EMPTY_FILE: ("فایل پیوست خالی است.", "The attached file is empty."),
    ProblemCode.FILE_TOO_LARGE: (
        "فایل پیوست بزرگ‌تر از {limit} مگابایت است.",
        "The attached file is larger than {limit} MB.",
    ),
    ProblemCode.FILES_TOO_LARGE: (
        "پیوست‌ها روی هم بزرگ‌تر از {limit} مگابایت‌اند.",
        "The attachments together are larger than {limit} MB.",
    ),
    ProblemCode.FILE_MISSING: ("فایل پیوست پیدا نشد.", "The attached file was not found."),
    ProblemCode.TYPE_NOT_ALLOWED: (
        "پیوست از این نوع پذیرفته نیست ({media_type}).",
        "Attachments of this type are not accepted ({media_type}).",
    ),
    ProblemCode.TYPE_DISAGREES: (
        "محتوای پیوست ({media_type}) با نوع اعلام‌شده یا نام آن یکی نیست.",
        "The content of the attachment ({media_type}) is not what its name or declared type says.",
    ),
    ProblemCode.SUBMISSION_CONFLICT: (
        "این شناسه پیش از این با محتوای دیگری فرستاده شده است.",
        "This submission id was used before with other content.",
    ),
}


def problem(field: str, code: ProblemCode, **words: object) -> FieldProblem:
    """Return the problem of a field, with its sentences filled in."""
    in_persian, in_english = _SENTENCES[code]
    persian_words = {
        word: to_persian_digits(str(value)) if isinstance(value, int) else value
        for word, value in words.items()
    }
    return FieldProblem(
        field=field,
        code=code.value,
        sentence_fa=in_persian.format(**persian_words),
        sentence_en=in_english.format(**words),
    )
