"""Asking an office about many letters in as few calls as it allows, without one bad letter silencing the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from connector.domain.registration import LetterReference
from connector.errors import CallFailed, Misbehaved, NotPossible
from connector.ports.connection import Connection
from connector.ports.office import FindsByKey, OfficeAdapter, ReportsProgress
from connector.ports.outcomes import Progress, Refused, Registered

__all__ = ["Answers", "ask_by_key", "ask_progress"]


@dataclass(slots=True)
class Answers:
    """What came back: the office's word by correlation key, and the failure of those that it could not give."""

    told: dict[str, Progress] = field(default_factory=dict)
    failed: dict[str, CallFailed | NotPossible] = field(default_factory=dict)


def ask_progress(
    office: Connection[OfficeAdapter],
    reporter: ReportsProgress,
    references: Sequence[LetterReference],
    batch: int,
) -> Answers:
    """Ask about these letters, at most ``batch`` in one call."""
    answers = Answers()
    for start in range(0, len(references), batch):
        part = references[start : start + batch]
        _ask(office, reporter, part, answers, [2 * len(part).bit_length()])
    return answers


def ask_by_key(
    office: Connection[OfficeAdapter], finder: FindsByKey, wanted: Iterable[LetterReference]
) -> Answers:
    """Ask by our key about letters that wait for their number, one at a time."""
    answers = Answers()
    for reference in wanted:
        key, secretariat = reference.correlation_key, reference.secretariat
        try:
            found = office.call("find", lambda _, k=key, s=secretariat: finder.find(k, s))  # type: ignore[misc]
        except (CallFailed, NotPossible) as error:
            answers.failed[key] = error
            continue
        match found:
            case Registered(registration=registration):
                answers.told[key] = Progress(correlation_key=key, registration=registration)
            case Refused():
                answers.told[key] = Progress(correlation_key=key, refused=found)
            case _:
                answers.told[key] = Progress(correlation_key=key)
    return answers


def _ask(
    office: Connection[OfficeAdapter],
    reporter: ReportsProgress,
    references: Sequence[LetterReference],
    answers: Answers,
    spare_calls: list[int],
) -> None:
    """Ask in one call; where the answer for many cannot be read, ask for each half, as long as calls are
    spare.

    Two spare calls for each halving are enough to find one bad letter among them.
    """
    try:
        told = office.call("progress", lambda _: reporter.progress(references))
    except (CallFailed, NotPossible) as error:
        if len(references) > 1 and _may_be_one_letter(error) and spare_calls[0] >= 2:
            spare_calls[0] -= 2
            middle = len(references) // 2
            _ask(office, reporter, references[:middle], answers, spare_calls)
            _ask(office, reporter, references[middle:], answers, spare_calls)
            return
        answers.failed |= {reference.correlation_key: error for reference in references}
        return
    asked = {reference.correlation_key for reference in references}
    answers.told |= {
        progress.correlation_key: progress for progress in told if progress.correlation_key in asked
    }


def _may_be_one_letter(error: CallFailed | NotPossible) -> bool:
    """Return whether the failure may come from one letter's answer, and not from the office as a whole."""
    return isinstance(error, NotPossible | Misbehaved) or error.reason == "adapter_crashed"
