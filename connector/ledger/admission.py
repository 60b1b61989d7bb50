"""The front door of the ledger: a submission becomes a letter, once."""

import secrets
from typing import Final

import sqlalchemy as sa

from connector.domain.identifiers import new_letter_id
from connector.domain.letter import Route, Submission
from connector.domain.lifecycle import Event, Stage, Status
from connector.domain.message import Fact, FactKind
from connector.domain.tracking_code import new_tracking_code
from connector.errors import SubmissionConflict
from connector.ledger.event_writes import write_event
from connector.ledger.letter_columns import letter_columns, submission_digest
from connector.ledger.outbox import tell
from connector.ledger.prepared import Prepared
from connector.ledger.records import Admission, Happening, Lane, OutboxPolicy, WorkKind
from connector.ledger.seal import KeyRing
from connector.ledger.tables import letter_attachments, letters, routes, schedule
from connector.ledger.writer import Transaction

__all__ = ["admit", "insert_route", "known_submission"]

_INSERT_LETTER: Final = Prepared(sa.insert(letters))
_INSERT_ROUTE: Final = Prepared(sa.insert(routes))
_DELETE_ROUTE: Final = sa.delete(routes).where(routes.c.letter_id == sa.bindparam("of_letter"))
_INSERT_SCHEDULE: Final = Prepared(sa.insert(schedule))
_KNOWN: Final = sa.select(letters.c.letter_id, letters.c.tracking_code, letters.c.submission_digest).where(
    letters.c.portal == sa.bindparam("of_portal"), letters.c.submission_id == sa.bindparam("of_submission")
)


def admit(
    transaction: Transaction, ring: KeyRing, policy: OutboxPolicy, submission: Submission, route: Route | None
) -> Admission:
    """Make the letter with its first event and first message, or return what the same submission made before.

    Raise SubmissionConflict when the submission id was used with other content.
    """
    known = known_submission(transaction.connection, ring, submission)
    if known is not None:
        return known
    letter_id, tracking_code = new_letter_id(), new_tracking_code(secrets.randbelow)
    connection = transaction.connection
    _INSERT_LETTER.run(
        transaction.connection,
        letter_columns(
            submission, ring, letter_id=letter_id, tracking_code=tracking_code, received_at=transaction.at
        ),
    )
    for position, attachment in enumerate(submission.attachments):
        connection.execute(
            sa.insert(letter_attachments).values(
                letter_id=letter_id, position=position, digest=attachment.digest, size=attachment.size
            )
        )
    if route is not None:
        insert_route(transaction, letter_id, route)
    _open_way(transaction, ring, letter_id, Lane(Stage.INTAKE, submission.portal))
    tell(transaction, policy, letter_id, 0, Fact(kind=FactKind.RECEIVED))
    return Admission(letter_id=letter_id, tracking_code=tracking_code, is_new=True)


def insert_route(transaction: Transaction, letter_id: str, route: Route) -> None:
    """Keep where the letter goes, in place of what was kept before."""
    transaction.connection.execute(_DELETE_ROUTE, {"of_letter": letter_id})
    _INSERT_ROUTE.run(
        transaction.connection,
        {
            "letter_id": letter_id,
            "office": route.office,
            "secretariat": route.secretariat,
            "gateway": route.gateway,
            "unit": route.unit,
            "needs_review": route.needs_review,
        },
    )


def known_submission(connection: sa.Connection, ring: KeyRing, submission: Submission) -> Admission | None:
    """Return what the same submission made before; None for one that is new.

    Raise SubmissionConflict when the submission id was used with other content.
    """
    row = connection.execute(
        _KNOWN, {"of_portal": submission.portal, "of_submission": submission.submission_id}
    ).first()
    if row is None:
        return None
    if row.submission_digest != submission_digest(submission, ring):
        raise SubmissionConflict(letter_id=row.letter_id)
    return Admission(letter_id=row.letter_id, tracking_code=row.tracking_code, is_new=False)


def _open_way(transaction: Transaction, ring: KeyRing, letter_id: str, lane: Lane) -> None:
    _INSERT_SCHEDULE.run(
        transaction.connection,
        {
            "work_id": letter_id,
            "kind": str(WorkKind.LETTER),
            "letter_id": letter_id,
            "sequence": 0,
            "stage": str(lane.stage),
            "connection": lane.connection,
            "status": str(Status.RECEIVED),
            "due_at": transaction.at,
            "version": 0,
            "attempts": 0,
            "status_since": transaction.at,
        },
    )
    write_event(transaction, ring, letter_id, 0, Happening(event=Event.RECEIVED), Status.RECEIVED)
    transaction.due_lanes.add(lane)
