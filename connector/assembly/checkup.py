"""Looks at everything that a start needs, changes nothing, and says what to do where something is wrong."""

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

from connector.assembly.alerting import alert_channels
from connector.assembly.connections import build_connection
from connector.assembly.current import load_settings_routes, load_settings_texts
from connector.assembly.ledger import key_ring, open_settings_ledger
from connector.assembly.sending_rules import last_holiday, notification_policy, patterns_of
from connector.clock import monotonic
from connector.errors import (
    CallFailed,
    ChaparError,
    CredentialsRejected,
    DatabaseNotReady,
    LedgerUnavailable,
    SecretMissing,
    Unavailable,
)
from connector.settings.connections import GROUPS, ConnectionSection, GatewaySection
from connector.settings.settings import Settings
from connector.settings.written import PLACEHOLDER
from connector.transport.alert_channel import AppriseChannel
from connector.transport.file_rights import SERVICE_USER, why_not_usable
from connector.transport.http_options import HttpOptions

__all__ = ["Finding", "Verdict", "check_connections", "checkup"]

_PATIENCE: Final = timedelta(seconds=30)
"""For all connections together; they are asked at the same time."""
_ROOM: Final = 1_000_000_000
"""With less free disk than this, attachments soon find no place."""


class Verdict(StrEnum):
    """What a look at one thing found."""

    IN_ORDER = "in_order"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What was seen at one thing."""

    part: str
    name: str
    verdict: Verdict
    sentence: str
    next_step: str | None = None
    is_unreachable: bool = False
    """True where the thing is right here and the other side does not answer."""

    def as_plain(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "part": self.part.lower(),
            "name": self.name,
            "verdict": str(self.verdict),
            "sentence": self.sentence,
            "next_step": self.next_step,
        }


def checkup(settings: Settings, *, file: Path, within: timedelta = _PATIENCE) -> Iterator[Finding]:
    """Yield one finding for each thing, the connections (asked all at once) as their answers come.

    A connection that has not answered within the time is named as wrong, and nobody waits for it.
    """
    yield _good("Configuration", str(file), "Every option is known and fits.")
    yield _looked("Routes", str(settings.intake.routes), lambda: _routes(settings))
    texts = str(settings.notification.texts or "shipped")
    yield _looked("Texts", texts, lambda: _texts(settings))
    yield _looked("Sending", "calendar", lambda: _sending(settings))
    yield _looked("Keys", "ledger.keys", lambda: _keys(settings))
    yield _looked("Database", settings.ledger.url.partition("://")[0], lambda: _database(settings))
    yield from _pauses(settings)
    yield _disk(settings.ledger.attachments)
    yield from _alerts(settings)
    yield from _connections(settings, within)


def _routes(settings: Settings) -> str:
    routes = load_settings_routes(settings)
    rest = "" if routes.covers_everything() else " Letters that no rule fits are parked."
    return f"Every route leads to a connection that is there.{rest}"


def _texts(settings: Settings) -> str:
    load_settings_texts(settings)
    return "Every fact can be told, in Persian and in English."


def _sending(settings: Settings) -> str:
    notification_policy(settings)
    hours = f"Texts go out {settings.sending.window} by the clock of {settings.calendar.time_zone}."
    last = last_holiday(settings)
    return f"{hours} Holidays are known until {last}." if last else hours


def _keys(settings: Settings) -> str:
    ring = key_ring(settings.ledger.keys)
    ring.open(ring.seal("chapar", "check"), "check")
    return f"{len(settings.ledger.keys.ring)} in the ring, and they seal and open."


def _database(settings: Settings) -> str:
    ledger = open_settings_ledger(settings)
    try:
        counts = ledger.counts()
        silent = ledger.silent()
        waited_for = {connection for _, connection in ledger.oldest_due()}
    finally:
        ledger.close()
    missing = waited_for - {"", *settings.portals, *settings.offices, *settings.gateways}
    if missing:
        raise DatabaseNotReady(
            f"Work waits for connections that are not configured: {', '.join(sorted(missing))}.",
            next_step="Put them back into the configuration until their letters are at their end.",
        )
    if silent:
        raise DatabaseNotReady(
            f"{silent} letters have neither an owner nor a next time, which must not be.",
            next_step="Report it with the output of: chapar letters list --json",
        )
    return f"It is at this version and holds {sum(counts.values())} letters."


def _pauses(settings: Settings) -> Iterator[Finding]:
    """Remind of every connection that the operator has paused. Where the database is away, that is said above."""
    try:
        ledger = open_settings_ledger(settings)
    except ChaparError:
        return
    try:
        pauses = ledger.pauses.in_force()
    except LedgerUnavailable:
        return
    finally:
        ledger.close()
    for name, pause in pauses.items():
        yield Finding(
            part="Pauses",
            name=name,
            verdict=Verdict.DOUBTFUL,
            sentence=f"Paused by {pause.actor} since {pause.paused_at:%Y-%m-%d %H:%M} UTC: {pause.reason}",
            next_step=f"chapar resume {name}",
        )


def _alerts(settings: Settings) -> Iterator[Finding]:
    """Say of each channel whether its URL can be used, and whether the daemon's last alert went through."""
    failing = _failing_channels(settings)
    for channel in alert_channels(settings):
        finding = _looked("Alerts", channel.name, partial(_opened, channel))
        if finding.verdict is Verdict.IN_ORDER and channel.name in failing:
            yield Finding(
                part="Alerts",
                name=channel.name,
                verdict=Verdict.DOUBTFUL,
                sentence=f"It did not take the last alert: {failing[channel.name]}.",
                next_step=f"chapar alerts test {channel.name}",
            )
        else:
            yield finding


