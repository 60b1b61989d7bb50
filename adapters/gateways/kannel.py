"""Kannel: the HTTP interface of smsbox (sendsms), with delivery reports and messages of citizens called back to us.

Everything travels in ``X-Kannel-`` headers and the body of a POST, so neither the number nor the password stands
in an address. Seen with Kannel 1.4.5. Kannel cannot be asked for a message, so a lost answer stays lost.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from connector.domain.segments import is_gsm
from connector.errors import CredentialsRejected, Misbehaved, SettingsInvalid
from connector.mapping.gateway_codes import (
    AnswerClass,
    DeliveryClass,
    GatewayCodes,
    failure,
    load_gateway_codes,
)
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.gateway import DeliveryReport, GatewayCapabilities, OutgoingMessage
from connector.ports.incoming import IncomingMessage, digest_key
from connector.ports.outcomes import Accepted, Delivered, Rejected, SendOutcome, Undelivered
from connector.transport.http_options import HttpOptions
from connector.transport.secret import SecretReference

__all__ = ["GATEWAY", "Kannel", "KannelSettings"]

_ALL_REPORTS: Final = "31"
_GSM_CODING: Final = "0"
_UCS2_CODING: Final = "2"
_PLAIN_SECRET: Final = re.compile(r"[A-Za-z0-9._~-]{20,}")
"""What stands in an address of Kannel's configuration as it is: a percent sign is replaced, and @ and / divide."""


