"""An inbox that shows each message once loses none: what was shown and not stored is looked for in the other view."""

import pytest

from connector.errors import OutcomeUnknown
from connector.ports.incoming import IncomingMessage
from connector.ports.shown_once import Look, ShownOnceInbox

PAGE = 100


class Panel:
    """The vendor's two views of what came in today."""

    def __init__(self, count: int = 0) -> None:
        self.day = [str(number) for number in range(1, count + 1)]
        self.shown = 0
        self.loses_next_answer = False
        self.calls: list[str] = []

    def inbox(self) -> ShownOnceInbox:
        """Return the reading of a process that just began."""
        return ShownOnceInbox(queue=self.queue, again=self.again)

    def queue(self) -> Look:
        keys = self.day[self.shown : self.shown + PAGE]
        self.shown += len(keys)
        return self._look("queue", keys)

    def again(self, page: int) -> Look:
        return self._look("again", self.day[::-1][(page - 1) * PAGE : page * PAGE])

    def _look(self, name: str, keys: list[str]) -> Look:
        self.calls.append(name)
        if self.loses_next_answer:
            self.loses_next_answer = False
            raise OutcomeUnknown(reason="reset")
        messages = [IncomingMessage(gateway_key=key, sender="0912", line="3000", text="سلام") for key in keys]
        return tuple(messages), len(messages) == PAGE


def walked(inbox: ShownOnceInbox, cursor: str | None = None) -> tuple[list[str], str | None]:
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
    inbox = panel.inbox()
    keys, cursor = walked(inbox)
    assert sorted(keys, key=int) == panel.day
    panel.day.append("1000")
    assert walked(inbox, cursor)[0] == ["1000"]
    assert panel.shown == len(panel.day)


def test_once_it_is_read_only_the_queue_is_asked() -> None:
    panel = Panel(3)
    inbox = panel.inbox()
    cursor = walked(inbox)[1]
    panel.calls.clear()
    panel.day.append("4")
    assert walked(inbox, cursor)[0] == ["4"]
    assert panel.calls == ["queue"]


def test_what_an_answer_took_with_it_is_found_in_the_other_view() -> None:
    panel = Panel()
    inbox = panel.inbox()
    cursor = walked(inbox)[1]
    panel.day += ["1", "2"]
    panel.loses_next_answer = True
    with pytest.raises(OutcomeUnknown):
        inbox.page(cursor)
    assert panel.shown == 2
    assert set(walked(inbox, cursor)[0]) == {"1", "2"}


def test_a_page_that_was_never_stored_is_shown_again() -> None:
    panel = Panel()
    inbox = panel.inbox()
    stored = walked(inbox)[1]
    panel.day.append("1")
    inbox.page(stored)  # and the caller dies before it stores the page
    assert walked(inbox, stored)[0] == ["1"]


def test_a_new_process_looks_for_what_the_old_one_may_have_lost() -> None:
    panel = Panel()
    old = panel.inbox()
    stored = walked(old)[1]
    panel.day.append("1")
    old.page(stored)
    assert walked(panel.inbox(), stored)[0] == ["1"]


def test_whoever_keeps_no_cursor_is_shown_nothing_twice_and_misses_nothing() -> None:
    panel = Panel(3)
    inbox = panel.inbox()
    walked(inbox)
    panel.day.append("4")
    assert [message.gateway_key for message in inbox.page(None).messages] == ["4"]


def test_a_queue_that_shows_the_same_for_ever_has_an_end() -> None:
    page: Look = ((IncomingMessage(gateway_key="1", sender="0912", line="3000", text="سلام"),), True)
    inbox = ShownOnceInbox(queue=lambda: page, again=lambda _: ((), False))
    assert walked(inbox)[0] == ["1", "1"]
