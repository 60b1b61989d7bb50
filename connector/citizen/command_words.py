"""The words of commands, folded as connector.domain.text.fold does: Persian, English, and Persian in Latin letters.

A message is a command where nothing is left of it but such words and words that mean nothing beside them. So «لغو
پیامک‌ها لطفاً» ends our messages, and «درخواست لغو پروانه دارم» does not.
"""

from typing import Final

from connector.domain.text import fold

__all__ = [
    "FILLERS",
    "HELP",
    "MARK",
    "NUMBERS",
    "OF_FIVE",
    "OPT_IN",
    "OPT_OUT",
    "STARS",
    "STATUS",
    "WITH_COMMAND",
]


def _folded(words: str) -> frozenset[str]:
    return frozenset(fold(words).split())


OPT_OUT: Final = _folded(
    "لغو الغا الغاء قطع توقف نفرستید نفرست stop stopall unsubscribe cancel end quit off laghv laqv lagv ghat"
)
OPT_IN: Final = _folded("وصل وصله فعال شروع بفرستید بفرست start unstop subscribe resume on vasl shoro")
HELP: Final = _folded("راهنما راهنمایی کمک help info rahnama komak")
STATUS: Final = _folded(
    "وضعیت پیگیری رهگیری نتیجه کد status track tracking code vaziat vaziyat peygiri rahgiri"
)
MARK: Final = _folded("نمره امتیاز رضایت نظر رای ستاره mark rate rating score star stars nomre emtiaz")
OF_FIVE: Final = _folded("از of out")
"""Between a mark and the highest one: 4 of 5."""

NUMBERS: Final[dict[str, int]] = {
    fold(word): number
    for number, words in enumerate(("یک one", "دو two", "سه three", "چهار four", "پنج five"), start=1)
    for word in words.split()
} | {str(number): number for number in range(1, 6)}

STARS: Final = frozenset("⭐★🌟")

WITH_COMMAND: Final = frozenset({"11"})
"""Said with the word that ends messages: «لغو11» is how Iranian operators have taught it."""

FILLERS: Final = _folded(
    "سلام درود با احترام لطفا لطف خواهشمندم خواهش میکنم می کنم کنید کن بکنید بکن نمایید شود شه بشه بشود را رو "
    "پیام پیامک پیامکها پیامکهای پیامها ها های اس ام اسمس اس‌ام‌اس اشتراک دریافت ارسال این برای من به دیگر دیگه "
    "ممنون متشکرم سپاس مرسی آقا خانم جان "
    "please pls plz the me my to a sms message messages text texts now hi hello dear sir thanks thank you "
    "subscription all sending send for lotfan salam"
)
