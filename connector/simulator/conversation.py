"""A citizen's handset on the terminal: the messages of one letter's whole way, right to left."""

from collections.abc import Iterator, Sequence

from connector.simulator.jalali import tehran_time
from connector.simulator.records import HandsetMessage
from connector.simulator.writing_direction import columns, right_aligned, wrapped

__all__ = ["handset_lines"]

_WIDTH = 44
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def handset_lines(mobile: str, messages: Sequence[HandsetMessage]) -> Iterator[str]:
    """Yield the lines of a handset that shows these messages, oldest first."""
    yield f"╭{'─' * (_WIDTH + 2)}╮"
    yield _row(mobile.translate(_PERSIAN_DIGITS).center(_WIDTH))
    yield f"├{'─' * (_WIDTH + 2)}┤"
    for message in messages:
        yield from _bubble(message)
    yield f"╰{'─' * (_WIDTH + 2)}╯"


def _bubble(message: HandsetMessage) -> Iterator[str]:
    is_persian = not message.text.splitlines()[0].isascii()
    for line in wrapped(message.text, _WIDTH):
        yield _row(right_aligned(line, _WIDTH) if is_persian else line)
    clock = tehran_time(message.received_at).translate(_PERSIAN_DIGITS)
    yield _row(f"· {clock}" if is_persian else f"{clock} ·")
    yield _row("")


def _row(text: str) -> str:
    return f"│ {text}{' ' * max(_WIDTH - columns(text), 0)} │"
