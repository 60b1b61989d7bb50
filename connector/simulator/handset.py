"""An SMS gateway with all its handsets behind it; speaks the documented part of Kavenegar's REST interface.

The key is a part of the path; an answer's ``return.status`` says how it went. Sources: the vendor's public
clients in several languages (send, sendarray, status, statuslocalmessageid, receive, account/info and their codes).
Nobody writes to it: its inbox is empty.
"""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from connector.simulator.faults import Fault, FaultPlan, Injection
from connector.simulator.inbox import DeliveryCode, Inbox, Stored
from connector.simulator.serving import Reply, Request

__all__ = ["HandsetGateway"]

_STATUS_TEXT: Final = {
    DeliveryCode.QUEUED: "در صف ارسال",
    DeliveryCode.SENT_TO_CENTRE: "ارسال شده به مخابرات",
    DeliveryCode.UNDELIVERED: "نرسیده به گیرنده",
    DeliveryCode.DELIVERED: "رسیده به گیرنده",
    DeliveryCode.ID_UNKNOWN: "شناسه پیامک نامعتبر است",
}
_MOST_SENT: Final = 200
_MOST_ASKED: Final = 500
_LONGEST_PERSIAN: Final = 268
_LONGEST_LATIN: Final = 612
"""Characters, four pages each; the vendor's code 413 names 268 for Persian."""


