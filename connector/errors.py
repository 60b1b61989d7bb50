"""Every error of Chapar, drawn as a tree. The type says what to do next.

::

    ChaparError
    ├── CallFailed                 a call to a portal, office or gateway that brought no outcome
    │   ├── Unavailable            certainly not delivered: try later
    │   │   └── RateLimited        the same, and the other side said when
    │   ├── OutcomeUnknown         it may or may not have happened: look it up, never send it twice
    │   │   └── Misbehaved         the answer breaks the contract: look it up and tell the operator
    │   └── CredentialsRejected    stop this connection and call the operator
    ├── NotPossible                this letter cannot be put into the form that the office wants
    ├── SubmissionInvalid          what the portal handed in is refused at the door, field by field
    ├── LedgerError
    │   ├── IllegalTransition      the lifecycle has no such step
    │   ├── LostRace               somebody else moved it first: read again
    │   ├── LetterUnknown          no letter has this id, tracking code or number
    │   ├── LetterMoved            it no longer stands where a person saw it: look again
    │   ├── NumberTaken            another letter has this registration number
    │   ├── SubmissionConflict     this submission id was used before with other content
    │   ├── SealBroken             a sealed column does not open: wrong key or tampered row
    │   └── LedgerUnavailable      the database cannot be written just now (busy, full, away)
    └── OperatorError              something that a person sets right
        ├── SettingsInvalid
        ├── SecretMissing
        ├── MappingInvalid
        ├── AdapterUnknown
        ├── DatabaseTooNew
        ├── DatabaseNotReady
        ├── DatabaseUnreadable     the SQLite file is no database, or is damaged: trying again does not help
        └── LedgerInUse            another daemon holds this SQLite file

The docstring of a leaf is its sentence for people; facts ride along as attributes and never in the sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

__all__ = [
    "AdapterUnknown",
    "CallFailed",
    "ChaparError",
    "CredentialsRejected",
    "DatabaseNotReady",
    "DatabaseTooNew",
    "DatabaseUnreadable",
    "FieldProblem",
    "IllegalTransition",
    "LedgerError",
    "LedgerInUse",
    "LedgerUnavailable",
    "LetterMoved",
    "LetterUnknown",
    "LostRace",
    "MappingInvalid",
    "Misbehaved",
    "NotPossible",
    "NumberTaken",
    "OperatorError",
    "OutcomeUnknown",
    "RateLimited",
    "SealBroken",
    "SecretMissing",
    "SettingsInvalid",
    "SubmissionConflict",
    "SubmissionInvalid",
    "Unavailable",
]


class ChaparError(Exception):
    """Something went wrong in Chapar."""

    def __init__(self, sentence: str | None = None, *, next_step: str | None = None, **facts: Any) -> None:
        """Keep the sentence for people (the class docstring when none is given), the next step and the facts.

        Facts go to the log as keys; they must never hold anything personal about a citizen.
        """
        self.sentence = sentence or " ".join((self.__doc__ or "").split())
        self.next_step = next_step
        self.facts = facts
        super().__init__(self.sentence)


class CallFailed(ChaparError):
    """A call to another system brought no outcome."""

    def __init__(
        self,
        sentence: str | None = None,
        *,
        reason: str = "",
        code: str | None = None,
        remark: str | None = None,
        **facts: Any,
    ) -> None:
        """Keep a closed reason word for logs and metrics, the vendor's code, and the vendor's text.

        The remark is the vendor's own wording. It may name a citizen: it is stored sealed and never logged.
        """
        super().__init__(sentence, **facts)
        self.reason = reason
        self.code = code
        self.remark = remark


class Unavailable(CallFailed):
    """The other system was certainly not reached or did certainly nothing. Try later."""


class RateLimited(Unavailable):
    """The other system asked us to slow down and did nothing. Try when it said."""

    def __init__(
        self, sentence: str | None = None, *, retry_after: timedelta | None = None, **facts: Any
    ) -> None:
        """Keep how long the other system asked us to wait, if it said."""
        super().__init__(sentence, **facts)
        self.retry_after = retry_after


class OutcomeUnknown(CallFailed):
    """The other system may or may not have done it. Look it up; never send it twice."""


class Misbehaved(OutcomeUnknown):
    """The answer breaks the contract. Look the letter up and tell the operator."""


class CredentialsRejected(CallFailed):
    """The user name, password or key was refused. The connection stops until the operator sets it right."""


class NotPossible(ChaparError):
    """This letter cannot be put into the form that the office wants. A person must look."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldProblem:
    """One thing that is wrong in a submission: where, what as a word, and a sentence for people in both tongues."""

    field: str
    code: str
    sentence_fa: str
    sentence_en: str


class SubmissionInvalid(ChaparError):
    """The submission was refused at the door; nothing of it was stored."""

    def __init__(self, problems: Sequence[FieldProblem], sentence: str | None = None) -> None:
        """Keep the problems, one for each field that is wrong."""
        super().__init__(sentence, fields=[problem.field for problem in problems])
        self.problems = tuple(problems)


class LedgerError(ChaparError):
    """The ledger refused a write or a read."""


class IllegalTransition(LedgerError):
    """The lifecycle has no such step."""


class LostRace(LedgerError):
    """Somebody else moved it first. Read it again before deciding anew."""


class LetterUnknown(LedgerError):
    """No letter has this id, tracking code or number."""


class LetterMoved(LedgerError):
    """The letter moved meanwhile and no longer stands where you saw it. Nothing was changed."""


class NumberTaken(LedgerError):
    """Another letter has this registration number in this secretariat and year. Nothing was changed."""


class SubmissionConflict(LedgerError):
    """This submission id was used before with other content. Nothing was changed."""


class SealBroken(LedgerError):
    """A sealed column does not open: the key is the wrong one, or the row was tampered with."""


class LedgerUnavailable(LedgerError):
    """The database cannot be written just now. Nothing was acknowledged."""


class OperatorError(ChaparError):
    """Something that a person sets right."""


class SettingsInvalid(OperatorError):
    """The configuration cannot be used."""


class SecretMissing(OperatorError):
    """A secret that the configuration names is not there."""


class MappingInvalid(OperatorError):
    """A mapping file cannot be used."""


class AdapterUnknown(OperatorError):
    """No adapter of this kind is installed."""


class DatabaseTooNew(OperatorError):
    """The database was written by a newer Chapar. Install that version or a later one."""


class DatabaseNotReady(OperatorError):
    """The database has not been brought to this version of Chapar."""


class DatabaseUnreadable(OperatorError):
    """The file of the ledger is not a database, or it is damaged. Nothing was changed."""


class LedgerInUse(OperatorError):
    """Another Chapar is running on this SQLite file. Several nodes need PostgreSQL."""
