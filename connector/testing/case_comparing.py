"""What a case says against what was seen: the requests that went out, and what came of them."""

import base64
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from lxml import etree

from connector.errors import ChaparError
from connector.mapping.cases import Case, CaseExchange
from connector.mapping.inner_xml import read_xml_text
from connector.ports.outcomes import Refused, Registered, Submitted
from connector.testing.case_deeds import Completed, KeptForLater
from connector.testing.played_office import SeenRequest

__all__ = ["complaints_of"]


def complaints_of(
    case: Case, log_in: Sequence[CaseExchange], outcome: Any, requests: Sequence[SeenRequest]
) -> Iterator[str]:
    """Yield what is not as the case says; ``log_in`` are the exchanges before its own."""
    yield from _conversation(case, log_in, requests)
    name, wanted = next(iter(case.outcome.model_dump(exclude_unset=True).items()))
    told = {"matches": [_told(each) for each in outcome]} if _is_search(case, outcome) else _told(outcome)
    yield from _differences({name: wanted}, told, "outcome")


def _conversation(
    case: Case, log_in: Sequence[CaseExchange], requests: Sequence[SeenRequest]
) -> Iterator[str]:
    exchanges = [*log_in, *case.conversation]
    by_position = {request.position: request for request in requests}
    for position, exchange in enumerate(exchanges):
        way = "request" if len(exchanges) == 1 else f"request {position + 1}"
        request = by_position.get(position)
        if request is not None:
            yield from _differences(_wanted(exchange), _seen(request), way)
        elif position >= len(log_in) or not _may_rest(case):
            yield f"{way}: nothing was sent"
    beyond = [request for request in requests if request.position >= len(exchanges)]
    if beyond:
        call = beyond[0].call or f"{beyond[0].method} {beyond[0].path}"
        yield f"{'something more' if exchanges else 'something'} was sent: {call}"
    if not case.conversation:
        # What the case says of a request that nobody answers.
        yield from _differences(case.request.model_dump(exclude_unset=True), {}, "request")


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
        facts = {name: getattr(outcome, name, None) for name in ("reason", "code")}
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


def _differences(expected: Any, found: Any, way: str) -> Iterator[str]:
    if isinstance(expected, Mapping) and "$base64" in expected:
        yield from _differences(expected["$base64"], _decoded(found), way)
    elif isinstance(expected, Mapping) and expected.keys() & {"$xml", "$contains"}:
        yield from _text_differences(expected, found, way)
    elif isinstance(expected, Mapping) and isinstance(found, Mapping):
        for name, inner in expected.items():
            if inner is not None and name not in found:
                yield f"{way}.{name} is not there"
            else:
                yield from _differences(inner, found.get(name), f"{way}.{name}")
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield f"{way} has {len(found)} items, not {len(expected)}"
        for position, (inner, other) in enumerate(zip(expected, found, strict=False)):
            yield from _differences(inner, other, f"{way}[{position}]")
    elif expected != found:
        yield f"{way} is {found!r}, not {expected!r}"


def _decoded(found: Any) -> Any:
    """Return a document, which came as base64, as text; None where it did not."""
    try:
        return base64.b64decode(str(found), validate=True).decode()
    except ValueError:
        return None


def _text_differences(expected: Mapping[str, Any], found: Any, way: str) -> Iterator[str]:
    if not isinstance(found, str):
        yield f"{way} is no text"
        return
    missing = [text for text in expected.get("$contains", []) if text not in found]
    yield from (f"{way} does not contain {text!r}" for text in missing)
    if "$xml" in expected:
        try:
            yield from _differences(read_xml_text(expected["$xml"]), read_xml_text(found), way)
        except (ValueError, etree.XMLSyntaxError):
            yield f"{way} is not XML, or the case is not"
