"""The closed words of the ledger in plain English and Persian: statuses and reasons."""

from collections.abc import Mapping
from typing import Final

from connector.cli.message_words import MESSAGE_REASONS
from connector.domain.attention_words import Words
from connector.domain.lifecycle import Status

__all__ = ["REASONS", "STATUSES", "reason_in_words"]


STATUSES: Final[Mapping[Status, Words]] = {
    Status.RECEIVED: Words("received, not yet screened", "دریافت‌شده، هنوز غربال نشده"),
    Status.IN_REVIEW: Words("in review", "در دست کارشناس بررسی"),
    Status.READY: Words("ready to be registered", "آمادهٔ ثبت"),
    Status.REGISTERING: Words("being registered right now", "همین حالا در حال ثبت"),
    Status.SUBMITTED: Words("taken by the office, number to come", "نزد اتوماسیون، در انتظار شماره"),
    Status.UNCERTAIN: Words(
        "uncertain: the office may or may not have it", "نامعلوم: شاید در اتوماسیون باشد"
    ),
    Status.PARKED: Words("parked: certainly not delivered", "متوقف: به یقین تحویل نشده"),
    Status.REGISTERED: Words("registered", "ثبت‌شده"),
    Status.REFERRED: Words("referred to a unit", "ارجاع‌شده به واحد"),
    Status.ANSWERED: Words("answered", "پاسخ‌داده‌شده"),
    Status.CLOSED: Words("closed", "مختومه"),
    Status.RETURNED: Words("returned to the citizen", "عودت‌داده‌شده به شهروند"),
    Status.REFUSED: Words("refused", "ردشده"),
    Status.WITHDRAWN: Words("withdrawn", "پس‌گرفته‌شده"),
}

