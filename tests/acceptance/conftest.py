"""A whole small house on disk: configuration, routes, keys, database, a stranger's office package."""

import os
import shutil
import socket
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from connector.ledger import new_key, prepare_database
from tests.acceptance.daemon import Daemon, Portal, chapar
from tests.acceptance.messages import MessagePipe
from tests.acceptance.office import HeldOffice

TOKEN = "a-token-of-the-portal-for-tests"

CONFIGURATION = """\
[daemon]
node = "{node}"
lease = "{lease}"
stop_within = "{stop_within}"

[log]
format = "json"

[ledger]
url = "{ledger}"
attachments = "{attachments}"

[ledger.keys]
current = "key-1"
ring = {{ key-1 = {{ file = "keys/key-1" }} }}
blind_index = {{ file = "keys/blind-index" }}

[web]
port = {port}

[registration]
retry_first_after = "200ms"
look_up_first_after = "50ms"
look_up_at_most_every = "200ms"

[notification]
facts = ["registered"]

[sending]
window = "00:00-24:00"
window_on_closed_days = "00:00-24:00"

[portals.website]
adapter = "push"
token = {{ file = "keys/token" }}

[offices.municipality]
adapter = "stand_in"
url = "{office}"

[gateways.sms]
adapter = "console"
file = "messages.txt"
"""

ROUTES = """\
routes:
  - to: {office: municipality, secretariat: "1", gateway: sms}
"""


@dataclass
class Place:
    """One test's folder with everything that a daemon needs."""

    folder: Path
    packages: Path
    office: HeldOffice
    port: int
    node: str = "chapar"
    ledger: str = "sqlite:///chapar.db"
    attachments: str = "attachments"

    @property
    def config(self):
        return self.folder / f"{self.node}.toml"

    def other_node(self, node):
        """The same house for one more daemon: its own configuration and port, all else shared."""
        return replace(self, node=node, port=free_port())

    def write_config(self, *, stop_within="20s", lease="10s", extra="", **changes):
        text = CONFIGURATION.format(
            node=self.node,
            lease=lease,
            stop_within=stop_within,
            ledger=self.ledger,
            attachments=self.attachments,
            port=self.port,
            office=self.office.url,
        )
        text += extra
        for old, new in changes.items():
            text = text.replace(old, new)
        self.config.write_text(text, encoding="utf-8")

    def chapar(self, *arguments, **more):
        return chapar(*arguments, "--config", self.config, packages=self.packages, **more)


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    """The stranger's package, installed the ordinary way: a distribution with entry points."""
    folder = tmp_path_factory.mktemp("packages")
    info = folder / "stand_in_office-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stand-in-office\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[chapar.offices]\nstand_in = stand_in_office:OFFICE\n")
    shutil.copy(Path(__file__).parent / "packages" / "stand_in_office.py", folder)
    return folder


@pytest.fixture
def office():
    held = HeldOffice()
    yield held
    held.close()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """A database at this version, made once; every test begins with a copy."""
    made = tmp_path_factory.mktemp("database") / "chapar.db"
    prepare_database(f"sqlite:///{made}")
    return made


@pytest.fixture
def place(tmp_path, packages, office, empty_database):
    """A folder that is ready for ``chapar run``."""
    ready = Place(folder=tmp_path, packages=packages, office=office, port=free_port())
    ready.write_config()
    (tmp_path / "routes.yaml").write_text(ROUTES, encoding="utf-8")
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    for name, secret in (("key-1", new_key()), ("blind-index", new_key()), ("token", TOKEN)):
        descriptor = os.open(keys / name, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secret)
    shutil.copy(empty_database, tmp_path / "chapar.db")
    return ready


@pytest.fixture
def on_postgresql(place, postgresql_url):
    """The same folder with its ledger on PostgreSQL."""
    (place.folder / "chapar.db").unlink()
    place.ledger = postgresql_url
    place.write_config()
    return place


@pytest.fixture
def messages(place):
    """Everything that the citizens are told, as it is told: the gateway's file is a pipe into the test."""
    pipe = MessagePipe(place.folder / "messages.txt")
    yield pipe
    pipe.close()


@pytest.fixture
def start(place):
    """Start daemons that are ended with the test."""
    running = []

    def start(here=place, **more):
        daemon = Daemon(here.config, here.packages, **more)
        running.append(daemon)
        return daemon

    yield start
    for daemon in running:
        daemon.close()


@pytest.fixture
def portal_of():
    """Open portals that hand in at a node's own address."""
    opened = []

    def portal_of(here):
        handing_in = Portal(here.port, TOKEN)
        opened.append(handing_in)
        return handing_in

    yield portal_of
    for handing_in in opened:
        handing_in.close()


@pytest.fixture
def portal(place, portal_of):
    return portal_of(place)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
