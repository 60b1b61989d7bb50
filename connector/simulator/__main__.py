"""Offices to develop against: the simulated agency's SOAP and REST offices on fixed ports, for config/chapar.dev.toml.

Run: python -m connector.simulator [FOLDER]. Secrets and keys that are not in the folder yet are made there.
"""

import secrets
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from connector.ledger.seal import new_key
from connector.simulator.book import OfficeBook
from connector.simulator.configuration import OFFICE_USER, SECRETARIATS
from connector.simulator.counter import Counter
from connector.simulator.fates import FateDeck, Pace
from connector.simulator.faults import FaultPlan
from connector.simulator.office_rest import RestDoor
from connector.simulator.office_soap import SoapDoor
from connector.simulator.serving import LoopbackServer

__all__ = ["main"]

SOAP_PORT: Final = 8091
REST_PORT: Final = 8092
FATES: Final = 5
"""The seed by which the offices treat letters: the first two are answered, the third is refused."""


def main() -> None:
    """Serve until ctrl-C."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "var/dev")
    for name in ("key-1", "blind-index"):
        _kept(folder / name, new_key())
    for name in ("incoming", "answers", "taken", "refused"):
        (folder / "portal" / name).mkdir(parents=True, exist_ok=True)
    password, token, _ = (
        _kept(folder / name, secrets.token_hex(16))
        for name in ("office-password", "office-token", "portal-token")
    )
    servers = (
        LoopbackServer(SoapDoor(_counter("main"), OFFICE_USER, password), port=SOAP_PORT),
        LoopbackServer(RestDoor(_counter("branch"), token), port=REST_PORT),
    )
    for server in servers:
        server.start()
        sys.stdout.write(f"An office answers at {server.url}\n")
    sys.stdout.write("Next: chapar db upgrade and chapar run, both with --config config/chapar.dev.toml\n")
    with suppress(KeyboardInterrupt):
        signal.pause()
    for server in servers:
        server.stop()


def _counter(office: str) -> Counter:
    book = OfficeBook(frozenset({SECRETARIATS[office]}), deck=FateDeck(FATES), pace=Pace(), first_number=1201)
    return Counter(book, FaultPlan(1))


def _kept(path: Path, fresh: str) -> str:
    """Return what the file holds; write it with the fresh value where it is not there."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(fresh, encoding="utf-8")
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
