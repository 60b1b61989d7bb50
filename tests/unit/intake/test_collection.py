"""Collection on a real ledger and a portal in memory: admitted first, acknowledged after, nothing twice."""

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from connector.domain.letter import Route, Submission
from connector.errors import (
    FieldProblem,
    LedgerUnavailable,
    SubmissionConflict,
    SubmissionInvalid,
    Unavailable,
)
from connector.intake.attachment_rules import AttachmentRules
from connector.intake.collection import Collection
from connector.intake.front_door import FrontDoor
from connector.intake.routes import Routes, load_routes
from connector.ledger import Ledger
from connector.ledger.records import Admission, LetterFilter
from connector.ports.portal import SubmittedFile, SubmittedForm, WaitingSubmission
from connector.testing.builders import HeldClock, a_submission

Form = Callable[..., dict[str, Any]]
OpenLedger = Callable[..., Ledger]


def a_submitted(data: dict[str, Any], files: tuple[SubmittedFile, ...] = ()) -> SubmittedForm:
    return SubmittedForm(data=data, files=files)


class MemoryPortal:
    """A portal whose submissions wait in a dictionary, and which remembers what it was told."""

    def __init__(self) -> None:
        self.forms: dict[str, SubmittedForm | Exception] = {}
        self.codes: dict[str, str] = {}
        self.problems: dict[str, list[tuple[str, str]]] = {}
        self.is_deaf = False

    def waiting(self) -> Iterator[WaitingSubmission]:
        for reference, form in list(self.forms.items()):
            yield WaitingSubmission(reference=reference, read=lambda form=form: self._read(form))  # type: ignore[misc]

    def acknowledge(self, reference: str, tracking_code: str) -> None:
        if self.is_deaf:
            raise Unavailable(reason="deaf")
        self.codes[reference] = tracking_code
        self.forms.pop(reference, None)

    def refuse(self, reference: str, problems: Sequence[FieldProblem]) -> None:
        self.problems[reference] = [(problem.field, problem.code) for problem in problems]
        self.forms.pop(reference, None)

    def _read(self, form: SubmittedForm | Exception) -> SubmittedForm:
        if isinstance(form, Exception):
            raise form
        return form


class House:
    """A portal, a ledger and everything between them."""

    def __init__(self, ledger: Ledger, routes: Routes, clock: HeldClock, folder: Path) -> None:
        self.portal = MemoryPortal()
        self.ledger = ledger
        self.folder = folder
        rules = AttachmentRules(most=3, largest=1_000_000, largest_together=1_500_000)
        self.front_door = FrontDoor(ledger, lambda: routes, rules, clock.now)
        self.collection = Collection("web", self.portal, self.front_door, ledger.attachments, rules)

    def letters(self) -> int:
        return len(self.ledger.letters(LetterFilter()))

    def files_on_disk(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]


@pytest.fixture
def house(sqlite_url: str, open_on: OpenLedger, clock: HeldClock, tmp_path: Path) -> House:
    path = tmp_path / "routes.yaml"
    path.write_text(
        "routes:\n  - when: {service: general}\n    to: {office: main, secretariat: '1', gateway: sms}\n"
    )
    return House(open_on(sqlite_url), load_routes(path), clock, tmp_path / "attachments")


def a_file(content: bytes, name: str = "نامه.pdf", declared: str | None = None) -> SubmittedFile:
    return SubmittedFile(name=name, declared=declared, open=lambda: io.BytesIO(content))


def test_what_waits_becomes_letters_and_the_portal_gets_the_codes(
    house: House, a_form: Form, files: dict[str, bytes]
) -> None:
    large = files["pdf"].ljust(600_000, b"\x00")
    house.portal.forms["one"] = a_submitted(
        a_form(submission_id="1"), (a_file(large), a_file(files["txt"], "a.txt"))
    )
    house.portal.forms["two"] = a_submitted(a_form(submission_id="2", service="unheard-of"))
    assert house.collection.run() == 2
    rows = house.ledger.letters(LetterFilter())
    assert sorted(house.portal.codes.values()) == sorted(row.tracking_code for row in rows)
    state = house.ledger.state(house.ledger.find_letter(house.portal.codes["one"]))
    assert [attachment.media_type for attachment in state.letter.attachments] == [
        "application/pdf",
        "text/plain",
    ]
    with house.ledger.attachments.open(state.letter.attachments[0].digest) as stream:
        assert stream.read() == large
    assert house.collection.run() == 0


def test_a_lost_acknowledgement_makes_nothing_twice(house: House, a_form: Form) -> None:
    house.portal.forms["one"] = a_submitted(a_form())
    house.portal.is_deaf = True
    assert house.collection.run() == 1
    assert house.portal.codes == {}
    house.portal.is_deaf = False
    assert house.collection.run() == 0
    assert house.letters() == 1
    assert house.portal.codes["one"] == house.ledger.letters(LetterFilter())[0].tracking_code


