"""``chapar messages``: what citizens read and what it costs, what became of it, and what they wrote to us."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from connector.cli import messages_incoming, messages_optouts
from connector.cli.message_words import FACTS, MESSAGE_STATUSES
from connector.cli.options import ConfigFile, Json
from connector.cli.output import print_json, print_table, print_text
from connector.cli.quiet import quiet_log
from connector.domain.letter import Language
from connector.domain.message import FactKind
from connector.domain.text import to_persian_digits

if TYPE_CHECKING:
    from connector.ledger.message_totals import MessageTotal
    from connector.notification.preview import Preview
    from connector.settings.settings import Settings

__all__ = ["application"]

application = typer.Typer(help="Messages to citizens, and from them. پیامک‌ها", no_args_is_help=True)
application.command("incoming")(messages_incoming.list_incoming)
application.command("survey")(messages_incoming.survey)
application.add_typer(messages_optouts.application, name="optouts")

Gateway = Annotated[str | None, typer.Option("--gateway", help="Only at this gateway.", show_default=False)]
Tongue = Annotated[
    Language | None, typer.Option("--tongue", help="Only texts in this tongue: fa or en.", show_default=False)
]
_TONGUES: Final = {Language.FA: "Persian", Language.EN: "English"}
_ALPHABETS: Final = {"gsm": "GSM-7", "ucs2": "UCS-2"}
_THOUSANDTHS: Final = 1000


@application.callback()
def messages() -> None:
    """Messages to citizens, and from them."""


@application.command()
def preview(
    gateway: Gateway = None,
    fact: Annotated[
        FactKind | None, typer.Option("--fact", help="Only this fact.", show_default=False)
    ] = None,
    tongue: Tongue = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Show the text of each fact, its alphabet, its parts and its price, and whether a pattern goes instead. پیش‌نمایش

    The letter is made up; the texts, the patterns and the prices are yours. Nothing is sent and nobody is asked.
    """
    quiet_log()
    shown = {
        name: [each for each in found if tongue in {None, each.language} and fact in {None, each.fact}]
        for name, found in _previews(config, gateway).items()
    }
    if json:
        print_json([_as_plain(name, each) for name, found in shown.items() for each in found])
        return
    for name, found in shown.items():
        _print_previews(name, found)


@application.command()
def counts(gateway: Gateway = None, config: ConfigFile = None, json: Json = False) -> None:
    """Count the messages by gateway, fact and status, with parts, cost and possible doubles. شمار پیامک‌ها

    A possible double is a text that was sent again because nobody could say whether the first arrived.
    """
    from connector.assembly.ledger import open_settings_ledger
    from connector.settings.load import find_file, load_settings

    quiet_log()
    ledger = open_settings_ledger(load_settings(find_file(config)))
    try:
        totals = [each for each in ledger.sendings.totals() if gateway in {None, each.gateway}]
    finally:
        ledger.close()
    doubles = sum(each.possible_doubles for each in totals)
    if json:
        print_json({"possible_doubles": doubles, "messages": [_total(each) for each in totals]})
        return
    print_table(
        ["gateway", "fact", "status", "messages", "parts", "cost", "possible doubles"],
        [_total(each) | {"possible doubles": each.possible_doubles or None} for each in totals],
    )
    told = sum(each.messages for each in totals)
    persian = to_persian_digits(f"{told} پیامک؛ شاید دوبار رسیده: {doubles}")
    print_text(f"{told} messages; possibly told twice: {doubles} · {persian}")


def _previews(config: Any, gateway: str | None) -> "dict[str, list[Preview]]":
    from connector.assembly.connections import build_connection
    from connector.assembly.current import load_settings_texts
    from connector.assembly.sending_rules import gateway_rules
    from connector.notification.preview import previews
    from connector.settings.load import find_file, load_settings

    settings = load_settings(find_file(config))
    _must_be_there(settings, gateway)
    texts = load_settings_texts(settings)
    gateways = {
        name: build_connection(settings, "gateways", name, section)
        for name, section in settings.gateways.items()
    }
    try:
        rules = gateway_rules(settings, gateways)
    finally:
        for connection in gateways.values():
            connection.close()
    facts = settings.notification.facts
    return {
        name: list(previews(texts, each, facts)) for name, each in rules.items() if gateway in {None, name}
    }


def _must_be_there(settings: "Settings", gateway: str | None) -> None:
    if gateway is not None and gateway not in settings.gateways:
        known = ", ".join(sorted(settings.gateways)) or "none"
        raise typer.BadParameter(
            f"There is no gateway of the name {gateway!r}; there are: {known}.", param_hint="--gateway"
        )


def _print_previews(name: str, found: "Sequence[Preview]") -> None:
    print_text(f"{name}  ({len(found)} texts)")
    for each in found:
        words = FACTS[each.fact]
        size = each.size
        way = f"pattern {each.pattern}" if each.pattern else "free text"
        why = f" ({each.reason})" if each.reason else ""
        cost = "" if each.cost is None else f", cost {_money(each.cost)}"
        parts = f"{size.parts} part{'' if size.parts == 1 else 's'}"
        print_text("")
        print_text(
            f"{each.fact} · {words.fa}  {_TONGUES[each.language]}, {way}{why}, "
            f"{_ALPHABETS[str(size.alphabet)]}, {size.length} places, {parts}{cost}"
        )
        print_text(f"    {_in_persian(each)}")
        for line in each.text.splitlines():
            print_text(f"    | {line}")
        for place, value in (each.values or {}).items():
            print_text(f"    {place} = {value}")
    costs = [each.cost for each in found if each.cost is not None]
    if costs:
        print_text("")
        print_text(f"All of them once: {_money(sum(costs, Decimal()))}")


def _in_persian(each: "Preview") -> str:
    way = f"الگوی {each.pattern}" if each.pattern else "متن آزاد"
    cost = "" if each.cost is None else f"، هزینه {_money(each.cost)}"
    length = "؛ بلندتر از قاعده است" if each.is_long else ""
    return to_persian_digits(f"{way}، {each.size.parts} بخش، {each.size.length} نویسه{cost}{length}")


def _money(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _as_plain(gateway: str, each: "Preview") -> dict[str, Any]:
    return {
        "gateway": gateway,
        "fact": str(each.fact),
        "fact_fa": FACTS[each.fact].fa,
        "language": str(each.language),
        "goes_as": "pattern" if each.pattern else "free_text",
        "pattern": each.pattern,
        "values": each.values,
        "reason": each.reason,
        "text": each.text,
        "alphabet": str(each.size.alphabet),
        "length": each.size.length,
        "parts": each.size.parts,
        "cost": None if each.cost is None else _money(each.cost),
        "is_long": each.is_long,
    }


def _total(each: "MessageTotal") -> dict[str, Any]:
    return {
        "gateway": each.gateway,
        "fact": each.fact,
        "status": each.status,
        "status_fa": MESSAGE_STATUSES[each.status].fa if each.status in MESSAGE_STATUSES else None,
        "messages": each.messages,
        "parts": each.parts,
        "cost": _money(Decimal(each.cost) / _THOUSANDTHS) if each.cost else None,
        "possible_doubles": each.possible_doubles,
    }
