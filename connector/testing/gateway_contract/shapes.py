"""Strange shapes: every part of a right answer in turn is something else, and no more than a failure comes of it."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import orjson

from connector.errors import CallFailed
from connector.ports.credit import Credit
from connector.ports.incoming import InboxPage
from connector.ports.outcomes import (
    Accepted,
    Delivered,
    MessageFound,
    NotSent,
    Rejected,
    StillUnderway,
    Unanswered,
    Undelivered,
)
from connector.simulator.gateways import WrittenText
from connector.testing.checks import Check, CheckFailed, Skipped, demand, look
from connector.testing.gateway_contract.bench import GatewayBench
from connector.testing.gateway_contract.messages import a_message, sent_to, taken
from connector.testing.gateway_contract.needs import Need

__all__ = ["SHAPES"]

_ODD: Final[tuple[Any, ...]] = (
    None,
    True,
    -1,
    10**15,
    1.5,
    "",
    "س",
    "9" * 40,
    [],
    [None],
    {},
    {"x": {}},
    float("inf"),
)
"""What stands in place of each part. Infinity is written as a word: JSON has none, and some readers take it."""
_MOST: Final = 400
_Path = tuple[str | int, ...]


def _paths(value: Any, path: _Path = ()) -> Iterator[_Path]:
    """Yield the place of every part of an answer, the whole first; of long lists the first two items."""
    yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _paths(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value[:2]):
            yield from _paths(inner, (*path, number))


def _with(document: Any, path: _Path, odd: Any) -> Any:
    if not path:
        return odd
    changed = copy.deepcopy(document)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = odd
    return changed


def _warped(path: _Path, odd: Any) -> Callable[[bytes], bytes]:
    """Return what puts the odd value into an answer; an answer of another form is left as it is."""

    def warp(body: bytes) -> bytes:
        document = orjson.loads(body)
        try:
            return json.dumps(_with(document, path, odd)).encode()
        except (KeyError, IndexError, TypeError):
            return body

    return warp


def _right_answer(bench: GatewayBench, ask: Callable[[], Any]) -> Any:
    """Return the document of a right answer. Raise Skipped where it is no JSON."""
    bodies: list[bytes] = []

    def record(body: bytes) -> bytes:
        bodies.append(body)
        return body

    bench.book.warp = record
    ask()
    try:
        return orjson.loads(bodies[0])
    except (IndexError, orjson.JSONDecodeError):
        raise Skipped("The vendor's answers are no JSON.") from None


def _through(bench: GatewayBench, ask: Callable[[int], Any], is_right: Callable[[int, Any], bool]) -> None:
    """Ask once for each odd part, each time under another number."""
    document = _right_answer(bench, partial(ask, 0))
    wishes = [(path, odd) for path in _paths(document) for odd in _ODD][:_MOST]
    for number, (path, odd) in enumerate(wishes, start=1):
        bench.book.warp = _warped(path, odd)
        where = f"the answer's part {'.'.join(map(str, path)) or 'as a whole'} is {odd!r}"
        try:
            outcome = ask(number)
        except CallFailed:
            continue
        except Exception as error:
            raise CheckFailed("CallFailed, or an outcome", f"{where}: {look(error)}") from error
        if not is_right(number, outcome):
            raise CheckFailed("CallFailed, or an outcome of the port's own types", f"{where}: {outcome!r}")
    bench.book.warp = _as_it_is


def _as_it_is(body: bytes) -> bytes:
    return body


_OUTCOMES: Final = (Accepted, Rejected, NotSent, Unanswered)
_STATES: Final = (Delivered, Undelivered, StillUnderway)


def _send(bench: GatewayBench) -> None:
    gateway = bench.connect()

    def is_right(number: int, outcomes: Any) -> bool:
        is_one = isinstance(outcomes, Sequence) and len(outcomes) == 1 and isinstance(outcomes[0], _OUTCOMES)
        if is_one and isinstance(outcomes[0], Accepted):
            return _is_word(outcomes[0].gateway_reference)
        return is_one

    _through(bench, lambda number: gateway.send([a_message(number)]), is_right)
    doubles = [number for number in range(_MOST + 1) if len(sent_to(bench, a_message(number))) > 1]
    demand(not doubles, expected="no text goes out twice by itself", came=f"{len(doubles)} did")


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 64 and value.isprintable()


def _find(bench: GatewayBench) -> None:
    gateway: Any = bench.connect()
    taken(gateway, a_message())
    own_id = a_message().own_id

    def is_right(_: int, found: Any) -> bool:
        return (
            isinstance(found, Mapping)
            and set(found) <= {own_id}
            and all(
                isinstance(each, MessageFound) and _is_word(each.gateway_reference) for each in found.values()
            )
        )

    _through(bench, lambda _: gateway.find([own_id]), is_right)


def _delivery(bench: GatewayBench) -> None:
    gateway: Any = bench.connect()
    reference = taken(gateway, a_message()).gateway_reference

    def is_right(_: int, states: Any) -> bool:
        return (
            isinstance(states, Mapping)
            and set(states) <= {reference}
            and all(isinstance(each, _STATES) for each in states.values())
        )

    _through(bench, lambda _: gateway.delivery([reference]), is_right)


def _inbox(bench: GatewayBench) -> None:
    gateway: Any = bench.connect()

    def ask(number: int) -> Any:
        key = str(900_001 + number)
        bench.book.written.append(
            WrittenText(key=key, sender="09000000001", text=f"پرسش {number}", line=bench.book.line)
        )
        return gateway.inbox(None)

    def is_right(_: int, page: Any) -> bool:
        return isinstance(page, InboxPage) and all(
            0 < len(each.gateway_key) <= 64
            and all(isinstance(word, str) for word in (each.gateway_key, each.sender, each.line, each.text))
            for each in page.messages
        )

    _through(bench, ask, is_right)


def _credit(bench: GatewayBench) -> None:
    gateway: Any = bench.connect()

    def is_right(_: int, credit: Any) -> bool:
        return isinstance(credit, Credit) and credit.amount.is_finite()

    _through(bench, lambda _: gateway.credit(), is_right)


def _check(deed: str, fa: str, run: Callable[[GatewayBench], None], *needs: Need) -> Check[GatewayBench]:
    return Check(
        name=f"strange_shapes_{deed}",
        theme="failures" if deed == "send" else "questions",
        sentence=f"Whatever stands in place of a part of an answer to {deed}, no more than a failure comes of it.",
        sentence_fa=f"هر چه به جای هر بخشی از پاسخِ {fa} بیاید، چیزی بدتر از شکست نمی‌شود.",
        look_at=f"{deed}: how the answer is read",
        run=run,
        needs=needs,
    )


SHAPES: Final = (
    _check("send", "فرستادن", _send),
    _check("find", "جست‌وجو", _find, Need.FIND),
    _check("delivery", "پرسش رسیدن", _delivery, Need.DELIVERY),
    _check("inbox", "صندوق", _inbox, Need.INBOX),
    _check("credit", "اعتبار", _credit, Need.CREDIT),
)
