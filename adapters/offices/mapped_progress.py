"""From what a mapping picks of letters to the port's Progress."""

from collections.abc import Mapping, Sequence
from typing import Any

from connector.domain.referral import Answer
from connector.domain.registration import LetterReference
from connector.mapping.picking import LetterNews, LetterPicker
from connector.mapping.schema_operations import Progressing
from connector.ports.outcomes import Progress, Refused

__all__ = ["progress_of"]


def progress_of(
    picker: LetterPicker, data: Mapping[str, Any], references: Sequence[LetterReference]
) -> list[Progress]:
    """Return the progress of the letters that were asked about; others in the answer are passed over."""
    asked = {reference.correlation_key: reference for reference in references}
    alone = references[0].correlation_key if len(references) == 1 else None

    def secretariat_of(key: str | None) -> str:
        reference = asked.get(key or alone or "")
        return reference.secretariat if reference else ""

    progress: dict[str, Progress] = {}
    for news in picker.pick(data, secretariat_of):
        # Without a key expression one letter was asked about, and the answer is about it.
        key = news.key if picker.key is not None else alone
        if key in asked and key not in progress:
            progress[key] = _progress(key, news)
    return list(progress.values())


def _progress(key: str, news: LetterNews) -> Progress:
    status = news.status
    answer = news.answer
    if answer is None and status is Progressing.ANSWERED:
        answer = Answer(text="")
    returned = status is Progressing.RETURNED
    refused = status is Progressing.REFUSED
    return Progress(
        correlation_key=key,
        registration=news.registration,
        referrals=news.referrals,
        answer=answer,
        is_closed=status is Progressing.CLOSED,
        returned_because=(news.reason or "") if returned else None,
        refused=Refused(reason=news.reason or "", code=news.reason_code) if refused else None,
        unmapped=() if status is not None else (news.status_code,),
    )
