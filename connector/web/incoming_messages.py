"""The gateways' other route: messages that citizens sent, brought to our address."""

from typing import Any, Final
from urllib.parse import parse_qsl

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from connector.observability.logging import get_logger
from connector.web.body import whole_body
from connector.web.gateway_calls import said_in_call
from connector.web.parts import WebParts
from connector.web.problems import RequestRefused, Trouble

__all__ = ["incoming_message_routes"]

log = get_logger(__name__)

_MOST_FIELDS: Final = 100


def incoming_message_routes(parts: WebParts) -> APIRouter:
    """Return the routes under ``/gateways`` that take messages of citizens.

    Answered with 200 and an empty body once the messages are on disk: Kannel takes nothing but 200 and 202 for success,
    and sends a body to the citizen as a reply. What is brought again is taken again and changes nothing.
    """
    routes = APIRouter(tags=["gateway"])
    described: dict[str, Any] = {
        "summary": "Take messages that citizens sent, in the gateway's own form",
        "status_code": 200,
        "response_class": Response,
    }

    @routes.get("/gateways/{gateway}/incoming", **described)
    @routes.post("/gateways/{gateway}/incoming", **described)
    async def take_incoming(gateway: str, request: Request) -> Response:
        if gateway not in parts.incoming or parts.receiving is None:  # what is taken has a place to go
            raise RequestRefused(Trouble.GATEWAY_UNKNOWN)
        limits = parts.limits
        body = await whole_body(request, limit=limits.largest_receipt, silence=limits.silence)
        query, headers = _query(request.scope["query_string"]), dict(request.headers)
        await run_sync(_take_in, parts, gateway, query, body, headers)
        return Response(status_code=200, media_type="text/plain")

    return routes


def _query(written: bytes) -> dict[str, str]:
    """Return the fields of the query. Bytes that are no UTF-8 stand as lone surrogates, so that an adapter can have
    them back: Kannel writes a text there as the centre sent it, in UTF-16.
    """
    try:
        fields = parse_qsl(
            written.decode("ascii", "surrogateescape"),
            keep_blank_values=True,
            errors="surrogateescape",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise RequestRefused(Trouble.INCOMING_UNREADABLE) from None
    return dict(fields)


def _take_in(
    parts: WebParts, gateway: str, query: dict[str, str], body: bytes, headers: dict[str, str]
) -> None:
    """Read the messages and take them in. Raise RequestRefused where the call proves nothing or says nothing."""
    messages = said_in_call(
        lambda: parts.incoming[gateway].read_incoming(query, body, headers),
        lambda reason: log.warning("web.incoming_refused", gateway=gateway, reason=reason),
        unreadable=Trouble.INCOMING_UNREADABLE,
    )
    if parts.receiving is not None and messages:
        new = parts.receiving.take_in(gateway, messages)
        log.info("web.incoming_taken", gateway=gateway, messages=len(messages), new=new)
