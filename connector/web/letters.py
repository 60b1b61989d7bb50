"""The portals' routes: hand a submission in, and ask how far its letter is.

The order of the first is a promise: everything stored and synced, then the front door, then the answer.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from connector.domain.letter import Submission
from connector.errors import SubmissionInvalid
from connector.intake.form import read_form
from connector.observability.logging import get_logger
from connector.web.body import announced_size, media_type_of, pieces, whole_body
from connector.web.description import ASK_DESCRIPTION, HAND_IN_DESCRIPTION
from connector.web.door import Door
from connector.web.incoming import IncomingFiles
from connector.web.json_form import read_json_form
from connector.web.letter_document import letter_address, letter_document, received_document
from connector.web.multipart_form import MultipartForm
from connector.web.parts import WebParts
from connector.web.problems import JsonAnswer, RequestRefused, Trouble

__all__ = ["letter_routes"]

log = get_logger(__name__)

_JSON = "application/json"
_MULTIPART = "multipart/form-data"


def letter_routes(parts: WebParts) -> APIRouter:
    """Return the routes under ``/portals``."""
    routes = APIRouter(tags=["portal"])
    door = Door(parts.portals, parts.limits.calls_per_minute)
    desk = _Desk(parts)

    @routes.post("/portals/{portal}/letters", **HAND_IN_DESCRIPTION)
    async def hand_in(portal: str, request: Request) -> Response:
        door.let_in(portal, request)
        return await desk.take_in(portal, request)

    @routes.get("/portals/{portal}/letters/{submission_id:path}", **ASK_DESCRIPTION)
    async def ask(portal: str, submission_id: str, request: Request) -> Response:
        door.let_in(portal, request)
        return await run_sync(desk.tell, portal, submission_id)

    return routes


class _Desk:
    """Takes submissions in. One for the whole web."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts
        # Each portal has its own: one that stalls in the middle of its bodies holds up nobody else's.
        places = parts.limits.submissions_at_once
        self._places = {portal: anyio.Semaphore(places) for portal in parts.portals}

    async def take_in(self, portal: str, request: Request) -> Response:
        """Read the submission, make it durable, and answer."""
        kind, content_type = media_type_of(request)
        if kind not in {_JSON, _MULTIPART}:
            raise RequestRefused(Trouble.MEDIA_TYPE_NOT_SUPPORTED)
        limits = self._parts.limits
        limit = limits.largest_json if kind == _JSON else limits.largest_submission
        announced_size(request, limit=limit)
        files = IncomingFiles(self._parts.attachments, self._parts.rules)
        try:
            async with self._place(portal):
                form = await self._read(request, kind, content_type, files, limit)
                return await run_sync(self._admit, portal, form, files)
        except ClientDisconnect:
            log.warning("web.caller_went_away", portal=portal)
            raise
        except SubmissionInvalid as invalid:
            codes = sorted({problem.code for problem in invalid.problems})
            log.info("web.submission_refused", portal=portal, codes=codes, problems=len(invalid.problems))
            raise RequestRefused(Trouble.SUBMISSION_INVALID, problems=invalid.problems) from None
        finally:
            files.abandon()

    def tell(self, portal: str, submission_id: str) -> Response:
        """Return how far the letter is. Raise LetterUnknown if this portal never handed it in."""
        ledger = self._parts.ledger
        return JsonAnswer(letter_document(ledger.state(ledger.find_submission(portal, submission_id))))

    async def _read(
        self, request: Request, kind: str, content_type: str, files: IncomingFiles, limit: int
    ) -> Mapping[str, object]:
        limits = self._parts.limits
        if kind == _JSON:
            body = await whole_body(request, limit=limit, silence=limits.silence)
            return await run_sync(read_json_form, body, files)
        form = MultipartForm(content_type, files, largest_letter=limits.largest_letter)
        async for piece in pieces(request, limit=limit, silence=limits.silence):
            await run_sync(form.feed, piece)
        return form.end()

    def _admit(self, portal: str, form: Mapping[str, object], files: IncomingFiles) -> Response:
        """Check all, keep the files, go through the front door: in this order, so that a refusal leaves nothing."""
        submission = self._checked(portal, form, files)
        self._parts.ledger.known_submission(submission)  # a conflict ends here, before a file is kept
        files.keep()
        admission = self._parts.front_door.admit(submission)
        document: dict[str, Any] = received_document(submission.submission_id, admission)
        if not admission.is_new:
            document = letter_document(self._parts.ledger.state(admission.letter_id))
        address = letter_address(portal, submission.submission_id)
        status = 201 if admission.is_new else 200
        return JsonAnswer(document, status_code=status, headers={"Location": address})

    def _checked(self, portal: str, form: Mapping[str, object], files: IncomingFiles) -> Submission:
        """Return the submission; its files are not kept yet. Raise SubmissionInvalid with all that is wrong."""
        attachments, problems = files.described(), list(files.problems)
        try:
            submission = read_form(portal, form, attachments)
        except SubmissionInvalid as invalid:
            raise SubmissionInvalid([*invalid.problems, *problems]) from None
        if problems:
            raise SubmissionInvalid(problems)
        self._parts.rules.check_together(attachments)
        return submission

    @asynccontextmanager
    async def _place(self, portal: str) -> AsyncIterator[None]:
        """Wait for one of the portal's places; the body is not read meanwhile, so it waits in the network."""
        try:
            with anyio.fail_after(self._parts.limits.silence.total_seconds()):
                await self._places[portal].acquire()
        except TimeoutError:
            raise RequestRefused(Trouble.UNAVAILABLE, headers={"Retry-After": "5"}) from None
        try:
            yield
        finally:
            self._places[portal].release()
