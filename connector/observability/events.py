"""The catalogue of everything that the log may say, with one sentence each.

An event is a dotted fact, ``stage.fact``. A test compares this catalogue with the names that are used in the
code, both ways: whoever logs something new adds one line here, whoever stops takes it out.
"""

from typing import Final

__all__ = ["EVENTS"]

EVENTS: Final[dict[str, str]] = {
    # intake
    "intake.admitted": "A submission became a letter on disk; the portal may be told.",
    "intake.collection_stopped": "A portal was not asked to the end; the rest is taken in at the next run.",
    "intake.known_already": "A portal handed in a submission that was admitted before; nothing was made twice.",
    "intake.lost_race": "A received letter was moved by somebody else while it was screened.",
    "intake.refused": "A submission was refused to its portal, field by field.",
    "intake.screened": "A received letter was screened: ready, in review, refused or parked.",
    "intake.screening_failed": "A letter could not be screened; it is tried again at growing gaps.",
    "intake.submission_failed": "A waiting submission brought an unexpected error; it still waits.",
    "intake.submission_left_waiting": "A portal could not be read or told about one submission; it still waits.",
    # observability
    "library.failed": "A library that we use logged an error; its sentence comes without its values.",
    "library.warned": "A library that we use logged a warning; its sentence comes without its values.",
    "process.died": "An exception that nobody caught ends the process.",
    "process.thread_died": "An exception that nobody caught ended one thread.",
    # web
    "web.caller_went_away": "A portal hung up in the middle of a submission; nothing of it was kept.",
    "web.gauges_not_fresh": "The numbers could not be brought up to date before they were shown.",
    "web.health_unknown": "A part of the house could not even be looked at.",
    "web.receipt_refused": "A delivery report came without proof, or cannot be read.",
    "web.receipt_taken": "A delivery report was written down.",
    "web.receipt_without_use": "A delivery report came twice, or for a message that is not ours.",
    "web.request_failed": "A request was answered with an error of ours; the portal is told to repeat it.",
    "web.started": "The web address accepts connections.",
    "web.stopped": "The web address is closed.",
    "web.submission_refused": "A submission was refused at the door, field by field; nothing of it was kept.",
    "web.token_refused": "A call came to a portal's address without its token.",
    # notification
    "notification.message_moved": "A message to a citizen was sent, arrived, was refused, or its outcome was lost.",
    "notification.text_broken": "The text of a message could not be written; the message has failed.",
}
