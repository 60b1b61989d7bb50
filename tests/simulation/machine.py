"""The state machine that Hypothesis drives: it draws a setting, and then one step after the other."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.simulation.ground import the_ground
from tests.simulation.listeners import GATEWAYS, PUBLISH_FATES, SEND_FATES
from tests.simulation.node import SENDING
from tests.simulation.office import OFFICES, REGISTER_FATES
from tests.simulation.outside import EFFECT_FATES, SAFE_FATES
from tests.simulation.steps import (
    Admit,
    Ask,
    Away,
    Beat,
    Delay,
    Die,
    Disk,
    Do,
    GoOn,
    History,
    LeftOver,
    Look,
    OptOut,
    Pass,
    Person,
    Serve,
    Setting,
    Step,
    Work,
)
from tests.simulation.world import NODES, World

__all__ = ["FATES", "CitizensUnderTrouble", "LettersUnderTrouble", "machine_settings"]

FATES = {
    "registration": REGISTER_FATES,
    "reconciliation": SAFE_FATES,
    "tracking": SAFE_FATES,
    "completion": EFFECT_FATES,
    "notification": SEND_FATES,
    "delivery": SAFE_FATES,
    "notification backup": SEND_FATES,
    "delivery backup": SAFE_FATES,
    "publication": PUBLISH_FATES,
}
MOST_LETTERS = 3
_SOON = timedelta(minutes=15)
WEIGHTS = {"registration": 5, "reconciliation": 5, "completion": 3, "notification": 3}
"""How often a lane is taken rather than another one: where most can go wrong."""
_NODES = st.sampled_from(NODES)
_PICKS = st.integers(0, 23)
_FATES = st.integers(0, 15)
_LETTERS = st.integers(0, MOST_LETTERS - 1)
_STOPS = st.integers(0, 7) | st.integers(8, 13)
_LONG = st.sampled_from([30.0, 120.0, 1000.0, 4000.0])
_SECONDS = st.sampled_from([1.0, 25.0, 61.0, 301.0, 601.0, 1000.0, 4000.0, 25000.0, 90000.0])
HAPPENINGS = ("number", "refer", "answer", "close", "return")
_WORDS = st.sampled_from(
    [
        *HAPPENINGS,
        "settle_registered",
        "settle_absent",
        "settle_refused",
        "withdraw",
        "release",
        "approve",
        "refuse",
        "side_step_done",
        "side_step_undone",
        "delayed",
        "opts out",
    ]
)
_ELSEWHERE = st.sampled_from([Pass, Pass, Serve, Serve, Die, Beat, Disk])


def machine_settings(histories: int, **changes: Any) -> settings:
    """Return how the machine is driven: the same histories each time, so many of them."""
    return settings(
        **{
            "max_examples": histories,
            "stateful_step_count": 14,
            "deadline": None,
            "database": None,
            "derandomize": True,
            "print_blob": False,
            "suppress_health_check": list(HealthCheck),
            "phases": [Phase.generate],
        }
        | changes
    )


class LettersUnderTrouble(RuleBasedStateMachine):
    """Letters, two nodes, everybody else, and whatever can happen to them."""

    histories = 0
    weights: ClassVar[Mapping[str, int]] = WEIGHTS
    fates: ClassVar[Mapping[str, tuple[str, ...]]] = FATES
    stops: ClassVar[tuple[int, ...]] = tuple(range(14))
    """At which points deeds are stopped; a deed of one call has eight, counted from its claim."""
    offices = tuple(OFFICES)
    gateways = tuple(GATEWAYS)
    sendings: ClassVar[tuple[str, ...]] = (*SENDING, "at any hour")
    tells: ClassVar[tuple[str, ...]] = ("registered", "all")
    backups: ClassVar[tuple[bool, ...]] = (False, True)

    def __init__(self) -> None:
        super().__init__()
        type(self).histories += 1
        self.world: World | None = None

    @initialize(
        office=st.integers(0, 100),
        gateway=st.integers(0, 100),
        publishes=st.sampled_from([False, False, True]),
        tells=st.integers(0, 1),
        letters=st.integers(1, 2),
        are_screened=st.booleans(),
        sending=st.integers(0, 100),
        has_backup=st.booleans(),
    )
    def an_agency(
        self,
        office: int,
        gateway: int,
        publishes: bool,
        tells: int,
        letters: int,
        are_screened: bool,
        sending: int,
        has_backup: bool,
    ) -> None:
        office_name = self.offices[office % len(self.offices)]
        gateway_name = self.gateways[gateway % len(self.gateways)]
        are_alike = office_name == "searched by subject"
        setting = Setting(
            office_name,
            gateway_name,
            publishes,
            self.tells[tells % len(self.tells)],
            are_alike,
            self.sendings[sending % len(self.sendings)],
            self.backups[has_backup % len(self.backups)],
        )
        self.world = World(the_ground(), setting)
        for letter in range(letters):
            self._take(Admit(letter))
        if are_screened:
            self._take(Do("a", "intake", limit=letters))

    @rule(letter=_LETTERS, node=_NODES, stop_at=st.none() | st.integers(0, 1), dies=st.booleans())
    def a_letter_comes_in(self, letter: int, node: str, stop_at: int | None, dies: bool) -> None:
        self._take(Admit(letter, node, stop_at, dies and stop_at is not None))

    @rule(pick=_PICKS, node=_NODES, limit=st.sampled_from([1, 4]))
    def a_deed_is_done(self, pick: int, node: str, limit: int) -> None:
        self._do(pick, node, limit=limit)

    @rule(pick=_PICKS, node=_NODES, fate=_FATES, fate_of=st.integers(0, 1))
    def a_deed_meets_its_fate(self, pick: int, node: str, fate: int, fate_of: int) -> None:
        self._do(pick, node, fate=fate, fate_of=fate_of)

    @rule(pick=_PICKS, node=_NODES, fate=_FATES, stop_at=_STOPS)
    def a_deed_stops(self, pick: int, node: str, fate: int, stop_at: int) -> None:
        self._do(pick, node, fate=fate, stop_at=stop_at)

    @rule(pick=_PICKS, node=_NODES, fate=_FATES, stop_at=_STOPS)
    def a_node_dies_in_a_deed(self, pick: int, node: str, fate: int, stop_at: int) -> None:
        self._do(pick, node, fate=fate, stop_at=stop_at, dies=True)

    @rule(pick=_PICKS, node=_NODES, fate=_FATES, stop_at=_STOPS, seconds=_LONG)
    def a_deed_is_held_up(self, pick: int, node: str, fate: int, stop_at: int, seconds: float) -> None:
        """A process is suspended in the middle of a deed, the other one works on, and the first comes back."""
        before = len(self._stopped())
        self._do(pick, node, fate=fate, stop_at=stop_at)
        self._take(Serve("b" if node == "a" else "a", seconds))
        if len(self._stopped()) > before:
            self._take(GoOn(len(self._stopped()) - 1))

    @precondition(lambda self: bool(self._stopped()))
    @rule(which=st.integers(0, 3), stop_at=st.none() | _STOPS, dies=st.booleans())
    def a_stopped_deed_goes_on(self, which: int, stop_at: int | None, dies: bool) -> None:
        self._take(GoOn(which % len(self._stopped()), stop_at, dies and stop_at is not None))

    @rule(what=_ELSEWHERE, node=_NODES, seconds=_SECONDS, kept=st.booleans(), writes=st.integers(1, 3))
    def something_happens_elsewhere(
        self, what: type[Step], node: str, seconds: float, kept: bool, writes: int
    ) -> None:
        made: dict[type[Step], Step] = {
            Pass: Pass(seconds),
            Serve: Serve(node, seconds),
            Die: Die(node),
            Beat: Beat(node),
            Disk: Disk(kept, writes),
        }
        self._take(made[what])

    @precondition(lambda self: self.world is not None and self.world.setting.has_backup)
    @rule(leaves=st.booleans(), node=_NODES)
    def the_first_gateway_goes_or_comes(self, leaves: bool, node: str) -> None:
        """It is away for more than a minute, so that a node moves on what waits for it; or it is back."""
        self._take(Away(leaves))
        self._take(Look(node))
        if leaves:
            self._take(Pass(61.0))
            self._take(Look(node))

    @rule(letter=_LETTERS, what=_WORDS)
    def somebody_has_a_word(self, letter: int, what: str) -> None:
        """The office works on the letter, a person decides, or the citizen: is told that it takes long, or opts out."""
        number = self._letter(letter)
        if what in HAPPENINGS:
            self._take(Work(number, what))
        else:
            said = {"delayed": Delay(number), "opts out": OptOut(number)}
            self._take(said.get(what) or Person(number, what))

    def teardown(self) -> None:
        """End all trouble and see everything come to its end."""
        if self.world is None:
            return
        try:
            self.world.finish()
        except BaseException as error:
            self.broke(error, self.world.history())
            raise

    def broke(self, error: BaseException, history: History) -> None:
        """Take note of what does not hold, and of the history in which it was seen."""
        note(history.as_code())

    def _do(self, pick: int, node: str, *, fate: int = 0, stop_at: int | None = None, **options: Any) -> None:
        assert self.world is not None
        if stop_at is not None:
            options["stop_at"] = self.stops[stop_at % len(self.stops)]
        lane = self._lane(pick)
        if lane is None:
            if len(self.world.letters.submissions) == MOST_LETTERS:
                return
            self._take(Admit(len(self.world.letters.submissions)))
            lane = "intake"
        fates = self.fates.get(lane, ("",))
        self._take(Do(node, lane, fate=fates[fate % len(fates)], **options))

    def _lane(self, pick: int) -> str | None:
        """Return a lane that has something to do now or soon, once its time has come; None where all is done."""
        assert self.world is not None
        now, ahead = self.world.ground.clock.now(), self.world.lanes_ahead(self.world.lanes_with_news())
        soon = {lane: due_at for lane, due_at in ahead.items() if due_at <= now + _SOON} or ahead
        weighted = [lane for lane in soon for _ in range(self.weights.get(lane, 1))]
        if not weighted:
            return None
        lane = weighted[pick % len(weighted)]
        if soon[lane] > now:
            self._take(Pass((soon[lane] - now).total_seconds()))
        return lane

    def _letter(self, pick: int) -> int:
        assert self.world is not None
        return pick % len(self.world.letters.submissions)

    def _take(self, step: Step) -> None:
        assert self.world is not None
        world, self.world = self.world, None  # what follows a broken promise says nothing
        try:
            world.take(step)
        except BaseException as error:
            self.broke(error, world.history())
            raise
        self.world = world

    def _stopped(self) -> list[Any]:
        return self.world.ground.baton.stopped if self.world else []


class CitizensUnderTrouble(LettersUnderTrouble):
    """The same, and their citizens write and are answered in between."""

    @rule(
        letter=_LETTERS,
        says=st.sampled_from(["status", "help"]),
        node=_NODES,
        again=st.booleans(),
        stop_at=st.none() | st.integers(0, 3),
        dies=st.booleans(),
    )
    def a_citizen_writes(
        self, letter: int, says: str, node: str, again: bool, stop_at: int | None, dies: bool
    ) -> None:
        self._take(Ask(self._letter(letter), says, node, again, stop_at, dies and stop_at is not None))

    @rule(letter=_LETTERS, node=_NODES, again=st.booleans(), kept=st.booleans(), writes=st.integers(1, 3))
    def a_citizen_writes_while_the_disk_fails(
        self, letter: int, node: str, again: bool, kept: bool, writes: int
    ) -> None:
        self._take(Disk(kept, writes))
        self._take(Ask(self._letter(letter), "help", node, again))

    @rule(node=_NODES, stop_at=st.none() | st.integers(0, 3), dies=st.booleans())
    def what_was_left_over_is_handled(self, node: str, stop_at: int | None, dies: bool) -> None:
        self._take(LeftOver(node, stop_at, dies and stop_at is not None))
