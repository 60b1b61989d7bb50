"""``chapar gateways``: ask the SMS gateways how they are and what is left on their accounts, and prove an adapter."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.certificates import Output, Report, ReportOption, examined_and_written
from connector.cli.errors import ExitCode
from connector.cli.gateway_abilities import abilities_of
from connector.cli.language import say
from connector.cli.options import ConfigFile, Json
from connector.cli.output import print_json, print_table, print_text
from connector.cli.quiet import quiet_log
from connector.domain.text import to_persian_digits
from connector.errors import ChaparError, SettingsInvalid

if TYPE_CHECKING:
    from connector.settings.connections import GatewaySection
    from connector.settings.settings import Settings
    from connector.testing.certificate import Certificate

__all__ = ["application"]

application = typer.Typer(
    help="Ask the SMS gateways, and prove their adapters. درگاه‌های پیامک", no_args_is_help=True
)
_UNITS = {"rial": "ریال", "toman": "تومان", "message": "پیامک"}


@application.callback()
def gateways() -> None:
    """Ask the SMS gateways, and prove their adapters."""


def _names() -> list[str]:
    """Return the configured gateways, for the shell's completion; none where there is no configuration to read."""
    from connector.settings.load import find_file, load_settings

    try:
        return sorted(load_settings(find_file(None)).gateways)
    except (ChaparError, OSError):
        return []


def _adapters() -> list[str]:
    from connector.ports.catalogue import GATEWAYS, adapter_names

    return adapter_names(GATEWAYS)


Name = Annotated[
    str | None,
    typer.Argument(
        help="A configured gateway. By default all of them.",
        metavar="[CONNECTION]",
        show_default=False,
        autocompletion=_names,
    ),
]
Adapter = Annotated[
    str | None,
    typer.Option(
        "--adapter",
        help="An installed gateway by its adapter's name, without any configuration.",
        show_default=False,
        autocompletion=_adapters,
    ),
]
Live = Annotated[
    bool, typer.Option("--live", help="Ask the configured vendor itself, harmless questions only.")
]
Below = Annotated[
    int | None,
    typer.Option("--below", help="End with 1 where less than this is left.", min=0, show_default=False),
]


@application.command()
def check(connection: Name = None, config: ConfigFile = None, json: Json = False) -> None:
    """Ask each gateway something harmless, and say what was seen and what it can do. Nothing is sent.

    Ends with 0 where every gateway is in order, 3 for a wrong configuration, 4 where one does not answer.
    """
    from connector.assembly.checkup import Verdict, check_connections

    quiet_log()
    settings, chosen = _chosen(connection, config)
    wanted = [("gateways", name, section) for name, section in chosen.items()]
    findings = {finding.name: finding for finding in check_connections(settings, wanted)}
    shown = []
    for name, section in chosen.items():
        finding = findings[f"gateways.{name}"]
        can = _abilities(settings, name, section) if finding.verdict is Verdict.IN_ORDER else None
        shown.append(finding.as_plain() | {"name": name, "adapter": section.adapter, "can": can})
        if not json:
            _say(shown[-1])
    if json:
        print_json(shown)
    wrong = [finding for finding in findings.values() if finding.verdict is Verdict.WRONG]
    if wrong:
        is_away = any(finding.is_unreachable for finding in wrong)
        raise typer.Exit(ExitCode.UNREACHABLE if is_away else ExitCode.CONFIGURATION)


def _say(shown: dict[str, Any]) -> None:
    mark = "✓" if shown["verdict"] == "in_order" else "✗"
    word = "in order" if shown["verdict"] == "in_order" else "wrong"
    print_text(f"{mark} {shown['name']} ({shown['adapter']}): {say(word)}. {shown['sentence']}")
    if shown["can"]:
        print_text(f"    {'; '.join(shown['can'])}")
    if shown["next_step"]:
        print_text(f"    {say('Next step')}: {shown['next_step']}")


def _abilities(settings: "Settings", name: str, section: "GatewaySection") -> list[str]:
    from connector.assembly.connections import build_connection

    connection = build_connection(settings, "gateways", name, section)
    connection.close()
    return abilities_of(connection.capabilities)


