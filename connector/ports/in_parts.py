"""A batch that goes in several calls: no call's failure hides what became of the messages of another."""

from collections.abc import Callable, Sequence

from connector.errors import CallFailed, OutcomeUnknown
from connector.ports.gateway import OutgoingMessage, left_over
from connector.ports.outcomes import NotSent, SendOutcome

__all__ = ["halves", "in_parts", "texts_then_patterns"]

SendPart = Callable[[Sequence[OutgoingMessage]], Sequence[SendOutcome]]


def in_parts(
    messages: Sequence[OutgoingMessage], parts: Sequence[Sequence[int]], send: SendPart
) -> list[SendOutcome]:
    """Send these parts of a batch, each a list of positions, one after the other; return outcomes by position.

    The first failure ends it: the messages of that call are left as the failure says, and what was not tried is not
    sent. The failure itself is raised only where it holds for the whole batch, so that the connection learns of it.
    """
    outcomes: dict[int, SendOutcome] = {}
    for number, part in enumerate(parts):
        try:
            outcomes |= dict(zip(part, send([messages[position] for position in part]), strict=True))
        except CallFailed as error:
            untried = [position for later in parts[number + 1 :] for position in later]
            if not outcomes and not (untried and isinstance(error, OutcomeUnknown)):
                raise
            outcomes |= dict.fromkeys(part, left_over(error))
            outcomes |= dict.fromkeys(untried, NotSent(reason="not_tried"))
            break
    return [outcomes[position] for position in range(len(messages))]


def halves(messages: Sequence[OutgoingMessage]) -> list[Sequence[int]]:
    """Return the positions of the two halves of a batch of at least two."""
    middle = len(messages) // 2
    return [range(middle), range(middle, len(messages))]


def texts_then_patterns(messages: Sequence[OutgoingMessage]) -> list[Sequence[int]]:
    """Return the positions of all free texts as one part, and each message with a pattern as a part of its own."""
    texts = [position for position, message in enumerate(messages) if message.pattern is None]
    patterns = [[position] for position, message in enumerate(messages) if message.pattern is not None]
    return [texts, *patterns] if texts else [*patterns]
