"""A web server with everything behind it: uvicorn on a real socket, the real front door, the real ledger on SQLite."""

import http.client
import json
import re
import socket
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from adapters.portals.push import PushPortal
from connector.intake.attachment_rules import AttachmentRules
from connector.intake.front_door import FrontDoor
from connector.intake.routes import load_routes
from connector.ledger.ledger import Ledger
from connector.ledger.opening import open_ledger, prepare_database
from connector.ledger.seal import KeyRing, new_key
from connector.web.application import build_application
from connector.web.parts import WebLimits, WebParts
from connector.web.server import WebServer

TOKEN = "the-token-of-the-city-portal"
PDF = b"%PDF-1.4\n% a small one\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
ROUTES = """
routes:
  - to: {office: farzin, secretariat: central, gateway: sms}
"""


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class House:
    """A web server with everything behind it; what it kept can be looked at."""

    def __init__(self, folder: Path, rules: AttachmentRules | None = None) -> None:
        url = f"sqlite:///{folder / 'chapar.db'}"
        prepare_database(url)
        self.files = folder / "attachments"
        ring = KeyRing(current="one", keys={"one": new_key()}, blind_key=new_key())
        self.ledger: Ledger = open_ledger(url, ring, attachments=self.files)
        (folder / "routes.yaml").write_text(ROUTES)
        self.rules = rules or AttachmentRules(largest=2_000_000, most=3, largest_together=4_000_000)
        self._routes = load_routes(folder / "routes.yaml")
        self.parts = WebParts(
            front_door=FrontDoor(self.ledger, lambda: self._routes, self.rules),
            attachments=self.ledger.attachments,
            rules=self.rules,
            ledger=self.ledger,
            portals={"city": PushPortal(TOKEN), "village": PushPortal("the-token-of-the-village")},
            limits=WebLimits(calls_per_minute=0, largest_submission=5_000_000, silence=timedelta(seconds=10)),
        )
        self.server: WebServer | None = None

    def serve(self, **changes: Any) -> "House":
        """Start with these parts changed, limits by the name of the limit."""
        limits = {name: changes.pop(name) for name in list(changes) if hasattr(self.parts.limits, name)}
        self.parts = replace(self.parts, limits=replace(self.parts.limits, **limits), **changes)
        self.server = WebServer(build_application(self.parts))
        self.server.start()
        return self

    @property
    def port(self) -> int:
        assert self.server is not None
        return self.server.port

    def close(self) -> None:
        if self.server is not None:
            self.server.stop(timedelta(seconds=5))
        self.ledger.close()

    def call(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Make one ordinary call. Header names are written with ``_`` for ``-``."""
        sent = {"Authorization": f"Bearer {TOKEN}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, {k: v for k, v in sent.items() if v})
            answer = connection.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, names, answer.read())
        finally:
            connection.close()

    def hand_in(self, form: Any, **headers: str) -> Answer:
        body = form if isinstance(form, bytes) else json.dumps(form).encode()
        headers.setdefault("Content_Type", "application/json")
        return self.call("POST", "/portals/city/letters", body, **headers)

    def hand_in_multipart(self, form: Any, *files: tuple[str, bytes], **headers: str) -> Answer:
        body = multipart(form, *files)
        return self.hand_in(body, Content_Type="multipart/form-data; boundary=frontier", **headers)

    def raw(self, *pieces: bytes, close: bool = False) -> bytes:
        """Send bytes as they are, then hang up or read the answer that comes back."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as wire:
            for piece in pieces:
                wire.sendall(piece)
            if close:
                return b""
            received = b""
            while not is_whole(received) and (part := wire.recv(65536)):
                received += part
            return received

    def letters(self) -> int:
        return sum(self.ledger.counts().values())

    def kept_files(self) -> list[str]:
        """Names of all files in the attachments folder, whole or half."""
        return sorted(path.name for path in self.files.rglob("*") if path.is_file())


def is_whole(answer: bytes) -> bool:
    """Return whether an answer has come to its end."""
    head, end, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return bool(end) and length is not None and len(body) >= int(length[1])


def form(submission_id: str = "S-1", **changes: Any) -> dict[str, Any]:
    """Return a form that is accepted."""
    return {
        "submission_id": submission_id,
        "service": "general",
        "subject": "درخواست بررسی",
        "text": "با سلام؛\nلطفاً بررسی شود.",
        "sender": {
            "kind": "natural",
            "identity_number": "0012345679",
            "name": "شهروند نمونه",
            "mobile": "09120000000",
        },
        **changes,
    }


def multipart(letter: Any, *files: tuple[str, bytes]) -> bytes:
    """Return a multipart body with the boundary ``frontier``."""
    body = letter if isinstance(letter, bytes) else json.dumps(letter).encode()
    parts = [
        b'Content-Disposition: form-data; name="letter"\r\nContent-Type: application/json\r\n\r\n' + body
    ]
    for name, content in files:
        head = f'Content-Disposition: form-data; name="attachment"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + content)
    return b"".join(b"--frontier\r\n" + part + b"\r\n" for part in parts) + b"--frontier--\r\n"
