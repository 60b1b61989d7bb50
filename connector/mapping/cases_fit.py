"""Whether the cases beside a mapping are about calls that the mapping makes."""

from collections.abc import Collection, Iterator

from connector.mapping.cases import CaseFile, CaseRequest
from connector.mapping.located import Location

__all__ = ["strange_calls"]


def strange_calls(cases: CaseFile, calls: Collection[str]) -> Iterator[tuple[Location, str]]:
    """Yield every request of a case whose ``call`` is none of these, with its place in the file of cases."""
    for place, request in _requests(cases):
        if request.call is not None and request.call not in calls:
            yield (*place, "call"), request.call


def _requests(cases: CaseFile) -> Iterator[tuple[Location, CaseRequest]]:
    for position, exchange in enumerate(cases.session):
        yield ("session", position, "request"), exchange.request
    for number, case in enumerate(cases.cases):
        yield ("cases", number, "request"), case.request
        for position, exchange in enumerate(case.exchanges):
            yield ("cases", number, "exchanges", position, "request"), exchange.request
