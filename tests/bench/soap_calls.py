"""What a configured SOAP call costs beside a plain zeep call with a default requests session, in one process and run.

Ours holds everything between the letter and the outcome: mapping, rendering, sending, parsing, judging. zeep's holds
the call alone, its values at hand. Processor time of this process is counted; the office is another one. With a large
attachment each way runs in a process of its own, so that its peak of memory is its own too.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from time import process_time
from typing import Any, BinaryIO

import requests
import zeep

from adapters.offices.soap import OFFICE
from connector.domain.attachment import Attachment, AttachmentContent
from connector.domain.registration import LetterReference
from connector.ports.catalogue import AdapterSite
from tests.contract.offices.requests_to_register import a_request

ROOT = Path(__file__).parents[2]
MAPPINGS = ROOT / "mappings"
ROUNDS = 15
CALLS = 40
LARGE = 50 * 1024 * 1024
TEXT = "با سلام و احترام، به پیوست درخواست اینجانب برای بررسی تقدیم می‌گردد. " * 12


def measure() -> dict[str, float]:
    """Return CPU per call of both ways and their ratios, and what 50 MB cost."""
    with _office() as url:
        small = _small(url)
        with tempfile.TemporaryDirectory(prefix="chapar-bench-") as folder:
            path = Path(folder) / "large.pdf"
            path.write_bytes(os.urandom(1024 * 1024) * (LARGE // (1024 * 1024)))
            ours, theirs = (_large(way, url, path) for way in ("chapar", "zeep"))
    return small | {
        "large_growth_mb": ours["growth_mb"],
        "large_growth_zeep_mb": theirs["growth_mb"],
        "large_ratio": ours["cpu_ms"] / theirs["cpu_ms"],
        "large_ms": ours["cpu_ms"],
        "large_zeep_ms": theirs["cpu_ms"],
    }


def _small(url: str) -> dict[str, float]:
    office, client = _ours(url), _zeeps(url)
    request = a_request("K1", subject="درخواست", text=TEXT)
    reference = LetterReference(correlation_key="K1", secretariat="1")
    values = _values(request)
    ways: dict[str, Callable[[], Any]] = {
        "register": partial(office.register, request),
        "register_zeep": lambda: client.RegisterLetter(**values),
        "poll": partial(office.progress, [reference]),
        "poll_zeep": lambda: client.LetterProgress(keys={"key": ["K1"]}),
    }
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for call in ways.values():
        call()
    for _ in range(ROUNDS):
        for name, call in ways.items():
            began = process_time()
            for _ in range(CALLS):
                call()
            spent[name].append((process_time() - began) / CALLS * 1e6)
    cost = {f"{name}_us": statistics.median(found) for name, found in spent.items()}
    return cost | {f"{name}_ratio": _ratio(spent, name) for name in ("register", "poll")}


def _ratio(spent: Mapping[str, list[float]], name: str) -> float:
    """Return the median of the rounds' ratios: what both ways of a round suffer from their neighbours cancels out."""
    pairs = zip(spent[name], spent[f"{name}_zeep"], strict=True)
    return statistics.median(ours / theirs for ours, theirs in pairs)


def _ours(url: str) -> Any:
    os.environ["OFFICE_SECRET"] = "secret"
    settings = {
        "mapping": "simulated-soap",
        "http": {"url": url},
        "username": "chapar",
        "password": {"environment": "OFFICE_SECRET"},
    }
    site = AdapterSite(name="bench", mappings=(MAPPINGS,), pool_size=1)
    return OFFICE.build(OFFICE.settings.model_validate(settings), site)


def _zeeps(url: str) -> Any:
    session = requests.Session()
    session.auth = ("chapar", "secret")
    wsdl = str(MAPPINGS / "offices" / "simulated" / "office.wsdl")
    client: Any = zeep.Client(wsdl, transport=zeep.Transport(session=session))
    return client.create_service("{urn:chapar:simulated-office:1}OfficeSoap", url)


def _values(request: Any) -> dict[str, Any]:
    letter = request.letter
    return {
        "key": request.correlation_key, "secretariat": request.secretariat, "subject": letter.subject,
        "body": letter.text, "senderKind": "natural", "senderId": letter.sender.identity_number,
        "senderName": letter.sender.name, "senderMobile": letter.sender.mobile, "unit": request.unit, "urgency": 2,
        "confidentiality": 2, "letterDate": "1405/08/30", "attachments": {"attachment": []},
    }  # fmt: skip


@contextmanager
def _office() -> Iterator[str]:
    office = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("canned_office.py"))], stdout=subprocess.PIPE, text=True
    )
    assert office.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(office.stdout.readline())}/office"
    finally:
        office.terminate()
        office.wait(5)
        office.stdout.close()


def _large(way: str, url: str, path: Path) -> Mapping[str, float]:
    command = [sys.executable, "-m", "tests.bench.soap_calls", way, url, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    growth, spent = done.stdout.split()
    return {"growth_mb": float(growth), "cpu_ms": float(spent)}


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _send_large(way: str, url: str, path: Path) -> None:
    """Send a small letter, then a large one, and print what the large one cost: MB of peak, ms of CPU."""
    call = _ours_large if way == "chapar" else _zeeps_large
    send = call(url)
    small = path.with_suffix(".small")
    small.write_bytes(b"x" * 300_000)
    send(small)
    before, began = _peak_mb(), process_time()
    send(path)
    sys.stdout.write(f"{_peak_mb() - before} {(process_time() - began) * 1000}\n")


def _ours_large(url: str) -> Callable[[Path], Any]:
    office = _ours(url)

    def send(path: Path) -> Any:
        def opened() -> BinaryIO:
            return path.open("rb")

        size = path.stat().st_size
        attachment = Attachment(
            name="large.pdf", media_type="application/pdf", size=size, digest=sha256(b"").hexdigest()
        )
        return office.register(a_request("K1", AttachmentContent(attachment=attachment, open=opened)))

    return send


def _zeeps_large(url: str) -> Callable[[Path], Any]:
    client, values = _zeeps(url), _values(a_request("K1"))

    def send(path: Path) -> Any:
        file = {"name": "large.pdf", "mediaType": "application/pdf", "content": path.read_bytes()}
        return client.RegisterLetter(**values | {"attachments": {"attachment": [file]}})

    return send


if __name__ == "__main__":
    _send_large(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
