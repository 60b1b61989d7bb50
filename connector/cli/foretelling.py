"""What a person's word will do, said beforehand: to the letter, to the citizen, and about duplicates. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from connector.cli.deeds import Deed
from connector.cli.in_words import STATUSES
from connector.domain.attention_words import Words
from connector.domain.calendar import jalali_for_people, local_date, local_time
from connector.domain.lifecycle import Status
from connector.domain.registration import Registration
from connector.domain.text import to_persian_digits
from connector.ports.office import Duplicates, RecoveryLevel

if TYPE_CHECKING:
    from connector.assembly.standing import OfficeStanding
    from connector.ledger.records import LetterRow, LetterState

__all__ = ["Case", "OfOneOffice", "foretold", "foretold_of_many", "in_flight_until"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A letter and its office as they stand at this moment."""

    row: "LetterRow"
    state: "LetterState"
    office: "OfficeStanding"
    now: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class OfOneOffice:
    """What is said beforehand of all letters of one office to which the same will happen."""

    office: str | None
    level: str | None
    """The recovery level of the office; None where the office is not known."""
    letters: int
    too_early: int
    """Of these, letters for which a call may still take effect."""
    will: tuple[Words, ...]

    @property
    def words(self) -> Words:
        """Return it in one line."""
        name, level = self.office or "(no office)", self.level or "?"
        en = f"{self.letters} letters, {name} (level {level}): {' '.join(each.en for each in self.will)}"
        fa = (
            to_persian_digits(f"{self.letters} نامه، ") + f"{name}: {' '.join(each.fa for each in self.will)}"
        )
        if self.too_early:
            en += f" {self.too_early} OF THEM TOO EARLY: a call may still take effect."
            fa += to_persian_digits(f" برای {self.too_early} نامه هنوز زود است.")
        return Words(en, fa)


def foretold_of_many(cases: "Sequence[tuple[Deed, Case]]") -> Iterator[OfOneOffice]:
    """Yield, for each office and what happens there, how many letters it is about, and what about duplicates."""
    alike = Counter((case.office.name, case.office.level, _of_all(deed, case)) for deed, case in cases)
    early = Counter(
        (case.office.name, case.office.level, _of_all(deed, case))
        for deed, case in cases
        if deed is Deed.SETTLE_ABSENT and in_flight_until(case) is not None
    )
    for key, letters in alike.items():
        office, level, will = key
        yield OfOneOffice(
            office=office or None, level=level, letters=letters, too_early=early[key], will=will
        )


def _of_all(deed: Deed, case: Case) -> tuple[Words, ...]:
    """Return what is true of every letter to which the same happens at the same office."""
    _, doing, *_ = foretold(deed, case)
    if deed is Deed.SETTLE_ABSENT:
        return doing, _duplicates(case)
    return (doing, _duplicates_after_release(case)) if deed is Deed.RELEASE else (doing,)


def in_flight_until(case: Case) -> datetime | None:
    """Return until when a call may still take effect at the office; None where none may.

    What the office took without a number may lie on its way there as long as a call whose answer was lost.
    """
    state = case.state
    if state.status is Status.REGISTERING:
        until = case.now + case.office.longest_processing
    elif state.status in (Status.UNCERTAIN, Status.SUBMITTED):
        until = (
            max(state.announced_at or state.status_since, state.status_since) + case.office.longest_processing
        )
    else:
        return None
    return until if until > case.now else None


