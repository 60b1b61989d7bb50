"""Sends what is queued. Intent before the call, outcome after it, both committed; a lost outcome is a question."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from connector.clock import Now
from connector.domain.message import MessageEvent, MessageStatus
from connector.errors import CallFailed, ChaparError, LostRace, Misbehaved, Unavailable
from connector.ledger.ledger import Ledger
from connector.ledger.records import Claim, MessageHappening, MessageMaterial
from connector.notification.batching import Written, batches
from connector.notification.choosing import Chooser
from connector.notification.composing import Composer, Words
from connector.notification.deciding import Decider
from connector.notification.gateway_rules import GatewayRules
from connector.notification.lineup import Lineup
from connector.notification.looking_up import LookUps
from connector.notification.patience import Jitter, jitter
from connector.notification.planning import Planner
from connector.notification.policy import NotificationPolicy
from connector.notification.recording import Held, Recorder
from connector.observability.logging import get_logger
from connector.ports.connection import Connection
from connector.ports.gateway import GatewayAdapter
from connector.ports.outcomes import Rejected, SendOutcome

__all__ = ["Sending"]

log = get_logger(__name__)

_NOT_OF_THE_GATEWAY: Final = frozenset({"closing", "no_free_slot"})
"""Why no turn was to be had that says nothing of the gateway: the house stops, or other batches of ours are under way
for longer than usual. The messages are due as before, and no try is counted."""


class Sending:
    """The stage's work at one gateway."""

    def __init__(
        self,
        ledger: Ledger,
        gateway: Connection[GatewayAdapter],
        texts: Words,
        policy: NotificationPolicy,
        *,
        now: Now,
        rules: GatewayRules | None = None,
        lineup: Lineup | None = None,
        jitter: Jitter = jitter,
    ) -> None:
        """Keep what a run needs."""
        self._ledger = ledger
        self._gateway = gateway
        self._policy = policy
        self._now = now
        self._jitter = jitter
        self._rules = rules or GatewayRules()
        self._lineup = lineup
        self._composer = Composer(texts, self._rules.patterns)
        self._planner = Planner(gateway.name, texts, policy, self._rules, jitter)
        self._recorder = Recorder(ledger, gateway.name)
        self._look_ups = LookUps(gateway, self._recorder, self._planner)

    def run(self, claims: Sequence[Claim]) -> None:
        """Do the next deed for each claimed message: send it, look it up, or call its outcome lost.

        A claim that says ``sending`` is an orphan: whoever announced it is gone, and nobody knows what was sent.
        """
        held = list(zip(claims, self._ledger.materials(claims), strict=True))
        orphans = _with_status(held, MessageStatus.SENDING)
        decider = self._decider()
        self._recorder.record(
            [(claim, decider.outcome_lost(material, "process_died")) for claim, material in orphans]
        )
        uncertain = _with_status(held, MessageStatus.UNCERTAIN)
        if uncertain:
            self._look_ups.run(uncertain, self._decider())
        self._send_all(self._chosen(_with_status(held, MessageStatus.QUEUED)))

    def _chosen(self, queued: Sequence[Held]) -> list[Written]:
        """Record what is not sent now, and return the rest in words."""
        at = self._now()
        chooser = Chooser(
            self._policy, at, self._jitter, self._composer.compose, self._composer.goes_as_pattern
        )
        instead: list[tuple[Claim, MessageHappening]] = []
        written: list[Written] = []
        for claim, material in queued:
            try:
                happening = chooser.instead_of_sending(material) or self._elsewhere(material)
                if happening is None:
                    written.append(self._planner.written(claim, material, at))
                    continue
            except ChaparError as error:
                log.error(
                    "notification.text_broken",
                    letter_id=claim.letter_id,
                    fact=str(material.fact),
                    exc_info=error,
                )
                happening = MessageHappening(event=MessageEvent.REJECTED, reason="text_broken")
            instead.append((claim, happening))
        # None of these may wait for another that is sent first, however long that takes.
        self._recorder.record(instead)
        return written

    def _elsewhere(self, material: MessageMaterial) -> MessageHappening | None:
        return None if self._lineup is None else self._lineup.elsewhere(material)

    def _send_all(self, written: Sequence[Written]) -> None:
        waiting = batches(written, self._gateway.capabilities)
        while waiting:
            wait = self._send(waiting.pop(0))
            if wait is not None:
                # The next batch would meet the same closed door.
                self._leave([each.claim for batch in waiting for each in batch], wait, "gateway_away")
                return

    def _send(self, batch: Sequence[Written]) -> timedelta | None:
        """Send one batch. Return how long the gateway should be left alone, when it did not answer."""
        announced: list[Claim] = []
        try:
            with self._gateway.turn("send") as turn:
                announcing_at = self._now()
                announced = self._announce(batch)
                going = {claim.work_id for claim in announced}
                messages = [each.message for each in batch if each.claim.work_id in going]
                if not messages:
                    return None
                if self._now() - announcing_at > self._policy.announcement_holds:
                    raise Unavailable(reason="announced_too_long_ago")  # whoever has them now keeps them
                outcomes = turn.call(lambda adapter: adapter.send(messages))
        except CallFailed as error:
            return self._failed(error, batch, announced)
        self._sent(batch, announced, outcomes)
        return None

    def _announce(self, batch: Sequence[Written]) -> list[Claim]:
        plans = {each.claim.work_id: each.plan for each in batch}
        budget = self._rules.budget(self._gateway.name, self._now())
        return self._ledger.announce_messages([each.claim for each in batch], plans, budget)

    def _sent(
        self, batch: Sequence[Written], announced: Sequence[Claim], outcomes: Sequence[SendOutcome]
    ) -> None:
        decider = self._decider()
        of = {each.claim.work_id: each for each in batch}
        if len(outcomes) != len(announced):
            incomplete = Misbehaved(reason="answer_incomplete")
            results = [
                (claim, decider.after_failure(incomplete, of[claim.work_id].as_sent, claim.attempts))
                for claim in announced
            ]
        else:
            results = [
                (claim, self._after_send(decider, outcome, of[claim.work_id], claim))
                for claim, outcome in zip(announced, outcomes, strict=True)
            ]
        self._recorder.record(results)

    def _after_send(
        self, decider: Decider, outcome: SendOutcome, written: Written, claim: Claim
    ) -> MessageHappening:
        second_way = None
        if _is_blacklisted(outcome):
            second_way = self._planner.second_way(written.material, pattern=written.plan.pattern)
        return decider.after_send(outcome, written.as_sent, claim.attempts, second_way=second_way)

    def _failed(self, error: CallFailed, batch: Sequence[Written], announced: Sequence[Claim]) -> timedelta:
        decider = self._decider()
        of = {each.claim.work_id: each.as_sent for each in batch}
        results = [
            (claim, decider.after_failure(error, of[claim.work_id], claim.attempts)) for claim in announced
        ]
        self._recorder.record(results)
        claims = [each.claim for each in batch]
        wait = decider.wait_after(error, max((claim.attempts for claim in claims), default=0))
        if error.reason in _NOT_OF_THE_GATEWAY:
            wait = timedelta(0)
        if not announced:
            self._leave(claims, wait, error.reason or "call_failed")
        return wait

    def _leave(self, claims: Sequence[Claim], wait: timedelta, reason: str) -> None:
        """Leave for later what was not announced; with no wait it is given back as it was."""
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


def _is_blacklisted(outcome: SendOutcome) -> bool:
    return isinstance(outcome, Rejected) and outcome.is_blacklisted
