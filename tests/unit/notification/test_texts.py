"""Texts: what people read, and what is told about a broken one before anybody reads it."""

import re
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connector.domain.letter import Language
from connector.domain.lifecycle import Status
from connector.domain.message import FactKind, MessageStatus, ReplyKind, Told
from connector.domain.registration import Registration
from connector.domain.segments import Alphabet, segments
from connector.errors import MappingInvalid
from connector.ledger.records import MessageMaterial
from connector.notification.texts import Texts
from connector.notification.wording import shortened

SHIPPED = Path("mappings/messages").resolve()
AGENCY = {Language.FA: "شهرداری نمونه", Language.EN: "Sample City"}


def a_material(fact: Told, language: Language = Language.FA, **changes: object) -> MessageMaterial:
    material = MessageMaterial(
        own_id=1,
        letter_id="01",
        gateway="sms",
        status=MessageStatus.QUEUED,
        fact=fact,
        happened_at=datetime(2026, 3, 20, 21, 0, tzinfo=UTC),  # already the first of Farvardin in Tehran
        mobile="09000000001",
        language=language,
        tracking_code="482915037264118",
        registration=Registration(
            number="1405/12345", secretariat="central", registered_on=date(2026, 11, 21)
        ),
        unit="معاونت شهرسازی و معماری" if language is Language.FA else "Urban Planning",
    )
    return replace(material, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def texts() -> Texts:
    return Texts.load([SHIPPED], agency=AGENCY)


def test_the_registration_is_told_with_number_jalali_date_and_grouped_code(texts: Texts) -> None:
    assert texts.render(a_material(FactKind.REGISTERED)).splitlines() == [
        "نامهٔ شما در دبیرخانه ثبت شد.",
        "شمارهٔ ثبت: ۱۴۰۵/۱۲۳۴۵",
        "تاریخ: ۱۴۰۵/۰۸/۳۰",
        "کد رهگیری: \u2066۴۸۲\u00a0۹۱۵\u00a0۰۳۷\u00a0۲۶۴\u00a0۱۱۸\u2069",
        "شهرداری نمونه",
    ]


def test_english_stays_in_the_gsm_alphabet_and_in_one_or_two_parts(texts: Texts) -> None:
    for fact in FactKind:
        counted = segments(texts.render(a_material(fact, Language.EN, reason="The scan cannot be read.")))
        assert counted.alphabet is Alphabet.GSM
        assert counted.parts <= 2


@pytest.mark.parametrize("fact", list(FactKind))
def test_persian_takes_two_parts_at_most_and_has_no_latin_digit(texts: Texts, fact: FactKind) -> None:
    text = texts.render(a_material(fact))
    assert segments(text).parts <= 2
    assert not re.search("[0-9]", text)


@pytest.mark.parametrize("kind", list(ReplyKind))
@pytest.mark.parametrize("language", list(Language))
def test_a_reply_takes_two_parts_at_most_however_the_letter_stands(
    texts: Texts, kind: ReplyKind, language: Language
) -> None:
    for status in Status:
        text = texts.render(a_material(kind, language, letter_status=status))
        assert segments(text).parts <= 2
        assert not (language is Language.FA and re.search("[0-9]", text))
        assert "{" not in text


def test_what_holds_a_letter_up_inside_the_house_is_not_told_to_its_citizen(texts: Texts) -> None:
    registration = None
    received = texts.render(
        a_material(ReplyKind.STATUS, letter_status=Status.RECEIVED, registration=registration)
    )
    for status in (Status.UNCERTAIN, Status.PARKED, Status.IN_REVIEW, Status.REGISTERING):
        assert received == texts.render(
            a_material(ReplyKind.STATUS, letter_status=status, registration=registration)
        )
    assert received.startswith("وضعیت نامهٔ شما: رسیده")


@pytest.mark.parametrize("language", list(Language))
def test_the_citizen_of_a_closed_letter_is_asked_for_a_mark_only_where_the_house_wants_one(
    language: Language,
) -> None:
    asking = Texts.load([SHIPPED], agency=AGENCY, asks_for_mark=True)
    plain = Texts.load([SHIPPED], agency=AGENCY)
    question = {Language.FA: "از ۱ تا ۵ چقدر راضی بودید؟", Language.EN: "from 1 to 5?"}[language]
    closed = asking.render(a_material(FactKind.CLOSED, language))
    assert question in closed
    assert segments(closed).parts <= 2
    assert question not in plain.render(a_material(FactKind.CLOSED, language))


@pytest.mark.parametrize("fact", [FactKind.REFUSED, FactKind.RETURNED])
def test_a_refusal_carries_its_reason_and_a_long_one_is_cut_between_words(
    texts: Texts, fact: FactKind
) -> None:
    short = texts.render(a_material(fact, reason="تصویر کارت ملی خوانا نیست"))
    assert "دلیل: تصویر کارت ملی خوانا نیست\n" in short
    long = texts.render(a_material(fact, reason="واژه‌ای دیگر " * 100))
    assert segments(long).parts <= 3
    assert "دلیل: واژه‌ای دیگر" in long
    assert "واژه‌ای دیگر…" in long or "واژه‌ای…" in long
    assert "\n\n" not in texts.render(a_material(fact))


def test_a_reason_of_several_lines_or_with_direction_marks_stays_one_plain_line(texts: Texts) -> None:
    text = texts.render(a_material(FactKind.REFUSED, reason="یک\r\nدو\u202e\x07سه"))
    assert "دلیل: یک دو سه\n" in text


def test_a_number_with_latin_letters_keeps_its_order(texts: Texts) -> None:
    registration = Registration(number="AB-12/7", secretariat="central")
    assert "\u2066AB-۱۲/۷\u2069" in texts.render(a_material(FactKind.REGISTERED, registration=registration))


def test_a_date_that_the_office_did_not_tell_is_the_day_in_tehran(texts: Texts) -> None:
    registration = Registration(number="1", secretariat="central")
    assert "۱۴۰۵/۰۱/۰۱" in texts.render(a_material(FactKind.REGISTERED, registration=registration))


def test_a_unit_that_is_not_known_is_told_in_general_words(texts: Texts) -> None:
    assert "واحد مربوط" in texts.render(a_material(FactKind.REFERRED, unit=None))


def test_the_operators_own_text_comes_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "fa").mkdir()
    (tmp_path / "fa" / "closed.txt").write_text("پرونده بسته شد. {{ tracking_code }}\n", encoding="utf-8")
    texts = Texts.load([tmp_path, SHIPPED])
    assert texts.render(a_material(FactKind.CLOSED)).startswith("پرونده بسته شد.")
    assert texts.render(a_material(FactKind.ANSWERED)).startswith("پاسخ نامهٔ شما")


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("خط یک\nکد: {{ tracking_cod }}\n", "closed.txt:2: there is no value 'tracking_cod'."),
        ("خط یک\n{% if number %}{{ numbr }}{% endif %}\n", "closed.txt:2: there is no value 'numbr'."),
        ("متن نامه: {{ subject }}\n", "closed.txt:1: there is no value 'subject'."),
        ("خط یک\n{% if %}\n", "closed.txt:2: "),
        ("  \n{% if number %}x{% endif %}\n", "closed.txt:1: the text is empty."),
        ("متن " * 300, "closed.txt:1: the text cannot be written."),
        ("متن " * 9000, "far too long"),
    ],
)
def test_a_broken_text_is_told_with_file_and_line_when_it_is_loaded(
    tmp_path: Path, source: str, complaint: str
) -> None:
    (tmp_path / "fa").mkdir()
    (tmp_path / "fa" / "closed.txt").write_text(source, encoding="utf-8")
    with pytest.raises(MappingInvalid) as caught:
        Texts.load([tmp_path, SHIPPED])
    assert complaint in caught.value.sentence
    assert str(tmp_path / "fa" / "closed.txt") in caught.value.sentence
    assert caught.value.next_step


