"""Both mail servers of a simulated secretariat, with the suite behind them and faults on demand."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from connector.simulator.book import OfficeBook
from connector.simulator.exchange import HangUp
from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultPlan, FaultRule
from connector.simulator.records import Call
from connector.simulator.secretariat.certificates import loopback_context
from connector.simulator.secretariat.desks import Desk
from connector.simulator.secretariat.faults import TAKEN, spoken
from connector.simulator.secretariat.imap import ImapConversation
from connector.simulator.secretariat.listening import Lines, LineServer
from connector.simulator.secretariat.mailboxes import Mailboxes
from connector.simulator.secretariat.smtp import Spoken, smtp_conversation
from connector.simulator.secretariat.suite import ReceivingSuite
from connector.simulator.secretariat.writing import ReceiptForm

__all__ = ["PASSWORD", "PostOffice"]

PASSWORD: Final = "simulated"  # noqa: S105 - of mailboxes on loopback that live as long as the server
_ASKED: Final = ("find", "progress")
"""Deeds that read a mailbox; a server cannot tell the one from the other."""


class PostOffice:
    """Serves until it is stopped; a context manager."""

    def __init__(
        self,
        desks: Sequence[Desk],
        book: OfficeBook,
        form: ReceiptForm | None = None,
        *,
        ports: tuple[int, int] = (0, 0),
        faults: FaultPlan | None = None,
        saw: Callable[[str, str], None] = lambda _key, _fault: None,
    ) -> None:
        """Bind both ports (SMTP, IMAP; 0 for any free one). Raise OSError where one is taken."""
        self.faults = faults or FaultPlan()
        self.mailboxes = Mailboxes(
            address for desk in desks for address in (desk.our_mailbox, desk.office_mailbox)
        )
        self.suite = ReceivingSuite(desks, book, self.mailboxes.deliver, form=form)
        self._saw = saw
        self._refuses: set[str] = set()
        self._folder = tempfile.TemporaryDirectory(prefix="chapar-secretariat-")
        context, self.ca_file = loopback_context(Path(self._folder.name))
        self._smtp = LineServer(context, self._send, port=ports[0])
        try:
            self._imap = LineServer(context, self._read, port=ports[1])
        except OSError:
            self._smtp.stop()
            raise
        self.smtp_port, self.imap_port = self._smtp.port, self._imap.port

    def start(self) -> None:
        """Begin to answer."""
        self._smtp.start()
        self._imap.start()

    def stop(self) -> None:
        """Let go of everything; calls that are held back go on first."""
        self.calm()
        self._smtp.stop()
        self._imap.stop()
        self._folder.cleanup()

    def write_back(self) -> int:
        """Let the suite write what happened in its book since the last time; return how many mails."""
        return self.suite.write_back()

    def arm(self, rule: FaultRule) -> None:
        """Let calls go wrong from now on; a password is refused before anybody knows which letter it is about."""
        if rule.fault is Fault.WRONG_PASSWORD:
            self._refuses.add("register" if rule.deed == "register" else "read")
        else:
            self.faults.arm(rule)

    def calm(self) -> None:
        """Let nothing go wrong any more."""
        self._refuses.clear()
        self.faults.disarm()

    def __enter__(self) -> "PostOffice":
        """Start, for a with block."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop at the end of the block."""
        self.stop()

    def _may_log_in(self, user: str, password: str, deed: str) -> bool:
        return deed not in self._refuses and self.mailboxes.has(user) and password == PASSWORD

    def _send(self, lines: Lines) -> None:
        smtp_conversation(
            lines,
            may_log_in=lambda user, password: self._may_log_in(user, password, "register"),
            is_known=self.mailboxes.has,
            take=self._take,
        )

    def _take(self, recipients: Sequence[str], content: bytes) -> Spoken:
        calls = self.suite.letters(recipients, content)
        key = calls[0].key if calls else ""
        injection = self.faults.draw("register", key)
        if injection is None:
            self._deliver(recipients, content, calls)
            self._saw(key, "")
            return TAKEN
        if injection.fault is Fault.STALL_BEFORE:
            injection.stall()
        if injection.play.is_done:
            self._deliver(recipients, content, calls)
        self._saw(key, str(injection.fault))
        if injection.fault is Fault.STALL:
            injection.stall()
        return spoken(injection.fault)

    def _deliver(self, recipients: Sequence[str], content: bytes, calls: Sequence[Call]) -> None:
        for recipient in recipients:
            self.mailboxes.deliver(recipient, content)
        self.suite.register(calls)

    def _read(self, lines: Lines) -> None:
        ImapConversation(
            lines,
            self.mailboxes,
            may_log_in=lambda user, password: self._may_log_in(user, password, "read"),
            before_select=self._before_select,
        ).run()

    def _before_select(self, lines: Lines) -> bool:
        """Play what is to go wrong where a mailbox is read; False: the folder is refused in words of no meaning."""
        injection = next(filter(None, (self.faults.draw(deed) for deed in _ASKED)), None)
        if injection is None:
            return True
        match injection.fault:
            case Fault.STALL | Fault.STALL_BEFORE:
                injection.stall()
                return True
            case Fault.GARBAGE:
                lines.say(b"\x00\xff<<not an answer>>")
                raise HangUp
            case Fault.TRUNCATED | Fault.RESET_IN_BODY:
                lines.say_raw(b"* 3 EXI")
                raise HangUp
            case Fault.UNMAPPED_CODE:
                return False
        raise HangUp
