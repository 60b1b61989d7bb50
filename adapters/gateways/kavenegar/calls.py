"""Calls to Kavenegar, with the key in their path: neither key nor address is ever in what comes out of here."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from adapters.gateways.kavenegar.answers import Answer, read
from connector.errors import CallFailed, Misbehaved, RateLimited
from connector.mapping.gateway_codes import AnswerClass, GatewayCodes, failure
from connector.transport.http import HttpClient
from connector.transport.http_options import HttpOptions

__all__ = ["KavenegarCalls"]

_OF_MESSAGES = frozenset({AnswerClass.REJECTED, AnswerClass.BLACKLISTED})


class KavenegarCalls:
    """Asks one account of Kavenegar."""

    def __init__(self, key: str, options: HttpOptions, codes: GatewayCodes, pool_size: int) -> None:
        """Open the pool; nobody is called."""
        self._path = f"v1/{quote(key, safe='')}"
        self._codes = codes
        self._client = HttpClient(options, pool_size)

    def ask(self, method: str, form: Mapping[str, str], *, is_safe: bool) -> Answer:
        """Return the answer, whatever its code. Raise CallFailed as the transport does."""
        try:
            answer = self._client.request(
                "POST",
                f"{self._path}/{method}.json",
                headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
                body=urlencode(form).encode("ascii"),
                is_safe=is_safe,
            )
        except CallFailed as error:
            # What lies below quotes the address, and the key is in it.
            error.__cause__ = error.__context__ = None
            raise
        return read(answer)

    def entries(
        self, method: str, form: Mapping[str, str], *, is_repeatable: bool = True
    ) -> list[Mapping[str, Any]]:
        """Return the entries of a question that went well. Raise CallFailed where it did not."""
        answer = self.ask(method, form, is_safe=is_repeatable)
        self.raise_unless_done(answer)
        entries = [answer.entries] if isinstance(answer.entries, dict) else answer.entries or []
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise Misbehaved(reason="unreadable_answer")
        return entries

    def raise_unless_done(self, answer: Answer) -> None:
        """Raise the failure that the answer's code stands for."""
        meaning, code = self._codes.answer(answer.code), answer.code
        if meaning in _OF_MESSAGES:  # such a code has no place here
            meaning = None
        problem = failure(meaning, gateway="Kavenegar", code=code, text=self._codes.wording(code))
        if isinstance(problem, RateLimited):
            problem.retry_after = answer.retry_after
        if problem is not None:
            raise problem

    def close(self) -> None:
        """Close the pool. May be called twice."""
        self._client.close()