def foretold(deed: Deed, case: Case, registration: Registration | None = None) -> Iterator[Words]:
    """Yield what will be, one thing at a time, in both tongues."""
    yield _standing(case)
    match deed:
        case Deed.SETTLE_REGISTERED if registration is not None:
            yield from _registered(case, registration)
        case Deed.SETTLE_ABSENT:
            yield from _absent(case)
        case Deed.SETTLE_REFUSED:
            yield Words(
                "It will be refused, for good: the office took it and refused it. The citizen is told, AND READS THE "
                "REASON THAT YOU GIVE. What the office says of it later is not looked at any more.",
                "برای همیشه ردشده به شمار می‌آید: اتوماسیون آن را گرفته و رد کرده است. به شهروند گفته می‌شود و دلیلی را "
                "که می‌نویسید می‌خواند. آنچه اتوماسیون پس از این بگوید دیگر دیده نمی‌شود.",
            )
        case Deed.RELEASE:
            yield from _released(case)
        case Deed.WITHDRAW:
            yield Words(
                "It will be withdrawn, for good: no office has it and none gets it. The citizen is told.",
                "برای همیشه پس گرفته می‌شود: نزد هیچ اتوماسیونی نیست و فرستاده نمی‌شود. به شهروند گفته می‌شود.",
            )
        case Deed.APPROVE:
            yield Words(
                "It will be ready, and is registered at once.", "آمادهٔ ثبت می‌شود و بی‌درنگ ثبت می‌گردد."
            )
        case Deed.REFUSE:
            yield Words(
                "It will be refused, for good. The citizen is told, AND READS THE REASON THAT YOU GIVE.",
                "برای همیشه رد می‌شود. به شهروند گفته می‌شود و دلیلی را که می‌نویسید می‌خواند.",
            )


def _standing(case: Case) -> Words:
    now, days = STATUSES[case.row.status], jalali_for_people(local_date(case.state.status_since))
    at = f" at {case.row.office}" if case.row.office else ""
    return Words(
        f"The letter {case.row.tracking_code}{at} is {now.en}, since {days}.",
        f"نامهٔ {to_persian_digits(case.row.tracking_code)} از {days}: {now.fa}.",
    )


def _registered(case: Case, registration: Registration) -> Iterator[Words]:
    day = jalali_for_people(registration.registered_on) if registration.registered_on else ""
    yield Words(
        f"It will be registered as number {registration.number} of secretariat {registration.secretariat}, "
        f"year {registration.year}, on {day}. Chapar never sends it again. The citizen is told the number.",
        f"با شمارهٔ {to_persian_digits(registration.number)} در دبیرخانهٔ {registration.secretariat} به تاریخ {day} "
        "ثبت‌شده به شمار می‌آید. چاپار دیگر آن را نمی‌فرستد. شماره به شهروند گفته می‌شود.",
    )
    if registration.registered_on and registration.registered_on < local_date(case.state.letter.received_at):
        received = jalali_for_people(local_date(case.state.letter.received_at))
        yield Words(
            f"LOOK AGAIN: the date lies before the letter came to us ({received}).",
            f"دوباره ببینید: این تاریخ پیش از رسیدن نامه به ماست ({received}).",
        )
    if case.office.completes:
        yield Words(
            "The steps that follow the number at this office (attachments, workflow) are done by Chapar.",
            "گام‌های پس از شماره (پیوست، گردش کار) را چاپار انجام می‌دهد.",
        )
    until = in_flight_until(case)
    if case.state.status is Status.SUBMITTED:
        yield Words(
            "The office is asked how it goes on. Should it tell another number than this one, it is shown on chapar "
            "attention; the citizen is not told a second one.",
            "از این پس روند کار از اتوماسیون پرسیده می‌شود. اگر شمارهٔ دیگری بگوید، در chapar attention دیده می‌شود و به "
            "شهروند شمارهٔ دومی گفته نمی‌شود.",
        )
    elif until is not None:
        at = _clock(until)
        yield Words(
            f"A call of ours may still take effect until {at}: look then whether the office has it a second time.",
            f"شاید فراخوان ما تا {to_persian_digits(at)} هنوز اثر کند: پس از آن ببینید دوبار ثبت نشده باشد.",
        )
    yield _key(case)


