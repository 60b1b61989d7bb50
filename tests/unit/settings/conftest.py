"""A stranger's package with adapters, installed the ordinary way: a distribution on the path."""

from pathlib import Path

import pytest

MODULE = '''
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field
from connector.ports.catalogue import AdapterKind
from connector.transport.secret import SecretReference


class ParcelSettings(BaseModel):
    """Options of the parcel office."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    endpoint: str = Field(description="Address of the office.")
    user: str = Field(default="chapar", description="User name.")
    password: SecretReference | None = Field(default=None, description="Where the password is.")
    mode: int = Field(default=1, description="Mode.", ge=1)
    branch: str = Field(default="1", description="Branch of the office.", pattern="^[0-9]$")
    answer_within: timedelta = Field(default=timedelta(seconds=30), description="Longest silence.")


KIND = AdapterKind(summary="A parcel office.", settings=ParcelSettings, build=lambda settings, site: None)
'''

GOOD = """\
[ledger]
url = "sqlite:///state/chapar.db"
attachments = "state/attachments"

[ledger.keys]
current = "key-1"
ring = { key-1 = { file = "keys/key-1" } }
blind_index = { file = "keys/blind" }

[offices.main]
adapter = "parcel"
endpoint = "https://office.example"
pool_size = 3
"""


@pytest.fixture(autouse=True)
def parcel_adapter(tmp_path, monkeypatch):
    """Install the stranger's package for this test."""
    package = tmp_path / "packages"
    info = package / "parcel_adapters-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: parcel-adapters\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[chapar.offices]\nparcel = parcel_adapters:KIND\n")
    (package / "parcel_adapters.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(package))


@pytest.fixture
def write(tmp_path):
    """Write a configuration file and return its path."""

    def write(text: str) -> Path:
        path = tmp_path / "chapar.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def good() -> str:
    return GOOD
