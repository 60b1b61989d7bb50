"""The promises, looked at after every step: each has a name, and a broken one says which it was."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from connector.domain.attention import Deadlines
from connector.domain.lifecycle import ENDS, STAGE_OF, TRANSITIONS, Event, Status
from connector.domain.message import FACT_OF, MESSAGE_ENDS
from connector.ledger.lookup_records import NOT_THERE_YET
from tests.simulation.ground import Ground
from tests.simulation.node import SENDING, Node

if TYPE_CHECKING:
    from tests.simulation.world import World

__all__ = ["PromiseBroken", "Promises"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AT_REST = frozenset({Status.REGISTERED, Status.REFERRED, Status.ANSWERED, Status.PARKED, *ENDS})
"""Where a letter may stand for long: the office works on it, a person must look, or it is at its end."""
_MESSAGE_ENDS = frozenset(str(status) for status in MESSAGE_ENDS)


class PromiseBroken(AssertionError):
    """Something that was promised does not hold."""

    def __init__(self, promise: str, what: str) -> None:
        super().__init__(f"{promise}: {what}")
        self.promise = promise


class Promises:
    """What must hold at every moment, told from the disk, the office's book and the handsets."""

    def __init__(self, ground: Ground, world: "World") -> None:
        self._ground = ground
        self._world = world
        self._excused: set[str] = set()
        self._noted: PromiseBroken | None = None
        self._status: dict[str, Status] = {}
        self._position: dict[str, int] = {}
        self._facts: dict[str, list[tuple[int, str]]] = {}
        self._checked_at = -1
        self._events_seen = 0
        self._announced_seen = 0
        self._journal_seen = None
        self._texts_seen = 0
        self._text_positions: dict[str, int] = {}

    def must(self, holds: bool, promise: str, what: str) -> None:
        """Raise PromiseBroken unless it holds."""
        if not holds:
            raise PromiseBroken(promise, what)

    def note(self, holds: bool, promise: str, what: str) -> None:
        """The same for those who speak in the middle of a call, where whatever is raised is the adapter's crash."""
        if not holds and self._noted is None:
            self._noted = PromiseBroken(promise, what)

    def excuse(self, letter_id: str) -> None:
        """A person said wrongly that the office has nothing and never will: what follows is on them."""
        self._excused.add(letter_id)

    def call_begins(self, deed: str, letter_id: str) -> None:
        """The office is called for this letter now: its intent is on disk, seen through eyes of our own."""
        work_id = f"{letter_id}/{deed.split()[1]}" if deed.startswith("complete") else letter_id
        rows = self._ground.rows("SELECT status FROM schedule WHERE work_id = ?", work_id)
        steps = self._ground.rows(
            "SELECT name FROM steps WHERE letter_id = ? AND concluded_at IS NULL", letter_id
        )
        status, names = rows[0][0], [row[0] for row in steps]
        if deed == "register":
            expected = ("registering", ["register"])
            if self._world.office_creates_once and status == "uncertain":
                expected = ("uncertain", ["register_again"])
        else:
            expected = ("sending", [deed.replace(" ", "/")])
        self.note((status, names) == expected, "intent before the call", f"{deed}: {status}, {names}")

    def look_at(self, node: Node) -> None:
        """Nobody took what another has in hand, and no stage raises what it is not known to raise."""
        if not node.taken_from_others and not node.surprises:
            return
        taken = len(node.taken_from_others)
        node.taken_from_others.clear()
        self.must(not taken, "one owner at a time", f"{taken} under another's lease")
        surprises = [each for each in node.surprises if not isinstance(each, IntegrityError)]
        node.surprises.clear()
        if surprises:
            raise PromiseBroken("a deed comes to its end", repr(surprises[0])) from surprises[0]

    def check(self) -> None:
        """Look at everything that must hold at every moment."""
        if self._noted is not None:
            raise self._noted
        commits = self._ground.commits()
        if commits != self._checked_at:  # else every row is as it was when it was last looked at
            self._check_events()
            self._check_letters()
            self._check_messages()
            self._check_citizens()
            self._checked_at = commits
        self._check_the_acknowledged()
        self._check_book()
        self._check_handset()

    # --- the ledger

    def _check_events(self) -> None:
        rows = self._ground.rows(
            "SELECT rowid, letter_id, position, event, status, code FROM events WHERE rowid > ? ORDER BY rowid",
            self._events_seen,
        )
        for rowid, letter_id, position, name, after, _ in rows:
            self._events_seen = rowid
            event, before = Event(name), self._status.get(letter_id)
            if before is None:
                self.must(event is Event.RECEIVED and after == "received", "the lifecycle is kept", name)
            else:
                self.must(
                    TRANSITIONS.get((before, event)) == after and position > self._position[letter_id],
                    "the lifecycle is kept",
                    f"{before} {name} {after} at {position}",
                )
            self._status[letter_id], self._position[letter_id] = Status(after), position
            self._check_word(event, letter_id)
            if event in FACT_OF:
                self._facts.setdefault(letter_id, []).append((position, str(FACT_OF[event])))

    def _check_word(self, event: Event, letter_id: str) -> None:
        """What a look-up or a person says of the book is compared with the book."""
        world = self._world
        may_be_there = bool(world.book.first(letter_id)) or world.office_line.is_underway(letter_id)
        if event is Event.FOUND_ABSENT:
            is_true = not may_be_there or letter_id in self._excused
            self.must(is_true, "absent means absent", f"{world.book.first(letter_id)}")
        elif event is Event.SETTLED_ABSENT and may_be_there:
            self.excuse(letter_id)
        elif event is Event.SETTLED_REGISTERED and world.book.first(letter_id) is None:
            ((number,),) = self._ground.rows(
                "SELECT number FROM registrations WHERE letter_id = ?", letter_id
            )
            world.book.enter(letter_id, "by hand", number)
            if may_be_there:
                self.excuse(letter_id)

    def _check_letters(self) -> None:
        rows = self._ground.rows(
            "SELECT work_id, status, stage, due_at, version FROM schedule WHERE kind = 'letter'"
        )
        for letter_id, name, stage, due_at, version in rows:
            status = Status(name)
            self.must(
                self._status.get(letter_id) is status and version >= self._position[letter_id],
                "the status is the last event's",
                f"{name}, after {self._status.get(letter_id)}",
            )
            owner = STAGE_OF.get(status)
            self.must(
                status in ENDS or (due_at is not None and stage == owner), "never silent", f"{name} {stage}"
            )
        shared = self._ground.rows(
            "SELECT number FROM registrations WHERE number IS NOT NULL GROUP BY number HAVING count(*) > 1"
        )
        self.must(not shared, "one number, one letter", f"{shared}")

    def _check_the_acknowledged(self) -> None:
        rows = self._ground.rows("SELECT work_id FROM schedule WHERE kind = 'letter'")
        missing = set(self._world.letters.acknowledged.values()) - {row[0] for row in rows}
        self.must(not missing, "nothing lost", f"{len(missing)} letters")

    def _check_messages(self) -> None:
        told = self._ground.ledger.policy.told_facts
        messages: dict[str, set[tuple[int, str]]] = {}
        rows = self._ground.rows(
            "SELECT letter_id, event_position, fact FROM messages WHERE fact NOT LIKE 'reply_%'"
        )
        for letter_id, position, fact in rows:
            place = messages.setdefault(letter_id, set())
            self.must((position, fact) not in place, "one message for each fact", fact)
            place.add((position, fact))
        for letter_id, facts in self._facts.items():
            queued = messages.get(letter_id, set())
            for position, fact in facts:
                is_there = any(other == fact and at <= position for at, other in queued)
                self.must(fact not in told or is_there, "one message for each fact", f"none for {fact}")
            self.must(queued <= set(facts), "one message for each fact", f"{queued} {facts}")
        self._check_queues()
        self._check_rules()

    def _check_rules(self) -> None:
        """Look at what the rules of sending promise, from the journal of messages alone, where it has grown."""
        ((grown,),) = self._ground.rows("SELECT max(rowid) FROM message_events")
        if grown == self._journal_seen:
            return
        self._journal_seen = grown
        count = self._ground.rows("SELECT sum(possible_doubles) FROM messages")[0][0]
        can_be_asked = self._world.setting.gateway == "can be asked"
        self.must(not can_be_asked or not count, "who can be asked is asked", f"{count} may be doubled")
        untold = self._ground.rows(
            "SELECT m.fact, s.status FROM schedule s JOIN messages m ON m.own_id = CAST(s.work_id AS INTEGER)"
            " LEFT JOIN messages n ON n.own_id = m.told_by AND n.letter_id = m.letter_id"
            " AND n.event_position > m.event_position"
            " WHERE s.kind = 'message' AND s.status IN ('joined', 'superseded') AND n.own_id IS NULL"
        )
        self.must(not untold, "what is dropped is told by a newer one", f"{untold}")
        barred = self._ground.rows(
            "SELECT m.fact FROM message_events e JOIN messages m USING (own_id) JOIN letters l USING (letter_id)"
            " JOIN opt_outs o USING (mobile_index) WHERE e.event = 'announced' AND e.happened_at > o.since"
        )
        self.must(not barred, "who wants no messages gets none", f"{barred}")
        window = SENDING[self._world.setting.sending].get("window")
        if window is None:
            return
        rows = self._ground.rows(
            "SELECT e.rowid, e.happened_at, m.fact FROM message_events e JOIN messages m USING (own_id)"
            " WHERE e.event = 'announced' AND e.rowid > ?",
            self._announced_seen,
        )
        for rowid, happened_at, fact in rows:
            self._announced_seen = rowid
            at = _EPOCH + timedelta(microseconds=happened_at)
            is_wanted = fact == "received" or fact.startswith("reply_")  # who asks at night is answered
            self.must(is_wanted or window.is_open(at), "nothing at night", f"{fact} {at}")

    def _check_queues(self) -> None:
        waiting = self._ground.rows(
            "SELECT count(*) FROM (SELECT due_at, min(sequence) FROM schedule WHERE kind != 'letter'"
            " AND (status IN ('queued', 'sending', 'uncertain') OR status = 'parked')"
            " GROUP BY letter_id, kind) WHERE due_at IS NULL"
        )
        self.must(waiting[0][0] == 0, "the first message waits for nobody", f"{waiting[0][0]} wait")

    # --- the others

    def _check_book(self) -> None:
        for letter_id, entries in self._world.book.entries.items():
            self.must(
                len(entries) == 1 or letter_id in self._excused,
                "nothing registered twice",
                f"{[entry.number for entry in entries]}",
            )
        for letter_id, steps in self._world.book.side_steps.items():
            self.must(
                steps.count("start") < 2 or f"{letter_id} start" in self._excused,
                "no side step done twice that does harm",
                f"{steps}",
            )

    def _check_handset(self) -> None:
        texts = self._world.handset.texts
        if len(texts) == self._texts_seen:
            return
        for text in texts[self._texts_seen :]:
            ((letter_id, position, doubles, fact),) = self._ground.rows(
                "SELECT letter_id, event_position, possible_doubles, fact FROM messages WHERE own_id = ?",
                text.own_id,
            )
            copies = [each for each in texts if each.own_id == text.own_id]
            self.must(len(copies) <= 1 + doubles, "no fact told twice", text.words)
            if fact.startswith("reply_"):
                self._check_reply(letter_id, text.mobile)
            else:
                same = [each for each in texts if (each.mobile, each.words) == (text.mobile, text.words)]
                is_own = len(same) == len(copies)
                self.must(is_own or "answer" in text.words, "no fact told twice", text.words)
            earlier = self._text_positions.get(letter_id, -1)
            is_after = position > earlier or (position == earlier and len(copies) > 1)
            self.must(is_after, "no fact told out of order", text.words)
            self._text_positions[letter_id] = position
        self._texts_seen = len(texts)

    def _check_reply(self, incoming_id: str, mobile: str) -> None:
        """A reply goes to whoever asked; that each question has one, the order of its positions shows."""
        ((key,),) = self._ground.rows(
            "SELECT gateway_key FROM incoming_messages WHERE incoming_id = ?", incoming_id
        )
        self.must(self._world.citizens.mobiles()[key] == mobile, "a reply goes to whoever asked", mobile)

    def _check_citizens(self) -> None:
        """What was taken is on disk, once, and has one reply at most."""
        keys = [row[0] for row in self._ground.rows("SELECT gateway_key FROM incoming_messages")]
        taken = {mail.message.gateway_key for mail in self._world.citizens.mails if mail.is_taken}
        self.must(taken <= set(keys), "nothing lost", f"{taken - set(keys)} of what citizens wrote")
        self.must(len(keys) == len(set(keys)), "a question is taken in once", f"{keys}")
        doubled = self._ground.rows(
            "SELECT letter_id FROM messages WHERE fact LIKE 'reply_%' GROUP BY letter_id HAVING count(*) > 1"
        )
        self.must(not doubled, "a question is answered once", f"{len(doubled)}")

    # --- the end

    def is_all_done(self) -> bool:
        """Return whether nothing is left that the house must do by itself."""
        ends = ", ".join(repr(each) for each in sorted(_MESSAGE_ENDS))
        unfinished = self._ground.rows(
            "SELECT 1 FROM schedule WHERE kind IN ('message', 'publication')"
            f" AND status NOT IN ('published', 'accepted', {ends}) LIMIT 1"
        )
        side_steps = self._ground.rows(
            "SELECT 1 FROM schedule WHERE kind = 'side_step' AND stage = 'completion' AND due_at IS NOT NULL LIMIT 1"
        )
        if unfinished or side_steps or self._world.citizens.unhandled():
            return False
        return all(self._is_at_rest(letter_id, status) for letter_id, status in self._status.items())

    def _is_at_rest(self, letter_id: str, status: Status) -> bool:
        return status in _AT_REST or (status is Status.UNCERTAIN and self._asks_a_person(letter_id))

    def _asks_a_person(self, letter_id: str) -> bool:
        """Return whether look-ups have come to their end, and the next thing is a reminder, a day from the last."""
        rows = self._ground.rows("SELECT due_at, last_reason FROM schedule WHERE work_id = ?", letter_id)
        due_at, reason = rows[0]
        later = due_at / 1e6 - self._ground.clock.now().timestamp()
        return reason not in {None, NOT_THERE_YET} and later > 3600 * 6

    def check_the_end(self) -> None:
        """Look at what must hold when all trouble has ended and time has passed."""
        stuck = {str(s) for letter, s in self._status.items() if not self._is_at_rest(letter, s)}
        self.must(self.is_all_done(), "everything comes to its end", f"{sorted(stuck) or 'the outbox'}")
        acknowledged = self._world.letters.acknowledged
        self.must(
            set(acknowledged.values()) == set(self._status), "nothing lost", "a letter of no submission"
        )
        wanted = {mail.message.gateway_key for mail in self._world.citizens.mails}
        handled = self._ground.rows(
            "SELECT gateway_key FROM incoming_messages WHERE handled_at IS NOT NULL AND outcome IS NOT NULL"
        )
        self.must({row[0] for row in handled} == wanted, "every question is handled", f"{len(handled)}")
        for letter_id, status in self._status.items():
            self._compare_the_books(letter_id, status)
        self._compare_the_portal()
        self._check_the_numbers()
        self._check_the_list()

    def _check_the_numbers(self) -> None:
        """A number that was not told by itself stands in the text that told it instead."""
        rows = self._ground.rows(
            "SELECT m.own_id, m.told_by, m.fact, r.number FROM messages m LEFT JOIN registrations r USING (letter_id)"
        )
        told_by = {own_id: other for own_id, other, _, _ in rows}
        for own_id, other, fact, number in rows:
            if fact != "registered" or other is None:
                continue
            while other is not None:
                own_id, other = other, told_by[other]
            words = [each.words for each in self._world.handset.texts if each.own_id == own_id]
            self.must(all(number in each for each in words), "no number is lost", f"{number}: {words}")

    def _check_the_list(self) -> None:
        """Whatever only a person can move stands on the list of what needs one."""
        waiting = {
            (letter_id, None)
            for letter_id, status in self._status.items()
            if status in {Status.PARKED, Status.UNCERTAIN}
        }
        if self._ground.rows("SELECT 1 FROM schedule WHERE kind = 'side_step' AND stage = 'operator'"):
            side_steps = self._ground.ledger.journal.side_steps_waiting()
            waiting |= {(each.letter_id, each.name) for each in side_steps}
        if not waiting:
            return
        self._ground.clock.advance(timedelta(hours=7))
        needs = self._ground.ledger.attention.needs(Deadlines(), lambda stage, name: True)
        listed = {(need.letter_id, need.step) for need in needs}
        listed |= {(letter_id, None) for letter_id, _ in listed}
        self.must(waiting <= listed, "a person is told", f"{len(waiting - listed)} are not on the list")

    def _compare_the_books(self, letter_id: str, status: Status) -> None:
        if letter_id in self._excused:
            return
        entry = self._world.book.first(letter_id)
        rows = self._ground.rows("SELECT number FROM registrations WHERE letter_id = ?", letter_id)
        number = rows[0][0] if rows else None
        if number is not None:
            self.must(entry is not None and entry.number == number, "the books agree", f"{number} {entry}")
        elif entry is not None:
            self.must(status is Status.UNCERTAIN, "the books agree", f"{status} and {entry.number}")

    def _compare_the_portal(self) -> None:
        if not self._world.setting.publishes:
            return
        for told in self._world.told.values():
            last = max(told, key=lambda each: each.position)
            rows = self._ground.rows(
                "SELECT max(p.position), s.status FROM publications p JOIN letters l USING (letter_id)"
                " JOIN schedule s ON s.work_id = l.letter_id WHERE l.submission_id = ?",
                last.submission_id,
            )
            self.must(last.position == rows[0][0], "the portal knows the last word", last.status)
