"""Fetching a vendor's WSDL, where a person asked for it: bounded, checked, and nothing else than asked."""

import base64
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final
from urllib.parse import urlsplit

from pydantic import ValidationError

from connector.errors import CallFailed, SettingsInvalid
from connector.transport.http import HttpAnswer, HttpClient
from connector.transport.http_options import HttpOptions
from connector.transport.wsdl_documents import DOCUMENT_LIMIT, DocumentBroken

__all__ = ["WsdlFetcher"]

_GOOD: Final = range(200, 300)


class WsdlFetcher:
    """Brings documents from the web. Credentials go to the host of the WSDL and to nobody else."""

    def __init__(
        self,
        url: str,
        *,
        ca_file: Path | None = None,
        username: str | None = None,
        password: str | None = None,
    ) -> None:
        """Prepare for the host of this address. Raise SettingsInvalid where it is none."""
        parts = urlsplit(url)
        self._home = f"{parts.scheme}://{parts.netloc}"
        self._ca_file = ca_file
        self._clients: dict[str, HttpClient] = {}
        self._headers = {"Accept": "text/xml, application/xml, application/wsdl+xml"}
        self._secret: dict[str, str] = {}
        if username is not None and password is not None:
            pair = base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
            self._secret["Authorization"] = f"Basic {pair}"
        self._client(self._home)

    def __enter__(self) -> Callable[[str], bytes]:
        """Return what fetches one document."""
        return self.fetch

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of sockets."""
        for client in self._clients.values():
            client.close()

    def fetch(self, url: str) -> bytes:
        """Return the document at this address. Raise DocumentBroken with why it cannot be had."""
        parts = urlsplit(url)
        home = f"{parts.scheme}://{parts.netloc}"
        headers = {**self._headers, **(self._secret if home == self._home else {})}
        try:
            answer = self._client(home).request(
                "GET", url, headers=headers, is_safe=True, max_answer_bytes=DOCUMENT_LIMIT
            )
        except CallFailed as failure:
            raise DocumentBroken(f"it cannot be fetched: {failure.sentence}") from None
        except SettingsInvalid as error:
            raise DocumentBroken(f"it cannot be fetched: {error.sentence}") from None
        if answer.status not in _GOOD:
            raise DocumentBroken(f"it cannot be fetched: the server answers {answer.status}{_moved(answer)}.")
        return answer.body

    def _client(self, home: str) -> HttpClient:
        if home not in self._clients:
            try:
                options = HttpOptions(url=home, ca_file=self._ca_file)
            except ValidationError as problem:
                told = problem.errors(include_url=False, include_input=False)[0]["msg"]
                raise SettingsInvalid(
                    f"This is no address: {told}.", next_step="Give the address of the WSDL."
                ) from None
            self._clients[home] = HttpClient(options, 1)
        return self._clients[home]


def _moved(answer: HttpAnswer) -> str:
    place = answer.headers.get("Location")
    return f", it is said to be at {place}" if place and 300 <= answer.status < 400 else ""
