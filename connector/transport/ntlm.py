"""NTLM over HTTP (MS-NTHT): who we are is settled with a connection, not with a request.

So each thread has a connection of its own here, and the three messages of one handshake go over it without anybody
between. The handshake is made for every call, with an empty request: the letter goes out once, with the last message,
and a server that does not let us in has not seen it. Over TLS the handshake is bound to the server's certificate
(RFC 5929, tls-server-end-point), so that nobody between can pass it on.
"""

import base64
import hashlib
import re
import ssl
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import requests

from connector.errors import CredentialsRejected
from connector.transport.http_options import NtlmCredentials
from connector.transport.wire import WireAdapter

__all__ = ["NtlmHandshakes"]

_CHALLENGE: Final = re.compile(r"(?:^|,)\s*NTLM\s+([A-Za-z0-9+/]+=*)", re.IGNORECASE)

Send = Callable[[WireAdapter, requests.PreparedRequest], requests.Response]
"""Sends a request over an adapter and returns the answer, with its body read."""


class NtlmHandshakes:
    """Connections that know who we are, one for each thread."""

    def __init__(self, credentials: NtlmCredentials, context: ssl.SSLContext) -> None:
        """Keep the credentials; nobody is asked yet."""
        self._credentials = credentials
        self._context = context
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._adapters: list[WireAdapter] = []

    def adapter(self) -> WireAdapter:
        """Return the adapter of this thread; it has one connection."""
        adapter: WireAdapter | None = getattr(self._mine, "adapter", None)
        if adapter is None:
            adapter = self._mine.adapter = WireAdapter(context=self._context, pool_size=1)
            with self._lock:
                self._adapters.append(adapter)
        return adapter

    def authorization(self, request: requests.PreparedRequest, send: Send) -> str | None:
        """Begin a handshake and return the header that ends it; None where the server asks for nothing.

        Raise CredentialsRejected where the server takes no NTLM, and what ``send`` raises.
        """
        import spnego

        host = urlsplit(request.url or "").hostname or "unspecified"
        told = spnego.client(
            self._credentials.username,
            self._credentials.password,
            hostname=host,
            service="http",
            protocol="ntlm",
            options=spnego.NegotiateOptions.use_ntlm,
        )
        first = told.step()
        adapter = self.adapter()
        answer = send(adapter, _empty(request, _header(first)))
        if answer.status_code != 401:
            return None
        challenge = _CHALLENGE.search(answer.headers.get("WWW-Authenticate", ""))
        if challenge is None:
            raise CredentialsRejected("The other system does not take NTLM.", reason="ntlm_not_offered")
        try:
            last = told.step(base64.b64decode(challenge[1]), channel_bindings=_binding(adapter, spnego))
        except (spnego.exceptions.SpnegoError, ValueError):
            raise CredentialsRejected(
                "The other system's part of the NTLM handshake cannot be read.", reason="ntlm_broken"
            ) from None
        return _header(last)

    def close(self) -> None:
        """Close every connection. May be called twice."""
        with self._lock:
            for adapter in self._adapters:
                adapter.close()


def _header(token: bytes | None) -> str:
    return f"NTLM {base64.b64encode(token or b'').decode('ascii')}"


def _empty(request: requests.PreparedRequest, authorization: str) -> requests.PreparedRequest:
    empty = requests.PreparedRequest()
    headers: Mapping[str, str] = {
        **{name: value for name, value in request.headers.items() if name.lower() not in {"content-length"}},
        "Content-Length": "0",
        "Authorization": authorization,
    }
    empty.prepare(method=request.method, url=request.url, headers=dict(headers))
    return empty


def _binding(adapter: WireAdapter, spnego: Any) -> Any:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    certificate = adapter.server_certificate
    if certificate is None:
        return None
    try:
        kind = x509.load_der_x509_certificate(certificate).signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm):
        kind = None
    # RFC 5929, section 4.1: the certificate's own hash, but never less than SHA-256.
    name = kind.name if kind is not None and kind.name not in {"md5", "sha1"} else "sha256"
    digest = hashlib.new(name, certificate).digest()
    return spnego.channel_bindings.GssChannelBindings(application_data=b"tls-server-end-point:" + digest)
