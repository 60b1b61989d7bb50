"""The gateways' route: delivery reports that come to our address."""

from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from connector.notification.receipts import take_in_receipt
from connector.observability.logging import get_logger
from connector.web.body import whole_body
from connector.web.gateway_calls import said_in_call
from connector.web.parts import WebParts
from connector.web.problems import RequestRefused, Trouble

__all__ = ["receipt_routes"]

log = get_logger(__name__)


def receipt_routes(parts: WebParts) -> APIRouter:
    """Return the routes under ``/gateways``."""
    routes = APIRouter(tags=["gateway"])
    described: dict[str, Any] = {
        "summary": "Take a delivery report, in the gateway's own form",
        "status_code": 204,
        "response_class": Response,
    }

    @routes.get("/gateways/{gateway}/receipts", **described)
    @routes.post("/gateways/{gateway}/receipts", **described)
    async def take_receipt(gateway: str, request: Request) -> Response:
        if gateway not in parts.gateways:
            raise RequestRefused(Trouble.GATEWAY_UNKNOWN)
        limits = parts.limits
        body = await whole_body(request, limit=limits.largest_receipt, silence=limits.silence)
        query, headers = dict(request.query_params), dict(request.headers)
        await run_sync(_record, parts, gateway, query, body, headers)
        return Response(status_code=204)

    return routes


def _record(
    parts: WebParts, gateway: str, query: dict[str, str], body: bytes, headers: dict[str, str]
) -> None:
    """Read the report and write it down. Raise RequestRefused where it proves nothing or says nothing."""
    report = said_in_call(
        lambda: parts.gateways[gateway].read_receipt(query, body, headers),
        lambda reason: log.warning("web.receipt_refused", gateway=gateway, reason=reason),
        unreadable=Trouble.RECEIPT_UNREADABLE,
    )
    if report is None:
        return
    if take_in_receipt(parts.ledger, gateway, report, parts.second_way):
        outcome = type(report.state).__name__.lower()
        log.info("web.receipt_taken", gateway=gateway, own_id=report.own_id, outcome=outcome)
    else:  # reported twice, or a message that is not ours: the gateway has nothing to mend
        log.info("web.receipt_without_use", gateway=gateway, own_id=report.own_id)