def _absent(case: Case) -> Iterator[Words]:
    yield Words(
        "It will be ready, and is sent to the office again at once.",
        "آمادهٔ ثبت می‌شود و بی‌درنگ دوباره به اتوماسیون فرستاده می‌شود.",
    )
    until = in_flight_until(case)
    if until is not None:
        at = _clock(until)
        yield Words(
            f"TOO EARLY: what was sent may still take effect until {at}. What is not there now may "
            "come by itself, and sent again it would be there twice.",
            f"هنوز زود است: آنچه فرستاده شد شاید تا {to_persian_digits(at)} اثر کند؛ اگر دوباره فرستاده "
            "شود، دوبار ثبت می‌شود.",
        )
    if case.state.status is Status.SUBMITTED:
        yield Words(
            "The office said that it took it. Be sure that it never arrived, or was lost there.",
            "اتوماسیون گفته بود که آن را گرفته است. مطمئن شوید که نرسیده یا آن‌جا گم شده است.",
        )
    if case.state.lookups:
        yield Words(
            f"Chapar has looked it up {case.state.lookups} times and is not certain.",
            f"چاپار {to_persian_digits(str(case.state.lookups))} بار استعلام کرده و یقین ندارد.",
        )
    if case.office.level == RecoveryLevel.C:
        yield Words(
            "No machine can ask this office for it: whether it is there, only you can see.",
            "هیچ ماشینی نمی‌تواند از این اتوماسیون بپرسد: بودن یا نبودنش را تنها شما می‌بینید.",
        )
    yield _duplicates(case)
    yield _key(case)


def _released(case: Case) -> Iterator[Words]:
    yield Words(
        "It will be received anew: screened under the routes of today, then registered.",
        "دوباره دریافت‌شده به شمار می‌آید: با مسیرهای امروز غربال و سپس ثبت می‌شود.",
    )
    yield _duplicates_after_release(case)
    if case.state.announced_at is not None:
        yield _key(case)


def _duplicates_after_release(case: Case) -> Words:
    if case.state.announced_at is not None:
        return _duplicates(case)
    return Words(
        "It was never sent to an office: there can be no duplicate.",
        "هرگز به اتوماسیون فرستاده نشده: تکراری پدید نمی‌آید.",
    )


def _duplicates(case: Case) -> Words:
    office = case.office
    if not office.is_known:
        return Words(
            f"The office {office.name or '(none)'} is not known from the configuration: assume that it would make a "
            "second entry with a second number. Be sure that it is not there.",
            "این اتوماسیون در پیکربندی شناخته نیست: فرض کنید بار دوم شمارهٔ دوم می‌دهد. مطمئن شوید که آن‌جا نیست.",
        )
    match office.duplicates:
        case Duplicates.THE_NUMBER:
            return Words(
                "Were it there after all, this office answers with the number it has: nothing is registered twice.",
                "اگر آن‌جا باشد، این اتوماسیون همان شماره را برمی‌گرداند: چیزی دوبار ثبت نمی‌شود.",
            )
        case Duplicates.AN_ERROR:
            return Words(
                "Were it there after all, this office refuses the second one, and Chapar looks for the first.",
                "اگر آن‌جا باشد، این اتوماسیون دومی را نمی‌پذیرد و چاپار در پی نخستین می‌گردد.",
            )
    return Words(
        "Were it there after all, this office would make A SECOND ENTRY with a second number. Be sure that it is not.",
        "اگر آن‌جا باشد، این اتوماسیون بار دوم شمارهٔ دوم می‌دهد. مطمئن شوید که آن‌جا نیست.",
    )


def _key(case: Case) -> Words:
    key = case.state.letter.correlation_key
    if case.office.finds_by_key:
        return Words(f"The office can be searched for its key: {key}", f"کلید جست‌وجو در اتوماسیون: {key}")
    return Words(
        f"Its key, where the office shows it: {key}. Else look for sender and subject: "
        f"chapar letters show {case.row.tracking_code} --personal",
        f"کلید آن، اگر اتوماسیون نشان دهد: {key}؛ وگرنه با فرستنده و موضوع بجویید.",
    )


def _clock(instant: datetime) -> str:
    return f"{local_time(instant):%H:%M:%S}"