def _opened(channel: AppriseChannel) -> str:
    channel.open()
    return "Its URL can be used; nothing was sent. chapar alerts test sends."


def _failing_channels(settings: Settings) -> dict[str, str]:
    if not settings.alerts.channels:
        return {}
    try:
        ledger = open_settings_ledger(settings)
    except ChaparError:
        return {}
    try:
        return {name: state.reason or "" for name, state in ledger.alerts_told.channels().items()}
    except LedgerUnavailable:
        return {}
    finally:
        ledger.close()


def _disk(folder: Path) -> Finding:
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free
    told = f"{free / 1e9:.1f} GB are free."
    refused = why_not_usable(place)
    if refused:
        step = f"Make it writable for the user that Chapar runs as: chown {SERVICE_USER} {place}"
        return _bad("Disk", str(folder), f"{refused}. {told}", step)
    if free < _ROOM:
        step = "Make room before letters with attachments find none."
        return Finding(part="Disk", name=str(folder), verdict=Verdict.DOUBTFUL, sentence=told, next_step=step)
    return _good("Disk", str(folder), told)


def _connections(settings: Settings, within: timedelta) -> Iterator[Finding]:
    wanted = [
        (group, name, section) for group in GROUPS for name, section in getattr(settings, group).items()
    ]
    if not wanted:
        yield _bad(
            "Connections",
            "none",
            "There is no portal, office or gateway.",
            "Write them: chapar config example",
        )
        return
    yield from check_connections(settings, wanted, within=within)


def check_connections(
    settings: Settings,
    wanted: Sequence[tuple[str, str, ConnectionSection]],
    *,
    within: timedelta = _PATIENCE,
) -> Iterator[Finding]:
    """Ask these connections (group, name, section) all at once, and yield what was found as their answers come.

    One that has not answered within the time is named as wrong, and nobody waits for it.
    """
    found: SimpleQueue[Finding] = SimpleQueue()
    for group, name, section in wanted:
        look = partial(_connection, settings, group, name, section, found)
        # A daemon thread: an office that never answers must not keep the command from ending.
        threading.Thread(target=look, name=f"check-{name}", daemon=True).start()
    silent = {f"{group}.{name}" for group, name, _ in wanted}
    until = monotonic() + within.total_seconds()
    while silent:
        try:
            finding = found.get(timeout=max(until - monotonic(), 0.01))
        except Empty:
            break
        silent.discard(finding.name)
        yield finding
    for name in sorted(silent):
        late = Unavailable(
            f"There was no answer within {within.total_seconds():g} seconds.", reason="no_answer"
        )
        yield _unreachable("Connections", name, late)


