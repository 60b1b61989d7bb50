"""Delivery: what became of a text, asked for or reported to our address; nothing is guessed, and nothing leads back."""

from functools import partial
from typing import Any, Final

from connector.errors import CredentialsRejected, Misbehaved
from connector.ports.gateway import DeliveryReport
from connector.ports.outcomes import Delivered, StillUnderway, Undelivered
from connector.simulator.gateways import Arrival, CallToUs, SentText, Trait
from connector.testing.checks import Check, demand, look, told
from connector.testing.gateway_contract.bench import GatewayBench
from connector.testing.gateway_contract.forgeries import forgeries
from connector.testing.gateway_contract.messages import a_message, sent_to, some_messages, taken
from connector.testing.gateway_contract.needs import Need

__all__ = ["DELIVERY", "RECEIPTS"]

_MEANS: Final[dict[Arrival, type]] = {
    Arrival.DELIVERED: Delivered,
    Arrival.UNDELIVERED: Undelivered,
    Arrival.BLACKLISTED: Undelivered,
    Arrival.UNDERWAY: StillUnderway,
}


def _asked(bench: GatewayBench, arrival: Arrival) -> Any:
    gateway: Any = bench.connect()
    reference = taken(gateway, a_message()).gateway_reference
    bench.book.arrivals[reference] = arrival
    states = told(lambda: gateway.delivery([reference]))
    demand(not isinstance(states, Exception), expected="delivery: states", came=states)
    return states.get(reference)


def _state(bench: GatewayBench, arrival: Arrival) -> None:
    state = _asked(bench, arrival)
    demand(isinstance(state, _MEANS[arrival]), expected=_MEANS[arrival].__name__, came=state)
    if isinstance(state, Undelivered):
        is_so = state.is_blacklisted == (arrival is Arrival.BLACKLISTED)
        demand(is_so, expected=f"is_blacklisted where it is {Arrival.BLACKLISTED}", came=state)


def _left_out(bench: GatewayBench, arrival: Arrival) -> None:
    state = _asked(bench, arrival)
    demand(state is None or type(state) is StillUnderway, expected="left out", came=state)


def _strange(bench: GatewayBench) -> None:
    gateway: Any = bench.connect()
    reference = taken(gateway, a_message()).gateway_reference
    bench.book.arrivals[reference] = Arrival.DELIVERED
    states = told(lambda: gateway.delivery([reference, "99"]))
    demand(not isinstance(states, Exception), expected="delivery: states", came=states)
    demand("99" not in states, expected="a reference of nobody is left out", came=states)
    demand(isinstance(states.get(reference), Delivered), expected="Delivered", came=states)


def _several(bench: GatewayBench) -> None:
    gateway: Any = bench.connect()
    arrivals = [each for each in _MEANS if bench.lacks(each) is None]
    messages = some_messages(len(arrivals))
    references = [taken(gateway, message).gateway_reference for message in messages]
    bench.book.arrivals.update(zip(references, arrivals, strict=True))
    most = gateway.capabilities.delivery_batch
    states: dict[str, Any] = {}
    for start in range(0, len(references), most):
        states |= told(partial(gateway.delivery, references[start : start + most]))
    came = [type(states.get(reference)) for reference in references]
    expected = [_MEANS[arrival] for arrival in arrivals]
    demand(came == expected, expected=f"{expected}", came=f"{came}")


def _full(bench: GatewayBench) -> None:
    gateway: Any = bench.connect()
    reference = taken(gateway, a_message()).gateway_reference
    bench.book.arrivals[reference] = Arrival.DELIVERED
    most = gateway.capabilities.delivery_batch
    strangers = [str(990_000 + number) for number in range(most - 1)]
    states = told(lambda: gateway.delivery([*strangers, reference]))
    is_so = not isinstance(states, Exception) and list(states) == [reference]
    demand(is_so, expected=f"the one of {most} that the vendor knows", came=states)


def _sent(bench: GatewayBench) -> SentText:
    taken(bench.connect(), a_message())
    return sent_to(bench, a_message())[0]


def _read(bench: GatewayBench, call: CallToUs) -> Any:
    gateway: Any = bench.connect()
    return told(lambda: gateway.read_receipt(call.query, call.body, call.headers))


def _report(bench: GatewayBench, arrival: Arrival) -> None:
    sent = _sent(bench)
    report = _read(bench, bench.reported(sent, arrival))
    is_so = (
        isinstance(report, DeliveryReport)
        and report.own_id == a_message().own_id
        and isinstance(report.state, _MEANS[arrival])
    )
    demand(is_so, expected=f"a report of {a_message().own_id}: {_MEANS[arrival].__name__}", came=report)


def _in_between(bench: GatewayBench) -> None:
    report = _read(bench, bench.reported(_sent(bench), Arrival.UNDERWAY))
    demand(report is None, expected="None: nothing final", came=report)


