"""The office by e-mail against a real Dovecot and an SMTP server by others: every deed of the port."""

import os
import socket
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from connector.assembly.lying_aside import TellingOfSetAside
from connector.domain.attention import Deadlines
from connector.domain.referral import Answer
from connector.domain.registration import LetterReference, Registration
from connector.errors import CredentialsRejected, NotPossible, OutcomeUnknown, Unavailable
from connector.ports.office import Duplicates, FindsByKey, ReportsProgress, Searches, recovery_level
from connector.ports.outcomes import Progress, Refused, Registered, Submitted
from tests.contract.offices.requests_to_register import NASTY, a_request, content_of
from tests.cut_wire import wire_to
from tests.integration.ece.conftest import OpenOffice
from tests.integration.ece.post_office import OVER_QUOTA, PASSWORD, PostOffice
from tests.integration.ece.receiving_suite import ReceivingSuite
from tests.unit.ece.mails import mail, receipt, report

KEY = "01J00000000000000000000001"
SECOND = "01J00000000000000000000002"
DAY = date(2026, 11, 27)


def asked(key: str = KEY, reference: str | None = None) -> LetterReference:
    return LetterReference(correlation_key=key, secretariat="10", office_reference=reference)


def progress(office: Any, *keys: str, secretariat: str = "10") -> list[Progress]:
    return list(office.progress([asked(key, f"{secretariat} <x@y>") for key in keys or (KEY,)]))


def test_what_is_declared_is_what_is_there_and_no_more(office: OpenOffice) -> None:
    one, other = office(), office(office_drops_duplicates=True)
    assert isinstance(one, FindsByKey)
    assert isinstance(one, ReportsProgress)
    assert not isinstance(one, Searches)
    assert (recovery_level(one.capabilities), recovery_level(other.capabilities)) == ("C", "A")
    assert not one.capabilities.absence_is_proof
    assert one.capabilities.duplicates is Duplicates.ANOTHER_ENTRY
    assert other.capabilities.idempotent_create
    assert one.capabilities.numbers_later


def test_a_letter_arrives_as_it_was_written_with_its_files(office: OpenOffice, suite: ReceivingSuite) -> None:
    files = [("نامه «۱».pdf", os.urandom(300_001)), ("خالی.txt", b""), ("b.bin", os.urandom(2))]
    outcome = office().register(a_request(KEY, *(content_of(name, content) for name, content in files)))
    assert outcome == Submitted(office_reference=f"10 <chapar.{KEY}@agency.example>")
    (entry,) = suite.read_mailbox()
    assert (entry.letter_number, entry.letter.findtext("Subject")) == (KEY, NASTY)
    assert entry.files == [content for _, content in files]


def test_a_receipt_brings_the_number_and_an_answer_follows(office: OpenOffice, suite: ReceivingSuite) -> None:
    one = office()
    one.register(a_request(KEY))
    assert progress(one) == [], "nothing came back so far"
    (entry,) = suite.read_mailbox()
    suite.send(entry, suite.receipt(entry))
    number = Registration(
        number="1405/1",
        secretariat="10",
        year=1405,
        registered_on=DAY,
        office_reference=f"10 <chapar.{KEY}@agency.example>",
    )
    assert progress(one) == [Progress(correlation_key=KEY, registration=number)]
    suite.send(entry, suite.answer(entry, "پاسخ درخواست"))
    words = Answer(
        text="پاسخ درخواست\n\nپاسخ در پیوست است.", number="1405/ص/900", answered_on=date(2026, 11, 29)
    )
    everything = [Progress(correlation_key=KEY, registration=number, answer=words)]
    assert progress(one) == progress(one) == everything
    assert progress(office()) == everything, "a daemon that starts anew reads the same"
    assert one.find(KEY, "10") == Registered(registration=number)


def test_receipts_come_twice_out_of_order_and_for_many(
    office: OpenOffice, suite: ReceivingSuite, post: PostOffice
) -> None:
    one = office()
    for key in (KEY, SECOND):
        one.register(a_request(key))
    first, second = suite.read_mailbox()
    suite.deliver(
        first, suite.answer(first, "زود"), suite.receipt(second), suite.receipt(first), suite.receipt(first)
    )
    told = {each.correlation_key: each for each in progress(one, KEY, SECOND)}
    assert [told[key].registration.number for key in (KEY, SECOND)] == ["1405/1", "1405/2"]
    assert told[KEY].answer is not None
    assert len(post.mails("a@agency.example", "Chapar-Aside")) == 1, "the second of two that say the same"
    suite.deliver(
        first,
        suite.receipt(first, number="1405/99"),
        suite.refusal(first, "دیر"),
        suite.answer(first, "باز هم"),
    )
    assert {each.correlation_key: each for each in progress(one, KEY, SECOND)} == told
    assert len(post.mails("a@agency.example", "Chapar-Aside")) == 4, "what contradicts is for a person"
    assert {each.correlation_key: each for each in progress(office(), KEY, SECOND)} == told


