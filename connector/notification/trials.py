"""Tries out every text when it is loaded, so that a mistake is told at start and not to a citizen's face."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from connector.domain.letter import Language
from connector.domain.lifecycle import Status
from connector.domain.message import MessageStatus, ReplyKind, Told
from connector.domain.registration import Registration
from connector.errors import MappingInvalid, NotPossible
from connector.ledger.records import MessageMaterial
from connector.mapping.templates import CompiledTemplate
from connector.notification.wording import VALUE_NAMES, wording

__all__ = ["try_out"]

_MISSING: Final = re.compile(r"'(\w+)' is undefined")


def try_out(template: CompiledTemplate, path: Path, language: Language, fact: Told) -> None:
    """Render a text with everything known and with as little as there may be.

    Raise MappingInvalid with file and line when it names a value that there is not, or says nothing.
    """
    for material in _materials(language, fact):
        for agency in ("", "agency"):
            try:
                values = wording(material, agency=agency, room=60, asks_for_mark=bool(agency))
                text = template.render(values)
            except NotPossible as error:
                raise MappingInvalid(
                    f"{path}:{_line(template.source, error.sentence)}: {_complaint(error.sentence)}",
                    next_step=f"A text may use: {', '.join(VALUE_NAMES)}.",
                ) from None
            if not text.strip():
                raise MappingInvalid(
                    f"{path}:1: the text is empty.",
                    next_step="Write what the citizen is told; a fact may also be taken out of notification.facts.",
                )


def _materials(language: Language, fact: Told) -> Iterator[MessageMaterial]:
    bare = MessageMaterial(
        own_id=1,
        letter_id="trial",
        gateway="trial",
        status=MessageStatus.QUEUED,
        fact=fact,
        happened_at=datetime(2026, 3, 21, tzinfo=UTC),
        mobile="09000000000",
        language=language,
        tracking_code="100000000000008",
    )
    registration = Registration(number="12345", secretariat="trial", registered_on=date(2026, 3, 21))
    full = replace(bare, registration=registration, unit="unit " * 20, reason="reason " * 20)
    if isinstance(fact, ReplyKind):
        bare = replace(bare, tracking_code="")
    yield bare
    yield full
    for status in Status if fact is ReplyKind.STATUS else ():
        yield replace(full, letter_status=status)


def _line(source: str, sentence: str) -> int:
    missing = _MISSING.search(sentence)
    lines = enumerate(source.splitlines(), start=1)
    return next((number for number, line in lines if missing and missing[1] in line), 1)


def _complaint(sentence: str) -> str:
    missing = _MISSING.search(sentence)
    return f"there is no value {missing[1]!r}." if missing else "the text cannot be written."
