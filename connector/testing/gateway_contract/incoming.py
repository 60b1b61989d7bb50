"""What citizens write, brought to our address by the gateway: read letter by letter, and refused without its proof."""

from dataclasses import replace
from functools import partial
from typing import Any, Final

from connector.errors import CredentialsRejected, Misbehaved
from connector.simulator.gateways import WrittenText
from connector.testing.checks import Check, demand, look, told
from connector.testing.gateway_contract.bench import GatewayBench
from connector.testing.gateway_contract.forgeries import forgeries
from connector.testing.gateway_contract.inbox import TEXTS_OF_CITIZENS, demand_same
from connector.testing.gateway_contract.needs import Need

__all__ = ["INCOMING"]


def _brought(bench: GatewayBench, written: WrittenText) -> Any:
    call = bench.brought(written)
    gateway: Any = bench.connect()
    return told(lambda: gateway.read_incoming(call.query, call.body, call.headers))


_ONE: Final = WrittenText(key="600001", sender="09000000001", text="۴۸۲۹۱۵", line="30001234")


def _call_is_read(bench: GatewayBench) -> None:
    for number, text in enumerate(TEXTS_OF_CITIZENS):
        written = replace(_ONE, key=str(600_001 + number), text=text, line=bench.book.line)
        found = _brought(bench, written)
        demand(not isinstance(found, Exception), expected="read_incoming: messages", came=found)
        demand_same(list(found), [written])


def _call_again(bench: GatewayBench) -> None:
    first, again = _brought(bench, _ONE), _brought(bench, _ONE)
    other = _brought(bench, replace(_ONE, key="600002", text="لغو"))
    keys = [[each.gateway_key for each in found] for found in (first, again, other)]
    demand(keys[0] == keys[1], expected="the same key for the same message", came=f"{keys}")
    demand(keys[0] != keys[2], expected="another key for another message", came=f"{keys}")


def _call_forged(bench: GatewayBench) -> None:
    gateway: Any = bench.connect()
    for name, call in forgeries(bench.brought(_ONE)).items():
        found = told(partial(gateway.read_incoming, call.query, call.body, call.headers))
        demand(isinstance(found, CredentialsRejected), expected=f"{name}: CredentialsRejected", came=found)
        demand(
            bench.secret not in look(found) and _ONE.sender not in look(found),
            expected="neither secret nor number in the error",
            came="one of them",
        )


def _call_broken(bench: GatewayBench) -> None:
    """A call that proves itself and brings nothing that can be read."""
    gateway: Any = bench.connect()
    whole = bench.brought(_ONE)
    proven = {name: value for name, value in whole.query.items() if name in whole.proof}
    found = told(lambda: gateway.read_incoming(proven, b"\x00\xff{", whole.headers))
    is_so = isinstance(found, Misbehaved | CredentialsRejected)
    demand(is_so, expected="Misbehaved, or CredentialsRejected where all is proven together", came=found)


def _check(name: str, sentence: str, fa: str, run: Any, *needs: Any) -> Check[GatewayBench]:
    return Check(
        name=name,
        theme="incoming",
        sentence=sentence,
        sentence_fa=fa,
        run=run,
        look_at="read_incoming",
        needs=needs,
    )


INCOMING: Final = (
    _check("call_is_read", "A call that brings a citizen's text is read letter by letter.",
           "فراخوانی‌ای که نوشتهٔ شهروند را می‌آورد حرف‌به‌حرف خوانده می‌شود.", _call_is_read, Need.INCOMING),
    _check("call_twice", "The same call twice has the same key, and another text another one.",
           "یک فراخوانی دو بار، یک کلید دارد و متن دیگر کلید دیگر.", _call_again, Need.INCOMING),
    _check("call_forged", "A call without its secret, or with a wrong one, is refused.",
           "فراخوانی بی‌رمز یا با رمز نادرست رد می‌شود.", _call_forged, Need.INCOMING),
    _check("call_broken", "A call that proves itself and cannot be read is told as broken.",
           "فراخوانی‌ای که خود را ثابت می‌کند و خواندنی نیست، خراب شمرده می‌شود.", _call_broken, Need.INCOMING),
)  # fmt: skip
