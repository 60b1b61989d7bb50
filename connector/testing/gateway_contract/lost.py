"""Lost answers: what a gateway that can be asked by our own id must know, and what the others must not pretend."""

from typing import Any, Final

from connector.errors import OutcomeUnknown
from connector.ports.office import RecoveryLevel
from connector.ports.outcomes import Accepted, MessageFound
from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultRule
from connector.simulator.gateways import Arrival
from connector.testing.checks import Check, demand, told
from connector.testing.gateway_contract.bench import GatewayBench
from connector.testing.gateway_contract.messages import (
    a_message,
    demand_true,
    kinds,
    sent_to,
    some_messages,
    taken,
)
from connector.testing.gateway_contract.needs import Need

__all__ = ["LOST"]

_MANY: Final = 130


def _lost(bench: GatewayBench, fault: Fault) -> Any:
    """Send a batch whose answer is lost, and return what the gateway then says of each."""
    gateway: Any = bench.connect()
    messages = some_messages(min(3, gateway.capabilities.batch_size))
    bench.arm(FaultRule(fault=fault, deed="send"))
    outcomes = told(lambda: gateway.send(messages))
    demand(isinstance(outcomes, OutcomeUnknown), expected="send: OutcomeUnknown", came=kinds(outcomes))
    demand_true(bench, messages, outcomes)
    found = told(lambda: gateway.find([each.own_id for each in messages]))
    demand(not isinstance(found, Exception), expected="find: an answer", came=found)
    return messages, found


def _after(bench: GatewayBench) -> None:
    messages, found = _lost(bench, Fault.LOSE_ANSWER)
    for message in messages:
        (sent,) = sent_to(bench, message)
        reference = found[message.own_id].gateway_reference if message.own_id in found else None
        demand(reference == sent.reference, expected=f"found as {sent.reference}", came=str(reference))


def _plain(bench: GatewayBench) -> None:
    """Whoever sent it may have died before it wrote the outcome down: also a file, which loses no answer, is asked."""
    gateway: Any = bench.connect()
    message = a_message()
    reference = taken(gateway, message).gateway_reference
    found = told(lambda: gateway.find([message.own_id]))
    is_so = isinstance(found, dict) and message.own_id in found
    demand(is_so, expected=f"found as {reference}", came=found)
    told_reference = found[message.own_id].gateway_reference
    demand(told_reference == reference, expected=f"found as {reference}", came=told_reference)


def _before(bench: GatewayBench) -> None:
    _, found = _lost(bench, Fault.LOSE_REQUEST)
    demand(found == {}, expected="find: nothing, for nothing was taken", came=found)


def _nobody(bench: GatewayBench) -> None:
    gateway: Any = bench.connect()
    found = told(lambda: gateway.find([a_message(901).own_id, a_message(902).own_id]))
    demand(found == {}, expected="find: nothing under ids that nobody sent", came=found)


def _many(bench: GatewayBench) -> None:
    gateway: Any = bench.connect()
    sent = some_messages(3)
    for message in sent:
        gateway.send([message])
    own_ids = [a_message(number).own_id for number in range(1, _MANY + 1)]
    found = told(lambda: gateway.find(own_ids))
    expected = {message.own_id for message in sent}
    is_so = not isinstance(found, Exception) and set(found) == expected
    demand(is_so, expected=f"{len(expected)} found of {_MANY}", came=found)
    demand(
        all(isinstance(each, MessageFound) for each in found.values()), expected="MessageFound", came=found
    )


def _forgotten(bench: GatewayBench) -> None:
    gateway: Any = bench.connect()
    gateway.send([a_message()])
    (sent,) = sent_to(bench, a_message())
    bench.book.arrivals[sent.reference] = Arrival.FORGOTTEN
    found = told(lambda: gateway.find([a_message().own_id]))
    demand(found == {}, expected="find: nothing, for the vendor has forgotten it", came=found)


