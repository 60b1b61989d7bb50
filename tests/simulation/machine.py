"""The state machine that Hypothesis drives: it draws a setting, and then one step after the other."""

from typing import Any

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.simulation.ground import the_ground
from tests.simulation.listeners import GATEWAYS, PUBLISH_FATES, SEND_FATES
from tests.simulation.office import OFFICES, REGISTER_FATES
from tests.simulation.outside import EFFECT_FATES, SAFE_FATES
from tests.simulation.steps import (
    Admit,
    Beat,
    Delay,
    Die,
    Disk,
    Do,
    GoOn,
    History,
    Pass,
    Person,
    Serve,
    Setting,
    Step,
    Work,
)
from tests.simulation.world import NODES, World

__all__ = ["LettersUnderTrouble", "machine_settings"]

FATES = {
    "registration": REGISTER_FATES,
    "reconciliation": SAFE_FATES,
    "tracking": SAFE_FATES,
    "completion": EFFECT_FATES,
    "notification": SEND_FATES,
    "delivery": SAFE_FATES,
    "publication": PUBLISH_FATES,
}
WEIGHTS = {"registration": 5, "reconciliation": 5, "completion": 3, "notification": 3}
"""How often a lane is taken rather than another one: where most can go wrong."""
_NODES = st.sampled_from(NODES)
_PICKS = st.integers(0, 23)
_FATES = st.integers(0, 15)
_KEPT, _WRITES = st.booleans(), st.integers(1, 3)
_LETTERS = st.integers(0, 3)
_STOPS = st.integers(0, 7) | st.integers(8, 13)
_LONG = st.sampled_from([30.0, 120.0, 1000.0, 4000.0])
_SECONDS = st.sampled_from([1.0, 10.0, 25.0, 61.0, 301.0, 601.0, 1000.0, 3600.0, 25000.0, 90000.0])
_WORDS = st.sampled_from(
    [
        "settle_registered",
        "settle_absent",
        "withdraw",
        "release",
        "approve",
        "refuse",
        "side_step_done",
        "side_step_undone",
        "delayed",
    ]
)
_HAPPENINGS = st.sampled_from(["number", "refer", "answer", "close", "return"])


def machine_settings(histories: int, **changes: Any) -> settings:
    """Return how the machine is driven: the same histories each time, so many of them."""
    return settings(
        **{
            "max_examples": histories,
            "stateful_step_count": 20,
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

    def __init__(self) -> None:
        super().__init__()
        type(self).histories += 1
        self.world: World | None = None

    @initialize(
        office=st.sampled_from(sorted(OFFICES)),
        gateway=st.sampled_from(sorted(GATEWAYS)),
        publishes=st.booleans(),
        tells=st.sampled_from(["registered", "all"]),
        letters=st.integers(1, 2),
        are_screened=st.booleans(),
    )
    def an_agency(
        self, office: str, gateway: str, publishes: bool, tells: str, letters: int, are_screened: bool
    ) -> None:
        are_alike = office == "searched by subject"
        self.world = World(the_ground(), Setting(office, gateway, publishes, tells, are_alike))
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

    @rule(seconds=st.none() | _SECONDS)
    def time_passes(self, seconds: float | None) -> None:
        self._take(Pass(seconds))

    @rule(node=_NODES, seconds=_LONG)
    def a_node_does_all_that_falls_due(self, node: str, seconds: float) -> None:
        self._take(Serve(node, seconds))

    @rule(node=_NODES, what=st.sampled_from([Die, Beat]), disk=st.none() | st.tuples(_KEPT, _WRITES))
    def a_node_has_its_day(self, node: str, what: type[Die | Beat], disk: tuple[bool, int] | None) -> None:
        self._take(what(node) if disk is None else Disk(*disk))

    @rule(letter=_LETTERS, what=_HAPPENINGS)
    def the_office_works(self, letter: int, what: str) -> None:
        self._take(Work(self._letter(letter), what))

    @rule(letter=_LETTERS, word=_WORDS)
    def a_person_speaks(self, letter: int, word: str) -> None:
        number = self._letter(letter)
        self._take(Delay(number) if word == "delayed" else Person(number, word))

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

    def _do(self, pick: int, node: str, *, fate: int = 0, **options: Any) -> None:
        assert self.world is not None
        lane = self._lane(pick)
        if lane is None:
            self._take(Pass())
            lane = self._lane(pick)
        if lane is None:  # all is done: there is always another letter
            self._take(Admit(len(self.world.letters.submissions)))
            lane = "intake"
        fates = FATES.get(lane, ("",))
        self._take(Do(node, lane, fate=fates[fate % len(fates)], **options))

    def _lane(self, pick: int) -> str | None:
        assert self.world is not None
        due = self.world.lanes_due(self.world.lanes_with_news())
        weighted = [lane for lane in due for _ in range(WEIGHTS.get(lane, 1))]
        return weighted[pick % len(weighted)] if weighted else None

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
