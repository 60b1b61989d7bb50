"""What citizens write, and what is read in it: tables of real-world spellings and of nasty ones."""

import pytest

from connector.citizen.commands import Command, CommandKind, language_of, read_command
from connector.domain.letter import Language
from connector.domain.text import to_persian_digits
from connector.domain.tracking_code import grouped_tracking_code, new_tracking_code

CODE = new_tracking_code(lambda below: below // 3)
WRONG = CODE[:-1] + str((int(CODE[-1]) + 1) % 10)
ARABIC = CODE.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
GROUPS = [CODE[start : start + 3] for start in range(0, 15, 3)]


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        to_persian_digits(CODE),
        ARABIC,
        f"  {CODE}\n",
        " ".join(GROUPS),
        "-".join(GROUPS),
        "\u200f" + "\u200c".join(GROUPS) + "\u200e",
        to_persian_digits(" ".join(GROUPS)),
        "\n".join(GROUPS),
        grouped_tracking_code(CODE),
        f"\u2066{to_persian_digits(grouped_tracking_code(CODE))}\u2069",
        f"کد رهگیری: {CODE}",
        f"كد رهگيري {to_persian_digits(CODE)}",
        f"وضعیت {CODE}",
        f"وضعيت{CODE}؟",
        f"سلام، لطفاً وضعیت نامه با کد {CODE} را بفرمایید. ممنون",
        f"Status {CODE}",
        f"status:{CODE} pls",
        f"نامهٔ 5 من، کد {CODE}، تاریخ ۱۴۰۵/۰۸/۳۰",
        f"1405/08/30 {CODE}",
        f"{CODE} 09121234567",
        f"لغو {CODE}",
        f"نامهٔ شما رسید. کد رهگیری: {to_persian_digits(grouped_tracking_code(CODE))} شهرداری",
        "".join(chr(ord("０") + int(digit)) for digit in CODE),
        f"😀{CODE}😀",
        "متن " * 900 + CODE,
    ],
)
def test_a_tracking_code_is_found_in_whatever_is_written_around_it(text: str) -> None:
    assert read_command(text) == Command(CommandKind.STATUS, code=CODE)


@pytest.mark.parametrize(
    "text",
    [
        WRONG, to_persian_digits(WRONG), CODE[:-1], CODE + "7", CODE[1:-1], f"کد {CODE[:-1]}", "وضعیت ۱۲۳۴۵",
        "status 12", "پیگیری 98765 لطفا", " ".join(GROUPS[:-1]) + " 1", "6037991234567890",
    ],
)  # fmt: skip
def test_what_was_meant_as_a_code_and_is_none_is_told_apart_from_nonsense(text: str) -> None:
    assert read_command(text) == Command(CommandKind.MISTYPED)


@pytest.mark.parametrize(
    "text",
    [
        "لغو", "لغو11", "لغو۱۱", "لغو١١", "لغو 11", "لغو ۱۱", "لغو\u200c۱۱", "11 لغو", " لغو. ", "لَغو", "لغــو",
        "\u202bلغو\u202c", "لغو لغو لغو", "لطفاً لغو کنید", "لغو پیامک", "لغو پیامک‌ها لطفا", "لغو اشتراک",
        "سلام لغو شود ممنون", "قطع پیامک", "پیامک نفرستید", "إلغاء", "stop", "STOP", "Stop.", "sToP!!!", "stop sms",
        "please stop", "Unsubscribe", "STOPALL", "cancel", "laghv", "LAGHV 11", "ＳＴＯＰ",
    ],
)  # fmt: skip
def test_a_citizen_ends_our_messages_in_many_ways(text: str) -> None:
    assert read_command(text) == Command(CommandKind.OPT_OUT)


@pytest.mark.parametrize(
    "text",
    [
        "وصل", "وصل11", "وصل ۱۱", "لطفا وصل کنید", "فعال", "شروع", "پیامک بفرستید", "start", "START", "Start sms",
        "unstop", "subscribe", "vasl", "وصل\u200f",
    ],
)  # fmt: skip
def test_and_has_them_again_in_as_many(text: str) -> None:
    assert read_command(text) == Command(CommandKind.OPT_IN)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("1", 1), ("5", 5), ("۴", 4), ("٣", 3), (" ۲ ", 2), ("5.", 5), ("5️⃣", 5), ("５", 5), ("پنج", 5), ("چهار", 4),
        ("سه", 3), ("دو", 2), ("یک", 1), ("يك", 1), ("نمره ۵", 5), ("امتیاز: 4", 4), ("نمرهٔ ۳ لطفا", 3), ("۵ ستاره", 5),
        ("4/5", 4), ("۴ از ۵", 4), ("5 از 5", 5), ("4 out of 5", 4), ("Rate 2", 2), ("three", 3), ("mark: 1", 1),
        ("⭐⭐⭐", 3), ("★ ★ ★ ★", 4), ("⭐️⭐️⭐️⭐️⭐️", 5), ("\u200e5\u200f", 5),
    ],
)  # fmt: skip
def test_a_mark_from_one_to_five_is_read_as_it_is_typed(text: str, mark: int) -> None:
    assert read_command(text) == Command(CommandKind.MARK, mark=mark)


@pytest.mark.parametrize(
    "text",
    [
        "راهنما",
        "راهنمایی لطفا",
        "کمک",
        "كمك",
        "help",
        "HELP!",
        "info",
        "وضعیت",
        "پیگیری",
        "status",
        "rahnama",
    ],
)
def test_help_is_asked_for_by_its_words_and_by_a_question_without_a_code(text: str) -> None:
    assert read_command(text) == Command(CommandKind.HELP)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\n\t\r", "\u200c\u200f\u202e", "\x00\x01\x07", "؟؟؟", "😀", "👍🏽👍🏽", "سلام", "ممنون از شما", "ok",
        "درخواست لغو پروانه دارم", "لغو نشود", "لغو شد؟", "لغو نامه", "don't stop", "please do not stop", "bus stop",
        "stopper", "لغوی", "6", "0", "10", "۲۰", "5 6", "1 2 3 4 5", "12345", "نمره", "امتیاز ۶", "11", "۱۱",
        "لغو وصل", "stop start", "5 نفر آمدند", "⭐⭐⭐⭐⭐⭐", "⭐x", "09121234567", "0084575948", "کی جواب می‌دهید؟",
        "\ud800", "a\ud83d", "پیام " * 400, "x" * 100_000, "1 " * 5000, "\u0661" * 9, "<script>alert(1)</script>",
        "{{ config.keys }}", "' OR 1=1 --", "%s%n", "5\x00 6",
    ],
)  # fmt: skip
def test_what_is_no_command_is_none_however_near_or_nasty(text: str) -> None:
    assert read_command(text) == Command(CommandKind.NONE)


def test_a_message_of_twenty_parts_is_read_within_a_blink() -> None:
    long = ("۱۲ ۳۴ ۵۶ " * 200)[:1340]
    assert read_command(long).kind in {CommandKind.NONE, CommandKind.STATUS, CommandKind.MISTYPED}
    assert read_command("ك" * 1340 + " لغو").kind is CommandKind.NONE


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("stop", Language.EN), ("STATUS 123", Language.EN), ("لغو", Language.FA), ("وضعیت status", Language.FA),
        ("۱۲۳", Language.FA), ("123", Language.FA), ("", Language.FA), ("😀", Language.FA), ("٣", Language.FA),
    ],
)  # fmt: skip
def test_the_answer_is_in_the_tongue_of_the_question(text: str, language: Language) -> None:
    assert language_of(text) is language
