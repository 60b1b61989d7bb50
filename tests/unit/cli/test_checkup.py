"""The check-up: every connection is asked at once, and none may keep the others or the command waiting."""

import os
from datetime import timedelta

import pytest

from connector.assembly.checkup import Verdict, checkup
from connector.assembly.ledger import open_settings_ledger
from connector.ledger import new_key, prepare_database
from connector.settings.load import load_settings
from connector.testing.builders import a_submission

MODULE = """
import threading
from pydantic import BaseModel
from connector.transport.http_options import HttpOptions
from connector.ports.catalogue import AdapterKind
from connector.ports.office import OfficeCapabilities

NEVER = threading.Event()


class Options(BaseModel):
    manner: str
    http: HttpOptions | None = None


class Office:
    capabilities = OfficeCapabilities()

    def __init__(self, options, site):
        self.manner = options.manner

    def check(self):
        if self.manner == "silent":
            NEVER.wait(60)
        if self.manner == "broken":
            raise RuntimeError("hunter2")
        return "Here."

    def close(self):
        pass


KIND = AdapterKind(summary="An office of some manner.", settings=Options, build=Office)
"""

CONFIGURATION = """
[ledger]
url = "sqlite:///chapar.db"
attachments = "attachments"
[ledger.keys]
current = "key-1"
ring = { key-1 = { file = "key" } }
blind_index = { file = "key" }
[offices.well]
adapter = "mannered"
manner = "well"
[offices.silent]
adapter = "mannered"
manner = "silent"
[offices.broken]
adapter = "mannered"
manner = "broken"
[offices.seen]
adapter = "mannered"
manner = "well"
http = { url = "http://office.invalid" }
[offices.near]
adapter = "mannered"
manner = "well"
http = { url = "http://127.0.0.1:8080" }
[offices.sealed]
adapter = "mannered"
manner = "well"
http = { url = "https://office.invalid" }
[gateways.sms]
adapter = "console"
"""


@pytest.fixture
def findings(tmp_path, monkeypatch):
    """What a check-up finds in a house with a well, a silent and a broken office."""
    info = tmp_path / "mannered_office-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mannered-office\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[chapar.offices]\nmannered = mannered_office:KIND\n")
    (tmp_path / "mannered_office.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "key").write_text(new_key())
    (tmp_path / "routes.yaml").write_text('routes: [{to: {office: well, secretariat: "1", gateway: sms}}]')
    file = tmp_path / "chapar.toml"
    file.write_text(CONFIGURATION)
    prepare_database(f"sqlite:///{tmp_path / 'chapar.db'}")
    return {
        found.name: found for found in checkup(load_settings(file), file=file, within=timedelta(seconds=2))
    }


def test_a_silent_office_is_named_and_nobody_waits_for_it(findings):
    silent = findings["offices.silent"]
    assert silent.verdict is Verdict.WRONG
    assert silent.is_unreachable
    assert "There was no answer within 2 seconds." in silent.sentence


def test_an_adapter_that_breaks_down_is_named_without_what_it_said(findings):
    broken = findings["offices.broken"]
    assert broken.verdict is Verdict.WRONG
    assert "hunter2" not in broken.sentence + str(broken.next_step)


def test_a_connection_that_others_can_read_on_the_way_is_a_doubt(findings):
    seen = findings["offices.seen"]
    assert (seen.verdict, "can be read on the way" in seen.sentence) == (Verdict.DOUBTFUL, True)
    assert "https://" in seen.next_step
    assert {findings[f"offices.{name}"].verdict for name in ("near", "sealed")} == {Verdict.IN_ORDER}


def test_the_others_are_found_in_order(findings):
    assert findings["offices.well"].sentence == "Here."
    others = [found for found in findings.values() if found.part != "Connections"]
    assert {found.verdict for found in others} == {Verdict.IN_ORDER}
    assert len(others) == 7


def test_work_that_waits_for_a_connection_that_was_taken_out_is_named(findings, tmp_path):
    settings = load_settings(tmp_path / "chapar.toml")
    ledger = open_settings_ledger(settings)
    ledger.admit(a_submission(portal="gone"), route=None)
    ledger.close()
    found = checkup(settings, file=tmp_path / "chapar.toml")
    database = next(each for each in found if each.part == "Database")
    assert database.verdict is Verdict.WRONG
    assert "gone" in database.sentence
    assert database.next_step


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may write everywhere")
def test_a_disk_that_root_may_write_and_the_service_may_not_is_named(findings, tmp_path, monkeypatch):
    """The docs say to type check as root, and the kernel lets root in everywhere."""
    monkeypatch.setattr("connector.transport.file_rights.SERVICE_USER", "nobody")
    found = checkup(load_settings(tmp_path / "chapar.toml"), file=tmp_path / "chapar.toml")
    disk = next(each for each in found if each.part == "Disk")
    assert disk.verdict is Verdict.WRONG
    assert "by the user nobody" in disk.sentence
    assert "chown" in disk.next_step
