"""Sends what is queued. Intent before the call, outcome after it, both committed; a lost outcome is a question."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from connector.clock import Now
from connector.domain.message import MessageEvent, MessageStatus
from connector.errors import CallFailed, ChaparError, LostRace, Misbehaved, Unavailable
from connector.ledger.ledger import Ledger
from connector.ledger.records import Claim, MessageHappening
from connector.notification.deciding import Decider
from connector.notification.looking_up import LookUps
from connector.notification.patience import Jitter, jitter
from connector.notification.policy import NotificationPolicy
from connector.notification.recording import Held, Recorder
from connector.notification.texts import Texts
from connector.observability.logging import get_logger
from connector.ports.connection import Connection
from connector.ports.gateway import GatewayAdapter, OutgoingMessage
from connector.ports.outcomes import SendOutcome

__all__ = ["Sending"]

log = get_logger(__name__)


class Sending:
    """The stage's work at one gateway."""

    def __init__(
        self,
        ledger: Ledger,
        gateway: Connection[GatewayAdapter],
        texts: Texts,
        policy: NotificationPolicy,
        *,
        now: Now,
        jitter: Jitter = jitter,
    ) -> None:
        """Keep what a run needs."""
        self._ledger = ledger
        self._gateway = gateway
        self._texts = texts
        self._policy = policy
        self._now = now
        self._jitter = jitter
        self._recorder = Recorder(ledger, gateway.name)
        self._look_ups = LookUps(gateway, self._recorder)

    def run(self, claims: Sequence[Claim]) -> None:
        """Do the next deed for each claimed message: send it, look it up, or call its outcome lost.

        A claim that says ``sending`` is an orphan: whoever announced it is gone, and nobody knows what was sent.
        """
        held = list(zip(claims, self._ledger.materials(claims), strict=True))
        orphans = _with_status(held, MessageStatus.SENDING)
        self._recorder.record([(claim, self._decider().outcome_lost("process_died")) for claim, _ in orphans])
        uncertain = _with_status(held, MessageStatus.UNCERTAIN)
        if uncertain:
            self._look_ups.run(uncertain, self._decider())
        self._send_all(_with_status(held, MessageStatus.QUEUED))

    def _send_all(self, queued: Sequence[Held]) -> None:
        waiting = list(self._batches(queued))
        while waiting:
            wait = self._send(waiting.pop(0))
            if wait is not None:
                # The next batch would meet the same closed door.
                self._leave([claim for batch in waiting for claim, _ in batch], wait, "gateway_away")
                return

    def _batches(self, queued: Sequence[Held]) -> Iterator[Sequence[Held]]:
        size = max(1, self._gateway.capabilities.batch_size)
        for start in range(0, len(queued), size):
            yield queued[start : start + size]

    def _send(self, batch: Sequence[Held]) -> timedelta | None:
        """Send one batch. Return how long the gateway should be left alone, when it did not answer."""
        written = self._written(batch)
        announced: list[Claim] = []
        if not written:
            return None
        try:
            with self._gateway.turn("send") as turn:
                announcing_at = self._now()
                announced = self._ledger.announce_messages([claim for claim, _ in written])
                going = {claim.work_id for claim in announced}
                messages = [message for claim, message in written if claim.work_id in going]
                if not messages:
                    return None
                if self._now() - announcing_at > self._policy.announcement_holds:
                    raise Unavailable(reason="announced_too_long_ago")  # whoever has them now keeps them
                outcomes = turn.call(lambda adapter: adapter.send(messages))
        except CallFailed as error:
            return self._failed(error, [claim for claim, _ in written], announced)
        self._sent(announced, outcomes)
        return None

    def _written(self, batch: Sequence[Held]) -> list[tuple[Claim, OutgoingMessage]]:
        written = []
        for claim, material in batch:
            try:
                text = self._texts.render(material)
            except ChaparError as error:
                log.error(
                    "notification.text_broken",
                    letter_id=claim.letter_id,
                    fact=str(material.fact),
                    exc_info=error,
                )
                broken = MessageHappening(event=MessageEvent.REJECTED, reason="text_broken")
                self._recorder.record([(claim, broken)])
                continue
            written.append(
                (claim, OutgoingMessage(own_id=material.own_id, mobile=material.mobile, text=text))
            )
        return written

    def _sent(self, announced: Sequence[Claim], outcomes: Sequence[SendOutcome]) -> None:
        decider = self._decider()
        if len(outcomes) != len(announced):
            incomplete = Misbehaved(reason="answer_incomplete")
            results = [(claim, decider.after_failure(incomplete, claim.attempts)) for claim in announced]
        else:
            pairs = zip(announced, outcomes, strict=True)
            results = [(claim, decider.after_send(outcome, claim.attempts)) for claim, outcome in pairs]
        self._recorder.record(results)

    def _failed(self, error: CallFailed, written: Sequence[Claim], announced: Sequence[Claim]) -> timedelta:
        decider = self._decider()
        results = [(claim, decider.after_failure(error, claim.attempts)) for claim in announced]
        self._recorder.record(results)
        wait = decider.wait_after(error, max((claim.attempts for claim in written), default=0))
        if error.reason == "closing":
            wait = timedelta(0)
        if not announced:
            self._leave(written, wait, error.reason or "call_failed")
        return wait

    def _leave(self, claims: Sequence[Claim], wait: timedelta, reason: str) -> None:
        """Leave for later what was not announced; with no wait the house is stopping, and it is given back."""
        if not wait:
            self._ledger.give_back(claims)
            return
        for claim in claims:
            try:
                self._ledger.postpone(claim, due_at=self._now() + wait, reason=reason)
            except LostRace:
                continue  # somebody else has it now

    def _decider(self) -> Decider:
        return Decider(self._policy, self._gateway.capabilities, self._now(), self._jitter)


def _with_status(held: Sequence[Held], status: MessageStatus) -> list[Held]:
    return [each for each in held if each[0].status == str(status)]
