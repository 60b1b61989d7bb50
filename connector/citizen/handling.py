"""Handles messages that are on disk: reads the command, asks what is known, has all that follows written at once."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from connector.citizen.commands import Command, CommandKind, read_command
from connector.citizen.deciding import DAY, Known, decide
from connector.citizen.policy import ReceivingPolicy
from connector.clock import Now
from connector.errors import LedgerUnavailable
from connector.ledger.incoming_desk import Desk
from connector.ledger.incoming_records import Verdict
from connector.ledger.ledger import Ledger
from connector.observability.logging import get_logger
from connector.observability.metrics import count_incoming

__all__ = ["Handling"]

log = get_logger(__name__)

_AT_ONCE: Final = 100
_COMES_AGAIN_AFTER: Final = timedelta(minutes=10)


class Handling:
    """Obeys and answers. Thread-safe; a message is handled once, however many try."""

    def __init__(self, ledger: Ledger, policy: ReceivingPolicy, *, now: Now) -> None:
        """Take the ledger, how much is answered, and the clock."""
        self.policy = policy
        self._ledger = ledger
        self._now = now

    def handle(self, incoming_ids: Iterable[str]) -> int:
        """Handle these messages, in their order; return how many were handled by this call.

        Raise LedgerUnavailable where the ledger is away: what is left is handled later. One that cannot be handled
        for a fault of ours comes again later, and keeps none of the others.
        """
        return sum(self._handle(incoming_id) for incoming_id in incoming_ids)

    def handle_left_over(self) -> None:
        """Handle what was stored by a process that was killed, or while the ledger was away."""
        while due := self._ledger.incoming.due(self._now(), _AT_ONCE):
            if not self.handle(due):
                return  # somebody else has them in hand, or none of them can be handled now

    def _handle(self, incoming_id: str) -> bool:
        try:
            verdict = self._ledger.incoming.conclude(incoming_id, self._verdict)
        except LedgerUnavailable:
            raise
        except Exception:
            log.exception("citizen.message_not_handled", incoming_id=incoming_id)
            self._ledger.incoming.put_off(incoming_id, self._now() + _COMES_AGAIN_AFTER)
            return False
        if verdict is None:
            return False
        count_incoming(verdict.command, str(verdict.outcome))
        log.info(
            "citizen.message_handled",
            incoming_id=incoming_id,
            command=verdict.command,
            outcome=str(verdict.outcome),
        )
        return True

    def _verdict(self, desk: Desk) -> Verdict:
        command = read_command(desk.question.text)
        policy = self.policy  # a reload may replace it at any moment
        return decide(command, desk.question, _known(command, desk, policy), policy, desk.at)


def _known(command: Command, desk: Desk, policy: ReceivingPolicy) -> Known:
    """Ask only what the command needs: each question costs a look into the ledger."""
    asks_for_mark = command.kind is CommandKind.MARK and policy.survey
    return Known(
        own=desk.own_letter(command.code) if command.kind is CommandKind.STATUS else None,
        closed=desk.closed_letter(desk.at - policy.marks_within) if asks_for_mark else None,
        replies=desk.replies(desk.at - max(DAY, policy.help_every)),
    )