def test_a_refusal_keeps_its_wording(office: OpenOffice, suite: ReceivingSuite) -> None:
    one = office()
    one.register(a_request(KEY))
    (entry,) = suite.read_mailbox()
    suite.deliver(entry, suite.refusal(entry, "مدارک ناقص است"))
    refused = Refused(reason="مدارک ناقص است", code="رد")
    assert progress(one)[0].refused == refused
    assert one.find(KEY, "10") == refused


def test_an_answer_lost_after_the_dot_is_unknown_and_our_own_copy_finds_it(
    office: OpenOffice, suite: ReceivingSuite, post: PostOffice
) -> None:
    with wire_to(post.smtp_port) as wire:
        one = office(smtp_port=wire.port)
        assert one.find(KEY, "10") is None
        post.before_answer = wire.cut
        with pytest.raises(OutcomeUnknown) as caught:
            one.register(a_request(KEY, content_of("a.pdf", os.urandom(100_000))))
        assert caught.value.reason == "reset"
    assert len(suite.read_mailbox()) == 1
    assert one.find(KEY, "10") == Submitted(office_reference=f"10 <chapar.{KEY}@agency.example>")
    assert office().find(KEY, "10") is not None, "the copy was put aside into its folder, and is found there"
    assert one.find(SECOND, "10") is None
    assert post.mails_taken == 1


def test_an_answer_lost_though_the_mail_was_not_taken_shows_no_sign(
    office: OpenOffice, post: PostOffice
) -> None:
    with wire_to(post.smtp_port) as wire:
        one = office(smtp_port=wire.port)

        def lose() -> str:
            wire.cut()
            return "451 4.3.0 nobody hears this"

        post.before_taking = lose
        with pytest.raises(OutcomeUnknown):
            one.register(a_request(KEY))
    assert one.find(KEY, "10") is None


def test_the_same_mail_again_is_recognised_by_a_suite_that_drops_duplicates(
    office: OpenOffice, suite: ReceivingSuite
) -> None:
    one = office()
    one.register(a_request(KEY))
    one.register(a_request(KEY))
    suite.read_mailbox()
    assert (len(suite.book), suite.duplicates) == (1, 1)


def test_a_wire_that_is_cut_in_the_middle_of_the_mail_certainly_sent_nothing(
    office: OpenOffice, suite: ReceivingSuite, post: PostOffice
) -> None:
    with wire_to(post.smtp_port) as wire:
        one = office(smtp_port=wire.port)
        request = a_request(KEY, content_of("a.pdf", b""))

        def cut_and_read() -> Any:
            wire.cut()
            return Path(os.devnull).open("rb")

        (content,) = request.attachments
        object.__setattr__(content, "open", cut_and_read)
        with pytest.raises(Unavailable):
            one.register(request)
    assert suite.read_mailbox() == []


def test_a_full_mailbox_is_certainly_not_delivered(office: OpenOffice, post: PostOffice) -> None:
    box = {
        "our_mailbox": "a@agency.example",
        "office_mailbox": OVER_QUOTA,
        "password": {"environment": "ECE_PASSWORD"},
    }
    with pytest.raises(Unavailable) as caught:
        office(secretariats={"10": box}).register(a_request(KEY))
    assert caught.value.reason == "mailbox_full"
    assert caught.value.code == "452 4.2.2"
    assert post.mails_taken == 0


