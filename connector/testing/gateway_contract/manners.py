"""Manners: what is declared is there, the check is harmless, secrets and numbers stay hidden."""

import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import unquote

from connector.errors import CallFailed, CredentialsRejected, Unavailable
from connector.ports.credit import TellsCredit
from connector.ports.gateway import FindsByOwnId, ReadsReceipts, ReportsDelivery
from connector.ports.incoming import HasInbox, TakesIncoming
from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultRule
from connector.simulator.gateways import Trait
from connector.testing.checks import Check, demand, told
from connector.testing.gateway_contract.bench import GatewayBench, Wish
from connector.testing.gateway_contract.messages import a_message, demand_true, sent_to, some_messages, taken

__all__ = ["MANNERS"]

_THREADS: Final = 8
_TEXTS: Final = 24


def _declared(bench: GatewayBench) -> None:
    gateway = bench.connect()
    can = gateway.capabilities
    demand(can.batch_size >= 1, expected="a batch_size of at least one", came=can.batch_size)
    demand(can.concurrency >= 1, expected="a concurrency of at least one", came=can.concurrency)
    for protocol, is_declared in (
        (FindsByOwnId, can.find_by_own_id),
        (ReportsDelivery, can.delivery_batch > 0),
        (ReadsReceipts, can.reads_receipts),
        (HasInbox, can.has_inbox),
        (TakesIncoming, can.takes_incoming),
        (TellsCredit, can.tells_credit),
    ):
        has_it = isinstance(gateway, protocol)
        # Other deeds may stand in the class and not be configured; these two are called where they stand.
        is_exact = protocol in {FindsByOwnId, ReportsDelivery}
        demand(
            has_it == is_declared if is_exact else has_it or not is_declared,
            expected=f"{protocol.__name__} exactly where it is declared ({is_declared})",
            came=f"{type(gateway).__name__} has it: {has_it}",
        )
    demand(
        not can.inbox_reads_once or can.has_inbox,
        expected="inbox_reads_once only with an inbox",
        came="inbox_reads_once without has_inbox",
    )


def _checked(bench: GatewayBench) -> None:
    sentence = told(bench.connect().check)
    demand(
        isinstance(sentence, str) and sentence.strip().endswith("."),
        expected="a plain sentence",
        came=sentence,
    )
    demand(bench.secret not in sentence, expected="a sentence without the secret", came="the secret")
    demand(not bench.book.sent, expected="a check sends nothing", came=f"{len(bench.book.sent)} texts")


def _closed(bench: GatewayBench) -> None:
    gateway = bench.connect(Wish.OWN)
    taken(gateway, a_message())
    for _ in range(2):
        done = told(gateway.close)
        demand(done is None, expected="close() may be called twice", came=done)


def _rejected(bench: GatewayBench) -> None:
    gateway: Any = bench.connect(Wish.WRONG_CREDENTIALS)
    for deed, ask in _deeds(gateway).items():
        outcome = told(ask)
        demand(
            isinstance(outcome, CredentialsRejected), expected=f"{deed}: CredentialsRejected", came=outcome
        )
    demand(not bench.book.sent, expected="nothing is sent", came=f"{len(bench.book.sent)} texts")


def _deeds(gateway: Any) -> dict[str, Any]:
    """Return every deed of this gateway that calls the vendor."""
    can = gateway.capabilities
    deeds = {"send": lambda: gateway.send([a_message()]), "check": gateway.check}
    if can.find_by_own_id:
        deeds["find"] = lambda: gateway.find([a_message().own_id])
    if can.delivery_batch:
        deeds["delivery"] = lambda: gateway.delivery(["1234567"])
    if can.has_inbox:
        deeds["inbox"] = lambda: gateway.inbox(None)
    if can.tells_credit:
        deeds["credit"] = gateway.credit
    return deeds


def _all_told(gateway: Any) -> dict[str, Any]:
    """Do every deed at once, for those that may be repeated wait in between, and return what each brought."""
    deeds = _deeds(gateway)
    with ThreadPoolExecutor(len(deeds)) as pool:
        return dict(zip(deeds, pool.map(told, deeds.values()), strict=True))


def _unreachable(bench: GatewayBench) -> None:
    for deed, outcome in _all_told(bench.connect(Wish.UNREACHABLE)).items():
        demand(
            type(outcome) is Unavailable,
            expected=f"{deed}: Unavailable, nothing left the machine",
            came=outcome,
        )


