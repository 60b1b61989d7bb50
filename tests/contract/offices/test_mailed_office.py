"""The contract of office adapters for the one that sends mail, against a simulated secretariat."""

import imaplib
import smtplib
import ssl
from collections.abc import Iterator

import pytest

from connector.simulator.book import OfficeBook
from connector.simulator.secretariat import PASSWORD, PostOffice, some_desks
from connector.testing.examining import examine_adapter
from connector.testing.office_contract import CHECKS, Verdict, run_checks
from connector.testing.office_contract.lost import LOST
from connector.testing.office_contract.mailed import open_bench
from connector.testing.office_contract.numbers import NUMBERS

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
