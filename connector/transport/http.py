"""One HTTP connection to another system: pooled, bounded in time and size, and honest about what is known."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import requests
from requests.structures import CaseInsensitiveDict
from urllib3 import Timeout

from connector.clock import monotonic
from connector.errors import Misbehaved, NotPossible
from connector.transport.body import Base64Stream, BodyBroken, StreamedBody
from connector.transport.failures import EXPECTED, meaning
from connector.transport.http_options import HttpOptions, NtlmCredentials, tls_context
from connector.transport.ntlm import NtlmHandshakes
from connector.transport.pace import wait_for_pace
from connector.transport.patience import repeat_safely
from connector.transport.wire import Call, WholeAnswer, WireAdapter, WireHeaders, calling, keep

__all__ = ["Base64Stream", "BodyBroken", "HttpAnswer", "HttpClient", "HttpOptions", "StreamedBody"]

Result = TypeVar("Result")

ANSWER_LIMIT: Final = 4 * 1024 * 1024
"""Bytes of an answer, decompressed, unless the caller says otherwise."""

_PIECE: Final = 64 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpAnswer:
    """What came back, whatever the status. Redirects are not followed: they are answers."""

    status: int
    headers: Mapping[str, str]
    """Looked up without regard to case. Several cookies stand in ``Set-Cookie``, each in a line of its own."""
    body: bytes

    def __repr__(self) -> str:
        """Show the status and the size only: the body may hold a citizen's words."""
        return f"HttpAnswer(status={self.status}, {len(self.body)} bytes)"