REASONS: Final[Mapping[str, Words]] = {
    **MESSAGE_REASONS,
    "no_route": Words("no route fits its service and unit", "هیچ مسیری برای خدمت و واحد آن نیست"),
    "duplicate": Words("the same sender sent the same before", "همین فرستنده پیش‌تر همین را فرستاده"),
    "not_possible": Words("it cannot be put into the office's form", "به شکلی که اتوماسیون می‌خواهد درنمی‌آید"),
    "outcome_lost_again": Words(
        "the answer was lost again and again; the office seems not to have it",
        "پاسخ بارها گم شد؛ گویا در اتوماسیون نیست",
    ),
    "needs_a_person": Words("the office cannot be asked for it", "از اتوماسیون نمی‌توان استعلام کرد"),
    "several_matches": Words(
        "the office has several entries that may be it", "چند مورد در اتوماسیون شاید همین باشد"
    ),
    "number_of_another": Words(
        "the entry may be another letter's: its number is taken here", "شاید از آنِ نامهٔ دیگری است"
    ),
    "mail_set_aside": Words("they lay there when Chapar started", "از پیش از آغاز چاپار مانده است"),
    "another_number": Words(
        "the office tells another number than the person who settled it", "اتوماسیون شمارهٔ دیگری می‌گوید"
    ),
    "twin_letters": Words(
        "the entry may be that of the sender's other letter", "شاید از آنِ نامهٔ دیگر همین فرستنده است"
    ),
    "twin_not_seen": Words(
        "the search does not show what is certainly there", "جست‌وجو آنچه را به یقین هست نشان نمی‌دهد"
    ),
    "seen_and_gone": Words("the office showed it once and no longer does", "یک بار دیده شد و دیگر نیست"),
    "duplicate_not_found": Words(
        "the office says that it has it, and does not find it", "اتوماسیون می‌گوید هست و آن را نمی‌یابد"
    ),
    "registered_not_found": Words(
        "the office said it registered it, and the search does not show it", "گفت ثبت شد و در جست‌وجو نیست"
    ),
    "refused_meanwhile": Words(
        "refused when asked again, while the first call may still count", "در پرسش دوباره رد شد"
    ),
    "nothing_kept": Words("a step before the number left nothing", "گام پیش از شماره چیزی برنگرداند"),
    "step_broken": Words("a step broke down", "یک گام از کار افتاد"),
    "no_number": Words("the office shows it without a number", "در اتوماسیون هست و شماره ندارد"),
    "no_sign_yet": Words("no sign of it has come back so far", "تاکنون نشانی از آن برنگشته"),
    "no_sign": Words(
        "no sign of it came back, which proves nothing", "نشانی از آن برنگشته و این چیزی را ثابت نمی‌کند"
    ),
    "not_there_yet": Words("the office does not have it so far", "تاکنون در اتوماسیون نیست"),
    "not_there": Words("the office does not have it", "در اتوماسیون نیست"),
    "duplicate_without_number": Words(
        "the office says that it has it, and not under which number", "اتوماسیون می‌گوید هست، بی شماره"
    ),
    "orphaned": Words("the daemon died while it called", "فرایند در میانهٔ فراخوان از کار افتاد"),
    "timeout": Words("no answer came in time", "پاسخ به‌موقع نرسید"),
    "connect_timeout": Words("the connection was not taken in time", "اتصال به‌موقع برقرار نشد"),
    "reset": Words("the connection broke before the answer was complete", "ارتباط پیش از پایان پاسخ گسست"),
    "refused": Words("the other side refuses the connection", "طرف مقابل اتصال را نمی‌پذیرد"),
    "unreachable": Words("the other side is not reached", "طرف مقابل در دسترس نیست"),
    "name": Words("its name cannot be resolved", "نام آن یافت نمی‌شود"),
    "tls": Words("no secure connection could be made", "اتصال امن برقرار نشد"),
    "certificate": Words("its certificate is not trusted", "گواهی آن معتبر نیست"),
    "certificate_expired": Words("its certificate has expired", "گواهی آن منقضی شده است"),
    "certificate_too_early": Words("its certificate is not valid yet", "گواهی آن هنوز معتبر نشده است"),
    "certificate_self_signed": Words("its certificate is signed by itself", "گواهی آن خودامضاست"),
    "certificate_other_name": Words("its certificate is for another name", "گواهی آن برای نام دیگری است"),
    "soap_version": Words("it speaks another version of SOAP", "نسخهٔ دیگری از SOAP می‌فهمد"),
    "signing_certificate_expired": Words(
        "our certificate for signing is not valid now", "گواهی امضای ما اکنون معتبر نیست"
    ),
    "office_certificate_expired": Words(
        "the certificate by which it signs is not valid now", "گواهی امضای آن اکنون معتبر نیست"
    ),
    "answer_unsigned": Words("its answer is not signed, and must be", "پاسخ امضا ندارد و باید داشته باشد"),
    "answer_signature_broken": Words("the signature of its answer does not hold", "امضای پاسخ درست نیست"),
    "ntlm_not_offered": Words("it does not take NTLM", "ورود با NTLM را نمی‌پذیرد"),
    "ntlm_broken": Words("the NTLM handshake broke down", "دست‌دادن NTLM ناکام ماند"),
    "client_certificate": Words("it does not accept our certificate", "گواهی ما را نمی‌پذیرد"),
    "credentials_rejected": Words("it refused user name or password", "نام کاربری یا گذرواژه را نپذیرفت"),
    "http_401": Words("it refused user name, password or key", "نام کاربری، گذرواژه یا کلید را نپذیرفت"),
    "http_403": Words("it does not let us in", "اجازهٔ دسترسی نداد"),
    "gateway_stopped": Words(
        "the gateway refuses our key, account or credit", "درگاه پیامک کلید، حساب یا اعتبار ما را نمی‌پذیرد"
    ),
    "breaker_open": Words("held back after failures", "پس از خطاهای پی‌درپی نگه داشته شده"),
    "held": Words("held back for a moment", "اندکی نگه داشته شده"),
    "suspended": Words("suspended: user name or password refused", "معلق: گذرواژه پذیرفته نشد"),
    "paused": Words("paused by a person", "متوقف به دستور راهبر"),
    "rate_limited": Words("it asked us to slow down", "خواست آهسته‌تر بفرستیم"),
    "rate_exhausted": Words("our own limit of calls is reached", "سقف فراخوان‌های خود ما پر است"),
    "no_free_slot": Words("all calls to it are taken", "همهٔ جای‌های فراخوان پر است"),
    "number_awaited": Words("the office has it and gave no number yet", "نزد اتوماسیون است و شماره نداده"),
    "not_mentioned": Words("the office does not mention it", "اتوماسیون از آن نامی نمی‌برد"),
    "office_tells_no_progress": Words("the office tells no progress", "اتوماسیون از پیشرفت کار نمی‌گوید"),
    "unmapped_status": Words("the office's word is not in the mapping", "واژهٔ اتوماسیون در نگاشت نیست"),
    "letter_unreadable": Words("it cannot be read from the ledger", "از دفتر خوانده نمی‌شود"),
    "screening_failed": Words("screening broke down", "غربال ناکام ماند"),
    "misbehaved": Words("the answer breaks the contract", "پاسخ برخلاف قرار است"),
    "unreadable_answer": Words("the answer cannot be read", "پاسخ خوانا نیست"),
    "adapter_crashed": Words("the adapter broke down", "رابط از کار افتاد"),
    "announced_too_long_ago": Words(
        "it was announced and not called in time", "اعلام شد و به‌موقع فراخوانده نشد"
    ),
    "released_by_hand": Words("released by a person", "ازسرگرفته به دستور شخص"),
    "not_there_by_hand": Words("a person found that it is not there", "شخصی دید که در اتوماسیون نیست"),
    "settled_by_hand": Words("settled by a person", "تعیین‌تکلیف‌شده به دست شخص"),
    "approved_by_hand": Words("approved by a person", "تأییدشده به دست شخص"),
    "takes_long": Words("it takes long; the citizen was told", "زمان برده؛ به شهروند گفته شد"),
}
"""docs/when-a-person-is-needed.md says of each what to do. A word that is not here is how the last call failed."""


def reason_in_words(reason: str | None) -> Words | None:
    """Return a reason in plain words; a word that we do not know stands for itself."""
    if not reason:
        return None
    return REASONS.get(reason) or Words(reason, reason)