def test_a_text_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "fa").mkdir()
    (tmp_path / "fa" / "closed.txt").write_bytes("خط یک\n".encode() + b"\xff\xfe")
    with pytest.raises(MappingInvalid, match=r"closed\.txt:2: the file is not UTF-8"):
        Texts.load([tmp_path, SHIPPED])


def test_a_mistyped_file_name_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "fa").mkdir()
    (tmp_path / "fa" / "registred.txt").write_text("ثبت شد", encoding="utf-8")
    with pytest.raises(MappingInvalid) as caught:
        Texts.load([tmp_path, SHIPPED])
    assert caught.value.next_step == "Did you mean fa/registered.txt?"


def test_a_missing_text_is_told_by_its_name(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "messages")
    (tmp_path / "messages" / "en" / "refused.txt").unlink()
    with pytest.raises(MappingInvalid, match=r"en/refused\.txt"):
        Texts.load([tmp_path / "messages"])


@pytest.mark.parametrize(
    ("text", "room", "short"),
    [
        ("one two three", 20, "one two three"),
        ("one two three", 10, "one two..."),
        ("one two three", 8, "one..."),
        ("onetwothree", 8, "onetw..."),
        ("x y", 0, ""),
    ],
)
def test_free_words_are_cut_between_words(text: str, room: int, short: str) -> None:
    assert shortened(text, room, Language.EN) == short