class HttpClient:
    """Calls one other system. Safe for as many threads as the pool is large, and more."""

    def __init__(
        self,
        options: HttpOptions,
        pool_size: int,
        *,
        ntlm: NtlmCredentials | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Build the pool and the TLS context. With ``ntlm`` every call begins with a handshake.

        Raise SettingsInvalid when a certificate file cannot be used.
        """
        self._options = options
        self._pause = pause
        self._addresses: dict[str, str] = {}
        """Paths that were asked before, as they are written in an address."""
        self._headers: dict[tuple[tuple[str, str], ...], WireHeaders] = {}
        """Headers that were sent before, looked at and written: nearly every call of a step has the same."""
        connect, self._silence = options.connect_within.total_seconds(), options.answer_within.total_seconds()
        self._longest = options.finish_within.total_seconds()
        self._timeout = Timeout(connect=connect, read=self._silence)
        context = tls_context(options)
        self._adapter = WireAdapter(context=context, pool_size=max(1, pool_size))
        self._ntlm = None if ntlm is None else NtlmHandshakes(ntlm, context)

    def request(
        self,
        method: str,
        url_or_path: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | StreamedBody | None = None,
        params: Mapping[str, str] | None = None,
        is_safe: bool,
        max_answer_bytes: int = ANSWER_LIMIT,
    ) -> HttpAnswer:
        """Send a request and return the answer, whatever its status.

        ``url_or_path`` is joined to the configured address unless it is a whole one. ``is_safe`` says that
        the call changes nothing over there: then it is repeated within seconds, and a failure is always
        Unavailable. Otherwise a failure before the first byte went out is Unavailable, and every later one
        OutcomeUnknown. Raise Misbehaved when the answer is larger than allowed, NotPossible when address or
        headers cannot be written, and CredentialsRejected when our certificate is not accepted.
        """
        try:
            prepared = self._prepare(method, url_or_path, headers, body, params)
        except (requests.RequestException, ValueError):
            raise NotPossible("Address or headers of the call cannot be written as HTTP.") from None

        def once() -> HttpAnswer:
            wait_for_pace()
            return self._send(prepared, is_safe=is_safe, limit=max_answer_bytes)

        return repeat_safely(once, pause=self._pause) if is_safe else once()

    def close(self) -> None:
        """Close every pooled connection. May be called twice."""
        self._adapter.close()
        if self._ntlm is not None:
            self._ntlm.close()

    def _prepare(
        self,
        method: str,
        url_or_path: str,
        headers: Mapping[str, str] | None,
        body: bytes | StreamedBody | None,
        params: Mapping[str, str] | None,
    ) -> requests.PreparedRequest:
        prepared = requests.PreparedRequest()
        prepared.prepare_method(method)
        known = None if params else self._addresses.get(url_or_path)
        if known is not None:
            prepared.url = known
        else:
            prepared.prepare_url(self._url(url_or_path), dict(params) if params else None)
            if not params:
                keep(self._addresses, url_or_path, str(prepared.url))
        prepared.headers = self._written(headers or {})
        # Set by hand: requests would measure the body in its own way and might choose chunks.
        prepared.body = body  # type: ignore[assignment]
        return prepared

    def _written(self, headers: Mapping[str, str]) -> WireHeaders:
        told = tuple(headers.items())
        known = self._headers.get(told)
        if known is None:
            asked = requests.PreparedRequest()
            asked.prepare_headers({"User-Agent": "chapar", "Accept-Encoding": "identity", **headers})
            known = WireHeaders(asked.headers)
            keep(self._headers, told, known)
        return known

    def _url(self, url_or_path: str) -> str:
        if "://" in url_or_path:
            return url_or_path
        base = self._options.url
        return f"{base.rstrip('/')}/{url_or_path.lstrip('/')}" if url_or_path else base

    def _send(self, prepared: requests.PreparedRequest, *, is_safe: bool, limit: int) -> HttpAnswer:
        adapter = self._adapter
        if self._ntlm is not None:
            adapter = self._ntlm.adapter()
            told = self._ntlm.authorization(prepared, self._shake)
            if told is not None:
                prepared.headers = WireHeaders({**prepared.headers, "Authorization": told})
        return self._exchange(
            adapter, prepared, is_safe=is_safe, read=lambda response: _read(response, limit)
        )

    def _shake(self, adapter: WireAdapter, request: requests.PreparedRequest) -> requests.Response:
        """Send one message of a handshake: it changes nothing over there."""
        return self._exchange(adapter, request, is_safe=True, read=_drained)

    def _exchange(
        self,
        adapter: WireAdapter,
        prepared: requests.PreparedRequest,
        *,
        is_safe: bool,
        read: Callable[[requests.Response], Result],
    ) -> Result:
        call = Call(silence=self._silence, deadline=monotonic() + self._longest)
        calling.call = call
        try:
            # The adapter and not the session, which reads what a redirect brings without a bound.
            response = adapter.send(prepared, stream=True, timeout=self._timeout, verify=True)  # type: ignore[arg-type] # it takes one ready made
            try:
                return read(response)
            finally:
                response.close()
        except EXPECTED as error:
            # From None: the library's text holds the address with its query.
            raise meaning(error, has_begun=call.has_begun, is_safe=is_safe) from None
        finally:
            calling.call = None


def _drained(response: requests.Response) -> requests.Response:
    _read(response, ANSWER_LIMIT)
    return response


def _read(response: requests.Response, limit: int) -> HttpAnswer:
    headers: CaseInsensitiveDict[str] = response.headers
    if isinstance(response.raw, WholeAnswer):
        body = response.raw.body
        if len(body) > limit:
            raise _too_large(response, limit)
    else:
        body = _received(response, limit)
        cookies = response.raw.headers.getlist("Set-Cookie") if "Set-Cookie" in headers else []
        if len(cookies) > 1:
            # The library joins them with commas, and a cookie has commas of its own.
            headers["Set-Cookie"] = "\n".join(cookies)
    return HttpAnswer(status=response.status_code, headers=headers, body=body)


def _received(response: requests.Response, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := response.raw.read(_PIECE, decode_content=True):
        size += len(piece)
        if size > limit:
            raise _too_large(response, limit)
        pieces.append(piece)
    return b"".join(pieces)


def _too_large(response: requests.Response, limit: int) -> Misbehaved:
    return Misbehaved(
        "The answer is larger than allowed.",
        reason="answer_too_large",
        limit=limit,
        status=response.status_code,
    )
