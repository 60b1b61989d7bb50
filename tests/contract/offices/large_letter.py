"""Registers a letter with a large file and prints by how many KB the peak memory of this process grew.

Run as a process of its own: ``python large_letter.py TRANSPORT URL MAPPINGS FILE``.
"""

import io
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

sys.path.insert(0, str(Path(__file__).parents[3]))

from adapters.offices.rest import OFFICE as REST
from adapters.offices.soap import OFFICE as SOAP
from connector.domain.attachment import Attachment, AttachmentContent
from connector.ports.catalogue import AdapterSite
from tests.contract.offices.requests_to_register import a_request


def peak() -> int:
    """Return the peak resident memory of this process in KB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


def content(opened: Any, size: int) -> AttachmentContent:
    attachment = Attachment(
        name="large.pdf", media_type="application/pdf", size=size, digest=sha256(b"").hexdigest()
    )
    return AttachmentContent(attachment=attachment, open=opened)


def main(transport: str, url: str, mappings: str, file: str) -> None:
    kind = SOAP if transport == "soap" else REST
    secret = {"environment": "OFFICE_SECRET"}
    settings = {
        "mapping": f"simulated-{transport}",
        "http": {"url": url},
        "username": "chapar",
        "password": secret,
        "token": secret,
    }
    site = AdapterSite(name="main", mappings=(Path(mappings),), pool_size=1)
    office = kind.build(kind.settings.model_validate(settings), site)
    office.register(a_request("SMALL", content(lambda: io.BytesIO(b"x" * 300_000), 300_000)))
    before = peak()

    def opened() -> BinaryIO:
        return Path(file).open("rb")

    outcome = office.register(a_request("LARGE", content(opened, Path(file).stat().st_size)))
    office.close()
    print(peak() - before, type(outcome).__name__)


if __name__ == "__main__":
    main(*sys.argv[1:])
