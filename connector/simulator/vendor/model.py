"""A mapping made ready to be played: its steps as deeds, its WSDL, and the replies that are written out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from connector.mapping.located import Located
from connector.mapping.schema import OfficeMapping
from connector.mapping.schema_parts import Meaning
from connector.simulator.vendor.contract import VendorContract
from connector.simulator.vendor.own_replies import OwnReplies
from connector.simulator.vendor.plan import Deed, Planned
from connector.simulator.vendor.speech import spoken
from connector.simulator.vendor.wires import Wire

__all__ = ["VendorModel"]


@dataclass(kw_only=True)
class VendorModel:
    """Everything that is known of a vendor's office before it opens."""

    path: Path
    located: Located
    mapping: OfficeMapping
    contract: VendorContract
    own_replies: OwnReplies
    wire: Wire
    plan: Sequence[Planned]
    paths: dict[str, str]
    """Path of each service, by its name."""
    notes: list[str] = field(default_factory=list)
    """What the office leaves out because it cannot be read backwards, each with its place."""

    @property
    def numbers_all_later(self) -> bool:
        """Whether the answer to a registration never brings the number."""
        step = next(one.step for one in self.plan if one.deed is Deed.REGISTER)
        return all(spoken(self.mapping, step, one) is None for one in (Meaning.REGISTERED, Meaning.KNOWN))
