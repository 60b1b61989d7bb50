"""Answers that are not what was asked for: problem documents (RFC 9457) in Persian and English."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

import anyio
import orjson
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from connector.errors import FieldProblem
from connector.ports.problem_document import problem_document

__all__ = ["BODY_IS_READ", "JsonAnswer", "RequestRefused", "Trouble", "problem_answer"]

MEDIA_TYPE: Final = "application/problem+json; charset=utf-8"
BODY_IS_READ: Final = "body_is_read"
"""Whoever reads a body to its end says so under this name in the state of the request."""

_REST_WITHIN: Final = timedelta(seconds=30)


class Trouble(StrEnum):
    """One word for each way in which a request can end otherwise. Callers may rely on them."""

    MALFORMED_REQUEST = "malformed_request"
    MALFORMED_JSON = "malformed_json"
    MALFORMED_MULTIPART = "malformed_multipart"
    RECEIPT_UNREADABLE = "receipt_unreadable"
    INCOMING_UNREADABLE = "incoming_unreadable"
    NOT_AUTHENTICATED = "not_authenticated"
    PORTAL_UNKNOWN = "portal_unknown"
    GATEWAY_UNKNOWN = "gateway_unknown"
    LETTER_UNKNOWN = "letter_unknown"
    ADDRESS_UNKNOWN = "address_unknown"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    BODY_STALLED = "body_stalled"
    SUBMISSION_CONFLICT = "submission_conflict"
    LENGTH_REQUIRED = "length_required"
    TOO_LARGE = "too_large"
    MEDIA_TYPE_NOT_SUPPORTED = "media_type_not_supported"
    SUBMISSION_INVALID = "submission_invalid"
    TOO_MANY_CALLS = "too_many_calls"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"


_ANSWERS: Final[dict[Trouble, tuple[int, str, str]]] = {
    Trouble.MALFORMED_REQUEST: (
        400,
        "این یک درخواست HTTP درست نیست.",
        "This is not a well-formed HTTP request.",
    ),
    Trouble.MALFORMED_JSON: (400, "بدنهٔ درخواست JSON درست نیست.", "The body is not well-formed JSON."),
    Trouble.MALFORMED_MULTIPART: (
        400,
        "بدنهٔ درخواست multipart درست نیست.",
        "The body is not a well-formed multipart form.",
    ),
    Trouble.RECEIPT_UNREADABLE: (
        400,
        "گزارش تحویل خوانده نشد.",
        "The delivery report cannot be read.",
    ),
    Trouble.INCOMING_UNREADABLE: (
        400,
        "پیامک رسیده خوانده نشد.",
        "The message that was brought cannot be read.",
    ),
    Trouble.NOT_AUTHENTICATED: (
        401,
        "توکن دسترسی فرستاده نشده یا درست نیست.",
        "The access token is missing or wrong.",
    ),
    Trouble.PORTAL_UNKNOWN: (404, "درگاهی با این نام نیست.", "No portal has this name."),
    Trouble.GATEWAY_UNKNOWN: (404, "سامانهٔ پیامکی با این نام نیست.", "No gateway has this name."),
    Trouble.LETTER_UNKNOWN: (
        404,
        "نامه‌ای با این شناسه از این درگاه نرسیده است.",
        "No letter came from this portal with this submission id.",
    ),
    Trouble.ADDRESS_UNKNOWN: (404, "در این نشانی چیزی نیست.", "There is nothing at this address."),
    Trouble.METHOD_NOT_ALLOWED: (
        405,
        "این روش در این نشانی پذیرفته نیست.",
        "This method is not allowed at this address.",
    ),
    Trouble.BODY_STALLED: (
        408,
        "ادامهٔ بدنهٔ درخواست نرسید؛ چیزی ذخیره نشد.",
        "The rest of the body did not come; nothing was kept.",
    ),
    Trouble.SUBMISSION_CONFLICT: (
        409,
        "این شناسه پیش از این با محتوای دیگری به کار رفته است؛ چیزی تغییر نکرد.",
        "This submission id was used before with other content; nothing was changed.",
    ),
    Trouble.LENGTH_REQUIRED: (
        411,
        "اندازهٔ بدنه را در Content-Length بنویسید.",
        "Give the size of the body in Content-Length.",
    ),
    Trouble.TOO_LARGE: (413, "بدنهٔ درخواست بزرگ‌تر از حد مجاز است.", "The body is larger than allowed."),
    Trouble.MEDIA_TYPE_NOT_SUPPORTED: (
        415,
        "فرم را به شکل application/json یا multipart/form-data بفرستید.",
        "Send the form as application/json or multipart/form-data.",
    ),
    Trouble.SUBMISSION_INVALID: (
        422,
        "فرم پذیرفته نشد؛ ایرادها در problems آمده است.",
        "The form is not accepted; problems says what is wrong with it.",
    ),
    Trouble.TOO_MANY_CALLS: (
        429,
        "درخواست‌ها بیش از اندازه است؛ کمی صبر کنید.",
        "Too many calls; wait a little.",
    ),
    Trouble.INTERNAL: (
        500,
        "خطایی رخ داد. همین درخواست را دوباره بفرستید؛ نامه دو بار ثبت نمی‌شود.",
        "Something went wrong. Send the same request again; no letter is made twice.",
    ),
    Trouble.UNAVAILABLE: (
        503,
        "اکنون نمی‌توان چیزی ذخیره کرد. همین درخواست را دوباره بفرستید؛ نامه دو بار ثبت نمی‌شود.",
        "Nothing can be stored just now. Send the same request again; no letter is made twice.",
    ),
}


class RequestRefused(Exception):
    """A request ends here with a problem document. Raised anywhere below a route, answered in one place."""

    def __init__(
        self,
        trouble: Trouble,
        *,
        where: str | None = None,
        problems: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what goes into the answer; ``where`` says at which place of the body, never what stood there."""
        super().__init__(trouble)
        self.trouble = trouble
        self.where = where
        self.problems = tuple(problems)
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        return _ANSWERS[self.trouble][0]


