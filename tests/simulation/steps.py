"""What can happen next, as plain data: a history is a setting and a list of these, and can be played again."""

from dataclasses import dataclass, field

__all__ = [
    "Admit",
    "Ask",
    "Away",
    "Beat",
    "Delay",
    "Die",
    "Disk",
    "Do",
    "GoOn",
    "History",
    "LeftOver",
    "Look",
    "OptOut",
    "Pass",
    "Person",
    "Serve",
    "Setting",
    "Step",
    "Work",
]


@dataclass(frozen=True, slots=True)
class Setting:
    """The agency in which a history happens."""

    office: str = "found by key"
    gateway: str = "can be asked"
    publishes: bool = True
    tells: str = "all"
    """Which facts the citizens are told: ``all``, or ``registered`` alone."""
    are_alike: bool = False
    """Whether all letters have the same subject, so that an office's search may take one for another."""
    sending: str = "at any hour"
    """By which rules citizens are told: one of SENDING in node.py."""
    has_backup: bool = False
    """Whether a second gateway takes over while the first is away."""


@dataclass(frozen=True, slots=True)
class Admit:
    """The portal hands in a letter (a known one: it asks again); the process may die around its one write."""

    letter: int
    node: str = "a"
    stop_at: int | None = None
    dies: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """The citizen of a letter writes, and a gateway brings it to a node; or it brings again what it has brought."""

    letter: int
    says: str = "status"
    """``status`` (the letter's tracking code) or ``help``."""
    node: str = "a"
    again: bool = False
    stop_at: int | None = None
    dies: bool = False


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A node looks for messages that were stored and not handled."""

    node: str
    stop_at: int | None = None
    dies: bool = False


@dataclass(frozen=True, slots=True)
class Do:
    """A node claims what is due in a lane and does its deed."""

    node: str
    lane: str
    fate: str = ""
    stop_at: int | None = None
    dies: bool = False
    limit: int = 1
    fate_of: int = 0


@dataclass(frozen=True, slots=True)
class GoOn:
    """A stopped deed goes on."""

    which: int = 0
    stop_at: int | None = None
    dies: bool = False


@dataclass(frozen=True, slots=True)
class Die:
    """A node is killed, with every deed that it has in hand, and started anew."""

    node: str


@dataclass(frozen=True, slots=True)
class Beat:
    """A node lengthens the leases of what it has in hand."""

    node: str


@dataclass(frozen=True, slots=True)
class Pass:
    """Time passes; None: until the next thing falls due."""

    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Serve:
    """A node does whatever falls due, without any trouble, for so long; stopped deeds stay stopped."""

    node: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Disk:
    """The next writes fail: not kept, or kept and the answer lost."""

    kept: bool = False
    writes: int = 1


@dataclass(frozen=True, slots=True)
class Work:
    """Something happens to a letter inside the office."""

    letter: int
    what: str
    """``number``, ``refer``, ``answer``, ``close`` or ``return``."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person's word about a letter."""

    letter: int
    word: str
    """``approve``, ``refuse``, ``withdraw``, ``release``, ``settle_registered``, ``settle_absent``,
    ``settle_refused``, ``side_step_done`` or ``side_step_undone``."""


@dataclass(frozen=True, slots=True)
class Delay:
    """The citizen is told that it takes long, if that is due."""

    letter: int


@dataclass(frozen=True, slots=True)
class OptOut:
    """The citizen of a letter says that they want no messages."""

    letter: int


@dataclass(frozen=True, slots=True)
class Away:
    """The first gateway goes away, or is back."""

    is_away: bool = True


@dataclass(frozen=True, slots=True)
class Look:
    """A node looks which gateways are away, and moves on what waits for one that has left."""

    node: str


Step = (
    Away
    | Look
    | OptOut
    | Admit
    | Ask
    | LeftOver
    | Do
    | GoOn
    | Die
    | Beat
    | Pass
    | Serve
    | Disk
    | Work
    | Person
    | Delay
)


@dataclass(frozen=True, slots=True)
class History:
    """A setting, and everything that happened, in its order."""

    setting: Setting = Setting()
    steps: tuple[Step, ...] = field(default=())

    def as_code(self) -> str:
        """Return the lines by which this history can be kept in a test."""
        steps = "\n".join(f"        {_short(step)}," for step in self.steps)
        return f"History(\n    {_short(self.setting)},\n    (\n{steps}\n    ),\n)"


def _short(what: object) -> str:
    """Return how it is made, without what is so anyway."""
    kind = type(what)
    given = [
        f"{name}={getattr(what, name)!r}"
        for name, each in kind.__dataclass_fields__.items()  # type: ignore[attr-defined]
        if getattr(what, name) != each.default
    ]
    return f"{kind.__name__}({', '.join(given)})"