def test_a_wrong_form_is_refused_before_any_file_is_read(house: House, a_form: Form) -> None:
    def open_never() -> io.BytesIO:
        raise AssertionError("a file of a wrong form was opened")

    file = SubmittedFile(name="a.pdf", declared=None, open=open_never)
    house.portal.forms["bad"] = a_submitted(a_form(subject=None), (file,))
    assert house.collection.run() == 0
    assert house.portal.problems == {"bad": [("subject", "required")]}
    assert house.letters() == 0


def test_the_problems_of_all_files_are_told_at_once(
    house: House, a_form: Form, files: dict[str, bytes]
) -> None:
    def open_missing() -> io.BytesIO:
        missing = FieldProblem(field="attachments[3]", code="file_missing", sentence_fa=".", sentence_en=".")
        raise SubmissionInvalid([missing])

    bad = (
        a_file(b""),
        a_file(files["exe"]),
        SubmittedFile(name="a.pdf", declared=None, open=open_missing),
    )
    house.portal.forms["bad"] = a_submitted(a_form(), bad)
    house.collection.run()
    assert house.portal.problems["bad"] == [
        ("attachments[0]", "empty_file"),
        ("attachments[1]", "type_disagrees"),
        ("attachments[3]", "file_missing"),
    ]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([10] * 4, ("attachments", "too_many")),
        ([1_000_001], ("attachments[0]", "file_too_large")),
        ([900_000, 900_000], ("attachments", "files_too_large")),
    ],
)
def test_too_many_and_too_large_is_refused(
    house: House, a_form: Form, files: dict[str, bytes], sizes: list[int], expected: tuple[str, str]
) -> None:
    content = files["pdf"]
    house.portal.forms["bad"] = a_submitted(
        a_form(), tuple(a_file(content.ljust(size, b"0")) for size in sizes)
    )
    house.collection.run()
    assert house.portal.problems["bad"] == [expected]
    assert house.letters() == 0


def test_a_submission_id_with_other_content_is_refused_and_the_letter_stays(
    house: House, a_form: Form
) -> None:
    house.portal.forms["one"] = a_submitted(a_form())
    house.collection.run()
    house.portal.forms["two"] = a_submitted(a_form(text="متنی دیگر"))
    assert house.collection.run() == 0
    assert house.portal.problems == {"two": [("submission_id", "submission_conflict")]}
    assert house.letters() == 1


@pytest.mark.parametrize("error", [RuntimeError("boom"), Unavailable(reason="form_unreadable"), OSError()])
def test_one_bad_submission_does_not_keep_the_others_waiting(
    house: House, a_form: Form, error: Exception
) -> None:
    house.portal.forms["bad"] = error
    house.portal.forms["good"] = a_submitted(a_form())
    assert house.collection.run() == 1
    assert list(house.portal.forms) == ["bad"]


class LedgerThatIsAway:
    """Cannot be written; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def admit(self, submission: Submission, *, route: Route | None) -> Admission:
        self.asked += 1
        raise LedgerUnavailable


def test_while_the_ledger_is_away_nothing_is_acknowledged_and_the_run_ends(
    house: House, a_form: Form, clock: HeldClock
) -> None:
    away = LedgerThatIsAway()
    rules = AttachmentRules()
    door = FrontDoor(
        away, lambda: pytest.fail("no route may be asked for") if away.asked else _no_routes(), rules
    )
    collection = Collection("web", house.portal, door, house.ledger.attachments, rules)
    house.portal.forms["one"] = a_submitted(a_form(submission_id="1"))
    house.portal.forms["two"] = a_submitted(a_form(submission_id="2"))
    assert collection.run() == 0
    assert away.asked == 1
    assert list(house.portal.forms) == ["one", "two"]
    assert house.portal.codes == {}


def _no_routes() -> Any:
    class NoRoutes:
        def route_for(self, service: str, unit: str | None) -> None:
            return None

    return NoRoutes()


def test_a_portal_that_cannot_be_asked_ends_the_run(house: House) -> None:
    class Closed(MemoryPortal):
        def waiting(self) -> Iterator[WaitingSubmission]:
            raise Unavailable(reason="folder_unreadable")

    rules = AttachmentRules()
    assert Collection("web", Closed(), house.front_door, house.ledger.attachments, rules).run() == 0


def test_the_front_door_admits_what_no_route_fits(house: House) -> None:
    admission = house.front_door.admit(a_submission(service="unheard-of"))
    assert admission.is_new
    assert house.ledger.state(admission.letter_id).route is None
    assert house.ledger.silent() == 0


def test_the_front_door_gives_the_same_code_for_the_same_submission(house: House) -> None:
    submission = a_submission()
    first, second = house.front_door.admit(submission), house.front_door.admit(submission)
    assert (first.is_new, second.is_new) == (True, False)
    assert first.tracking_code == second.tracking_code


def test_the_front_door_refuses_another_content_under_the_same_id(house: House) -> None:
    house.front_door.admit(a_submission(submission_id="same", text="یک"))
    with pytest.raises(SubmissionConflict):
        house.front_door.admit(a_submission(submission_id="same", text="دو"))
