"""An office on spyne: the simulated contract, a book in memory. It echoes what it received in answerText.

Run as a process of its own: ``python spyne_office.py PORT``.
"""

# mypy: ignore-errors
# ruff: noqa: RUF012, A002

import hashlib
import json
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from spyne import Application, Boolean, ByteArray, ComplexModel, Fault, Integer, ServiceBase, Unicode, rpc
from spyne.protocol.soap import Soap11
from spyne.server.wsgi import WsgiApplication

NAMESPACE = "urn:chapar:simulated-office:1"
BOOK: dict = {}


class Named(ComplexModel):
    __namespace__ = NAMESPACE


class Attachment(Named):
    _type_info = [("name", Unicode), ("mediaType", Unicode), ("content", ByteArray)]


class Attachments(Named):
    attachment = Attachment.customize(max_occurs="unbounded")


class Keys(Named):
    key = Unicode(max_occurs="unbounded")


class Referral(Named):
    _type_info = [("id", Unicode), ("unit", Unicode), ("date", Unicode), ("confidential", Boolean)]


class Referrals(Named):
    referral = Referral.customize(max_occurs="unbounded")


_REGISTRATION = [("number", Unicode), ("year", Integer), ("date", Unicode), ("documentId", Unicode)]


class Result(Named):
    _type_info = [("resultCode", Integer), ("resultText", Unicode), *_REGISTRATION]


class Letter(Named):
    _type_info = [
        ("key", Unicode),
        ("statusCode", Integer),
        *_REGISTRATION,
        ("referrals", Referrals),
        ("answerText", Unicode),
    ]


class Letters(Named):
    letter = Letter.customize(max_occurs="unbounded")


class ProgressResult(Named):
    letters = Letters


class PingResult(Named):
    status = Unicode


class RegisterCall(Named):
    _type_info = [
        *[(name, Unicode) for name in ("key", "secretariat", "subject", "body", "senderKind", "senderId")],
        *[(name, Unicode) for name in ("senderName", "senderMobile", "unit")],
        ("urgency", Integer),
        ("confidentiality", Integer),
        ("letterDate", Unicode),
        ("attachments", Attachments),
    ]


class FindCall(Named):
    _type_info = [("key", Unicode), ("secretariat", Unicode)]


class ProgressCall(Named):
    keys = Keys


class PingCall(Named):
    nothing = Unicode  # spyne takes no empty message


def bare(name, call, result):
    return rpc(
        call,
        _returns=result,
        _body_style="bare",
        _in_message_name=f"{{{NAMESPACE}}}{name}",
        _out_message_name=f"{{{NAMESPACE}}}{name}Response",
    )


def registration(key):
    number = BOOK[key]["number"]
    return {"number": number, "year": 1405, "date": "1405/08/30", "documentId": f"D{number}"}


class Office(ServiceBase):
    @bare("RegisterLetter", RegisterCall, Result)
    def register(ctx, call):
        if call.subject.startswith("FAULT"):
            raise Fault(faultcode="Server", faultstring="the office broke")
        if call.key in BOOK:
            return Result(resultCode=1, **registration(call.key))
        files = (call.attachments and call.attachments.attachment) or []
        marks = []
        for file in files:
            content = b"".join(file.content or [])
            marks.append(
                {"name": file.name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            )
        BOOK[call.key] = {
            "number": f"{len(BOOK) + 1:06d}",
            "echo": {"subject": call.subject, "body": call.body, "attachments": marks},
        }
        return Result(resultCode=0, resultText="ثبت شد", **registration(call.key))

    @bare("FindLetter", FindCall, Result)
    def find(ctx, call):
        return Result(resultCode=0, **registration(call.key)) if call.key in BOOK else Result(resultCode=4)

    @bare("LetterProgress", ProgressCall, ProgressResult)
    def progress(ctx, call):
        letters = [
            Letter(
                key=key,
                statusCode=4,
                **registration(key),
                referrals=Referrals(
                    referral=[Referral(id="1", unit="امور مالی", date="1405/08/30", confidential=False)]
                ),
                answerText=json.dumps(BOOK[key]["echo"]),
            )
            for key in call.keys.key or []
            if key in BOOK
        ]
        return ProgressResult(letters=Letters(letter=letters))

    @bare("Ping", PingCall, PingResult)
    def ping(ctx, call):
        return PingResult(status="ok")


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Silent(WSGIRequestHandler):
    def log_message(self, format, *args):
        pass


if __name__ == "__main__":
    application = Application([Office], NAMESPACE, in_protocol=Soap11(huge_tree=True), out_protocol=Soap11())
    served = WsgiApplication(application, max_content_length=64 * 1024 * 1024)
    with make_server("127.0.0.1", int(sys.argv[1]), served, Threaded, Silent) as server:
        print("ready", flush=True)
        server.serve_forever()
