"""Which deed is done in which lane: the stages, given their connection and nothing else's."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from connector.assembly.connections import Connections
from connector.assembly.current import Current, CurrentTexts
from connector.assembly.reminding import Reminding
from connector.assembly.sending_rules import notification_policy
from connector.clock import Now
from connector.completion.completing import Completing
from connector.completion.endings import CompletionPolicy
from connector.domain.lifecycle import Stage
from connector.intake.deciding import ScreeningPolicy
from connector.intake.screening import Screening
from connector.ledger.ledger import Ledger
from connector.ledger.records import Lane
from connector.notification.delivery import Delivery
from connector.notification.gateway_rules import GatewayRules
from connector.notification.lineup import Lineup
from connector.notification.patience import jitter
from connector.notification.planning import Planner
from connector.notification.policy import NotificationPolicy
from connector.notification.sending import Sending
from connector.ports.connection import Connection
from connector.ports.gateway import GatewayAdapter
from connector.ports.office import OfficeAdapter
from connector.ports.portal import PortalAdapter
from connector.publication.publishing import Publishing
from connector.registration.patience import RegistrationPolicy
from connector.registration.reconciliation import Reconciliation
from connector.registration.registration import Registration
from connector.registration.ways import lookup_deed
from connector.scheduling.lanes import LaneRun
from connector.settings.policies import policy_of
from connector.settings.settings import Settings
from connector.tracking.patience import TrackingPolicy
from connector.tracking.tracking import Tracking

__all__ = ["calls_begin_within", "lane_runs"]

_SCREENED_AT_ONCE: Final = 2
_SCREENED_TOGETHER: Final = 8
_NEWS_GIVES_WAY: Final = timedelta(milliseconds=50)
"""A letter goes before the news of it: the registering call must not wait for SMS and write-back to be prepared."""
_PUT_INTO_WORDS_MEANWHILE: Final = 2
"""Batches in hand for each call that a gateway takes at once: while one is on the wire the next is read and worded."""
_LET_GO_TOGETHER: Final = 50
"""Messages whose delivery nobody asks for are let go in parts of this size."""


def lane_runs(
    settings: Settings,
    ledger: Ledger,
    connections: Connections,
    routes: Current,
    texts: CurrentTexts,
    rules: Mapping[str, GatewayRules],
    lineup: Lineup,
    *,
    now: Now,
) -> list[LaneRun]:
    """Return the run of every lane that this configuration has."""
    runs: list[LaneRun] = []
    for portal in connections.portals.values():
        runs += _portal_lanes(settings, ledger, portal, routes, now)
    for office in connections.offices.values():
        runs += _office_lanes(settings, ledger, office, now)
    policy = replace(notification_policy(settings), announcement_holds=calls_begin_within(settings))
    for gateway in connections.gateways.values():
        runs += _gateway_lanes(ledger, gateway, texts, policy, rules[gateway.name], lineup, now)
    for stage in (Stage.OPERATOR, Stage.REVIEW):
        reminding = Reminding(ledger, remind_after=settings.intake.remind_after, now=now)
        runs.append(LaneRun(lane=Lane(stage, ""), deed=reminding.run, batch=_LET_GO_TOGETHER))
    return runs


def calls_begin_within(settings: Settings) -> timedelta:
    """Return how long after its announcement a call may begin: never so long that the lease could have run out."""
    return min(RegistrationPolicy().announcement_holds, settings.daemon.lease / 4)


def _portal_lanes(
    settings: Settings, ledger: Ledger, portal: Connection[PortalAdapter], routes: Current, now: Now
) -> Iterator[LaneRun]:
    screening = Screening(ledger, routes, policy_of(settings.intake, ScreeningPolicy), now=now)
    yield LaneRun(
        lane=Lane(Stage.INTAKE, portal.name),
        deed=screening.run,
        pool_size=_SCREENED_AT_ONCE,
        batch=_SCREENED_TOGETHER,
    )
    if portal.capabilities.publishes:
        yield LaneRun(
            lane=Lane(Stage.PUBLICATION, portal.name),
            deed=Publishing(ledger, portal, now=now).run,
            pool_size=portal.pool_size,
            gives_way=_NEWS_GIVES_WAY,
            closed_for=_closed_for(portal, "publish"),
        )


def _office_lanes(
    settings: Settings, ledger: Ledger, office: Connection[OfficeAdapter], now: Now
) -> Iterator[LaneRun]:
    # The first question about a letter is tracking's affair; registration only writes its time down.
    policy = replace(
        policy_of(settings.registration, RegistrationPolicy),
        track_first_after=settings.tracking.first_after,
        announcement_holds=calls_begin_within(settings),
    )
    yield LaneRun(
        lane=Lane(Stage.REGISTRATION, office.name),
        deed=Registration(ledger, office, ledger.attachments, policy=policy, now=now).run,
        pool_size=office.pool_size,
        closed_for=_closed_for(office, "register", *_before_the_number(office)),
    )
    yield LaneRun(
        lane=Lane(Stage.RECONCILIATION, office.name),
        deed=Reconciliation(ledger, office, policy=policy, now=now, watching_since=now()).run,
        pool_size=max(1, office.pool_size // 2),
        closed_for=_closed_for(office, lookup_deed(office.adapter)),
    )
    yield LaneRun(
        lane=Lane(Stage.TRACKING, office.name),
        deed=Tracking(ledger, office, policy=policy_of(settings.tracking, TrackingPolicy), now=now).run,
        pool_size=max(1, office.pool_size // 2),
        gives_way=_NEWS_GIVES_WAY,
        batch=max(1, office.capabilities.progress_batch),
        closed_for=_closed_for(office, "progress"),
    )
    if office.capabilities.completes:
        yield _completion_lane(settings, ledger, office, now)


def _completion_lane(
    settings: Settings, ledger: Ledger, office: Connection[OfficeAdapter], now: Now
) -> LaneRun:
    policy = replace(
        policy_of(settings.registration, CompletionPolicy), announcement_holds=calls_begin_within(settings)
    )
    return LaneRun(
        lane=Lane(Stage.COMPLETION, office.name),
        deed=Completing(ledger, office, policy=policy, now=now).run,
        pool_size=max(1, office.pool_size // 2),
        gives_way=_NEWS_GIVES_WAY,
        closed_for=_closed_for(office, "complete"),
    )


def _gateway_lanes(
    ledger: Ledger,
    gateway: Connection[GatewayAdapter],
    texts: CurrentTexts,
    policy: NotificationPolicy,
    rules: GatewayRules,
    lineup: Lineup,
    now: Now,
) -> Iterator[LaneRun]:
    planner = Planner(gateway.name, texts, policy, rules, jitter)
    yield LaneRun(
        lane=Lane(Stage.NOTIFICATION, gateway.name),
        deed=Sending(ledger, gateway, texts, policy, rules=rules, lineup=lineup, now=now).run,
        pool_size=gateway.pool_size * _PUT_INTO_WORDS_MEANWHILE,
        gives_way=_NEWS_GIVES_WAY,
        batch=gateway.capabilities.batch_size,
        closed_for=_closed_for(gateway, "send"),
    )
    yield LaneRun(
        lane=Lane(Stage.DELIVERY, gateway.name),
        deed=Delivery(ledger, gateway, policy, planner=planner, now=now).run,
        gives_way=_NEWS_GIVES_WAY,
        batch=gateway.capabilities.delivery_batch or _LET_GO_TOGETHER,
        closed_for=_closed_for(gateway, "delivery"),
    )


def _before_the_number(office: Connection[OfficeAdapter]) -> list[str]:
    capabilities = office.adapter.capabilities
    wanted = {"prepare": capabilities.prepares, "reserve": capabilities.reserves}
    return [deed for deed, is_wanted in wanted.items() if is_wanted]


def _closed_for(connection: Connection[Any], *deeds: str) -> Callable[[], timedelta | None]:
    def closed_for() -> timedelta | None:
        waits = [wait for deed in deeds if (wait := connection.closed_for(deed)) is not None]
        return max(waits, default=None)

    return closed_for
