"""``chapar alerts``: say through each of the operators' channels that this is a test."""

from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.errors import ExitCode
from connector.cli.options import ConfigFile, Json
from connector.cli.output import print_json, print_text
from connector.cli.quiet import quiet_log
from connector.errors import ChaparError

if TYPE_CHECKING:
    from connector.transport.alert_channel import AppriseChannel

__all__ = ["application"]

application = typer.Typer(help="Alerts to operators. هشدار به راهبران", no_args_is_help=True)


@application.callback()
def alerts() -> None:
    """Alerts to operators."""


@application.command("test")
def send_test(
    channel: Annotated[
        str | None,
        typer.Argument(help="One channel. By default all of them.", metavar="[CHANNEL]", show_default=False),
    ] = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Send one alert through each channel that says that it is a test. آزمون کانال‌های هشدار

    Ends with 0 where every channel took it, 4 where one did not.
    """
    from connector.assembly.alerting import alert_channels
    from connector.settings.load import find_file, load_settings

    quiet_log()
    settings = load_settings(find_file(config))
    channels = [each for each in alert_channels(settings) if channel in {None, each.name}]
    if not channels:
        named = f"of the name {channel!r}" if channel else "configured"
        raise typer.BadParameter(
            f"There is no alert channel {named}; see [alerts] in the configuration.", param_hint="CHANNEL"
        )
    failed = {}
    for each in channels:
        failed[each.name] = wrong = _why_not_taken(each, settings.daemon.node_name)
        if not json:
            mark, words = ("✗", wrong) if wrong else ("✓", "took it. · پذیرفت.")
            print_text(f"{mark} {each.name}: {words}")
    if json:
        print_json(
            [{"channel": name, "taken": not wrong, "why_not": wrong} for name, wrong in failed.items()]
        )
    if any(failed.values()):
        raise typer.Exit(ExitCode.UNREACHABLE)


def _why_not_taken(channel: "AppriseChannel", node: str) -> str | None:
    from connector.alerting.wording import TEST
    from connector.domain.alert import Severity

    try:
        channel.tell(f"Chapar {node}", f"{TEST.fa}\n{TEST.en}", Severity.NOTICE)
    except ChaparError as error:
        step = (
            f" {error.next_step}"
            if error.next_step
            else " Look at its URL, and whether this machine reaches it."
        )
        return f"{error.sentence}{step}"
    return None
