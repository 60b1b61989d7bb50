"""A Kavenegar on loopback that holds to its documented rules, with faults on demand."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from connector.simulator.serving import HangUp, LoopbackServer, Reply, Request

Form = dict[str, str]


class Refused(Exception):
    """The call is refused with this ``return.status``."""

    def __init__(self, code: int) -> None:
        self.code = code


@dataclass
class Sent:
    messageid: int
    localid: str
    receptor: str
    text: str
    status: int = 5


@dataclass
class KavenegarServer:
    """Start with ``with``; ``url`` is the address without the key."""

    key: str
    line: str = "30001234"
    credit: int = 1_250_000
    sent: list[Sent] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    answers: list[Callable[[], Reply | None]] = field(default_factory=list)
    """For the coming calls, before the deed: a reply instead of it, or None to go on."""
    after: list[Callable[[], Reply]] = field(default_factory=list)
    """For the coming calls, after the deed: a reply instead of the true one."""

    def __post_init__(self) -> None:
        self._server = LoopbackServer(self._answer)
        self.url = self._server.url

    def __enter__(self) -> "KavenegarServer":
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def texts(self, mobile: str) -> list[str]:
        return [each.text for each in self.sent if each.receptor == mobile]

    def lose_next_answer(self) -> None:
        def hang_up() -> Reply:
            raise HangUp

        self.after.append(hang_up)

    def garble_next_answer(self) -> None:
        self.after.append(lambda: Reply(200, b"<html>Bad Gateway</html>", "text/html"))

    def slow_down_next(self) -> None:
        self.answer_next(429)

    def answer_next(self, code: int, *, status: int | None = None, headers: Form | None = None) -> None:
        self.answers.append(lambda: _reply(code, None, status=status, headers=headers))

    def reply_next(self, reply: Reply) -> None:
        self.answers.append(lambda: reply)

    def _answer(self, request: Request) -> Reply:
        self.paths.append(request.path)
        _, version, key, scope, name = request.path.split("/")
        method = f"{scope}/{name.removesuffix('.json')}"
        self.calls.append(method)
        if version != "v1" or key != self.key:
            return _reply(403, None)
        if self.answers and (instead := self.answers.pop(0)()) is not None:
            return instead
        fields = parse_qs(request.body.read().decode("ascii"), keep_blank_values=True, strict_parsing=False)
        if any(len(values) > 1 for values in fields.values()):
            return _reply(400, None)  # repeated fields are not taken
        form = {name: values[0] for name, values in fields.items()}
        try:
            deed = {
                "sms/send": self._send,
                "sms/sendarray": self._send_array,
                "sms/status": self._status,
                "sms/statuslocalmessageid": self._status_by_local_id,
                "account/info": self._account,
            }.get(method)
            reply = _reply(404, None) if deed is None else _reply(200, deed(form))
        except Refused as refused:
            reply = _reply(refused.code, None)
        return self.after.pop(0)() if self.after else reply

    def _send(self, form: Form) -> list[Form]:
        receptors = _required(form, "receptor").split(",")
        text = _required(form, "message")
        locals_ = form.get("localid", "").split(",") if form.get("localid") else [""] * len(receptors)
        if len(locals_) != len(receptors):
            raise Refused(419)
        return self._take(
            [
                (form.get("sender", self.line), *each)
                for each in zip(receptors, [text] * len(receptors), locals_, strict=True)
            ]
        )

    def _send_array(self, form: Form) -> list[Form]:
        arrays = [_array(form, name) for name in ("sender", "receptor", "message")]
        local_ids = _array(form, "localmessageids") if "localmessageids" in form else [""] * len(arrays[0])
        if len({len(array) for array in [*arrays, local_ids]}) != 1:
            raise Refused(419)
        return self._take(list(zip(*arrays, local_ids, strict=True)))

    def _take(self, rows: list[Any]) -> list[Form]:
        if len(rows) > 200:
            raise Refused(414)
        for sender, receptor, text, local_id in rows:
            if sender != self.line:
                raise Refused(412)
            if not (
                receptor.isascii() and receptor.isdigit() and len(receptor) == 11 and receptor[:2] == "09"
            ):
                raise Refused(411)
            if receptor.endswith("9999"):  # stands for a number that the vendor knows to be none
                raise Refused(411)
            if not text or len(text) > 268:
                raise Refused(413)
            if not str(local_id).isdigit() and local_id != "":
                raise Refused(400)
        entries = []
        for sender, receptor, text, local_id in rows:
            each = Sent(8792343 + len(self.sent), str(local_id), receptor, text)
            self.sent.append(each)
            entries.append(
                {
                    "messageid": each.messageid,
                    "message": text,
                    "status": 1,
                    "statustext": "در صف ارسال",
                    "sender": sender,
                    "receptor": receptor,
                    "date": 1356619709,
                    "cost": 120,
                }
            )
        return entries

    def _status(self, form: Form) -> list[Any]:
        return [
            {"messageid": int(wanted), "status": each.status if each else 100, "statustext": ""}
            for wanted in _listed(form, "messageid")
            for each in [next((s for s in self.sent if str(s.messageid) == wanted), None)]
        ]

    def _status_by_local_id(self, form: Form) -> list[Any]:
        return [
            {
                "messageid": each.messageid if each else 0,
                "localid": wanted,
                "status": each.status if each else 100,
                "statustext": "",
            }
            for wanted in _listed(form, "localid")
            for each in [next((s for s in self.sent if s.localid == wanted), None)]
        ]

    def _account(self, _: Form) -> Any:
        return {"remaincredit": self.credit, "expiredate": 1830000000, "type": "master"}


def _required(form: Form, name: str) -> str:
    if name not in form:
        raise Refused(400)
    if not form[name]:
        raise Refused(406)
    return form[name]


def _array(form: Form, name: str) -> list[Any]:
    try:
        values = json.loads(_required(form, name))
    except ValueError:
        raise Refused(400) from None
    if not isinstance(values, list):
        raise Refused(400)
    return values


def _listed(form: Form, name: str) -> list[str]:
    values = _required(form, name).split(",")
    if len(values) > 500:
        raise Refused(414)
    return values


def _reply(code: int, entries: Any, *, status: int | None = None, headers: Form | None = None) -> Reply:
    document = {"return": {"status": code, "message": "پاسخ سرور نمونه"}, "entries": entries}
    return Reply(status or code, json.dumps(document).encode(), headers=headers or {})
