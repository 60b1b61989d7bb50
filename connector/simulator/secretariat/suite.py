"""The suite behind the mailboxes: it registers letters in its book, and writes back what becomes of them."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from connector.simulator.book import OfficeBook
from connector.simulator.jalali import tehran_day
from connector.simulator.records import Call, EntryState, MoveKind, OfficeEntry
from connector.simulator.secretariat.desks import Desk
from connector.simulator.secretariat.reading import letter_in, mail_in
from connector.simulator.secretariat.writing import ReceiptForm, answer_file, mail_with, receipt_file

__all__ = ["ReceivingSuite"]

_STRANGE: Final = "chapar-strange"
"""A status that stands in no list."""


class ReceivingSuite:
    """Some desks with one book. Thread-safe."""

    def __init__(
        self,
        desks: Sequence[Desk],
        book: OfficeBook,
        deliver: Callable[[str, bytes], None],
        *,
        form: ReceiptForm | None = None,
    ) -> None:
        """Take the desks, the book, and how a mail gets into somebody's mailbox."""
        self._desks = {desk.office_mailbox: desk for desk in desks}
        self._by_code = {desk.code: desk for desk in desks}
        self.book = book
        self._deliver = deliver
        self._form = form or ReceiptForm()
        self._lock = threading.Lock()
        self._told: set[tuple[str, str]] = set()

    def letters(self, recipients: Sequence[str], content: bytes) -> list[Call]:
        """Return the letter in a mail, once for each of the desks that it goes to."""
        mail = mail_in(content)
        desks = [self._desks[each] for each in recipients if each in self._desks]
        return [call for desk in desks if (call := letter_in(mail, desk.code)) is not None]

    def register(self, calls: Sequence[Call]) -> None:
        """Write letters into the book. A mail without one is left lying in the mailbox, as suites do."""
        for call in calls:
            self.book.register(call)

    def write_back(self) -> int:
        """Write a mail for whatever happened in the book since the last time; return how many."""
        with self._lock:
            news = [
                (name, entry, file)
                for entry in self.book.entries()
                for name, file in self._files(entry)
                if (entry.document_id, name) not in self._told
            ]
            self._told |= {(entry.document_id, name) for name, entry, _ in news}
        for name, entry, file in news:
            desk = self._by_code[entry.call.secretariat]
            message_id = f"<{name}.{entry.document_id}@{desk.office_mailbox.rpartition('@')[2]}>"
            self._deliver(
                desk.our_mailbox,
                mail_with(file, sender=desk.office_mailbox, receiver=desk.our_mailbox, message_id=message_id),
            )
        return len(news)

    def _files(self, entry: OfficeEntry) -> Iterator[tuple[str, bytes]]:
        """Yield what is to be written of an entry by now, each under a name."""
        key, form = entry.call.key, self._form
        if entry.state is EntryState.STRAYED:
            yield "receipt", receipt_file(key, form, status=_STRANGE)
            return
        if entry.number is not None:
            yield "receipt", receipt_file(key, form, number=entry.number, day=entry.registered_on)
        for move in entry.moves:
            if move.kind in {MoveKind.REFUSED, MoveKind.RETURNED} and entry.number is None:
                yield "receipt", receipt_file(key, form, status=form.refused, reason=move.text)
            if move.kind is MoveKind.ANSWERED:
                yield "answer", self._answer(entry, move.at, move.text or "")

    @staticmethod
    def _answer(entry: OfficeEntry, at: datetime, text: str) -> bytes:
        return answer_file(entry.call.key, number=f"{entry.number}/ص", day=tehran_day(at), text=text)
