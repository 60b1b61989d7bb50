"""The service: a thread of its own that looks what stands and tells it. Nothing waits for it."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.alerting.book import Book, MemoryBook
from connector.alerting.deciding import Alert, alert_for, is_over, troubles_of, when_to_try_again
from connector.alerting.policy import AlertPolicy
from connector.alerting.speaking import Speaker, Speaking, Spoken
from connector.alerting.wording import title_and_text
from connector.clock import Now, monotonic
from connector.domain.alert import Trouble, Unwell
from connector.errors import ChaparError, LedgerUnavailable
from connector.ledger.alerts_told import AlertsTold, ChannelState, Told
from connector.ledger.connection_needs import NeedsPerson
from connector.observability.logging import get_logger
from connector.observability.metrics import count_alert, set_alert_channel_failing
from connector.ports.alert_channel import AlertChannel

__all__ = ["Alerting"]

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Sent:
    """An alert on its way."""

    speaker: Speaker
    book: Book
    alert: Alert
    told: Mapping[str, Told]
    noted: datetime
    speaking: Speaking


@dataclass(slots=True)
class _Seen:
    """What one look found."""

    standing: list[Trouble] = field(default_factory=list)
    is_ledger_away: bool = False


class Alerting:
    """Looks every so often and tells. Started once; stop() also without a start, and twice."""

    def __init__(
        self,
        told: AlertsTold,
        channels: Sequence[AlertChannel],
        policy: AlertPolicy,
        *,
        node: str,
        needs: Callable[[], Sequence[NeedsPerson]],
        machine: Callable[[], Sequence[Trouble]],
        now: Now,
    ) -> None:
        """Take where it is kept what was told, the channels, what a person is needed for, and the machine's troubles.

        ``needs`` raises LedgerUnavailable where the ledger is away: that is then told, out of memory.
        """
        self._ledger = told
        self._memory = MemoryBook(now)
        self._speakers = [Speaker(channel) for channel in channels]
        self._policy = policy
        self._node = node
        self._needs = needs
        self._machine = machine
        self._now = now
        self._away_since: datetime | None = None
        self._states: dict[str, ChannelState] = {}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._turn, name="chapar-alerts", daemon=True)

    def start(self) -> None:
        """Start looking, where there is a channel; once. Raise LedgerUnavailable if the ledger is away."""
        self._ledger.keep_only([speaker.name for speaker in self._speakers])
        if self._speakers:
            self._thread.start()

    def stop(self, within: timedelta) -> None:
        """Look no more. A call that goes on ends with the process."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(within.total_seconds())

    def failing(self) -> dict[str, str]:
        """Return the channels that failed when they were last used, with the reason."""
        return {name: state.reason or "" for name, state in self._states.items()}

    def look(self) -> None:
        """Look once and tell what is to be told; wait for the channels, at most as long as the policy says."""
        seen = self._see()
        self._states = self._known_states(seen)
        unwell = [each for each in seen.standing if each.because is Unwell.LEDGER_AWAY]
        sent = self._tell(self._memory, unwell)
        if not seen.is_ledger_away:
            sent += self._tell(self._ledger, [each for each in seen.standing if each not in unwell])
        until = monotonic() + self._policy.answer_within.total_seconds()
        for each in sent:
            self._conclude(each, timedelta(seconds=until - monotonic()))

    def _turn(self) -> None:
        while not self._ending.is_set():
            try:
                self.look()
            except LedgerUnavailable:
                log.warning("alerting.ledger_away")
            except Exception:
                log.exception("alerting.look_failed")
            self._ending.wait(self._policy.look_every.total_seconds())

    def _see(self) -> _Seen:
        standing = list(self._machine())
        try:
            standing += troubles_of(self._needs())
        except LedgerUnavailable:
            self._away_since = self._away_since or self._now()
            if self._now() - self._away_since >= self._policy.well_after:
                away = Trouble(because=Unwell.LEDGER_AWAY, where=f"@{self._node}", since=self._away_since)
                standing.append(away)
            return _Seen(standing, is_ledger_away=True)
        self._away_since = None
        return _Seen(sorted(standing, key=lambda each: (-each.severity.rank, each.since, each.key)))

    def _known_states(self, seen: _Seen) -> dict[str, ChannelState]:
        if seen.is_ledger_away:
            return self._states
        states = self._ledger.channels()
        for speaker in self._speakers:
            set_alert_channel_failing(speaker.name, speaker.name in states)
        return states

    def _tell(self, book: Book, standing: Sequence[Trouble]) -> list[_Sent]:
        """Begin what each channel is to be told; a channel that fails, or still calls, is left alone."""
        sent = []
        for speaker in self._speakers:
            told = self._what_is_over(book, speaker.name, standing)
            alert = alert_for(speaker.name, standing, told, self._now(), self._policy)
            state = self._states.get(speaker.name, ChannelState())
            is_held = state.try_after is not None and self._now() < state.try_after
            if alert is None or is_held or speaker.is_busy:
                continue
            noted = self._noted(book, speaker.name, alert)
            if noted is not None:
                title, text = title_and_text(alert, self._policy.languages, self._node)
                speaking = speaker.speak(
                    lambda channel, title=title, text=text, alert=alert: channel.tell(
                        title, text, alert.severity
                    )  # type: ignore[misc]
                )
                sent.append(_Sent(speaker, book, alert, told, noted, speaking))
        return sent

    def _what_is_over(self, book: Book, channel: str, standing: Sequence[Trouble]) -> dict[str, Told]:
        told, at, keys = book.told(channel), self._now(), {each.key for each in standing}
        over = {key: is_over(each, key, keys, of_this_node=self._node, at=at) for key, each in told.items()}
        changed = {key: since for key, since in over.items() if since != told[key].over_since}
        book.note_over(channel, changed)
        return {key: Told(told_at=each.told_at, over_since=over[key]) for key, each in told.items()}

    def _noted(self, book: Book, channel: str, alert: Alert) -> datetime | None:
        if alert.is_well_again:
            return self._now() if book.close(channel, alert.claimed) else None
        return book.claim(channel, alert.claimed)

    def _conclude(self, sent: _Sent, within: timedelta) -> None:
        """Keep what became of an alert. One without an answer counts as told: the reminder tells it again."""
        spoken, reason = sent.speaking.ended(within)
        channel = sent.speaker.name
        count_alert(channel, str(spoken))
        try:
            if spoken is Spoken.TAKEN:
                log.info(
                    "alerting.told", channel=channel, new=len(sent.alert.new), still=len(sent.alert.still)
                )
                if channel in self._states:
                    self._ledger.works(channel)
                self._states.pop(channel, None)
                return
            if spoken is Spoken.NOT_TAKEN:
                _take_back(sent)
            self._note_failure(channel, reason)
        except ChaparError as error:
            log.warning("alerting.outcome_not_kept", channel=channel, failure=type(error).__name__)

    def _note_failure(self, channel: str, reason: str) -> None:
        before = self._states.get(channel, ChannelState())
        failures = before.failures + 1
        try_after = when_to_try_again(failures, self._now(), self._policy)
        log.error("alerting.channel_failed", channel=channel, reason=reason, failures=failures)
        self._states[channel] = ChannelState(
            failing_since=before.failing_since or self._now(),
            failures=failures,
            reason=reason,
            try_after=try_after,
        )
        set_alert_channel_failing(channel, True)
        self._ledger.failed(channel, reason, try_after=try_after)


def _take_back(sent: _Sent) -> None:
    channel = sent.speaker.name
    if sent.alert.is_well_again:
        sent.book.reopen(channel, sent.told)
    else:
        sent.book.take_back(channel, sent.alert.claimed, sent.noted)
