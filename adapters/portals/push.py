"""Push: the portal calls our web address with its submissions, and we call its own with the progress.

In: a bearer token, of which only the digest is kept. Out (where a callback address is configured): one signed
JSON document for each fact, the whole state of the letter in it, so that a repeat changes nothing.
"""

import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connector.clock import Now, now
from connector.errors import CredentialsRejected, Misbehaved, RateLimited, SettingsInvalid, Unavailable
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.portal import PortalCapabilities, Publication
from connector.ports.publication_document import publication_document
from connector.transport.http_options import HttpOptions
from connector.transport.secret import SecretReference

if TYPE_CHECKING:
    from connector.transport.http import HttpAnswer, HttpClient

__all__ = [
    "PORTAL",
    "PublishingPushPortal",
    "PushPortal",
    "PushSettings",
    "signature",
]

SHORTEST_SECRET: Final = 16
"""Characters; a shorter one can be guessed, and a placeholder is usually shorter."""
ANSWER_LIMIT: Final = 64 * 1024


class PushSettings(BaseModel):
    """A portal that hands its submissions in over our web address."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    token: SecretReference = Field(
        description="what the portal proves itself with: Authorization: Bearer …; at least 16 characters"
    )
    callback_url: str | None = Field(
        default=None, description="the portal's address that is told of progress; without it none is told"
    )
    signing_secret: SecretReference | None = Field(
        default=None, description="what our calls to callback_url are signed with; at least 16 characters"
    )
    ca_file: Path | None = Field(
        default=None, description="PEM file of the authorities to trust at callback_url"
    )
    connect_within: timedelta = Field(default=timedelta(seconds=5), description="time to connect")
    answer_within: timedelta = Field(default=timedelta(seconds=20), description="longest silence")
    finish_within: timedelta = Field(
        default=timedelta(minutes=1), description="longest time of one whole call"
    )

    @model_validator(mode="after")
    def _callback_is_signed(self) -> Self:
        if (self.callback_url is None) != (self.signing_secret is None):
            raise ValueError("callback_url and signing_secret are given together, or neither")
        if self.callback_url is not None:
            self.http_options()
        return self

    def http_options(self) -> HttpOptions:
        """Return how the callback address is reached. Raise ValueError when it is no plain address."""
        return HttpOptions(
            url=self.callback_url or "",
            ca_file=self.ca_file,
            connect_within=self.connect_within,
            answer_within=self.answer_within,
            finish_within=self.finish_within,
        )


class PushPortal:
    """A portal that calls us. Thread-safe."""

    def __init__(self, token: str) -> None:
        """Keep the digest of the token."""
        self._token_digest = sha256(token.encode()).digest()

    @property
    def capabilities(self) -> PortalCapabilities:
        """It hands in by calling us; nothing can be written back."""
        return PortalCapabilities()

    def admits(self, authorization: str | None) -> bool:
        """Return whether the header bears the token; a wrong one takes as long as the right one."""
        scheme, _, given = (authorization or "").strip().partition(" ")
        given_digest = sha256(given.strip().encode("utf-8", "surrogateescape")).digest()
        is_same = hmac.compare_digest(given_digest, self._token_digest)
        return is_same and scheme.lower() == "bearer"

    def check(self) -> str:
        """Say that there is nothing to look at: the portal calls us."""
        return "The portal calls us; no callback address is configured."

    def close(self) -> None:
        """Nothing is held."""


class PublishingPushPortal(PushPortal):
    """A portal that calls us and is called back with the progress. Thread-safe."""

    def __init__(self, token: str, *, secret: str, client: "HttpClient", now: Now = now) -> None:
        """Keep the secret that our calls are signed with, and the way to the callback address."""
        super().__init__(token)
        self._secret = secret.encode()
        self._client = client
        self._now = now

    @property
    def capabilities(self) -> PortalCapabilities:
        """It hands in by calling us, and progress can be written back."""
        return PortalCapabilities(publishes=True)

    def publish(self, publication: Publication) -> None:
        """Tell the portal the letter's whole state; a repeat changes nothing.

        Raise Unavailable (try later) for no answer and for 5xx, RateLimited for 429, CredentialsRejected for
        401 and 403, Misbehaved for anything else. 409 says that the portal has seen something newer: done.
        """
        body = json.dumps(publication_document(publication), ensure_ascii=False).encode()
        timestamp = str(int(self._now().timestamp()))
        answer = self._client.request(
            "POST",
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Chapar-Timestamp": timestamp,
                "Chapar-Signature": signature(self._secret, timestamp, body),
            },
            body=body,
            is_safe=True,
            max_answer_bytes=ANSWER_LIMIT,
        )
        _judge(answer, self._now())

    def check(self) -> str:
        """Ask the callback address for its head. Any answer shows that it can be reached."""
        answer = self._client.request("HEAD", is_safe=True, max_answer_bytes=ANSWER_LIMIT)
        return f"The callback address answers (HTTP {answer.status})."

    def close(self) -> None:
        """Close the sockets."""
        self._client.close()


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return the value of ``Chapar-Signature``: HMAC-SHA256 over the timestamp, a dot and the body."""
    return "sha256=" + hmac.new(secret, timestamp.encode() + b"." + body, sha256).hexdigest()


def _judge(answer: "HttpAnswer", at: datetime) -> None:
    """Return where the portal has the news; raise what to do where it has not."""
    status = answer.status
    if 200 <= status < 300 or status == 409:
        return
    reason = f"http_{status}"
    if status in {401, 403}:
        raise CredentialsRejected("The portal refuses our signature.", reason=reason)
    if status == 429:
        wait = _retry_after(answer.headers, at)
        raise RateLimited("The portal asks us to slow down.", reason=reason, retry_after=wait)
    if status >= 500:
        raise Unavailable("The portal cannot take the news just now.", reason=reason)
    raise Misbehaved("The portal does not take the news, and gives no reason that we know.", reason=reason)


def _retry_after(headers: Mapping[str, str], at: datetime) -> timedelta | None:
    """Return how long we are asked to wait (RFC 9110, 10.2.3: seconds or a date), if we are."""
    text = (headers.get("Retry-After") or "").strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=min(int(text[:9]), 10**9))
    try:
        return max(parsedate_to_datetime(text) - at, timedelta())
    except (ValueError, TypeError):
        return None


def _long_enough(secret: SecretReference, what: str) -> str:
    text = secret.reveal()
    if len(text) < SHORTEST_SECRET:
        raise SettingsInvalid(
            f"The {what} has fewer than {SHORTEST_SECRET} characters.",
            next_step="Make a new one (openssl rand -hex 32) and give it to the portal.",
        )
    return text


def _build(settings: PushSettings, site: AdapterSite) -> PushPortal:
    token = _long_enough(settings.token, f"token of the portal {site.name}")
    if settings.signing_secret is None:
        return PushPortal(token)
    from connector.transport.http import HttpClient  # whoever reads settings does without

    secret = _long_enough(settings.signing_secret, f"signing secret of the portal {site.name}")
    return PublishingPushPortal(
        token, secret=secret, client=HttpClient(settings.http_options(), site.pool_size)
    )


PORTAL: Final = AdapterKind(
    summary="The portal hands in over our web address, and is called back with the progress.",
    settings=PushSettings,
    build=_build,
)
