"""The contract of office adapters for ECE, with a real Dovecot and an SMTP server by others in between."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from connector.clock import now
from connector.simulator.book import OfficeBook
from connector.simulator.exchange import HangUp
from connector.simulator.fates import Fate
from connector.simulator.faults import FaultPlan
from connector.simulator.secretariat import Desk, ReceivingSuite
from connector.simulator.secretariat.faults import TAKEN, spoken
from connector.simulator.secretariat.writing import ReceiptForm
from connector.testing.certificate import Subject, certificate_of
from connector.testing.office_contract import CHECKS, Verdict, run_checks
from connector.testing.office_contract.mailed import MailBench
from tests.integration.ece.post_office import FRESH, PASSWORD, PostOffice

NOT_BY_OTHERS = {"wrong_password"}
"""A server by others does not refuse a right password on demand."""


HOUSES: dict[str, "RealMailHouse"] = {}


class RealMailHouse:
    """The post office of these tests with the simulated suite behind it; faults are played before the mail is taken."""

    def __init__(self, post: PostOffice, desks: Sequence[Desk], book: OfficeBook, form: ReceiptForm) -> None:
        self._post, self._faults = post, FaultPlan()
        self._suite = ReceivingSuite(desks, book, post.deliver, form=form)
        self.smtp_port, self.imap_port, self.ca_file = post.smtp_port, post.imap_port, post.ca_file
        self.write_back = self._suite.write_back
        self.arm, self.calm = self._faults.arm, self._faults.disarm

        self._addresses = [desk.office_mailbox for desk in desks]

    def start(self) -> None:
        HOUSES.update(dict.fromkeys(self._addresses, self))
        self._post.instead = lambda server, envelope: HOUSES[envelope.rcpt_tos[0]].take(server, envelope)

    def stop(self) -> None:
        """Nothing: its mailboxes are used once."""

    def take(self, server: Any, envelope: Any) -> str:
        calls = self._suite.letters(envelope.rcpt_tos, envelope.content)
        injection = self._faults.draw("register", calls[0].key if calls else "")
        if injection is None:
            self._deliver(envelope, calls)
            return TAKEN.line.decode()
        if injection.fault == "stall_before":
            injection.stall()
        if injection.play.is_done:
            self._deliver(envelope, calls)
        if injection.fault == "stall":
            injection.stall()
        return self._say(server, injection.fault)

    def _deliver(self, envelope: Any, calls: Any) -> None:
        for recipient in envelope.rcpt_tos:
            assert self._post.deliver(recipient, envelope.content)
        self._suite.register(calls)

    @staticmethod
    def _say(server: Any, fault: Any) -> str:
        try:
            said = spoken(fault)
        except HangUp:
            server.loop.call_soon_threadsafe(server.transport.abort)
            return ""
        if said.is_broken_off or not said.line.isascii():
            end = b"" if said.is_broken_off else b"\r\n"
            server.loop.call_soon_threadsafe(server.transport.write, said.line + end)
            server.loop.call_soon_threadsafe(server.transport.close)
            return ""
        return said.line.decode()


def test_the_contract_holds_with_a_real_dovecot_in_between(post: PostOffice) -> None:
    fresh = iter(FRESH)

    @contextmanager
    def opened(fate: Fate) -> Iterator[MailBench]:
        names = {code: next(fresh) for code in ("10", "20")}
        desks = [Desk(code, f"{n}@agency.example", f"{n}@office.example") for code, n in names.items()]
        bench = MailBench(fate, "ece", {}, opens=partial(RealMailHouse, post), desks=desks, password=PASSWORD)
        try:
            bench.open()
            yield bench
        finally:
            bench.close()

    wanted = [
        check
        for check in CHECKS
        if check.theme != "questions" and not NOT_BY_OTHERS & {str(need) for need in check.needs}
    ]
    results = run_checks(opened, checks=wanted, at_once=4)
    assert [(each.check.name, each.text) for each in results if each.verdict is Verdict.FAILED] == []
    with opened(Fate.ANSWERED) as bench:
        capabilities = bench.connect().capabilities
    subject = Subject(adapter="ece", package="chapar", counterpart="Dovecot, aiosmtpd and a simulated suite")
    certificate = certificate_of(subject, capabilities, results, made_at=now())
    assert certificate.has_passed
    assert certificate.proven == "C"
    assert certificate.counts["passed"] >= 30
    for each in results:
        print(f"{each.verdict:8} {each.seconds:6.2f} {each.check.name}")