class _Rejected(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(status)
        self.status = status
        self.text = text


@dataclass
class HandsetGateway:
    """Answers requests to the gateway. Give it to a LoopbackServer."""

    inbox: Inbox
    key: str
    sender: str = "10000000"
    faults: FaultPlan = field(default_factory=FaultPlan)

    def __call__(self, request: Request) -> Reply:
        """Answer one call; the parameters come in the query, in a form, or in both."""
        parts = request.path.strip("/").split("/")
        if len(parts) != 4 or parts[0] != "v1":
            return _written(404, "متد نامشخص است", None)
        if not hmac.compare_digest(parts[1].encode(), self.key.encode()):
            return _written(403, "API-Key معتبر نمی‌باشد", None)
        deed = f"{parts[2]}/{parts[3]}"
        try:
            return self._dispatch(deed, _parameters(request))
        except _Rejected as rejected:
            return _written(rejected.status, rejected.text, None)

    def _dispatch(self, deed: str, parameters: dict[str, str]) -> Reply:
        match deed:
            case "sms/send.json":
                return self._send(_one_text(parameters, self.sender))
            case "sms/sendarray.json":
                return self._send(_many_texts(parameters))
            case "sms/status.json":
                return self._status(parameters, "messageid", self.inbox.by_message_id)
            case "sms/statuslocalmessageid.json":
                return self._status(parameters, "localid", self.inbox.by_local_id)
            case "sms/receive.json":
                return self._around("inbox", "", lambda: _written(200, "تایید شد", []))
            case "account/info.json":
                entry = {"remaincredit": 5_000_000, "expiredate": 4_102_444_800, "type": "Master"}
                return self._around("check", "", lambda: _written(200, "تایید شد", entry))
        raise _Rejected(404, "متد نامشخص است")

    def _send(self, messages: Sequence[tuple[str, str, int | None]]) -> Reply:
        if len(messages) > _MOST_SENT:
            raise _Rejected(414, "حجم درخواست بیشتر از حد مجاز است")
        for mobile, text, _ in messages:
            if len(mobile) != 11 or not mobile.isdecimal() or not mobile.startswith("09"):
                raise _Rejected(411, "دریافت کننده نامعتبر است")
            if not text or len(text) > (_LONGEST_LATIN if text.isascii() else _LONGEST_PERSIAN):
                raise _Rejected(413, "پیام خالی است و یا طول پیام بیش از حد مجاز می‌باشد")
        key = str(messages[0][2] or "") if messages else ""
        injection = self.faults.draw("send", key)
        if injection is None:
            return self._take(messages)
        if injection.fault is Fault.BUSY:
            raise _Rejected(409, "سرور قادر به پاسخگوئی نیست بعدا تلاش کنید")
        if injection.fault is Fault.CREDIT_GONE:
            raise _Rejected(418, "اعتبار شما کافی نمی‌باشد")
        if injection.fault is Fault.REFUSE:
            raise _Rejected(422, "داده‌ها به دلیل وجود کاراکتر نامناسب قابل پردازش نیست")
        return _played(injection, lambda: self._take(messages))

    def _take(self, messages: Sequence[tuple[str, str, int | None]]) -> Reply:
        stored = [self.inbox.take(*message) for message in messages]
        return _written(200, "تایید شد", [self._entry(each) for each in stored])

    def _entry(self, stored: Stored) -> dict[str, Any]:
        return {
            "messageid": stored.message_id,
            "message": stored.message.text,
            "status": int(DeliveryCode.QUEUED),
            "statustext": _STATUS_TEXT[DeliveryCode.QUEUED],
            "sender": self.sender,
            "receptor": stored.message.mobile,
            "date": int(stored.message.received_at.timestamp()),
            "cost": 120,
        }

    def _status(self, parameters: dict[str, str], name: str, look: Callable[[int], Stored | None]) -> Reply:
        asked = [part.strip() for part in parameters.get(name, "").split(",")]
        if not all(part.isdecimal() for part in asked):
            raise _Rejected(400, "پارامترها ناقص هستند")
        if len(asked) > _MOST_ASKED:
            raise _Rejected(414, "حجم درخواست بیشتر از حد مجاز است")
        entries = []
        for part in asked:
            stored = look(int(part))
            code = self.inbox.delivery(stored)
            entry: dict[str, Any] = {"messageid": stored.message_id if stored else 0, "status": int(code)}
            entry |= {"localid": part} if name == "localid" else {}
            entries.append(entry | {"statustext": _STATUS_TEXT[code]})
        deed = "find" if name == "localid" else "delivery"
        return self._around(deed, asked[0], lambda: _written(200, "تایید شد", entries))

    def _around(self, deed: str, key: str, do: Callable[[], Reply]) -> Reply:
        injection = self.faults.draw(deed, key)
        return do() if injection is None else _played(injection, do)


def _played(injection: Injection, do: Callable[[], Reply]) -> Reply:
    if injection.fault is Fault.WRONG_PASSWORD:
        return _written(403, "API-Key معتبر نمی‌باشد", None)  # this gateway has words of its own for it
    return injection.around(do)


def _parameters(request: Request) -> dict[str, str]:
    form = request.body.read().decode("utf-8", "replace")
    return {**request.query, **dict(parse_qsl(form, keep_blank_values=True))}


def _one_text(parameters: dict[str, str], sender: str) -> list[tuple[str, str, int | None]]:
    mobiles, text = _wanted(parameters, "receptor").split(","), parameters.get("message", "")
    if parameters.get("sender", sender) != sender:
        raise _Rejected(412, "ارسال کننده نامعتبر است")
    own_ids = parameters.get("localid", "").split(",") if parameters.get("localid") else [""] * len(mobiles)
    if len(own_ids) != len(mobiles):
        raise _Rejected(419, "طول آرایه متن و گیرنده و فرستنده هم اندازه نیست")
    return [(mobile.strip(), text, _number(own_id)) for mobile, own_id in zip(mobiles, own_ids, strict=True)]


def _many_texts(parameters: dict[str, str]) -> list[tuple[str, str, int | None]]:
    mobiles = _array(parameters, "receptor")
    texts = _array(parameters, "message")
    senders = _array(parameters, "sender")
    own_ids = (
        _array(parameters, "localmessageids") if parameters.get("localmessageids") else [""] * len(mobiles)
    )
    if not len(mobiles) == len(texts) == len(senders) == len(own_ids):
        raise _Rejected(419, "طول آرایه متن و گیرنده و فرستنده هم اندازه نیست")
    return [(m, text, _number(own_id)) for m, text, own_id in zip(mobiles, texts, own_ids, strict=True)]


def _array(parameters: dict[str, str], name: str) -> list[str]:
    try:
        read = orjson.loads(_wanted(parameters, name))
    except orjson.JSONDecodeError:
        raise _Rejected(400, "پارامترها ناقص هستند") from None
    if not isinstance(read, list):
        raise _Rejected(400, "پارامترها ناقص هستند")
    return [str(item) for item in read]


def _wanted(parameters: dict[str, str], name: str) -> str:
    if not parameters.get(name):
        raise _Rejected(406, "پارامترهای اجباری خالی ارسال شده‌اند")
    return parameters[name]


def _number(own_id: str) -> int | None:
    if not own_id:
        return None
    if not own_id.isdecimal():
        raise _Rejected(400, "پارامترها ناقص هستند")
    return int(own_id)


def _written(status: int, text: str, entries: Any) -> Reply:
    body = orjson.dumps({"return": {"status": status, "message": text}, "entries": entries})
    return Reply(200 if status == 200 else min(status, 599), body)
