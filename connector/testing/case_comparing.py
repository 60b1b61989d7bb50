"""What a case says against what was seen: the requests that went out, and what came of them."""

import base64
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from lxml import etree

from connector.errors import ChaparError
from connector.mapping.cases import Case, CaseExchange
from connector.mapping.inner_xml import read_xml_text
from connector.mapping.located import Location
from connector.ports.outcomes import Refused, Registered, Submitted
from connector.testing.case_deeds import Completed, KeptForLater
from connector.testing.played_office import SeenRequest

__all__ = ["Difference", "complaints_of"]


_MOST_SHOWN: Final = 300
"""Characters of what came, in a complaint."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the case says."""

    place: Location
    """What the case says of it, in the file of cases."""
    sentence: str


def complaints_of(
    case: Case,
    log_in: Sequence[CaseExchange],
    outcome: Any,
    requests: Sequence[SeenRequest],
    *,
    place: Location = (),
) -> Iterator[Difference]:
    """Yield what is not as the case says; ``log_in`` are the exchanges before its own, ``place`` is where it stands."""
    name, wanted = next(iter(case.outcome.model_dump(exclude_unset=True).items()))
    told = {"matches": [_told(each) for each in outcome]} if _is_search(case, outcome) else _told(outcome)
    yield from _conversation(case, log_in, requests, place, told)
    yield from _differences({name: wanted}, told, _Way("outcome", (*place, "outcome")))


def _conversation(
    case: Case,
    log_in: Sequence[CaseExchange],
    requests: Sequence[SeenRequest],
    place: Location,
    told: Mapping[str, Any],
) -> Iterator[Difference]:
    exchanges = [*log_in, *case.conversation]
    by_position = {request.position: request for request in requests}
    for position, exchange in enumerate(exchanges):
        spelt = "request" if len(exchanges) == 1 else f"request {position + 1}"
        way = _Way(spelt, _place_of(case, position, len(log_in), place))
        request = by_position.get(position)
        if request is not None:
            yield from _differences(_wanted(exchange), _seen(request), way)
        elif position >= len(log_in) or not _may_rest(case):
            yield way.differs(f"{spelt}: nothing was sent; it ended before, with {_shown(told)}")
    beyond = [request for request in requests if request.position >= len(exchanges)]
    if beyond:
        call = beyond[0].call or f"{beyond[0].method} {beyond[0].path}"
        more = f"{'something more' if exchanges else 'something'} was sent: {call} {_shown(beyond[0].fields)}"
        yield Difference((*place, "exchanges" if case.exchanges else "request"), more.rstrip())
    if not case.conversation:
        # What the case says of a request that nobody answers.
        wanted = case.request.model_dump(exclude_unset=True)
        yield from _differences(wanted, {}, _Way("request", (*place, "request")))


def _place_of(case: Case, position: int, before: int, place: Location) -> Location:
    """Return where the case, or the log-in before it, says what this request must be."""
    if position < before:
        return ("session", position, "request")
    return (*place, "exchanges", position - before, "request") if case.exchanges else (*place, "request")


def _may_rest(case: Case) -> bool:
    """Return whether the log-in of the whole file may be left out: this case sends nothing."""
    return not case.conversation


def _wanted(exchange: CaseExchange) -> dict[str, Any]:
    wanted = exchange.request.model_dump(exclude_unset=True)
    if wanted.get("headers"):
        wanted["headers"] = {name.lower(): value for name, value in wanted["headers"].items()}
    return wanted


def _seen(request: SeenRequest) -> dict[str, Any]:
    names = ("method", "path", "query", "headers", "call", "fields")
    return {name: getattr(request, name) for name in names}


def _is_search(case: Case, outcome: Any) -> bool:
    return case.operation == "search" and not isinstance(outcome, ChaparError)


def _told(outcome: Any) -> dict[str, Any]:  # noqa: PLR0911 - one line for each kind of outcome
    if isinstance(outcome, ChaparError):
        facts = {name: getattr(outcome, name, None) for name in ("reason", "code", "sentence")}
        return {"fails": {"type": type(outcome).__name__, **facts}}
    if isinstance(outcome, Registered):
        return {"known" if outcome.was_known else "registered": _plain(outcome.registration)}
    if isinstance(outcome, Submitted):
        return {"submitted": _plain(outcome)}
    if isinstance(outcome, Refused):
        return {"refused": _plain(outcome)}
    if isinstance(outcome, KeptForLater):
        return {"kept": dict(outcome.values)}
    if isinstance(outcome, Completed):
        return {"completed": True}
    if outcome is None:
        return {"absent": True}
    return {"checked": True} if isinstance(outcome, str) else {"progress": [_plain(each) for each in outcome]}


def _plain(record: Any) -> Any:
    plain: Any = orjson.loads(orjson.dumps(dataclasses.asdict(record)))
    return plain


@dataclass(frozen=True, slots=True)
class _Way:
    """The way to a value: as people read it, and in the file of cases."""

    spelt: str
    place: Location

    def named(self, name: str) -> "_Way":
        return _Way(f"{self.spelt}.{name}", (*self.place, name))

    def at(self, position: int) -> "_Way":
        return _Way(f"{self.spelt}[{position}]", (*self.place, position))

    def differs(self, sentence: str) -> Difference:
        return Difference(self.place, sentence)


def _differences(expected: Any, found: Any, way: _Way) -> Iterator[Difference]:
    if isinstance(expected, Mapping) and "$base64" in expected:
        yield from _differences(expected["$base64"], _decoded(found), way)
    elif isinstance(expected, Mapping) and expected.keys() & {"$xml", "$contains"}:
        yield from _text_differences(expected, found, way)
    elif isinstance(expected, Mapping) and isinstance(found, Mapping):
        for name, inner in expected.items():
            if inner is not None and name not in found:
                yield way.named(name).differs(f"{way.spelt}.{name} is not there; what came: {_shown(found)}")
            else:
                yield from _differences(inner, found.get(name), way.named(name))
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            sentence = f"{way.spelt} has {len(found)} items, not {len(expected)}; what came: {_shown(found)}"
            yield way.differs(sentence)
        for position, (inner, other) in enumerate(zip(expected, found, strict=False)):
            yield from _differences(inner, other, way.at(position))
    elif expected != found:
        yield way.differs(f"{way.spelt} is {_shown(found)}, not {_shown(expected)}")


def _shown(value: Any) -> str:
    """Return what came, short enough to be read."""
    text = "nothing" if value is None or value == {} else repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}… ({len(text)} characters)"


def _decoded(found: Any) -> Any:
    """Return a document, which came as base64, as text; None where it did not."""
    try:
        return base64.b64decode(str(found), validate=True).decode()
    except ValueError:
        return None


def _text_differences(expected: Mapping[str, Any], found: Any, way: _Way) -> Iterator[Difference]:
    if not isinstance(found, str):
        yield way.differs(f"{way.spelt} is no text; what came: {_shown(found)}")
        return
    for text in expected.get("$contains", []):
        if text not in found:
            yield way.differs(f"{way.spelt} does not contain {text!r}; what came: {_shown(found)}")
    if "$xml" in expected:
        try:
            wanted, came = read_xml_text(expected["$xml"]), read_xml_text(found)
        except (ValueError, etree.XMLSyntaxError):
            yield way.differs(f"{way.spelt} is not XML, or the case is not; what came: {_shown(found)}")
            return
        for difference in _differences(wanted, came, way):
            yield way.differs(difference.sentence)  # what is inside the XML has no line of its own