class KannelSettings(BaseModel):
    """A Kannel of the agency, and the user of its smsbox that we send as."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    http: HttpOptions = Field(
        description="address of sendsms, such as http://127.0.0.1:13013/cgi-bin/sendsms"
    )
    username: str = Field(pattern=r"^[!-~]+$", description="user name of the sendsms-user group")
    password: SecretReference = Field(description="where its password is found")
    sender: str | None = Field(
        default=None,
        pattern=r"^[!-~]+$",
        description="number to send from; without it smsbox's global-sender",
    )
    smsc: str | None = Field(
        default=None, pattern=r"^[!-~]+$", description="smsc-id to send through, where there are several"
    )
    numbers: Literal["national", "international"] = Field(
        default="national", description="how numbers are written: national 09..., international +989..."
    )
    receipt_secret: SecretReference | None = Field(
        default=None,
        description="secret that proves delivery reports, 32 random characters; else none are asked for",
    )
    incoming_secret: SecretReference | None = Field(
        default=None,
        description="secret with which smsbox brings messages of citizens, at least 20 letters and digits; it stands "
        "in smsbox's post-url or get-url too (docs/receiving.md). Without it none are taken",
    )
    delivery_horizon: timedelta = Field(
        default=timedelta(hours=24), description="after this time no delivery report is expected any more"
    )


class Kannel:
    """One smsbox, connected."""

    def __init__(
        self, settings: KannelSettings, codes: GatewayCodes, pool_size: int, receipt_url: str | None = None
    ) -> None:
        """Read the secrets and open the pool; nobody is called. Raise SecretMissing or SettingsInvalid."""
        from connector.transport.http import HttpClient  # whoever reads settings does without

        self._settings = settings
        self._codes = codes
        self._password = settings.password.reveal()
        secret = settings.receipt_secret
        self._receipt_key = secret.reveal().encode() if secret and receipt_url else None
        self._receipt_url = _checked(receipt_url or "")
        self._incoming_key = _incoming_key(settings.incoming_secret)
        self._client = HttpClient(settings.http, pool_size)
        self.capabilities = GatewayCapabilities(
            reads_receipts=self._receipt_key is not None,
            takes_incoming=self._incoming_key is not None,
            delivery_horizon=settings.delivery_horizon,
            concurrency=4,
        )

    def send(self, messages: Sequence[OutgoingMessage]) -> list[SendOutcome]:
        """Send one text. Our own id serves as the reference: this Kannel gives none."""
        (message,) = messages
        code = self._code(self._post(self._addressed(message), message.text, is_safe=False))
        meaning = self._codes.answer(code)
        if meaning is AnswerClass.REJECTED:
            return [Rejected(code=code, reason=self._codes.wording(code))]
        self._raise_unless_done(code)
        return [Accepted(gateway_reference=str(message.own_id))]

    def read_receipt(
        self, query: Mapping[str, str], body: bytes, headers: Mapping[str, str]
    ) -> DeliveryReport | None:
        """Return the report in Kannel's call to our address; None for "queued" and "at the centre".

        Raise CredentialsRejected when the proof does not fit, and Misbehaved for a type that nobody knows.
        """
        own_id, kind = query.get("id", ""), query.get("type", "")
        if self._receipt_key is None or not hmac.compare_digest(
            self._proof(own_id).encode(), query.get("proof", "").encode("utf-8", "replace")
        ):
            raise CredentialsRejected(
                "A delivery report came without the right proof.", reason="receipt_proof"
            )
        match self._codes.delivery(kind):
            case DeliveryClass.DELIVERED:
                return DeliveryReport(own_id=int(own_id), state=Delivered())
            case DeliveryClass.UNDELIVERED:
                return DeliveryReport(own_id=int(own_id), state=Undelivered(code=kind))
            case DeliveryClass.UNDERWAY:
                return None
            case _:
                raise Misbehaved("A delivery report has a type that nobody knows.", reason="unmapped_code")

    def read_incoming(
        self, query: Mapping[str, str], body: bytes, headers: Mapping[str, str]
    ) -> list[IncomingMessage]:
        """Return the message in smsbox's call: by post-url in headers and body, by get-url in the query.

        Raise CredentialsRejected where the secret is missing or wrong, and Misbehaved where no sender is named. A
        message without an id (``%I``) is told from others by all that is in it.
        """
        self._prove_incoming(query, headers)
        is_get = "from" in query
        said = query if is_get else headers
        sender = said.get("from" if is_get else "x-kannel-from", "")
        if not sender:
            raise Misbehaved("smsbox names no sender.", reason="no_sender")
        line = said.get("to" if is_get else "x-kannel-to", "")
        coding = said.get("coding" if is_get else "x-kannel-coding", "")
        time = said.get("time" if is_get else "x-kannel-time", "")
        raw = query.get("text", "").encode("utf-8", "surrogateescape") if is_get else body
        charset = query.get("charset", "") if is_get else headers.get("content-type", "")
        return [
            IncomingMessage(
                gateway_key=query.get("id") or digest_key(sender, line, time, raw.hex()),
                sender=sender,
                line=line,
                text=_decoded(raw, coding, charset),
                sent_at=_instant(time),
            )
        ]

    def check(self) -> str:
        """Knock without a number: smsbox looks at user and password first, and then misses the number."""
        said = self._post(self._identified(), "", is_safe=True)
        if said.startswith("400 Missing receiver"):
            return f"Kannel's smsbox answers and takes the user {self._settings.username}."
        self._raise_unless_done(self._code(said))
        raise Misbehaved("Kannel took a message without a number.", reason="unexpected_answer")

    def close(self) -> None:
        """Close the pool."""
        self._client.close()

    def _post(self, headers: Mapping[str, str], text: str, *, is_safe: bool) -> str:
        answer = self._client.request(
            "POST",
            headers={"Content-Type": "text/plain; charset=UTF-8", **headers},
            body=text.encode("utf-8", "replace"),
            is_safe=is_safe,
        )
        return f"{answer.status} {answer.body[:200].decode('utf-8', 'replace').strip()}"

    def _code(self, said: str) -> str:
        """Return the longest beginning that the code table has, or the bare HTTP status."""
        return max((code for code in self._codes.answers if said.startswith(code)), key=len, default=said[:3])

    def _identified(self) -> dict[str, str]:
        return {"X-Kannel-Username": self._settings.username, "X-Kannel-Password": self._password}

    def _addressed(self, message: OutgoingMessage) -> dict[str, str]:
        headers = self._identified() | {
            "X-Kannel-To": message.mobile,
            "X-Kannel-Coding": _GSM_CODING if is_gsm(message.text) else _UCS2_CODING,
        }
        if self._settings.numbers == "international":
            headers["X-Kannel-To"] = f"+98{message.mobile[1:]}"
        if self._settings.sender:
            headers["X-Kannel-From"] = self._settings.sender
        if self._settings.smsc:
            headers["X-Kannel-SMSC"] = self._settings.smsc
        if self._receipt_key is not None:
            headers["X-Kannel-DLR-Mask"] = _ALL_REPORTS
            headers["X-Kannel-DLR-Url"] = self._callback(str(message.own_id))
        return headers

    def _callback(self, own_id: str) -> str:
        # Kannel fills in %d. %A (the centre's answer) may quote the text, and this is an address: not asked.
        known = urlencode({"id": own_id, "proof": self._proof(own_id)})
        return f"{self._receipt_url}{'&' if '?' in self._receipt_url else '?'}{known}&type=%d"

    def _proof(self, own_id: str) -> str:
        """Return what only we and this one report know: an address that leaks is worth one message."""
        return hmac.new(self._receipt_key or b"", own_id.encode(), hashlib.sha256).hexdigest()[:32]

    def _prove_incoming(self, query: Mapping[str, str], headers: Mapping[str, str]) -> None:
        """smsbox can compute nothing: it brings the secret itself, as a password of its address or in the query."""
        given = (query.get("secret", ""), _password_of(headers.get("authorization", "")))
        known = self._incoming_key or b""
        fits = [hmac.compare_digest(known, each.encode("utf-8", "replace")) for each in given]
        if not (known and any(fits)):
            raise CredentialsRejected("A message came without the right secret.", reason="incoming_secret")

    def _raise_unless_done(self, code: str) -> None:
        problem = failure(
            self._codes.answer(code), gateway="Kannel", code=code, text=self._codes.wording(code)
        )
        if problem is not None:
            raise problem


def _checked(receipt_url: str) -> str:
    if "%" in receipt_url:
        raise SettingsInvalid(
            "The address for delivery reports holds a percent sign, and Kannel would replace it.",
            next_step="Give the connection a name in plain Latin letters.",
        )
    return receipt_url


def _incoming_key(reference: SecretReference | None) -> bytes | None:
    if reference is None:
        return None
    secret = reference.reveal()
    if _PLAIN_SECRET.fullmatch(secret) is None:
        raise SettingsInvalid(
            "The secret for messages of citizens is too short, or cannot stand in an address of smsbox.",
            next_step="Make one of letters and digits: openssl rand -hex 16",
        )
    return secret.encode()


def _password_of(authorization: str) -> str:
    """Return the password of HTTP basic authentication, empty where there is none."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8", "replace").partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _decoded(raw: bytes, coding: str, charset: str) -> str:
    """Return the text. What the centre sent in UCS-2 comes as raw UTF-16, whatever the address makes of it (%b)."""
    is_wide = coding == _UCS2_CODING or "utf-16" in charset.lower()
    return raw.decode("utf-16-be" if is_wide else "utf-8", "replace")


def _instant(time: str) -> datetime | None:
    """Return Kannel's time, which is in UTC; None where it is none."""
    try:
        return datetime.strptime(time, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _build(settings: KannelSettings, site: AdapterSite) -> Kannel:
    return Kannel(settings, load_gateway_codes(site.mappings, "kannel"), site.pool_size, site.receipt_url)


GATEWAY: Final = AdapterKind(
    summary="Kannel, HTTP interface of smsbox with delivery reports",
    settings=KannelSettings,
    build=_build,
)
