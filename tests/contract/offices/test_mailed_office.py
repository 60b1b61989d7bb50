"""The contract of office adapters for the one that sends mail, against a simulated secretariat."""

import imaplib
import signal
import smtplib
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.offices.ece import OFFICE as ECE
from connector.cli.main import application
from connector.errors import OutcomeUnknown
from connector.ports.catalogue import AdapterSite
from connector.ports.outcomes import Registered
from connector.simulator.book import OfficeBook
from connector.simulator.secretariat import PASSWORD, PostOffice, some_desks
from connector.testing.examining import examine_adapter
from connector.testing.office_contract import CHECKS, Verdict, run_checks
from connector.testing.office_contract.letters import KEY
from connector.testing.office_contract.lost import LOST
from connector.testing.office_contract.mailed import open_bench
from connector.testing.office_contract.numbers import NUMBERS
from tests.contract.offices.requests_to_register import a_request
from tests.contract.offices.served_command import simulated

FEW = [check for check in (*LOST, *NUMBERS) if not check.is_slow]


def test_the_adapter_for_ece_earns_its_certificate_at_level_c() -> None:
    certificate = examine_adapter("ece")
    failed = [(each.check.name, each.text) for each in certificate.results if each.verdict is Verdict.FAILED]
    assert failed == []
    assert certificate.has_passed
    assert (certificate.declared_level, certificate.proven) == ("C", "C")
    assert certificate.counts["passed"] >= 43
    skipped = [each for each in certificate.results if each.verdict is Verdict.SKIPPED]
    assert all(each.reason for each in skipped), "what cannot be played has its reason"
    assert len(certificate.results) == len(CHECKS)
    print("\n".join(f"{each.verdict:8} {each.check.name}" for each in certificate.results))


def test_where_the_office_drops_duplicates_the_same_create_proves_level_a() -> None:
    opened = open_bench.configured({"office_drops_duplicates": True})
    found = {each.check.name: each for each in run_checks(opened, checks=FEW)}
    assert [each.text for each in found.values() if each.verdict is Verdict.FAILED] == []
    for name in ("lost_answer_same_create", "lost_request_absent_by_key", "lost_answer_known_by_key"):
        assert found[name].verdict is Verdict.PASSED


def test_a_configured_office_is_examined_with_its_own_words_and_without_its_mailboxes() -> None:
    options = {
        "receipts": {"number": ("Andikator",), "status": ("Vaziat",), "refused": ("برگشت",)},
        "copy_to_ourselves": False,
        "smtp": {"host": "mail.agency.example"},
        "secretariats": {"central": {}},
    }
    found = {each.check.name: each for each in run_checks(open_bench.configured(options), checks=FEW)}
    assert [each.text for each in found.values() if each.verdict is Verdict.FAILED] == []
    assert found["leading_zeros"].verdict is found["refusal"].verdict is Verdict.PASSED
    assert found["lost_answer_known_by_key"].verdict is Verdict.SKIPPED
    assert "copy" in (found["lost_answer_known_by_key"].reason or "")


@pytest.fixture
def post() -> Iterator[PostOffice]:
    with PostOffice(some_desks(["10"]), OfficeBook(frozenset())) as post:
        yield post


def test_both_servers_are_spoken_to_by_the_standard_library(post: PostOffice) -> None:
    """They are as strict as a program of others needs them: what passes here is no private language."""
    trusted = ssl.create_default_context(cafile=post.ca_file)
    ours, theirs = "desk-10@agency.example", "secretariat-10@office.example"
    with smtplib.SMTP_SSL("127.0.0.1", post.smtp_port, context=trusted, timeout=5) as smtp:
        smtp.login(ours, PASSWORD)
        smtp.sendmail(ours, [theirs, ours], "Subject: x\r\nMessage-ID: <1@x>\r\n\r\n.dots\r\n..and more\r\n")
        assert smtp.sendmail(ours, [ours, "nobody@agency.example"], "Subject: y\r\n\r\n") == {
            "nobody@agency.example": (550, b"5.1.1 nobody has this mailbox")
        }
        with pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login(ours, "wrong")
    with imaplib.IMAP4_SSL("127.0.0.1", post.imap_port, ssl_context=trusted, timeout=5) as imap:
        with pytest.raises(imaplib.IMAP4.error):
            imap.login(ours, "wrong")
        imap.login(ours, PASSWORD)
        assert imap.select("INBOX") == ("OK", [b"2"])
        assert imap.uid("SEARCH", "HEADER", "Message-ID", '"1@x"') == ("OK", [b"1"])
        (_, content), _ = imap.uid("FETCH", "1", "(UID BODY.PEEK[])")[1]
        assert content.endswith(b"\r\n\r\n.dots\r\n..and more\r\n")
        assert imap.uid("MOVE", "1", '"Aside"')[0] == "NO"
        imap.create('"Aside"')
        assert imap.uid("MOVE", "1", '"Aside"')[0] == "OK"
        assert imap.select("Aside") == ("OK", [b"1"])
        assert imap.select("INBOX") == ("OK", [b"1"])
        assert imap.select("Nowhere")[0] == "NO"


def test_the_simulated_secretariat_is_served_as_a_command(tmp_path: Path) -> None:
    words = ("--secretariats", "10", "--fault", "lose_answer", "--folder", str(tmp_path))
    with simulated(*words, what="secretariat") as served:
        told = served.until("listening")
        place = {"host": "127.0.0.1", "ca_file": told["ca_file"]}
        mailbox = {
            "our_mailbox": "desk-10@agency.example",
            "office_mailbox": "secretariat-10@office.example",
            "password": {"file": told["password_file"]},
        }
        settings = {
            "smtp": {**place, "port": told["smtp"]},
            "imap": {**place, "port": told["imap"]},
            "secretariats": {"10": mailbox},
        }
        site = AdapterSite(name="main", mappings=(), pool_size=1)
        office: Any = ECE.build(ECE.settings.model_validate(settings), site)
        with pytest.raises(OutcomeUnknown):
            office.register(a_request(KEY))
        assert served.until("letter") == {"event": "letter", "key": KEY, "fault": "lose_answer"}
        served.until("written")
        found = office.find(KEY, "10")
        assert isinstance(found, Registered)
        office.close()
        served.process.send_signal(signal.SIGINT)
        entry = served.until("entry")
        assert (entry["key"], entry["number"]) == (KEY, found.registration.number)
        assert served.until("stopped")["entries"] == 1
        assert served.process.wait(10) == 0
        assert (tmp_path / "password").stat().st_mode & 0o077 == 0


def test_what_a_secretariat_cannot_play_is_not_in_its_list() -> None:
    told = CliRunner().invoke(application, ["simulate", "secretariat", "--fault", "list"])
    assert told.exit_code == 0
    assert "lose_answer" in told.output.split()
    assert "http_502" not in told.output.split()
