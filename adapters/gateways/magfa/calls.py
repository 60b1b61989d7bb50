"""Calls to Magfa: JSON both ways, a Basic user, and the code of the whole call."""

import base64
from collections.abc import Mapping
from typing import Any

import orjson

from connector.errors import CredentialsRejected, Misbehaved, RateLimited
from connector.mapping.gateway_codes import AnswerClass, GatewayCodes, failure
from connector.transport.http import HttpAnswer, HttpClient
from connector.transport.http_options import HttpOptions

__all__ = ["MagfaCalls"]

_OF_MESSAGES = frozenset({AnswerClass.REJECTED, AnswerClass.BLACKLISTED})


class MagfaCalls:
    """Asks one account of Magfa."""

    def __init__(
        self, user: str, password: str, options: HttpOptions, codes: GatewayCodes, pool_size: int
    ) -> None:
        """Open the pool; nobody is called."""
        basic = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
        self._headers = {
            "Authorization": f"Basic {basic}",
            "Accept": "application/json",
            "Content-Type": "application/json",
            "Cache-Control": "no-cache",
        }
        self._codes = codes
        self._client = HttpClient(options, pool_size)

    def ask(
        self, method: str, path: str, document: Mapping[str, Any] | None = None, *, is_safe: bool
    ) -> Mapping[str, Any]:
        """Return the answer's document, which has a ``status``, whatever it says. Raise CallFailed."""
        body = None if document is None else orjson.dumps(document)
        return _read(self._client.request(method, path, headers=self._headers, body=body, is_safe=is_safe))

    def raise_unless_done(self, code: str) -> None:
        """Raise the failure that the code of a whole call stands for."""
        meaning = self._codes.answer(code)
        if meaning in _OF_MESSAGES:  # such a code has no place here
            meaning = None
        problem = failure(meaning, gateway="Magfa", code=code, text=self._codes.wording(code))
        if problem is not None:
            raise problem

    def close(self) -> None:
        """Close the pool. May be called twice."""
        self._client.close()


def _read(answer: HttpAnswer) -> Mapping[str, Any]:
    try:
        document = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        document = None
    if isinstance(document, dict) and type(document.get("status")) is int:
        return document
    code = f"http_{answer.status}"
    if answer.status == 401:
        raise CredentialsRejected(reason="credentials_rejected", code=code)
    if answer.status == 429:
        raise RateLimited(reason="rate_limited", code=code)
    raise Misbehaved(
        "Magfa answered with something that is not its JSON.", reason="unreadable_answer", code=code
    )
