"""The texts of alerts, in Persian and English: counts and names of connections, and the command that shows the rest."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from connector.alerting.deciding import Alert
from connector.domain.alert import Severity, Trouble, Unwell
from connector.domain.attention import Because
from connector.domain.attention_words import BECAUSE, Words
from connector.domain.calendar import jalali_for_people, local_date, local_time
from connector.domain.letter import Language
from connector.domain.text import to_persian_digits

__all__ = ["TEST", "title_and_text", "words_of"]

_UNWELL: Final[Mapping[Unwell, Words]] = {
    Unwell.LEDGER_AWAY: Words("the database takes no writes", "پایگاه داده نوشتن را نمی‌پذیرد"),
    Unwell.LITTLE_ROOM: Words("the disk is nearly full", "دیسک رو به پر شدن است"),
    Unwell.CLOCK_SET: Words(
        "the machine's clock was set, or is wrong", "ساعت ماشین دستکاری شده یا نادرست است"
    ),
}
_SEVERITIES: Final[Mapping[Severity, Words]] = {
    Severity.NOTICE: Words("notice", "یادآوری"),
    Severity.WARNING: Words("warning", "هشدار"),
    Severity.CRITICAL: Words("critical", "بحرانی"),
}
_MOST_LINES: Final = 20
"""A pager takes no more; the rest is counted, and stands on the list."""
_BEHIND: Final = frozenset({Because.PAUSED, Because.SUSPENDED})
_UNCOUNTED: Final = frozenset({*Unwell, Because.ALERTS_FAIL})
TEST: Final = Words(
    "This is a test of Chapar's alerts; nothing needs you.",
    "این یک آزمون هشدارهای چاپار است؛ کاری لازم نیست.",
)
_LIST: Final = Words(
    "The list, with the commands that help: chapar attention", "فهرست کامل: chapar attention"
)


def words_of(because: Because | Unwell) -> Words:
    """Return the reason in plain words."""
    return _UNWELL[because] if isinstance(because, Unwell) else BECAUSE[because]


def title_and_text(alert: Alert, languages: Sequence[Language], node: str) -> tuple[str, str]:
    """Return the title and the text of an alert in each of these tongues."""
    titles = [_title(alert, language) for language in languages]
    texts = ["\n".join(_lines(alert, language)) for language in languages]
    return f"Chapar {node}: {' · '.join(titles)}", "\n\n".join(texts)


def _title(alert: Alert, language: Language) -> str:
    if alert.is_well_again:
        return _in(language, "all is well again", "همه چیز دوباره درست است")
    severity, told = _SEVERITIES[alert.severity], len(alert.new) + len(alert.still)
    english = f"{severity.en}, {told} thing{' needs' if told == 1 else 's need'} a person"
    return _in(language, english, f"{severity.fa}، {_persian(told)} مورد به شما نیاز دارد")


def _lines(alert: Alert, language: Language) -> Iterator[str]:
    if alert.is_well_again:
        yield _in(
            language,
            "What you were told of is there no more.",
            "آنچه گفته شده بود دیگر برجا نیست.",
        )
        return
    room = _MOST_LINES
    if alert.new:
        yield from (_line(each, language) for each in alert.new[:room])
        room -= min(len(alert.new), room)
    if alert.still and room:
        yield _in(language, "Told before, and still there:", "پیش‌تر گفته شده و هنوز برجاست:")
        yield from (_line(each, language) for each in alert.still[:room])
        room -= min(len(alert.still), room)
    left = len(alert.new) + len(alert.still) - (_MOST_LINES - room)
    if left:
        yield _in(language, f"And {left} more.", f"و {_persian(left)} مورد دیگر.")
    if alert.besides:
        yield _in(
            language,
            f"Besides, {alert.besides} told not long ago.",
            f"افزون بر {_persian(alert.besides)} مورد که به‌تازگی گفته شده.",
        )
    yield _in(language, *_LIST)


def _line(trouble: Trouble, language: Language) -> str:
    words, where = words_of(trouble.because), trouble.where.removeprefix("@")
    local = local_time(trouble.since)
    if language is Language.EN:
        since = f"since {local:%Y-%m-%d %H:%M}"
    else:
        since = f"از {jalali_for_people(local_date(trouble.since))} {_persian(f'{local:%H:%M}')}"
    place = f"{where}: " if where else ""
    parts = [f"{place}{_in(language, *words)}", *_counted(trouble, language), since]
    return _in(language, "- " + ", ".join(parts), "- " + "، ".join(parts))


def _counted(trouble: Trouble, language: Language) -> Iterable[str]:
    if trouble.because in _UNCOUNTED:
        return
    if trouble.because in _BEHIND:
        yield _in(language, f"waiting behind it: {trouble.count}", f"در انتظار آن: {_persian(trouble.count)}")
    else:
        yield _in(language, f"number: {trouble.count}", f"شمار: {_persian(trouble.count)}")


def _in(language: Language, english: str, persian: str) -> str:
    return english if language is Language.EN else persian


def _persian(count: int | str) -> str:
    """Return the digits of a count or an hour; those of names and commands stay as they are."""
    return to_persian_digits(str(count))