def _out_of_order(bench: GatewayBench) -> None:
    """Each report is read by itself: a late one says what it says, and the same one twice says the same."""
    sent = _sent(bench)
    final = bench.reported(sent, Arrival.DELIVERED)
    first, between, again = (
        _read(bench, call) for call in (final, bench.reported(sent, Arrival.UNDERWAY), final)
    )
    demand(between is None, expected="None for a late report in between", came=between)
    demand(first == again and first is not None, expected="the same for a replay", came=f"{first}, {again}")


def _unknown(bench: GatewayBench) -> None:
    report = _read(bench, bench.reported(_sent(bench), Arrival.UNHEARD_OF))
    demand(isinstance(report, Misbehaved), expected="Misbehaved", came=report)


def _forged(bench: GatewayBench) -> None:
    call = bench.reported(_sent(bench), Arrival.DELIVERED)
    for name, forged in forgeries(call).items():
        report = _read(bench, forged)
        demand(isinstance(report, CredentialsRejected), expected=f"{name}: CredentialsRejected", came=report)
        demand(bench.secret not in look(report), expected="no secret in the error", came="the secret")


def _check(theme: str, name: str, sentence: str, fa: str, run: Any, *needs: Any) -> Check[GatewayBench]:
    look_at = "delivery: the vendor's delivery codes" if theme == "delivery" else "read_receipt"
    return Check(
        name=name, theme=theme, sentence=sentence, sentence_fa=fa, run=run, look_at=look_at, needs=needs
    )


_ASKED: Final = {
    Arrival.DELIVERED: ("What arrived is told as delivered.", "آنچه رسیده «رسیده» گفته می‌شود."),
    Arrival.UNDELIVERED: ("What did not arrive is told as undelivered.", "آنچه نرسیده «نرسیده» گفته می‌شود."),
    Arrival.BLACKLISTED: ("What was kept from a blacklisted number is told with that reason.",
                          "آنچه به خاطر فهرست سیاه نرسید با همین علت گفته می‌شود."),
    Arrival.UNDERWAY: ("What is still underway is told so, and never as failed.",
                       "آنچه در راه است شکست خوانده نمی‌شود."),
}  # fmt: skip
DELIVERY: Final = (
    *(
        _check("delivery", f"told_{arrival}", *words, partial(_state, arrival=arrival), Need.DELIVERY, arrival)
        for arrival, words in _ASKED.items()
    ),
    _check("delivery", "told_unheard_of", "A delivery code that nobody knows is left out, and not guessed.",
           "کد تحویل ناشناخته کنار گذاشته می‌شود، نه حدس.", partial(_left_out, arrival=Arrival.UNHEARD_OF),
           Need.DELIVERY, Arrival.UNHEARD_OF),
    _check("delivery", "told_forgotten", "What the vendor has forgotten is left out: unknown, and not failed.",
           "آنچه درگاه فراموش کرده کنار گذاشته می‌شود: نامعلوم، نه شکست.", partial(_left_out, arrival=Arrival.FORGOTTEN),
           Need.DELIVERY, Arrival.FORGOTTEN),
    _check("delivery", "strange_reference", "A reference that the vendor does not know is left out.",
           "شناسه‌ای که درگاه نمی‌شناسد کنار گذاشته می‌شود.", _strange, Need.DELIVERY,
           Trait.STRANGE_REFERENCES),
    _check("delivery", "several_states", "Several texts each have their own state.",
           "هر یک از چند پیام وضعیت خود را دارد.", _several, Need.DELIVERY),
    _check("delivery", "full_question", "As many are asked about at once as is declared.",
           "به شماری که اعلام شده با هم پرسیده می‌شود.", _full, Need.DELIVERY, Arrival.DELIVERED,
           Trait.STRANGE_REFERENCES),
)  # fmt: skip

_REPORTED: Final = (Arrival.DELIVERED, Arrival.UNDELIVERED)
RECEIPTS: Final = (
    *(
        _check("receipts", f"report_{arrival}", f"A report of {arrival} is read.",
               f"گزارش {'رسیدن' if arrival is Arrival.DELIVERED else 'نرسیدن'} خوانده می‌شود.",
               partial(_report, arrival=arrival), Need.RECEIPTS, arrival)
        for arrival in _REPORTED
    ),
    _check("receipts", "report_in_between", "A report of something that is not final says nothing.",
           "گزارشی که پایانی نیست چیزی نمی‌گوید.", _in_between, Need.RECEIPTS, Arrival.UNDERWAY),
    _check("receipts", "report_out_of_order", "A late report undoes no earlier one, and a replay says the same.",
           "گزارش دیررس چیزی را برنمی‌گرداند و تکرار همان را می‌گوید.", _out_of_order, Need.RECEIPTS, Arrival.UNDERWAY),
    _check("receipts", "report_unheard_of", "A report under a code that nobody knows is not guessed.",
           "گزارش با کد ناشناخته حدس زده نمی‌شود.", _unknown, Need.RECEIPTS, Arrival.UNHEARD_OF),
    _check("receipts", "report_forged", "A report without its proof, or with a wrong one, is refused.",
           "گزارش بی‌گواه یا با گواه نادرست رد می‌شود.", _forged, Need.RECEIPTS),
)  # fmt: skip
