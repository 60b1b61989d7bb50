"""The words of the demo, Persian first and English beside it."""

from typing import Final

from connector.simulator.trouble import Notice

__all__ = ["NOTICES", "NUMBERS", "STEPS", "VERDICTS"]

STEPS: Final = {
    "letters": ("نامهٔ شهروندان", "handed in"),
    "acknowledged": ("کد رهگیری گرفته", "acknowledged"),
    "registered": ("ثبت‌شده در دبیرخانه", "registered"),
    "refused": ("پذیرفته‌نشده", "refused"),
    "finished": ("پایان‌یافته", "at their end"),
    "messages_sent": ("پیامک رسیده", "messages"),
}
"""What the live view counts, in the order of the way."""

NOTICES: Final = {
    Notice.PREPARING: ("آماده‌سازی پایگاه داده و پیک", "preparing the database and the daemon"),
    Notice.STARTED: ("پیک به راه افتاد", "the daemon is up"),
    Notice.ANSWER_LOST: (
        "پاسخ دبیرخانه عمداً گم شد",
        "an office's answer lost on purpose",
    ),
    Notice.REFUSED: ("دبیرخانه یک نامه را نپذیرفت", "an office refused a letter"),
    Notice.MESSAGE_ANSWER_LOST: (
        "پاسخ درگاه پیامک عمداً گم شد",
        "the gateway's answer lost on purpose",
    ),
    Notice.CALL_HELD: ("یک ثبت در میانهٔ راه نگه داشته شد", "a registration held half-way"),
    Notice.KILLED: ("پیک ناگهان کشته شد (kill -9)", "the daemon was killed (kill -9)"),
    Notice.STARTED_AGAIN: ("پیک دوباره به راه افتاد", "the daemon is up again"),
    Notice.STOPPED: ("پیک به‌آرامی ایستاد", "the daemon was stopped"),
}

NUMBERS: Final = {
    "letters": ("نامه‌ها", "letters"),
    "acknowledged": ("کد رهگیری گرفته", "acknowledged"),
    "registered": ("ثبت‌شده", "registered"),
    "refused": ("پذیرفته‌نشده", "refused"),
    "messages_sent": ("پیامک‌ها", "messages sent"),
    "write_backs": ("خبر به درگاه", "write-backs to the portal"),
    "attachments_verified": ("پیوست درست رسیده", "attachments verified"),
    "recovered_answers": ("پاسخ گم‌شدهٔ بازیافته", "recovered answers"),
    "kills": ("کشته‌شدن ناگهانی", "kills"),
    "registered_twice": ("دو بار ثبت‌شده", "registered twice"),
    "lost": ("گم‌شده", "lost"),
    "silent": ("شهروند بی‌خبر", "silent"),
    "facts_told_twice": ("خبر تکراری", "facts told twice"),
    "possible_doubles": ("پیامک شاید تکراری", "possible doubles, counted"),
    "order_inversions": ("خبر خارج از نوبت", "told out of order"),
    "misdirected": ("خبر به شخص دیگر", "told to another citizen"),
    "confidential_told": ("ارجاع محرمانهٔ فاش‌شده", "confidential units told"),
    "attachments_broken": ("پیوست نادرست", "attachments broken"),
    "asked_without_need": ("پرسش بیهوده از شخص", "left to a person without need"),
    "write_backs_wrong": ("شمارهٔ نادرست به درگاه", "wrong numbers at the portal"),
    "unfinished": ("به پایان نرسیده", "not at their end"),
    "facts_missing": ("خبر ناگفته", "facts not told"),
    "write_backs_behind": ("درگاه به‌روزنشده", "portal not up to date"),
    "seconds": ("ثانیه", "seconds"),
}
"""What the summary shows, in its order; the second half must be zero."""

VERDICTS: Final = {
    "kept": ("هر نامه یک بار ثبت شد، هیچ‌کدام گم نشد و هیچ شهروندی بی‌خبر نماند.", "Every promise was kept."),
    "broken": ("پیمانی شکست؛ عددهای بالا نشان می‌دهند کدام.", "A promise was broken; see the numbers above."),
    "open": (
        "پیمانی نشکست، اما همه چیز در زمان به پایان نرسید.",
        "No promise was broken, but not everything came to its end in time.",
    ),
}