def _honest(bench: GatewayBench) -> None:
    """Without a look-up a lost answer stays lost: unknown, and never a second sending by itself."""
    gateway: Any = bench.connect()
    message = a_message()
    bench.arm(FaultRule(fault=Fault.LOSE_ANSWER, deed="send"))
    outcomes = told(lambda: gateway.send([message]))
    demand(isinstance(outcomes, OutcomeUnknown), expected="send: OutcomeUnknown", came=kinds(outcomes))
    demand(len(sent_to(bench, message)) == 1, expected="one text", came=f"{len(sent_to(bench, message))}")
    demand(not hasattr(gateway, "find"), expected="no find where none is declared", came="find")


def _again(bench: GatewayBench) -> None:
    """A text that certainly did not go out may be sent again under the same own id, and goes out once."""
    gateway = bench.connect()
    message = a_message()
    bench.arm(FaultRule(fault=Fault.BUSY, deed="send"))
    told(lambda: gateway.send([message]))
    outcomes = told(lambda: gateway.send([message]))
    is_taken = isinstance(outcomes, list | tuple) and isinstance(outcomes[0], Accepted)
    demand(is_taken, expected="Accepted", came=kinds(outcomes))
    demand(len(sent_to(bench, message)) == 1, expected="one text", came=f"{len(sent_to(bench, message))}")


def _check(name: str, sentence: str, fa: str, run: Any, **facts: Any) -> Check[GatewayBench]:
    look_at = facts.pop("look_at", "find: how the vendor says that it has, or has not, an id of ours")
    return Check(
        name=name, theme="lost answers", sentence=sentence, sentence_fa=fa, run=run, look_at=look_at, **facts
    )


LOST: Final = (
    _check("sent_is_found", "What was sent by a process that then died is found by our own id.",
           "پیامی که فرستنده‌اش پس از ارسال از کار افتاد با شناسهٔ ما پیدا می‌شود.", _plain,
           needs=(Need.FIND,), proves=RecoveryLevel.A),
    _check("lost_answer_is_found", "What was taken before the answer was lost is found by our own id.",
           "پیامی که پیش از گم شدن پاسخ پذیرفته شد با شناسهٔ ما پیدا می‌شود.", _after,
           needs=(Need.FIND, Fault.LOSE_ANSWER), proves=RecoveryLevel.A),
    _check("lost_request_is_not_found", "What was never taken is not found.",
           "پیامی که هرگز پذیرفته نشد پیدا نمی‌شود.", _before,
           needs=(Need.FIND, Fault.LOSE_REQUEST), proves=RecoveryLevel.A),
    _check("nobody_is_not_found", "Asked for an id that nobody sent, the gateway has nothing.",
           "درگاه از شناسه‌ای که کسی نفرستاده چیزی ندارد.", _nobody, needs=(Need.FIND,), is_harmless=True),
    _check("many_are_looked_up", "Many ids are looked up at once, and exactly those that were sent are found.",
           "شناسه‌های بسیار با هم پرسیده می‌شوند و تنها فرستاده‌شده‌ها پیدا می‌شوند.", _many, needs=(Need.FIND,)),
    _check("forgotten_is_not_found", "What the vendor has forgotten is not found, and no error.",
           "آنچه درگاه فراموش کرده پیدا نمی‌شود و خطا هم نیست.", _forgotten, needs=(Need.FIND, Arrival.FORGOTTEN)),
    _check("lost_stays_lost", "Where nobody can be asked a lost answer stays unknown, and nothing is sent again.",
           "جایی که نتوان پرسید پاسخ گم‌شده نامعلوم می‌ماند و چیزی دوباره فرستاده نمی‌شود.", _honest,
           needs=(Need.NO_FIND, Fault.LOSE_ANSWER), look_at="send: an adapter repeats nothing by itself"),
    _check("later_means_later", "A text that was put off goes out once when it is sent again.",
           "پیامی که به بعد افتاد، با فرستادن دوباره یک بار می‌رود.", _again, needs=(Fault.BUSY,),
           look_at="send: what the vendor's word for \"not now\" becomes"),
)  # fmt: skip
