"""Everything together: two nodes on one ledger, an office, a gateway, a portal and persons; and what happens next."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from connector.domain.letter import Language, Submission
from connector.domain.lifecycle import ENDS, Status
from connector.domain.message import FactKind
from connector.domain.referral import Answer, Referral
from connector.domain.registration import Registration
from connector.errors import IllegalTransition, LedgerError, LedgerUnavailable, LetterMoved, LostRace
from connector.ledger.decisions import Said
from connector.ledger.records import OutboxPolicy
from connector.ledger.tables import opt_outs
from connector.ledger.writer import Transaction
from connector.notification.lineup import GatewayPlace, Lineup
from connector.ports.portal import Publication
from connector.testing.builders import a_person, a_route, a_submission
from tests.simulation.baton import Deed, Life
from tests.simulation.book import Book
from tests.simulation.citizens import Citizens
from tests.simulation.ground import Ground
from tests.simulation.listeners import GATEWAYS, Handset, SimulatedGateway, SimulatedPortal
from tests.simulation.node import LANES, Node
from tests.simulation.office import OFFICES, SimulatedOffice
from tests.simulation.outside import Line
from tests.simulation.promises import Promises
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

__all__ = ["NODES", "World"]

NODES = ("a", "b")
_SERVICES = ("general", "general", "reviewed")
_GATEWAY_LONGEST = timedelta(minutes=14)
_UNTIL_EVENING = timedelta(hours=10, minutes=15)
"""From where the clock begins to a quarter of an hour before nothing goes out any more."""
_MOST_ROUNDS = 200
_MOST_TURNS = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(eq=False)
class Letters:
    """What the portal knows: what it handed in, and what was acknowledged."""

    submissions: dict[int, Submission] = field(default_factory=dict)
    acknowledged: dict[int, str] = field(default_factory=dict)

    def submission(self, number: int, *, are_alike: bool) -> Submission:
        if number not in self.submissions:
            self.submissions[number] = a_submission(
                submission_id=f"s{number}",
                subject="letter" if are_alike else f"letter {number}",
                text=f"this is number {number}",
                sender=a_person(mobile=f"0900000000{number}"),
                language=Language.EN,
                service=_SERVICES[number % len(_SERVICES)],
            )
        return self.submissions[number]


class World:
    """One history as it happens. Every step that is taken is kept, so that it can be taken again."""

    def __init__(self, ground: Ground, setting: Setting) -> None:
        self.ground, self.setting = ground, setting
        self.steps: list[Step] = []
        told = frozenset(FactKind) if setting.tells == "all" else frozenset({FactKind.REGISTERED})
        ground.empty(
            OutboxPolicy(
                told_facts=told,
                publishing_portals=frozenset({"web"} if setting.publishes else ()),
                default_gateway="sms",
                urgent_facts=frozenset({FactKind.RECEIVED}),
                completing_offices=frozenset({"main"} if OFFICES[setting.office].completes else ()),
            )
        )
        if setting.sending == "by day":
            ground.clock.advance(_UNTIL_EVENING)
        self.letters = Letters()
        self.citizens = Citizens(ground)
        self.book, self.handset = Book(), Handset()
        self.away: set[str] = set()
        self.told: dict[str, list[Publication]] = {}
        capabilities = OFFICES[setting.office]
        self.office_line = Line(ground.baton, ground.clock, capabilities.longest_processing)
        self.gateway_line = Line(ground.baton, ground.clock, _GATEWAY_LONGEST)
        self.portal_line = Line(ground.baton, ground.clock, timedelta())
        self.promises = Promises(ground, self)
        self._lives = 0
        self.nodes = {name: self._node(name) for name in NODES}

    def take(self, step: Step) -> None:
        """Let this happen now, and look whether every promise still holds."""
        self.steps.append(step)
        match step:
            case Admit():
                self._admit(step)
            case Ask():
                self._ask(step)
            case LeftOver():
                self._leave_nothing_over(step)
            case Do():
                node = self.nodes[step.node]
                self._start(node, step.lane, node.deed(step.lane, step.limit), step)
            case GoOn():
                stopped = self.ground.baton.stopped
                if stopped:
                    deed = stopped[step.which % len(stopped)]
                    self.ground.baton.go_on(deed, step.stop_at, dies=step.dies)
            case Die():
                self.ground.baton.kill(self.nodes[step.node].life)
            case Beat():
                self._quietly(self.nodes[step.node].beat)
            case Pass():
                self._pass(step.seconds)
            case Serve():
                self._serve(self.nodes[step.node], timedelta(seconds=step.seconds))
            case Disk():
                self.ground.trouble = ["kept" if step.kept else "refused"] * step.writes
            case Work():
                self._work(step)
            case Person():
                self._quietly(lambda: self._say(step))
            case OptOut():
                self._quietly(lambda: self._opt_out(step.letter))
            case Away():
                (self.away.add if step.is_away else self.away.discard)("sms")
            case Look():
                self._quietly(lambda: self._look(self.nodes[step.node]))
            case Delay():
                self._quietly(lambda: self._tell_delayed(step.letter))
        self._replace_the_dead()
        self._settle()
        self.promises.check()

    def history(self) -> History:
        """Return what happened so far."""
        return History(self.setting, tuple(self.steps))

    def letter_id(self, number: int) -> str | None:
        """Return the letter of a submission, if the ledger has it."""
        rows = self.ground.rows("SELECT letter_id FROM letters WHERE submission_id = ?", f"s{number}")
        return rows[0][0] if rows else None

    def lanes_due(self, lanes: Collection[str] = LANES) -> list[str]:
        """Return those of the lanes in which somebody would find something now."""
        now = self.ground.clock.now()
        return [lane for lane, due_at in self.lanes_ahead(lanes).items() if due_at <= now]

    def lanes_ahead(self, lanes: Collection[str] = LANES) -> dict[str, datetime]:
        """Return those of the lanes in which somebody will find something, and when."""
        rows = self.ground.rows(
            "SELECT CASE connection WHEN 'backup' THEN stage || ' backup' ELSE stage END AS lane,"
            " min(max(due_at, coalesce(lease_expires_at, 0))) FROM schedule"
            " WHERE due_at IS NOT NULL AND stage IS NOT NULL GROUP BY lane ORDER BY lane"
        )
        return {row[0]: _EPOCH + timedelta(microseconds=row[1]) for row in rows if row[0] in lanes}

    def lanes_with_news(self) -> list[str]:
        """Return the lanes without the one that follows letters, where the office has nothing to tell of any."""
        is_news = any(entry.has_news for lines in self.book.entries.values() for entry in lines)
        is_news = is_news or self.ground.rows("SELECT 1 FROM schedule WHERE status = 'submitted' LIMIT 1")
        return [lane for lane in LANES if lane != "tracking" or is_news]

    def finish(self) -> None:
        """End all trouble, let time pass, and look whether everything comes to its end or stands with a person."""
        self.ground.trouble.clear()
        self.away.clear()
        while self.ground.baton.stopped:
            self.ground.baton.go_on(self.ground.baton.stopped[0], None)
            self._replace_the_dead()
        self.promises.check()
        for number in self.letters.submissions:  # who was not answered asks again
            if number not in self.letters.acknowledged:
                self._admit(Admit(number))
        self.promises.check()
        for mail in self.citizens.mails:  # what was not answered is brought again
            if not mail.is_taken:
                self.citizens.bring(self.nodes["a"], mail)
        for _ in range(_MOST_ROUNDS):
            self._settle()
            if self.citizens.unhandled():
                self._leave_nothing_over(LeftOver("a"))
            if self.promises.is_all_done():
                break
            if not self._turn_every_lane(self.nodes["a"], self.lanes_with_news()) and not self._help_on():
                self._wait(self.nodes["a"], self.lanes_with_news())
        self.office_line.settle_all()
        self.gateway_line.settle_all()
        self.promises.check()
        self.promises.check_the_end()

    @property
    def office_creates_once(self) -> bool:
        """Whether a second create under the same key makes nothing new."""
        return OFFICES[self.setting.office].idempotent_create

    # --- what happens

    def _admit(self, step: Admit) -> None:
        submission = self.letters.submission(step.letter, are_alike=self.setting.are_alike)
        route = None if submission.service == "lost" else a_route()

        def hand_in() -> None:
            try:
                admission = self.ground.ledger.admit(submission, route=route)
            except LedgerUnavailable:
                return
            earlier = self.letters.acknowledged.setdefault(step.letter, admission.letter_id)
            self.promises.must(earlier == admission.letter_id, "admitted once", f"letter {step.letter}")

        self._start(self.nodes[step.node], "admission", hand_in, step)

    def _ask(self, step: Ask) -> None:
        node, mail = self.nodes[step.node], self.citizens.mail(step)
        self._start(node, "incoming", lambda: self.citizens.bring(node, mail), step)

    def _leave_nothing_over(self, step: LeftOver) -> None:
        node = self.nodes[step.node]
        self._start(node, "incoming", lambda: self.citizens.handle_left_over(node), step)

    def _start(
        self, node: Node, lane: str, work: Callable[[], None], step: Admit | Ask | LeftOver | Do
    ) -> None:
        deed = Deed(node.life, lane, work, stop_at=step.stop_at, dies=step.dies)
        if isinstance(step, Do):
            deed.fate, deed.fate_of = step.fate, step.fate_of
        self.ground.baton.start(deed)

    def _pass(self, seconds: float | None) -> None:
        clock = self.ground.clock
        until = self._due_at(LANES) if seconds is None else clock.now() + timedelta(seconds=seconds)
        if until is not None and until > clock.now():
            clock.advance(until - clock.now())

    def _due_at(self, lanes: Collection[str]) -> datetime | None:
        return min(self.lanes_ahead(lanes).values(), default=None)

    def _work(self, step: Work) -> None:
        letter_id = self.letter_id(step.letter)
        entry = self.book.first(letter_id) if letter_id else None
        if entry is None or entry.is_ended:
            return
        if entry.number is None:
            if step.what == "number":
                entry.number = self.book.next_number()
            return
        match step.what:
            case "refer":
                count = len(entry.referrals) + 1
                entry.referrals.append(Referral(reference=str(count), unit=f"unit {count}"))
            case "answer":
                entry.answer = Answer(text=f"answer {len(entry.referrals)}")
            case "close":
                entry.is_closed = True
            case "return" if entry.answer is None:
                entry.returned_because = "ناقص است"

    def _say(self, step: Person) -> None:
        letter_id = self.letter_id(step.letter)
        if letter_id is None:
            return
        decisions, said = self.ground.ledger.decisions, Said(by="operator", reason="because")
        status = Status(self.ground.rows("SELECT status FROM schedule WHERE work_id = ?", letter_id)[0][0])
        match step.word:
            case "settle_registered":
                self._settle_by_hand(letter_id, status, said)
            case "settle_refused":
                self._settle_as_refused(letter_id, status, said)
            case "side_step_done" | "side_step_undone":
                self._settle_side_steps(letter_id, done=step.word == "side_step_done")
            case _:
                getattr(decisions, step.word)(letter_id, status, said)

    def _settle_by_hand(self, letter_id: str, status: Status, said: Said) -> None:
        """A person looks into the book, and writes the letter in by hand where it is not there."""
        entry = self.book.first(letter_id)
        if entry is not None and entry.number is None and status is Status.SUBMITTED:
            entry.number = self.book.next_number()  # asked for it, the secretariat registers it at once
        number = entry.number if entry else f"by-hand/{letter_id}"
        if number is None:
            return
        registration = Registration(number=number, secretariat="central", year=1405)
        self.ground.ledger.decisions.settle_registered(
            letter_id, status, said, registration, track_after=timedelta(minutes=1), route=a_route()
        )

    def _settle_as_refused(self, letter_id: str, status: Status, said: Said) -> None:
        """The secretariat says that it will not have the letter; what has a number is not refused any more."""
        entry = self.book.first(letter_id)
        if status is Status.SUBMITTED and entry is not None and entry.number is not None:
            return
        self.ground.ledger.decisions.settle_refused(letter_id, status, said)
        self.book.refuse(letter_id)

    def _settle_side_steps(self, letter_id: str, *, done: bool) -> None:
        said = Said(by="operator", reason="because")
        for waiting in self.ground.ledger.journal.side_steps_waiting():
            if waiting.letter_id == letter_id:
                key = (letter_id, waiting.name)
                is_there = waiting.name in self.book.side_steps.get(letter_id, ())
                if not done and (is_there or self.office_line.is_underway(key)):
                    self.promises.excuse(f"{letter_id} {waiting.name}")
                self.ground.ledger.decisions.settle_step(letter_id, waiting.name, said, done=done)

    def _opt_out(self, number: int) -> None:
        letter_id = self.letter_id(number)
        if letter_id is None:
            return
        ((index,),) = self.ground.rows("SELECT mobile_index FROM letters WHERE letter_id = ?", letter_id)
        insert = sa.insert(opt_outs).prefix_with("OR IGNORE")

        def write(transaction: Transaction) -> None:
            values = {"mobile_index": index, "since": transaction.at, "incoming_id": None}
            transaction.connection.execute(insert.values(values))

        self.ground.ledger._write(write)

    def _look(self, node: Node) -> None:
        if node.lineup is not None:
            node.lineup.run(self.ground.ledger.sendings)

    def _lineup(self) -> Lineup | None:
        if not self.setting.has_backup:
            return None
        places = {
            "sms": GatewayPlace(is_away=lambda: "sms" in self.away, then=("backup",)),
            "backup": GatewayPlace(is_away=lambda: False),
        }
        return Lineup(places=places, now=self.ground.clock.now)

    def _tell_delayed(self, number: int) -> None:
        letter_id = self.letter_id(number)
        if letter_id is not None:
            self.ground.ledger.decisions.tell_delayed(letter_id)

    def _quietly(self, work: Callable[[], None]) -> None:
        """Do what may be refused: it is too late, the letter stands elsewhere, or the disk is away."""
        try:
            work()
        except (LedgerUnavailable, LetterMoved, IllegalTransition, LostRace):
            return
        except LedgerError as error:
            self.promises.must(False, "a person's word works", repr(error))

    # --- between the steps

    def _settle(self) -> None:
        for line in (self.office_line, self.gateway_line, self.portal_line):
            line.settle()

    def _replace_the_dead(self) -> None:
        for name, node in self.nodes.items():
            self.promises.look_at(node)
            if node.life.is_dead:
                self.nodes[name] = self._node(name)

    def _node(self, name: str) -> Node:
        self._lives += 1
        office = SimulatedOffice(
            OFFICES[self.setting.office],
            self.book,
            self.office_line,
            self.promises.call_begins,
            self.promises.note,
        )
        capabilities = GATEWAYS[self.setting.gateway]
        gateway = SimulatedGateway(capabilities, self.handset, self.gateway_line, away=self.away)
        backup = SimulatedGateway(capabilities, self.handset, self.gateway_line, name="backup")
        portal = SimulatedPortal(self.told, self.portal_line)
        return Node(
            Life(name, self._lives),
            self.ground,
            office,
            gateway,
            portal,
            backup,
            sending=self.setting.sending,
            lineup=self._lineup(),
        )

    def _serve(self, node: Node, seconds: timedelta) -> None:
        clock = self.ground.clock
        end = clock.now() + seconds
        for _ in range(_MOST_TURNS):
            self._settle()
            if node.life.is_dead or clock.now() >= end:
                break
            lanes = self.lanes_with_news()
            if not self._turn_every_lane(node, lanes):
                self._wait(node, lanes, end)

    def _turn_every_lane(self, node: Node, lanes: Collection[str]) -> bool:
        is_moving = False
        for lane in self.lanes_due(lanes):
            if node.closed_for(lane) is None:
                self._start(node, lane, node.deed(lane, 20), Do(node.life.node, lane))
                self.promises.look_at(node)
                self.promises.check()
                is_moving = True
        return is_moving

    def _wait(self, node: Node, lanes: Collection[str], end: datetime | None = None) -> None:
        """Let time pass until something falls due, or a door that is closed to us opens."""
        clock = self.ground.clock
        waits = [wait for lane in self.lanes_due(lanes) if (wait := node.closed_for(lane)) is not None]
        until = self._due_at(lanes)
        if waits:
            until = clock.now() + max(min(waits), timedelta(seconds=1))
        if end is not None:
            until = min(until or end, end)
        if until is not None and until > clock.now():
            clock.advance(until - clock.now())

    def _help_on(self) -> bool:
        """Do what only others can do: review what waits for review, number what the office took."""
        is_moving = False
        for number in self.letters.submissions:
            letter_id = self.letter_id(number)
            if letter_id is None:
                continue
            status = self.ground.rows("SELECT status FROM schedule WHERE work_id = ?", letter_id)[0][0]
            if status == Status.IN_REVIEW:
                self._quietly(lambda number=number: self._say(Person(number, "approve")))  # type: ignore[misc]
                is_moving = True
            entry = self.book.first(letter_id)
            if entry is not None and entry.number is None and status not in ENDS:
                entry.number = self.book.next_number()
                is_moving = True
        return is_moving