@application.command()
def credit(
    connection: Name = None, below: Below = None, config: ConfigFile = None, json: Json = False
) -> None:
    """Say what is left on the accounts of the gateways.

    Ends with 0, with 1 where less than --below is left, with 4 where a gateway does not answer.
    """
    quiet_log()
    settings, chosen = _chosen(connection, config)
    rows = [_credit(settings, name, section) for name, section in chosen.items()]
    if json:
        print_json(rows)
    else:
        print_table(("name", "adapter", "left", "until", "remark"), [_in_words(row) for row in rows])
    if any(row["failure"] for row in rows):
        raise typer.Exit(ExitCode.UNREACHABLE)
    if below is not None and any(row["amount"] is not None and row["amount"] < below for row in rows):
        raise typer.Exit(ExitCode.FAILED)


def _credit(settings: "Settings", name: str, section: "GatewaySection") -> dict[str, Any]:
    from connector.assembly.connections import build_connection
    from connector.errors import CallFailed

    row: dict[str, Any] = {"name": name, "adapter": section.adapter, "amount": None, "unit": None}
    row |= {"until": None, "failure": None, "reason": None}
    connection = build_connection(settings, "gateways", name, section)
    try:
        if not connection.capabilities.tells_credit:
            return row
        left = connection.call("credit", lambda adapter: adapter.credit())
    except CallFailed as error:
        return row | {"failure": error.sentence, "reason": error.reason or None}
    finally:
        connection.close()
    until = None if left.runs_until is None else left.runs_until.isoformat()
    return row | {"amount": _number(left.amount), "unit": left.unit, "until": until}


def _number(amount: Any) -> int | float:
    return int(amount) if amount == int(amount) else float(amount)


def _in_words(row: dict[str, Any]) -> dict[str, Any]:
    if row["amount"] is None:
        return {
            **row,
            "left": "",
            "remark": row["failure"] or "does not tell its credit · اعتبارش را نمی‌گوید",
        }
    amount, unit = f"{row['amount']:,}", str(row["unit"])
    persian = f"{to_persian_digits(amount).replace(',', '٬')} {_UNITS.get(unit, unit)}"
    return {**row, "left": f"{amount} {unit} · {persian}", "remark": ""}


@application.command()
def certify(
    connection: Name = None,
    adapter: Adapter = None,
    report: ReportOption = Report.TEXT,
    output: Output = None,
    live: Live = False,
    config: ConfigFile = None,
    json: Annotated[bool, typer.Option("--json", help="The same as --report json.")] = False,
) -> None:
    """Run the contract of gateways and write a dated certificate of what was proven.

    The adapter stands before a simulated vendor on loopback, which holds to the documented rules and goes wrong on
    demand; no text leaves this machine. Ends with 0 where every check passed, 1 where not, 3 where it cannot be run.
    """
    quiet_log()
    if (connection is None) == (adapter is None):
        raise typer.BadParameter("Name one: a configured gateway, or --adapter.", param_hint="CONNECTION")
    if live and connection is None:
        raise typer.BadParameter("Only a configured gateway can be asked live.", param_hint="--live")
    examined_and_written(
        lambda saw: _examined(connection, adapter, config, live=live, saw=saw),
        Report.JSON if json else report,
        output,
    )


def _examined(
    connection: str | None, adapter: str | None, config: Path | None, *, live: bool, saw: Any
) -> "Certificate":
    from connector.testing.examining_gateways import examine_gateway, examine_live_gateway

    if connection is None:
        return examine_gateway(str(adapter), saw=saw)
    settings, chosen = _chosen(connection, config)
    section = chosen[connection]
    if not live:
        own = settings.daemon.mappings
        return examine_gateway(section.adapter, connection=connection, mappings=own, saw=saw)
    from connector.assembly.connections import build_connection

    built = build_connection(settings, "gateways", connection, section)
    try:
        return examine_live_gateway(built.adapter, connection=connection, adapter=section.adapter, saw=saw)
    finally:
        built.close()


def _chosen(name: str | None, config: Path | None) -> "tuple[Settings, dict[str, GatewaySection]]":
    from connector.settings.load import find_file, load_settings

    settings = load_settings(find_file(config))
    configured = dict(settings.gateways)
    if not configured:
        raise SettingsInvalid(
            "There is no gateway in the configuration.",
            next_step="Write one, as docs/gateways.md shows. Without any: chapar gateways certify --adapter NAME.",
        )
    if name is None:
        return settings, configured
    if name not in configured:
        raise SettingsInvalid(
            f"There is no gateway of the name {name!r}.",
            next_step=f"There are: {', '.join(sorted(configured))}. Or: certify --adapter NAME.",
        )
    return settings, {name: configured[name]}
