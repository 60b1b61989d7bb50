"""The tongue of the command line: Persian headings stand beside English ones where the reader asks for Persian."""

import os
from collections.abc import Mapping
from typing import Final

from connector.domain.letter import Language

__all__ = ["chosen_language", "say"]

_PERSIAN: Final[Mapping[str, str]] = {
    "Next step": "گام بعدی",
    "code": "کد رهگیری",
    "status": "وضعیت",
    "owner": "مسئول",
    "next": "گام بعد",
    "office": "سامانه",
    "number": "شمارهٔ ثبت",
    "received": "دریافت",
    "portal": "درگاه",
    "attempts": "تلاش",
    "reason": "علت",
    "at": "زمان",
    "what": "مورد",
    "name": "نام",
    "outcome": "نتیجه",
    "vendor code": "کد سامانه",
    "detail": "جزئیات",
    "remark": "توضیح",
    "who": "شخص",
    "act": "کار",
    "about": "دربارهٔ",
    "node": "گره",
    "holder": "نام اجاره",
    "version": "نسخه",
    "state": "وضع",
    "seen": "آخرین خبر",
    "since": "از",
    "in hand": "در دست",
    "Pauses": "توقف‌ها",
    "Configuration": "پیکربندی",
    "Routes": "مسیرها",
    "Texts": "متن پیامک‌ها",
    "Database": "پایگاه داده",
    "Keys": "کلیدها",
    "Disk": "دیسک",
    "Connections": "اتصال‌ها",
    "in order": "درست",
    "wrong": "نادرست",
    "doubtful": "نیازمند بررسی",
}

_current: list[Language] = [Language.EN]


def chosen_language(asked: Language | None) -> Language:
    """Return the asked tongue, else the one of $LC_ALL, $LC_MESSAGES or $LANG, and keep it for say()."""
    place = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    _current[0] = asked or (Language.FA if place.lower().startswith("fa") else Language.EN)
    return _current[0]


def say(english: str) -> str:
    """Return the heading, with the Persian one beside it where the reader asked for Persian."""
    persian = _PERSIAN.get(english) if _current[0] is Language.FA else None
    return f"{english} · {persian}" if persian else english