def _connection(
    settings: Settings, group: str, name: str, section: ConnectionSection, found: "SimpleQueue[Finding]"
) -> None:
    try:
        finding = _looked("Connections", f"{group}.{name}", lambda: _ask(settings, group, name, section))
        found.put(_doubted_in_the_clear(finding, section))
    except Exception as error:  # noqa: BLE001 - a stranger's adapter may fail in any way
        sentence = f"The adapter {section.adapter} broke down: {type(error).__name__}."
        found.put(_bad("Connections", f"{group}.{name}", sentence, "Report it to whoever made the adapter."))


def _doubted_in_the_clear(finding: Finding, section: ConnectionSection) -> Finding:
    """Return what was found of a connection, with a doubt where letters and passwords go over the wire unencrypted."""
    wires = [value for value in vars(section.options).values() if isinstance(value, HttpOptions)]
    if finding.verdict is not Verdict.IN_ORDER or not any(wire.is_in_the_clear for wire in wires):
        return finding
    return replace(
        finding,
        verdict=Verdict.DOUBTFUL,
        sentence=f"{finding.sentence} Its address is http://: letters and passwords can be read on the way.",
        next_step="Write https:// where the other side has it; without it let the way be a network of your own.",
    )


def _ask(settings: Settings, group: str, name: str, section: ConnectionSection) -> str:
    connection = build_connection(settings, group, name, section)
    try:
        if isinstance(section, GatewaySection):
            patterns_of(name, section, connection.capabilities)
        return str(connection.call("check", lambda adapter: adapter.check()))
    finally:
        connection.close()


def _looked(part: str, name: str, look: Callable[[], str]) -> Finding:
    try:
        return _good(part, name, look())
    except CallFailed as error:
        return _unreachable(part, name, error)
    except LedgerUnavailable as error:
        return _unreachable_database(part, name, error)
    except ChaparError as error:
        return _bad(part, name, error.sentence, error.next_step or _usual_step(error))


def _unreachable(part: str, name: str, error: CallFailed) -> Finding:
    code = f" ({', '.join(filter(None, (error.reason, error.code)))})" if error.reason or error.code else ""
    if isinstance(error, CredentialsRejected):
        step = f"Set the user name, password or key of {name} right."
    else:
        step = f"See that the address of {name} is right and that this machine reaches it (firewall, VPN, proxy)."
    return Finding(
        part=part,
        name=name,
        verdict=Verdict.WRONG,
        sentence=f"{error.sentence}{code}",
        next_step=error.next_step or step,
        is_unreachable=True,
    )


def _unreachable_database(part: str, name: str, error: LedgerUnavailable) -> Finding:
    step = error.next_step or "See whether the database runs and its disk has room."
    return Finding(
        part=part,
        name=name,
        verdict=Verdict.WRONG,
        sentence=error.sentence,
        next_step=step,
        is_unreachable=True,
    )


def _usual_step(error: ChaparError) -> str | None:
    if isinstance(error, SecretMissing):
        return f"Put the secret where the configuration says; nothing may be left at {PLACEHOLDER}."
    return "chapar db upgrade" if isinstance(error, DatabaseNotReady) else None


def _good(part: str, name: str, sentence: str) -> Finding:
    return Finding(part=part, name=name, verdict=Verdict.IN_ORDER, sentence=sentence)


def _bad(part: str, name: str, sentence: str, next_step: str | None) -> Finding:
    return Finding(part=part, name=name, verdict=Verdict.WRONG, sentence=sentence, next_step=next_step)
