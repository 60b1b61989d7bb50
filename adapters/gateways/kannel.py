"""Kannel: the HTTP interface of smsbox (sendsms), with delivery reports called back to us.

Everything travels in ``X-Kannel-`` headers and the body of a POST, so neither the number nor the password stands
in an address. Seen with Kannel 1.4.5. Kannel cannot be asked for a message, so a lost answer stays lost.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import timedelta
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
from connector.ports.outcomes import Accepted, Delivered, Rejected, SendOutcome, Undelivered
from connector.transport.http_options import HttpOptions
from connector.transport.secret import SecretReference

__all__ = ["GATEWAY", "Kannel", "KannelSettings"]

_ALL_REPORTS: Final = "31"
_GSM_CODING: Final = "0"
_UCS2_CODING: Final = "2"


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
        self._client = HttpClient(settings.http, pool_size)
        self.capabilities = GatewayCapabilities(
            reads_receipts=self._receipt_key is not None,
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


def _build(settings: KannelSettings, site: AdapterSite) -> Kannel:
    return Kannel(settings, load_gateway_codes(site.mappings, "kannel"), site.pool_size, site.receipt_url)


GATEWAY: Final = AdapterKind(
    summary="Kannel, HTTP interface of smsbox with delivery reports",
    settings=KannelSettings,
    build=_build,
)
