"""What ``/openapi.json`` says of the portals' routes."""

from typing import Any, Final

__all__ = ["ASK_DESCRIPTION", "HAND_IN_DESCRIPTION"]

_TEXT: Final = {"type": "string"}
_MAYBE_TEXT: Final = {"type": ["string", "null"]}


def _record(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


_SENDER: Final = _record(
    ("kind", "identity_number", "name", "mobile"),
    kind={"enum": ["natural", "legal"]},
    identity_number=_TEXT,
    name=_TEXT,
    mobile=_TEXT,
    representative=_MAYBE_TEXT,
    email=_MAYBE_TEXT,
    postcode=_MAYBE_TEXT,
    address=_MAYBE_TEXT,
)
_LETTER: Final = _record(
    ("submission_id", "service", "subject", "text", "sender"),
    submission_id=_TEXT,
    service=_TEXT,
    unit=_MAYBE_TEXT,
    subject=_TEXT,
    text=_TEXT,
    urgency={"enum": ["normal", "urgent", "immediate"]},
    confidentiality={"enum": ["normal", "confidential", "secret"]},
    language={"enum": ["fa", "en"]},
    submitted_at={"type": ["string", "null"], "format": "date-time"},
    fields={"type": "object", "additionalProperties": _TEXT},
    sender=_SENDER,
)
_ATTACHMENT: Final = _record(
    ("name", "content_base64"),
    name=_TEXT,
    media_type=_MAYBE_TEXT,
    content_base64={"type": "string", "contentEncoding": "base64"},
)
_STATE: Final = _record(
    ("submission_id", "tracking_code", "status"),
    submission_id=_TEXT,
    tracking_code=_TEXT,
    tracking_code_grouped=_TEXT,
    status=_TEXT,
    status_since={"type": "string", "format": "date-time"},
    received_at={"type": "string", "format": "date-time"},
    registration={
        **_record(
            number=_TEXT, secretariat=_TEXT, year={"type": ["integer", "null"]}, registered_on=_MAYBE_TEXT
        ),
        "type": ["object", "null"],
    },
    unit=_MAYBE_TEXT,
    answer={**_record(text=_TEXT, number=_MAYBE_TEXT, answered_on=_MAYBE_TEXT), "type": ["object", "null"]},
)
_PROBLEM: Final = _record(
    ("type", "status", "code", "title", "title_fa"),
    type=_TEXT,
    status={"type": "integer"},
    code=_TEXT,
    title=_TEXT,
    title_fa=_TEXT,
    detail=_TEXT,
    problems={"type": "array", "items": _record(field=_TEXT, code=_TEXT, fa=_TEXT, en=_TEXT)},
)
_MULTIPART: Final = _record(
    ("letter",),
    letter=_LETTER,
    attachment={"type": "array", "items": {"type": "string", "format": "binary"}},
)


def _answers(**sentences: str) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI answers: ``s201="…"`` is a letter's state, anything from 400 a problem document."""
    answers: dict[int | str, dict[str, Any]] = {}
    for name, sentence in sentences.items():
        status = int(name[1:])
        content = (
            {"application/json": {"schema": _STATE}}
            if status < 400
            else {"application/problem+json": {"schema": _PROBLEM}}
        )
        answers[status] = {"description": sentence, "content": content}
    return answers


_SECURITY: Final[list[dict[str, list[str]]]] = [{"token": []}]

HAND_IN_DESCRIPTION: Final[dict[str, Any]] = {
    "summary": "Hand a submission in; answered after it is safely on disk",
    "status_code": 201,
    "responses": _answers(
        s200="The same submission was handed in before; nothing new was made.",
        s201="The letter is on disk; this is its tracking code.",
        s400="The body is not well-formed; detail says where.",
        s401="The token is missing or wrong.",
        s404="No portal has this name.",
        s408="The rest of the body did not come; nothing was kept.",
        s409="The submission id was used before with other content.",
        s411="Content-Length is missing.",
        s413="The body is larger than allowed.",
        s415="The body is neither JSON nor a multipart form.",
        s422="The form is not accepted; problems says what is wrong with it, field by field.",
        s429="Too many calls; wait as long as Retry-After says.",
        s500="Something went wrong; send the same request again.",
        s503="Nothing can be stored just now; send the same request again after Retry-After.",
    ),
    "openapi_extra": {
        "security": _SECURITY,
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "allOf": [_LETTER, _record(attachments={"type": "array", "items": _ATTACHMENT})]
                    }
                },
                "multipart/form-data": {
                    "schema": _MULTIPART,
                    "encoding": {"letter": {"contentType": "application/json"}},
                },
            },
        },
    },
}

ASK_DESCRIPTION: Final[dict[str, Any]] = {
    "summary": "Ask how far the letter of a submission is",
    "responses": _answers(
        s200="The letter as it is now.",
        s401="The token is missing or wrong.",
        s404="No portal has this name, or it never handed this submission in.",
        s429="Too many calls; wait as long as Retry-After says.",
        s503="The ledger cannot be read just now.",
    ),
    "openapi_extra": {"security": _SECURITY},
}
