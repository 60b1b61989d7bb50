"""The unit file: accepted by systemd, closed enough, and in step with the daemon's own bounds."""

import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from connector.cli.errors import ExitCode
from connector.settings.load import SYSTEM_FILE
from connector.settings.located import CREDENTIALS
from connector.settings.quantities import read_duration
from connector.settings.sections import DaemonSection
from connector.transport.secret import SecretReference

SYSTEMD = Path(__file__).parents[3] / "systemd"
UNIT = (SYSTEMD / "chapar.service").read_text(encoding="utf-8")
INSTALL = "systemd is not installed: apt-get install systemd"


def option(name: str) -> str:
    found = re.findall(rf"^{name}=(.*)$", UNIT, flags=re.MULTILINE)
    assert len(found) == 1, name
    return found[0]


def ask(*command: str) -> subprocess.CompletedProcess[str]:
    if shutil.which(command[0]) is None:
        pytest.skip(INSTALL)
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_systemd_finds_nothing_to_say_about_the_unit():
    done = ask("systemd-analyze", "verify", "--recursive-errors=no", str(SYSTEMD / "chapar.service"))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_sandbox_is_closed_enough():
    done = ask(
        "systemd-analyze", "security", "--offline=true", "--threshold=15", str(SYSTEMD / "chapar.service")
    )
    assert done.returncode == 0, done.stdout[-300:]


def test_the_user_is_accepted(tmp_path):
    done = ask("systemd-sysusers", "--dry-run", f"--root={tmp_path}", str(SYSTEMD / "chapar.sysusers"))
    assert done.returncode == 0, done.stderr


def test_the_folders_are_accepted(tmp_path):
    if shutil.which("systemd-tmpfiles") is None:
        pytest.skip(INSTALL)
    lines = [
        line for line in (SYSTEMD / "chapar.tmpfiles").read_text().splitlines() if not line.startswith("#")
    ]
    assert len(lines) == 7
    assert all(
        re.fullmatch(r"d +/\S+ +[02]7\d0 +\w+ +[\w-]+ +- +-|z +/\S+ +0640 +root +chapar +- +-", line)
        for line in lines
    )


def test_every_path_that_the_example_shows_lies_where_the_service_may_write():
    may_write = [
        Path("/var/lib", option("StateDirectory")),
        Path("/run", option("RuntimeDirectory")),
        Path(option("ReadWritePaths").removeprefix("-")),
    ]
    example = (SYSTEMD.parent / "config" / "chapar.example.toml").read_text(encoding="utf-8")
    shown = re.findall(
        r'^#?(?:url|attachments|unix_socket|path|file) = "(?:sqlite:///)?(/\S+)"$', example, re.M
    )
    assert len(shown) == 5
    assert [place for place in shown if not any(Path(place).is_relative_to(each) for each in may_write)] == []


def test_the_groups_that_meet_chapar_in_a_folder_are_let_in_and_nobody_else():
    """A folder portal's user drops forms and reads answers by the group; the umask must leave the group its part."""
    assert int(option("UMask"), 8) & 0o777 == 0o007
    assert (option("StateDirectoryMode"), option("RuntimeDirectoryMode")) == ("0700", "0750")
    folders = (SYSTEMD / "chapar.tmpfiles").read_text(encoding="utf-8")
    spool = option("ReadWritePaths").removeprefix("-")
    assert re.search(rf"^d +{spool} +2770 +chapar +chapar-portal ", folders, re.M)
    users = (SYSTEMD / "chapar.sysusers").read_text(encoding="utf-8")
    assert re.search(r"^g +chapar-portal ", users, re.M)
    assert re.search(r"^m +chapar +chapar-portal$", users, re.M)


def test_systemd_waits_longer_for_a_stop_than_the_daemon_may_take():
    longest = max(
        constraint.le
        for constraint in DaemonSection.model_fields["stop_within"].metadata
        if hasattr(constraint, "le")
    )
    assert DaemonSection().stop_within <= longest
    assert read_duration(option("TimeoutStopSec")) > longest + timedelta(seconds=4)


def test_what_only_a_person_can_correct_is_not_started_again():
    assert option("RestartPreventExitStatus").split() == [
        str(int(ExitCode.USAGE)),
        str(int(ExitCode.CONFIGURATION)),
    ]


def test_it_tells_systemd_when_it_is_ready_and_is_watched():
    assert option("Type") == "notify"
    assert read_duration(option("WatchdogSec")) >= timedelta(seconds=30)


def test_the_unit_hands_over_the_folder_that_init_writes_secrets_into():
    assert option("LoadCredential") == f"chapar:{SYSTEM_FILE.parent / CREDENTIALS}"


def test_a_credential_is_found_as_systemd_names_it(tmp_path, monkeypatch):
    """LoadCredential=chapar:/folder names the file x of the folder chapar_x, LoadCredential=x:/file names it x."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "chapar_office").write_text("from the folder\n")
    assert SecretReference(credential="office").reveal() == "from the folder"
    (tmp_path / "office").write_text("alone\n")
    assert SecretReference(credential="office").reveal() == "alone"
