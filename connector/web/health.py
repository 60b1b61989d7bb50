"""The monitors' routes: is the process alive, is it ready, and its numbers."""

from collections.abc import Sequence

from anyio.to_thread import run_sync
from fastapi import APIRouter, Response

from connector.observability.logging import get_logger
from connector.observability.metrics import METRICS_MEDIA_TYPE, render_metrics
from connector.web.parts import HealthCheck, HealthPart, WebParts
from connector.web.problems import JsonAnswer

__all__ = ["health_routes"]

log = get_logger(__name__)


def health_routes(parts: WebParts) -> APIRouter:
    """Return ``/healthz``, ``/readyz`` and ``/metrics``."""
    routes = APIRouter(tags=["monitor"])

    @routes.get("/healthz", summary="Is the process alive? 503: restart it")
    async def healthz() -> Response:
        return await run_sync(_report, parts.alive)

    @routes.get("/readyz", summary="Can letters move? 503: a sentence for each part says what stands still")
    async def readyz() -> Response:
        return await run_sync(_report, parts.ready)

    @routes.get("/metrics", summary="Numbers in the text format of Prometheus")
    async def metrics() -> Response:
        page = await run_sync(_numbers, parts)
        return Response(page, media_type=METRICS_MEDIA_TYPE)

    return routes


def _report(checks: Sequence[HealthCheck]) -> Response:
    seen = [_look(check) for check in checks]
    is_well = all(part.is_well for part in seen)
    document = {
        "status": "well" if is_well else "unwell",
        "parts": [{"name": part.name, "well": part.is_well, "sentence": part.sentence} for part in seen],
    }
    return JsonAnswer(document, status_code=200 if is_well else 503)


def _look(check: HealthCheck) -> HealthPart:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - a part that cannot even be looked at is not well
        log.warning("web.health_unknown", failure=type(error).__name__)
        return HealthPart(
            name="unknown", is_well=False, sentence=f"A part cannot be looked at: {type(error).__name__}."
        )


def _numbers(parts: WebParts) -> bytes:
    """Return the page; with the ledger away the gauges are old, and the counters still right."""
    if parts.measure is not None:
        try:
            parts.measure()
        except Exception as error:  # noqa: BLE001 - the page is needed most when something is broken
            log.warning("web.gauges_not_fresh", failure=type(error).__name__)
    return render_metrics()