class JsonAnswer(Response):
    """JSON in UTF-8, Persian left readable."""

    media_type = "application/json; charset=utf-8"

    def render(self, content: Any) -> bytes:
        """Return the bytes."""
        return orjson.dumps(content)


class _ProblemAnswer(JsonAnswer):
    """Is sent at once; then what the caller still sends is thrown away for a while, so that it comes to read us.

    A caller that is cut off while it sends sees a broken connection and would try the same again for ever.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._is_early(scope):
            await super().__call__(scope, receive, send)
            return

        async def send_but_the_end(message: Message) -> None:
            await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

        await super().__call__(scope, receive, send_but_the_end)
        with anyio.move_on_after(_REST_WITHIN.total_seconds()):
            while (await receive()).get("more_body"):
                pass
        await send({"type": "http.response.body", "body": b""})

    def _is_early(self, scope: Scope) -> bool:
        """Return whether there is a rest of a body to wait for: not where the caller waits for leave to send it."""
        headers = Headers(scope=scope)
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        is_read = scope.get("state", {}).get(BODY_IS_READ, False)
        return has_body and not is_read and "expect" not in headers and "connection" not in self.headers


def problem_answer(refused: RequestRefused) -> Response:
    """Return the problem document."""
    status, in_persian, in_english = _ANSWERS[refused.trouble]
    document: dict[str, Any] = {
        "type": f"urn:chapar:problem:{refused.trouble}",
        "status": status,
        "code": str(refused.trouble),
        "title": in_english,
        "title_fa": in_persian,
    }
    if refused.where:
        document["detail"] = refused.where
    if refused.problems:
        document["problems"] = [problem_document(each) for each in refused.problems]
    return _ProblemAnswer(document, status_code=status, headers=refused.headers, media_type=MEDIA_TYPE)
