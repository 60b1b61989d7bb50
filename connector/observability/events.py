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
    # assembly and daemon
    "assembly.connection_missing": "Work waits for a connection that the configuration no longer has.",
    "assembly.reloaded": "Routes, message texts and told facts were read anew.",
    "daemon.ledger_away": "The watchdog's look found that the database takes no writes; the daemon goes on.",
    "daemon.ready": "Everything is started and the web address is open.",
    "daemon.reload_refused": "The configuration cannot be used; the one before it stays in force.",
    "daemon.reloaded": "A reload is complete.",
    "daemon.restart_needed": "A reload found changed options that only a restart brings in.",
    "daemon.stopped": "The stop is complete; is_clean says whether every deed came to its end.",
    "daemon.stopping": "A stop was asked for; the deeds in hand are finished.",
    "daemon.watchdog_look_failed": "The watchdog's look broke down; systemd is not fed.",
    "daemon.watchdog_not_fed": "A lane or the web stands still; systemd is not fed and restarts the daemon.",
    "ledger.remains_swept": "Half-written files of a killed process were removed.",
    "operator.letter_waits": "A letter still waits for a person: parked, or in review for too long.",
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
