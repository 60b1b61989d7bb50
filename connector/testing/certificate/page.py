"""The certificate as one page that needs nothing else: Persian, with English beside it."""

from pathlib import Path
from typing import Final

import jinja2

from connector.domain.text import to_persian_digits
from connector.testing.certificate.making import Certificate

__all__ = ["page_of"]

_THEMES: Final = {
    "cases": "نمونه‌ها",
    "manners": "رفتار",
    "texts": "متن‌ها",
    "files": "پرونده‌ها",
    "numbers": "شماره‌ها",
    "failures": "کارهایی که خراب می‌شوند",
    "lost answers": "پاسخ‌های گم‌شده",
    "questions": "استعلام‌ها",
    "progress": "پیگیری",
    "steps": "گام‌های پیش و پس از شماره",
    "patterns": "الگوها",
    "batches": "دسته‌ها",
    "delivery": "رسیدن",
    "receipts": "گزارش‌های رسیدن به نشانی ما",
    "inbox": "صندوق دریافت",
    "incoming": "پیام‌های رسیده به نشانی ما",
    "account": "حساب و خط",
}
_VERDICTS: Final = {"passed": "گذشت", "failed": "نگذشت", "skipped": "اجرا نشد"}
_LEVELS: Final = {
    "office": {
        "A": ("پس از گم شدن پاسخ، می‌توان با کلید ما دقیق پرسید.",
              "After a lost answer the office can be asked exactly."),
        "B": ("پس از گم شدن پاسخ، سامانه را می‌توان جستجو کرد.", "After a lost answer the office can be searched."),
        "C": ("پس از گم شدن پاسخ، یک شخص باید تصمیم بگیرد.", "After a lost answer a person must decide."),
    },
    "gateway": {
        "A": ("پس از گم شدن پاسخ، می‌توان با شناسهٔ ما دقیق پرسید.",
              "After a lost answer the gateway can be asked exactly."),
        "C": ("پس از گم شدن پاسخ، از کسی نمی‌توان پرسید.", "After a lost answer nobody can be asked."),
    },
}  # fmt: skip
_TITLES: Final = {
    "office": ("گواهی آداپتور اتوماسیون اداری", "Certificate of an office adapter"),
    "gateway": ("گواهی آداپتور درگاه پیامک", "Certificate of a gateway adapter"),
}


def page_of(certificate: Certificate) -> str:
    """Return the HTML of a certificate."""
    source = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["fa"] = lambda value: to_persian_digits(str(value))
    plain = certificate.as_plain()
    return environment.from_string(source).render(
        c=plain,
        themes=_by_theme(plain["checks"]),
        theme_names=_THEMES,
        verdict_names=_VERDICTS,
        level_says=_LEVELS[certificate.subject.kind],
        title=_TITLES[certificate.subject.kind],
    )


def _by_theme(checks: list[dict[str, object]]) -> dict[str, list[dict[str, object]]]:
    themes: dict[str, list[dict[str, object]]] = {}
    for check in checks:
        themes.setdefault(str(check["theme"]), []).append(check)
    return themes