def test_a_wrong_password_stops_the_connection_both_ways(
    office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECE_PASSWORD", "wrong")
    one = office()
    for deed in (
        lambda: one.register(a_request(KEY)),
        lambda: progress(one),
        lambda: one.find(KEY, "10"),
        one.check,
    ):
        with pytest.raises(CredentialsRejected) as caught:
            deed()
        assert "wrong" not in f"{caught.value} {caught.value.facts}"


def test_a_server_that_is_down_or_shows_another_name_was_not_reached(
    office: OpenOffice, post: PostOffice
) -> None:
    with socket.socket() as deaf:  # a port that is taken, and nobody listens
        deaf.bind(("127.0.0.1", 0))
        with pytest.raises(Unavailable) as caught:
            progress(office(imap_port=deaf.getsockname()[1]))
    assert caught.value.reason == "refused"
    with post.smtp_with(post.stranger_file), pytest.raises(Unavailable) as caught:
        office().register(a_request(KEY))
    assert caught.value.reason == "certificate_other_name"
    assert post.mails_taken == 0


def test_one_mailbox_that_cannot_be_read_silences_no_other(
    office: OpenOffice, suite: ReceivingSuite, monkeypatch: pytest.MonkeyPatch
) -> None:
    office().register(a_request(KEY))
    (entry,) = suite.read_mailbox()
    suite.deliver(entry, suite.receipt(entry))
    monkeypatch.setenv("WRONG", "wrong")
    boxes = {
        name: {
            "our_mailbox": f"{box}@agency.example",
            "office_mailbox": f"{box}@office.example",
            "password": password,
        }
        for name, box, password in (
            ("10", "a", {"environment": "ECE_PASSWORD"}),
            ("30", "b", {"environment": "WRONG"}),
        )
    }
    one = office(secretariats=boxes)
    told = one.progress([asked(SECOND, "30 <x@y>"), asked(KEY, "10 <x@y>")])
    assert [(each.correlation_key, each.registration.number) for each in told] == [(KEY, "1405/1")]
    with pytest.raises(CredentialsRejected):
        one.progress([asked(SECOND, "30 <x@y>")])


def test_two_secretariats_have_mailboxes_of_their_own(office: OpenOffice, post: PostOffice) -> None:
    one = office()
    one.register(a_request(KEY))
    other = ReceivingSuite(post, "b@office.example")
    one.register(replace(a_request(SECOND), secretariat="30"))
    (entry,) = other.read_mailbox()
    other.deliver(entry, other.receipt(entry))
    told = one.progress([asked(KEY), asked(SECOND)])
    assert [(each.correlation_key, each.registration.secretariat) for each in told] == [(SECOND, "30")]
    with pytest.raises(NotPossible):
        one.register(replace(a_request(SECOND), secretariat="elsewhere"))


ODD = [
    mail(receipt(KEY), sender="stranger@evil.example"),
    mail(sender="a@office.example", text="چرا؟"),
    mail(b"<a><b></a>", sender="a@office.example"),
    mail(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', sender="a@office.example"),
    mail(b"<a>" * 2000, sender="a@office.example"),
    mail(receipt(KEY), receipt(SECOND), sender="a@office.example"),
    mail(receipt("1403/900"), sender="a@office.example"),
    mail(b"\xff\xfe<\x00\xd8", sender="a@office.example"),
    mail(b"PK\x03\x04", sender="a@office.example", name="نامه.zip"),
    mail(b"x" * 1_100_000, sender="a@office.example"),
    report("1403/900"),
    b"\x00\x01\x02",
]


def test_bad_mails_are_set_aside_the_operator_is_told_and_the_others_go_on(
    office: OpenOffice, suite: ReceivingSuite, post: PostOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    one = office(largest_answer_mb=1)
    one.register(a_request(KEY))
    (entry,) = suite.read_mailbox()
    suite.deliver(entry, *ODD[:6], suite.receipt(entry), *ODD[6:])
    assert progress(one)[0].registration.number == "1405/1"  # type: ignore[union-attr]
    assert len(post.mails("a@agency.example", "Chapar-Aside")) == len(ODD), "nothing is lost"
    assert len(post.mails("a@agency.example")) == 1
    assert len(post.mails("a@agency.example", "Chapar-Sent")) == 1
    told = capsys.readouterr()
    assert (told.out + told.err).count("ece.mail_set_aside") == len(ODD)
    assert "set aside in Chapar-Aside" in one.check()
    assert one.set_aside is not None
    assert (one.set_aside.count, one.set_aside.reason) == (len(ODD), "foreign_sender")
    with post.mailbox("a@agency.example") as imap:
        imap.select("Chapar-Aside")
        imap.store("1:*", "+FLAGS", r"(\Deleted)")
        imap.expunge()
    progress(one)
    assert one.set_aside is None, "what a person has deleted is forgotten"


def test_what_lies_aside_stands_on_the_list_until_somebody_has_looked(
    office: OpenOffice, post: PostOffice, sqlite_url: str, open_on: Any
) -> None:
    one = office()
    post.deliver("a@agency.example", mail(b"<a><b></a>", sender="a@office.example"))
    progress(one)
    connection = SimpleNamespace(name="municipality", adapter=one)
    ledger = open_on(sqlite_url)
    telling = TellingOfSetAside(
        ledger.set_aside,
        SimpleNamespace(each=lambda: [connection]),  # type: ignore[arg-type]
        node="here",
    )
    telling.run()
    (need,) = ledger.attention.needs(Deadlines(), lambda *_: True)
    assert (need.because, need.connection, need.reason, need.waiting) == (
        "set_aside",
        "municipality",
        "not_xml",
        1,
    )
    post.empty()
    progress(one)
    telling.run()
    assert ledger.attention.needs(Deadlines(), lambda *_: True) == []


def test_a_letter_that_could_not_be_delivered_is_told_and_not_taken_for_refused(
    office: OpenOffice, suite: ReceivingSuite, post: PostOffice
) -> None:
    one = office()
    one.register(a_request(KEY))
    post.deliver("a@agency.example", report(KEY))
    assert progress(one) == [Progress(correlation_key=KEY, unmapped=("bounced 5.1.1",))]


def test_a_mailbox_that_was_numbered_anew_is_read_anew(
    office: OpenOffice, suite: ReceivingSuite, post: PostOffice
) -> None:
    one = office()
    one.register(a_request(KEY))
    (entry,) = suite.read_mailbox()
    suite.deliver(entry, suite.receipt(entry))
    before = progress(one)
    post.number_anew("a@agency.example")
    suite.deliver(entry, suite.receipt(entry))
    assert progress(one) == before
    assert len(post.mails("a@agency.example", "Chapar-Aside")) == 1, "the second receipt"


def test_check_says_what_was_seen_and_no_password(office: OpenOffice) -> None:
    sentence = office().check()
    assert "10: out by 127.0.0.1:" in sentence
    assert "TLSv1.3" in sentence
    assert PASSWORD not in sentence


def test_a_letter_that_is_too_large_is_not_sent(office: OpenOffice, post: PostOffice) -> None:
    with pytest.raises(NotPossible):
        office(largest_letter_mb=1).register(a_request(KEY, content_of("a.pdf", os.urandom(700_000))))
    assert post.mails_taken == 0


def test_a_mailbox_that_is_too_full_for_one_call_is_read_on_by_the_next_ones(
    office: OpenOffice, suite: ReceivingSuite, post: PostOffice
) -> None:
    office().register(a_request(KEY))
    (entry,) = suite.read_mailbox()
    flood = [mail(receipt(KEY), sender="stranger@evil.example")] * 150
    suite.deliver(entry, *flood, suite.receipt(entry))
    one = office(imap_patience={"finish_within": timedelta(seconds=0.4)})
    failures = []
    for _ in range(200):
        try:
            told = progress(one)
        except Unavailable as failure:
            failures.append(failure.reason)
        else:
            break
    assert "mailbox_not_read_to_its_end" in failures
    assert told[0].registration is not None
    assert one.set_aside.count == len(flood), "each was taken up once"
    assert progress(one) == told


def test_a_receipt_for_a_letter_that_we_never_sent_changes_nothing(
    office: OpenOffice, suite: ReceivingSuite, post: PostOffice
) -> None:
    one = office()
    one.register(a_request(KEY))
    post.deliver(
        "a@agency.example",
        mail(receipt(SECOND, "1405/1"), sender="a@office.example"),
        mail(receipt("1403/900"), sender="a@office.example"),
    )
    assert progress(one) == []
    assert len(post.mails("a@agency.example", "Chapar-Aside")) == 1, (
        "what names no key of ours is for a person"
    )
    assert len(post.mails("a@agency.example")) == 1, "what names a key is kept: another node may have sent it"


def test_the_same_letter_mailed_twice_has_two_copies_and_one_number(
    office: OpenOffice, suite: ReceivingSuite, post: PostOffice
) -> None:
    one = office()
    one.register(a_request(KEY))
    one.register(a_request(KEY))
    (entry,) = suite.read_mailbox()
    suite.deliver(entry, suite.receipt(entry), suite.receipt(entry))
    assert progress(one)[0].registration.number == entry.number  # type: ignore[union-attr]
    assert len(post.mails("a@agency.example", "Chapar-Sent")) == 2
    assert len(post.mails("a@agency.example", "Chapar-Aside")) == 1, "the second receipt"
