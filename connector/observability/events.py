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
    # alerting
    "alerting.channel_crashed": "A channel to the operators raised an error that it must not; it counts as failed.",
    "alerting.channel_failed": "A channel to the operators did not take an alert; it is tried again at growing gaps.",
    "alerting.ledger_away": "What a person is needed for could not be read or kept; it is looked at again soon.",
    "alerting.look_failed": "A look for what operators are to be told broke down; it comes again at its time.",
    "alerting.outcome_not_kept": "What became of an alert could not be written; the reminder tells it again.",
    "alerting.told": "A channel took an alert, or the word that all is well again.",
    # assembly and daemon
    "assembly.connection_missing": "Work waits for a connection that the configuration no longer has.",
    "assembly.reloaded": "Routes, message texts and told facts were read anew.",
    "daemon.clock_set": "Somebody set the machine's clock; the daemon's own time follows slowly, an hour within a day.",
    "daemon.ledger_away": "The watchdog's look found that the database takes no writes; the daemon goes on.",
    "daemon.node_name_taken": "Another daemon with the same node name is running; give each a name of its own.",
    "daemon.not_heard_of": "This daemon could not make itself known among the nodes; it says so again soon.",
    "daemon.outside_not_seen": "What a command wrote could not be looked at; it is looked at again soon.",
    "daemon.ready": "Everything is started and the web address is open.",
    "daemon.reload_refused": "The configuration cannot be used; the one before it stays in force.",
    "daemon.reloaded": "A reload is complete.",
    "daemon.restart_needed": "A reload found changed options that only a restart brings in.",
    "daemon.stopped": "The stop is complete; is_clean says whether every deed came to its end.",
    "daemon.stopping": "A stop was asked for; the deeds in hand are finished.",
    "daemon.watchdog_look_failed": "The watchdog's look broke down; systemd is not fed.",
    "daemon.watchdog_not_fed": "A lane or the web stands still; systemd is not fed and restarts the daemon.",
    "ledger.remains_swept": "Half-written files, and files that no letter names, were removed.",
    "deadlines.citizens_told": "Citizens whose letter takes long were told that it is not forgotten; once each.",
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
    "web.incoming_refused": "A message of a citizen was brought without the gateway's secret, or cannot be read.",
    "web.incoming_taken": "Messages of citizens were brought by a gateway and written down.",
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
    "notification.credit_low": "Little is left on a gateway's account, or it ends soon; said once until it is enough.",
    "notification.gateway_back": "A gateway that others had taken over from is back; it gets its messages slowly.",
    "notification.messages_moved": "Messages went over to another gateway; reason says why, each journal says it too.",
    "notification.text_broken": "The text of a message could not be written; the message has failed.",
    # citizen
    "citizen.handled_later": "Messages of citizens are on disk, and the ledger went away before they were handled.",
    "citizen.inbox_read": "A gateway's inbox brought messages of citizens; they are on disk.",
    "citizen.message_handled": "A message of a citizen was obeyed and, within the limits, answered.",
    "citizen.message_not_handled": "A message of a citizen could not be handled for a fault of ours; it comes again.",
    # connection
    "connection.adapter_crashed": (
        "An adapter raised an error that its port does not allow; whether the deed was done is settled by its kind."
    ),
    "connection.call_failed": "A call to a portal, office or gateway brought no outcome; reason says why.",
    "connection.paused": "The operator paused a connection; no call is made until the operator resumes it.",
    "connection.resumed": "A suspended connection works again.",
    "connection.suspended": (
        "The credentials of a connection were refused; it stops until the operator has looked."
    ),
    "connection.unpaused": "The operator resumed a connection that was paused.",
    # ece, the office by e-mail
    "ece.letter_bounced": "A mail server could not deliver a letter to a secretariat; code says why.",
    "ece.mail_set_aside": (
        "A mail in an ECE mailbox says nothing that a machine may act on; reason says why, a person looks at it."
    ),
    "ece.mailbox_not_read": "An ECE mailbox could not be read; its letters are asked about again later.",
    "ece.number_after_refusal": "A secretariat gave a number to a letter that it had refused before.",
    # smpp, a session with a message centre
    "smpp.receipt_unmapped": (
        "A delivery receipt over SMPP has a state that stands in no table; add it to gateways/smpp.yaml."
    ),
    # ledger
    "ledger.group_not_written": "A group of writes could not be committed; every waiting step was told.",
    "ledger.leases_freed": "Leases that a killed predecessor left were freed at the start.",
    "ledger.listening_lost": (
        "The hints of other nodes are not heard for a while; every lane still looks by itself."
    ),
    # audit
    "audit.sealed": "New events were sealed; seal and digest are what chapar audit verify --expect can be told.",
    # publication
    "publication.letter_unreadable": (
        "A letter could not be read from the ledger; its publication is tried again later."
    ),
    "publication.lost_race": "A publication was moved by somebody else meanwhile.",
    "publication.published": "A portal was told of a letter's progress.",
    # completion
    "completion.concluded": "A side step after the number was done, or is tried again later; status says which.",
    "completion.letter_unreadable": "A letter could not be read from the ledger; its side step is tried again later.",
    "completion.lost_race": "A side step was moved by somebody else meanwhile.",
    "completion.needs_a_person": "A side step waits for a person: it cannot be done, or may have been done already.",
    # reconciliation
    "reconciliation.created_again": (
        "The same create was made again under the same key, which makes nothing new; its outcome is on record."
    ),
    "reconciliation.letter_unreadable": (
        "An uncertain letter could not be read from the ledger; it is tried again later."
    ),
    "reconciliation.looked_up": (
        "An office was asked for a letter whose answer was lost; outcome says what it has."
    ),
    "reconciliation.lost_race": "An uncertain letter was moved by somebody else meanwhile.",
    "reconciliation.needs_a_person": (
        "An office cannot be asked for a letter whose answer was lost; a person settles it."
    ),
    "reconciliation.unclear": (
        "An office shows what may be the letter or another one, or hides what must be there; reason says which."
    ),
    # registration
    "registration.answer_not_recorded": (
        "The office answered, and the ledger could not write it; the letter will be looked up."
    ),
    "registration.answer_too_late": (
        "The office answered after the claim was lost; the letter will be looked up."
    ),
    "registration.concluded": "The call to register a letter came to an outcome.",
    "registration.gave_up": (
        "A letter was parked: its office did not take it in all the time allowed, or cannot."
    ),
    "registration.letter_unreadable": (
        "A ready letter could not be read from the ledger; it is tried again later."
    ),
    "registration.lost_race": "A letter was moved by somebody else before it was registered.",
    "registration.outcome_lost": (
        "A call to register was begun and brought no answer; the letter is looked up, never sent again."
    ),
    # scheduling
    "scheduling.claim_left_to_expire": "A claim could not be given back; its lease runs out by itself.",
    "scheduling.claims_left_to_expire": "Claims could not be given back; their leases run out by themselves.",
    "scheduling.deed_failed": "A deed broke down; its work is tried again later.",
    "scheduling.deed_not_ended": "A deed did not end in the time of the stop; its lease runs out by itself.",
    "scheduling.lane_failed": "A lane could not look for due work; it looks again at growing gaps.",
    "scheduling.leases_not_renewed": "The heartbeat could not renew leases.",
    "scheduling.ledger_unavailable": "A lane found the ledger away; it comes back at growing gaps.",
    "scheduling.run_failed": "A periodic run broke down; it comes again at its time.",
    "scheduling.started": "All lanes turn.",
    "scheduling.stopped": "All lanes have stopped.",
    # tracking
    "tracking.another_number": "An office told another number than the one that a person gave; a person is asked.",
    "tracking.contradiction": (
        "What an office says of a letter contradicts what it said before; nothing was changed."
    ),
    "tracking.letter_unreadable": (
        "A letter could not be read from the ledger; it is asked about again later."
    ),
    "tracking.lost_race": "A letter was moved by somebody else while its office was asked.",
    "tracking.news_broken": (
        "What an office said of a letter could not be worked with at all; it is asked about again later."
    ),
    "tracking.number_of_another": (
        "An office told a number that another letter has in the same book; the letter waits for a person."
    ),
    "tracking.progressed": "An office said something new of a letter, and it was written down.",
}
