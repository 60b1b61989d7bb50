"""Messages in words, in groups that go out in one call: free text together, each pattern by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from connector.ledger.records import Claim, MessageMaterial, MessagePlan
from connector.ports.gateway import GatewayCapabilities, OutgoingMessage

__all__ = ["Batch", "Written", "batches"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """One message in hand, ready to go."""

    claim: Claim
    material: MessageMaterial
    message: OutgoingMessage
    plan: MessagePlan

    @property
    def as_sent(self) -> MessageMaterial:
        """Return the message as it stands once it is announced: free text, or the pattern that goes."""
        return replace(self.material, pattern=self.plan.pattern)


Batch = Sequence[Written]


def batches(written: Sequence[Written], capabilities: GatewayCapabilities) -> list[Batch]:
    """Return the messages in groups as large as the gateway takes them, in the order of the first of each."""
    alike: dict[str | None, list[Written]] = {}
    for each in written:
        pattern = each.message.pattern
        alike.setdefault(pattern.code if pattern else None, []).append(each)
    found: list[Batch] = []
    for code, members in alike.items():
        size = capabilities.batch_size
        if code is not None and capabilities.patterns is not None:
            size = capabilities.patterns.batch_size
        found += [members[start : start + max(1, size)] for start in range(0, len(members), max(1, size))]
    return found
