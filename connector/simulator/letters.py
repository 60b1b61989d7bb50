"""Persian letters, plainly synthetic, now and then with characters that break careless software."""

from dataclasses import dataclass
from random import Random
from typing import Final

from connector.simulator.documents import Document, some_documents
from connector.simulator.people import Citizen, citizen

__all__ = ["SERVICES", "SyntheticLetter", "letter"]

SERVICES: Final = ("complaint", "request")
"""The portal's services; the routes of the simulated agency send each to an office of its own."""

_SUBJECTS: Final = (
    "درخواست رسیدگی به قبض آب",
    "اعتراض به صورت‌حساب",
    "درخواست پروانه ساختمانی",
    "پیگیری پرونده بیمه",
    "درخواست تعمیر معبر",
    "گزارش خرابی روشنایی",
)

_NASTY: Final = (
    "استعلام <b>تعرفه</b> & «حق‌النظاره»",
    "نامهٔ ]]> با نشانه‌های خاص \" ' \\",
    "درخواست يك نسخه از مدرك (نگارش عربي)",
    "پیگیری 😀 شماره ۱۲/۳۴ {{ subject }}",
    "متن دوسویه: ABC ۱۲۳ \u200fxyz\u200f",
)

_PARAGRAPHS: Final = (
    "با سلام و احترام، خواهشمند است دستور فرمایید به موضوع بالا رسیدگی شود.",
    "این متن ساختگی است و تنها برای آزمودن سامانه نوشته شده است.",
    "مدارک پیوست شده‌اند؛ در صورت نیاز اصل آن‌ها ارائه می‌شود.",
    "پیشاپیش از توجه شما سپاسگزارم.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SyntheticLetter:
    """One letter as its citizen fills in the portal's form."""

    mark: str
    sender: Citizen
    service: str
    subject: str
    text: str
    urgency: str
    confidentiality: str
    language: str
    documents: tuple[Document, ...]


def letter(serial: int, *, seed: int) -> SyntheticLetter:
    """Return the letter of this serial number; the same seed and serial give the same letter and files."""
    random = Random(f"{seed}/{serial}")
    mark = f"NMN{seed % 1000:03d}{serial:05d}"
    subject = random.choice(_NASTY) if serial % 5 == 3 else random.choice(_SUBJECTS)
    return SyntheticLetter(
        mark=mark,
        # Every tenth letter comes from the citizen of the one before it: one handset, two letters.
        sender=citizen(serial - 1 if serial % 10 == 0 else serial),
        service=SERVICES[serial % len(SERVICES)],
        subject=subject,
        text="\n".join((f"نشانه: {mark}", *random.sample(_PARAGRAPHS, 3))),
        urgency=random.choice(("normal", "normal", "urgent", "immediate")),
        confidentiality=random.choice(("normal", "normal", "normal", "confidential")),
        language="en" if serial % 9 == 4 else "fa",
        documents=tuple(some_documents(subject, random, serial=serial)),
    )
