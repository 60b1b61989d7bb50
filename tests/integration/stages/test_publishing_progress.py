"""Publication against a real ledger: written back in order, tried for ever, at most an hour apart."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connector.domain.lifecycle import Stage
from connector.errors import CredentialsRejected, OutcomeUnknown, RateLimited, Unavailable
from connector.ledger.records import Lane
from connector.ports.connection import Connection, ConnectionPolicy
from connector.ports.portal import PortalAdapter, PortalCapabilities, Publication
from connector.publication.publishing import Publishing
from connector.transport.breaker import BreakerPolicy
from tests.integration.stages.conftest import LEASE, Agency

PORTAL = Lane(Stage.PUBLICATION, "web")


class SilentPortal:
    """A portal that takes nothing back."""

    capabilities = PortalCapabilities()

    def check(self) -> str:
        return "well"

    def close(self) -> None:
        return None


class PortalDouble(SilentPortal):
    """A portal that keeps what it is told, after it has failed as often as a test wants."""

    capabilities = PortalCapabilities(publishes=True)

    def __init__(self) -> None:
        self.failures: list[Exception] = []
        self.told: list[Publication] = []

    def publish(self, publication: Publication) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.told.append(publication)


@pytest.fixture
def portal() -> PortalDouble:
    return PortalDouble()


Publish = Callable[[PortalAdapter], int]


@pytest.fixture
def publish(agency: Agency) -> Publish:
    def run(adapter: PortalAdapter) -> int:
        options: dict[str, Any] = {"policy": ConnectionPolicy(breaker=BreakerPolicy(failures=1000))}
        connection = Connection(name="web", adapter=adapter, pool_size=1, now=agency.clock.now, **options)
        claims = agency.ledger.claim(PORTAL, holder="us", lease_for=LEASE, limit=10)
        Publishing(agency.ledger, connection, now=agency.clock.now, chance=lambda: 0.0).run(claims)
        return len(claims)

    return run


def until_due(agency: Agency) -> timedelta:
    due_at = agency.ledger.next_due_at(PORTAL)
    assert due_at is not None
    wait = max(due_at - agency.clock.now(), timedelta())
    agency.clock.advance(wait)
    return wait


def test_each_fact_is_written_back_in_the_order_of_happening(
    agency: Agency, portal: PortalDouble, publish: Publish
) -> None:
    agency.letter()
    agency.register()
    while publish(portal):
        pass
    assert [publication.fact for publication in portal.told] == ["received", "registered"]
    positions = [publication.position for publication in portal.told]
    assert positions == sorted(positions)
    assert portal.told[-1].registration is not None


@pytest.mark.parametrize(
    "error", [Unavailable(), OutcomeUnknown(), CredentialsRejected(), ValueError("crash")]
)
def test_a_portal_that_fails_is_told_again(
    agency: Agency, portal: PortalDouble, publish: Publish, error: Exception
) -> None:
    agency.letter()
    portal.failures = [error]
    publish(portal)
    assert portal.told == []
    until_due(agency)
    publish(portal)
    assert len(portal.told) == 1


def test_patience_has_no_end_and_an_hour_at_most_between_tries(
    agency: Agency, portal: PortalDouble, publish: Publish
) -> None:
    agency.letter()
    portal.failures = [Unavailable(reason="refused") for _ in range(40)]
    gaps = []
    while portal.failures:
        publish(portal)
        gaps.append(until_due(agency))
    assert gaps == sorted(gaps)
    assert gaps[-1] == timedelta(hours=1)
    publish(portal)
    assert len(portal.told) == 1


def test_a_portal_that_says_when_is_told_then(agency: Agency, portal: PortalDouble, publish: Publish) -> None:
    agency.letter()
    portal.failures = [RateLimited(retry_after=timedelta(minutes=7))]
    publish(portal)
    assert until_due(agency) == timedelta(minutes=7)


def test_a_portal_that_takes_nothing_back_loses_nothing(agency: Agency, publish: Publish) -> None:
    agency.letter()
    publish(SilentPortal())
    assert until_due(agency) > timedelta()
