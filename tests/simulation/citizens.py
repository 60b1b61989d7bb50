"""What citizens write, as the gateway knows it: it brings a message until that was answered, and now and then again."""

from dataclasses import dataclass, field

from connector.errors import LedgerUnavailable
from connector.ports.incoming import IncomingMessage
from tests.simulation.ground import Ground
from tests.simulation.node import Node
from tests.simulation.steps import Ask

__all__ = ["Citizens", "Mail"]

_OF_NOBODY = "100000000000009"


@dataclass(eq=False)
class Mail:
    """One message, and whether the gateway was told that it is on disk."""

    letter: int
    message: IncomingMessage
    is_taken: bool = False


@dataclass(eq=False)
class Citizens:
    """Everything that was written."""

    ground: Ground
    mails: list[Mail] = field(default_factory=list)

    def mail(self, step: Ask) -> Mail:
        """Return what is brought now: a new message, or one that was brought before."""
        before = [mail for mail in self.mails if mail.letter == step.letter]
        if step.again and before:
            return before[-1]
        message = IncomingMessage(
            gateway_key=f"m{len(self.mails)}",
            sender=f"+98900000000{step.letter}",
            line="3000",
            text="help" if step.says == "help" else f"status {self._code(step.letter)}",
        )
        self.mails.append(Mail(step.letter, message))
        return self.mails[-1]

    def bring(self, node: Node, mail: Mail) -> None:
        """Bring a message to a node's address."""
        try:
            node.receiving().take_in("sms", [mail.message])
        except LedgerUnavailable:
            return
        mail.is_taken = True

    def handle_left_over(self, node: Node) -> None:
        """Have a node look for what was stored and not handled."""
        try:
            node.receiving().handling.handle_left_over()
        except LedgerUnavailable:
            return

    def unhandled(self) -> int:
        """Return how many messages were stored and are not handled."""
        rows = self.ground.rows("SELECT count(*) FROM incoming_messages WHERE handled_at IS NULL")
        return int(rows[0][0])

    def mobiles(self) -> dict[str, str]:
        """Return who wrote each message, by the gateway's key."""
        return {mail.message.gateway_key: f"0900000000{mail.letter}" for mail in self.mails}

    def _code(self, letter: int) -> str:
        rows = self.ground.rows("SELECT tracking_code FROM letters WHERE submission_id = ?", f"s{letter}")
        return rows[0][0] if rows else _OF_NOBODY
