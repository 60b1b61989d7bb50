"""An inbox that shows each message once loses none: what was shown and not stored is looked for in the day."""

from collections.abc import Sequence

import pytest

from adapters.gateways.smsir.answers import incoming
from adapters.gateways.smsir.inbox import PAGE, ReadOnceInbox
from connector.errors import OutcomeUnknown
from connector.ports.incoming import IncomingMessage


class Panel:
    """The vendor's two views of what came in today."""

    def __init__(self, count: int = 0) -> None:
        self.day = [str(number) for number in range(1, count + 1)]
        self.shown = 0
        self.loses_next_answer = False

    def ask(self, path: str) -> Sequence[IncomingMessage]:
        if path.startswith("receive/latest"):
            keys = self.day[self.shown : self.shown + PAGE]
            self.shown += len(keys)
        else:
            page = int(path.split("pageNumber=")[1].split("&", maxsplit=1)[0])
            keys = self.day[::-1][(page - 1) * PAGE : page * PAGE]
        if self.loses_next_answer:
            self.loses_next_answer = False
            raise OutcomeUnknown(reason="reset")
        return [IncomingMessage(gateway_key=key, sender="0912", line="3000", text="سلام") for key in keys]


def walked(inbox: ReadOnceInbox, cursor: str | None = None) -> tuple[list[str], str | None]:
    """Read to the end, storing each page; return the keys and the cursor that is kept."""
    keys: list[str] = []
    while True:
        page = inbox.page(cursor)
        keys += [message.gateway_key for message in page.messages]
        cursor = page.cursor
        if not page.has_more:
            return keys, cursor


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
def test_everything_is_shown_once(count: int) -> None:
    panel = Panel(count)
    inbox = ReadOnceInbox(panel.ask)
    keys, cursor = walked(inbox)
    assert sorted(keys, key=int) == panel.day
    panel.day.append("1000")
    assert walked(inbox, cursor)[0] == ["1000"]


def test_what_an_answer_took_with_it_is_found_in_the_day() -> None:
    panel = Panel()
    inbox = ReadOnceInbox(panel.ask)
    cursor = walked(inbox)[1]
    panel.day += ["1", "2"]
    panel.loses_next_answer = True
    with pytest.raises(OutcomeUnknown):
        inbox.page(cursor)
    assert panel.shown == 2
    assert set(walked(inbox, cursor)[0]) == {"1", "2"}


def test_a_page_that_was_never_stored_is_shown_again() -> None:
    panel = Panel()
    inbox = ReadOnceInbox(panel.ask)
    stored = walked(inbox)[1]
    panel.day.append("1")
    inbox.page(stored)  # and the caller dies before it stores the page
    assert walked(inbox, stored)[0] == ["1"]
    panel.day.append("2")
    assert {"1", "2"} <= set(walked(ReadOnceInbox(panel.ask), "latest 7")[0])


def test_a_page_with_rubbish_in_it_keeps_its_messages() -> None:
    rows = [
        None,
        {"receiveReturnId": 7, "messageText": "سلام", "mobile": "0912", "receivedDateTime": "soon"},
        {},
    ]
    first, second = incoming(rows)
    assert (first.gateway_key, first.text, first.sent_at) == ("7", "سلام", None)
    assert second.text == ""
