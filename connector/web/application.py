"""The web application: the routes, and the one place where errors become answers."""

from collections.abc import Container
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connector import __version__
from connector.errors import ChaparError, LedgerUnavailable, LetterUnknown, LostRace, SubmissionConflict
from connector.observability.logging import get_logger
from connector.observability.metrics import count_refused_request
from connector.web.health import health_routes
from connector.web.incoming_messages import incoming_message_routes
from connector.web.letters import letter_routes
from connector.web.parts import WebParts
from connector.web.problems import RequestRefused, Trouble, problem_answer
from connector.web.receipts import receipt_routes

__all__ = ["build_application"]

log = get_logger(__name__)

_SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_SOON: Final = {"Retry-After": "5"}


def build_application(parts: WebParts) -> FastAPI:
    """Return the application. It holds no state of its own; what it calls is in the parts."""
    application = FastAPI(
        title="Chapar",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        # Pages with assets of others are not served; the description itself is.
        openapi_url="/openapi.json",
    )
    application.include_router(letter_routes(parts))
    application.include_router(receipt_routes(parts))
    application.include_router(incoming_message_routes(parts))
    application.include_router(health_routes(parts))
    answering = _Answering(parts.portals)
    for kind in (RequestRefused, ChaparError, HTTPException, RequestValidationError):
        application.add_exception_handler(kind, answering.answer)
    application.add_middleware(_Guard)
    _describe_token(application)
    return application


class _Answering:
    """Turns errors into answers, and counts them."""

    def __init__(self, portals: Container[str]) -> None:
        self._portals = portals

    async def answer(self, request: Request, error: Exception) -> Response:
        """Return the problem document of an error that ended a request."""
        refused = _meaning(error)
        count_refused_request(self._word(request), refused.trouble)
        if refused.status >= 500:
            log.error("web.request_failed", trouble=str(refused.trouble), exc_info=error)
        return problem_answer(refused)

    def _word(self, request: Request) -> str:
        # Anybody may ask for any portal: what is not one of ours must not become a label that stays for ever.
        portal = request.path_params.get("portal")
        if portal is None:
            return "none"
        return str(portal) if portal in self._portals else "unknown"


def _meaning(error: Exception) -> RequestRefused:  # noqa: PLR0911 - one line for each kind of error
    """Return the answer that says to the caller what to do next."""
    match error:
        case RequestRefused():
            return error
        case SubmissionConflict():
            return RequestRefused(Trouble.SUBMISSION_CONFLICT)
        case LetterUnknown():
            return RequestRefused(Trouble.LETTER_UNKNOWN)
        case LedgerUnavailable() | LostRace():
            return RequestRefused(Trouble.UNAVAILABLE, headers=_SOON)
        case HTTPException(status_code=405):
            return RequestRefused(Trouble.METHOD_NOT_ALLOWED, headers=error.headers)
        case HTTPException(status_code=404) | RequestValidationError():
            return RequestRefused(Trouble.ADDRESS_UNKNOWN)
    return RequestRefused(Trouble.INTERNAL)


class _Guard:
    """Around everything: safe headers on each answer, and no exception leaves with what it carries."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        has_begun = False

        async def send_safely(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers = MutableHeaders(scope=message)
                for name, value in _SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_safely)
        except ClientDisconnect:
            return
        except Exception as error:
            log.error("web.request_failed", trouble=str(Trouble.INTERNAL), exc_info=error)
            if has_begun:
                raise
            await problem_answer(RequestRefused(Trouble.INTERNAL))(scope, receive, send_safely)


def _describe_token(application: FastAPI) -> None:
    """Say in ``/openapi.json`` how a portal proves itself."""
    plain = application.openapi

    def described() -> dict[str, Any]:
        document = plain()
        schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes["token"] = {"type": "http", "scheme": "bearer"}
        return document

    application.openapi = described  # type: ignore[method-assign]