def _threads(bench: GatewayBench) -> None:
    gateway = bench.connect()
    messages = some_messages(_TEXTS)
    with ThreadPoolExecutor(_THREADS) as pool:
        outcomes = list(pool.map(lambda message: told(lambda: gateway.send([message])), messages))
    for message, outcome in zip(messages, outcomes, strict=True):
        demand_true(bench, [message], outcome)
        found = [each.text for each in sent_to(bench, message)]
        demand(found == [message.text], expected="each number has its own text, once", came=str(found))


def _quiet(bench: GatewayBench) -> None:
    """Let calls fail in several ways, and look for secret and number in everything that an error carries."""
    message = a_message()
    failing = [bench.connect(Wish.UNREACHABLE), bench.connect(Wish.WRONG_CREDENTIALS), bench.connect()]
    bench.arm(FaultRule(fault=Fault.LOSE_ANSWER, deed="send"))
    for gateway in failing:
        shown = [repr(gateway), str(gateway)]
        for outcome in _all_told(gateway).values():
            shown += _everything(outcome) if isinstance(outcome, Exception) else []
        for secret in (bench.secret, message.mobile, message.mobile[1:], message.text):
            demand(
                secret not in "\n".join(shown),
                expected="no secret, number or text in an error, its facts, its cause or the adapter's repr",
                came="one of them is shown",
            )


def _everything(error: Exception) -> list[str]:
    shown = [*traceback.format_exception(error), repr(vars(error)), str(error)]
    beneath: BaseException | None = error
    while beneath is not None:
        shown.append(repr(beneath))
        beneath = beneath.__cause__ or beneath.__context__
    remark = error.remark if isinstance(error, CallFailed) else None
    return [line.replace(remark, "") for line in shown] if remark else shown


def _addresses(bench: GatewayBench) -> None:
    gateway: Any = bench.connect()
    message = a_message()
    taken(gateway, message)
    for deed in _deeds(gateway).values():
        told(deed)
    addresses = "\n".join(unquote(address) for address in bench.book.addresses)
    for personal in (message.mobile, message.mobile[1:], message.text):
        demand(
            personal not in addresses,
            expected="neither number nor text in an address, where proxies write it down",
            came="one of them stands in an address",
        )


def _check(name: str, sentence: str, sentence_fa: str, run: Any, **facts: Any) -> Check[GatewayBench]:
    return Check(
        name=name, theme="manners", sentence=sentence, sentence_fa=sentence_fa, run=run,
        look_at=facts.pop("look_at", name), **facts,
    )  # fmt: skip


MANNERS: Final = (
    _check("declared_is_there", "What the adapter declares is what it has.",
           "آنچه آداپتور اعلام می‌کند همان است که دارد.", _declared, is_harmless=True,
           look_at="capabilities, and the protocols of connector.ports that the class fits"),
    _check("check_is_harmless", "The check asks something harmless and says in a sentence what was seen.",
           "بررسی، پرسشی بی‌زیان می‌کند و در یک جمله می‌گوید چه دید.", _checked, is_harmless=True,
           look_at="check"),
    _check("close_twice", "The adapter may be closed twice.",
           "آداپتور را می‌توان دو بار بست.", _closed, look_at="close"),
    _check("wrong_credentials", "Wrong credentials are told as such by every deed, and nothing is sent.",
           "کلید یا گذرواژهٔ نادرست در هر کاری همان‌گونه بازگو می‌شود و چیزی فرستاده نمی‌شود.", _rejected,
           needs=(Trait.CREDENTIALS,),
           look_at="what the vendor answers to a wrong key must become CredentialsRejected"),
    _check("unreachable", "A vendor that is not reached certainly did nothing.",
           "درگاهی که در دسترس نیست بی‌گمان کاری نکرده است.", _unreachable, needs=(Trait.NETWORK,),
           look_at="a failure before the first byte went out is Unavailable"),
    _check("many_threads", "Eight threads send at the same time, and every number gets its own text once.",
           "هشت رشتهٔ هم‌زمان می‌فرستند و هر شماره متن خود را یک بار می‌گیرد.", _threads,
           look_at="send: nothing of one message may lie where another thread sees it"),
    _check("nothing_secret_is_shown", "No error and no repr shows the secret, the number or the text.",
           "هیچ خطایی کلید، شماره یا متن را نشان نمی‌دهد.", _quiet, needs=(Trait.NETWORK, Trait.CREDENTIALS),
           look_at="errors raised from others (from None), and a key that stands in an address"),
    _check("nothing_personal_in_an_address", "Neither number nor text stands in the address of a call.",
           "نه شماره و نه متن در نشانی فراخوانی نمی‌آید.", _addresses,
           look_at="what is sent as a query: proxies and access logs keep it"),
)  # fmt: skip
