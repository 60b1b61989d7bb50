"""One letter for people: how it stands, its way, and what is next, in plain words."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from connector.cli.deeds import helping_commands
from connector.cli.output import print_table, print_text
from connector.clock import now
from connector.domain.attention import ASKS_A_PERSON
from connector.domain.lifecycle import ENDS, Status
from connector.ledger.records import LetterRow, LetterState, TimelineEntry

__all__ = ["explanation", "letter_view", "print_explanation", "print_view"]

_WHY: Final[dict[Status, tuple[str, str]]] = {
    Status.RECEIVED: ("It is on disk and waits to be screened.", "Nothing; intake takes it up by itself."),
    Status.IN_REVIEW: ("Its route asks for a review.", "A reviewer approves or refuses it."),
    Status.READY: ("It may be registered now.", "Nothing; registration takes it up when it is due."),
    Status.REGISTERING: (
        "The intent to register it is on disk and the call is under way.",
        "Nothing; if the daemon died in the call, the letter is looked up and not sent again.",
    ),
    Status.SUBMITTED: (
        "The office has it and gives the number later.",
        "Nothing where the office can be asked for it. Where it never tells: read the number there, then settle.",
    ),
    Status.UNCERTAIN: (
        "The answer of the office was lost: it may or may not have the letter.",
        "Nothing while look-ups run. Where they cannot settle it: look in the office for its key, then say what is so.",
    ),
    Status.PARKED: (
        "It was certainly not delivered and needs a person's eye.",
        "Remove the reason for which it was set aside; then release it, settle it by hand, or withdraw it.",
    ),
    Status.REGISTERED: ("It has its number; the office is asked how it goes on.", "Nothing."),
    Status.REFERRED: ("A unit of the office works on it; the office is asked how it goes on.", "Nothing."),
    Status.ANSWERED: ("The office has answered; it may still be closed or reopened.", "Nothing."),
}
_ONLY_A_PERSON: Final = "No look-up can settle it. Look in the office for its key, then say what is so."
_REMARK: Final = "remark"
"""The vendor's own wording; it may name the citizen."""


_UNITS: Final = (
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
    (timedelta(seconds=1), "second"),
)


def letter_view(row: LetterRow, state: LetterState, *, personal: bool) -> dict[str, Any]:
    """Return everything about a letter as plain values; what is personal only where it is asked for."""
    view: dict[str, Any] = asdict(row)
    letter = state.letter
    view |= {
        "service": letter.service,
        "unit": letter.unit,
        "urgency": str(letter.urgency),
        "confidentiality": str(letter.confidentiality),
        "submission_id": letter.submission_id,
        "status_since": state.status_since,
        "office_reference": state.office_reference,
        "registration": asdict(state.registration) if state.registration else None,
        "referrals": [asdict(referral) for referral in state.referrals],
        "attachments": [
            {"media_type": each.media_type, "size": each.size, "digest": each.digest}
            for each in letter.attachments
        ],
    }
    if personal:
        view |= {
            "sender": asdict(letter.sender),
            "subject": letter.subject,
            "text": letter.text,
            "fields": dict(letter.fields),
            "attachment_names": [each.name for each in letter.attachments],
            "answer": asdict(state.answer) if state.answer else None,
        }
    return view


def explanation(
    row: LetterRow, entries: Sequence[TimelineEntry], *, personal: bool = False
) -> dict[str, Any]:
    """Return a letter's way, what is next, when, whose it is and why; vendors' remarks only where asked for."""
    why, to_do = _WHY.get(row.status, ("It is at its end.", "Nothing."))
    if row.status is Status.UNCERTAIN and row.last_reason in ASKS_A_PERSON:
        to_do = _ONLY_A_PERSON
    return {
        "letter": asdict(row),
        "why": why,
        "owner": str(row.owner) if row.owner else None,
        "next_at": row.due_at,
        "is_at_end": row.status in ENDS,
        "for_you": to_do,
        "commands": helping_commands(row.tracking_code, row.status),
        "timeline": [
            {key: value for key, value in asdict(entry).items() if personal or key != _REMARK}
            for entry in entries
        ],
    }


def print_view(view: dict[str, Any]) -> None:
    """Print the letter, one line for each thing that is known."""
    print_table(("name", "what"), [{"name": key, "what": value} for key, value in _flat(view)])


def print_explanation(told: dict[str, Any]) -> None:
    """Print the way and then what is next."""
    letter = told["letter"]
    place = " ".join(str(letter[key]) for key in ("office", "secretariat", "number") if letter[key])
    print_text(f"{letter['tracking_code']}  {letter['status']}  {place}".rstrip())
    rows = [{**entry, "vendor code": entry["code"]} for entry in told["timeline"]]
    columns = ("at", "what", "name", "outcome", "reason", "vendor code", "detail", _REMARK)
    print_table(columns, rows, least=("detail", "what"))
    print_text(told["why"])
    if told["is_at_end"]:
        return
    reason = (
        f" Last trouble: {letter['last_reason']}, {letter['attempts']} attempts."
        if letter["attempts"]
        else ""
    )
    print_text(f"Owner: {told['owner']}. Next: {_when(told['next_at'])}.{reason}")
    print_text(f"For you to do: {told['for_you']}")
    for command in told["commands"]:
        print_text(f"    {command}")


def _when(instant: datetime | None) -> str:
    if instant is None:
        return "no time is set, which must not be: report it"
    clock = instant.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    left = instant - now()
    return f"{clock} (in {_about(left)})" if left > timedelta(seconds=0.5) else f"{clock} (due now)"


def _about(left: timedelta) -> str:
    unit, word = next(((unit, word) for unit, word in _UNITS if left >= unit), _UNITS[-1])
    count = max(round(left / unit), 1)
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _flat(view: dict[str, Any]) -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for key, value in view.items():
        if isinstance(value, dict):
            flat += [(f"{key}.{name}", inner) for name, inner in value.items() if inner not in {None, ""}]
        elif isinstance(value, list):
            flat += [
                (f"{key} {place}", ", ".join(map(str, _values(item)))) for place, item in enumerate(value, 1)
            ]
        elif value not in {None, ""}:
            flat.append((key, value))
    return flat


def _values(item: Any) -> list[Any]:
    return [value for value in item.values() if value not in {None, ""}] if isinstance(item, dict) else [item]
