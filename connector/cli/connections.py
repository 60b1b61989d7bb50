"""``chapar pause`` and ``chapar resume``: leave an office, a gateway or a portal alone, and take it up again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.actor import acting_person
from connector.cli.options import ConfigFile, Json
from connector.cli.output import print_json, print_text
from connector.cli.quiet import quiet_log
from connector.errors import SettingsInvalid
from connector.settings.connections import GROUPS

if TYPE_CHECKING:
    from connector.ledger.pauses import OperatorPause, Pauses
    from connector.settings.settings import Settings

__all__ = ["pause", "resume"]

_LONGEST_REASON = 500
Name = Annotated[str, typer.Argument(help="A portal, office or gateway by its name.", metavar="CONNECTION")]


def pause(
    connection: Name,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the audit and on /readyz.")],
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Make no call to an office, gateway or portal until it is resumed; every node obeys within about a second.

    Letters go on coming in and keep their place. What is under way comes to its end. Survives restarts.
    """
    reason = reason.strip()
    if not reason or len(reason) > _LONGEST_REASON:
        raise typer.BadParameter(f"Say why, in 1 to {_LONGEST_REASON} letters.", param_hint="--reason")
    with _pauses(config) as (settings, pauses):
        _must_be_known(connection, settings, set())
        before = pauses.pause(connection, actor=acting_person(), reason=reason)
        now = pauses.in_force().get(connection)
    if json:
        print_json({"connection": connection, "paused": True, "pause": _plain(now), "before": _plain(before)})
    elif before is not None:
        print_text(f"{connection} stays paused, now for this reason. · {connection} همچنان متوقف است.")
    else:
        print_text(f"{connection} is paused. · {connection} متوقف شد.")
        print_text(f"    chapar resume {connection}")


def resume(
    connection: Name,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Why; it stands in the audit.", show_default=False)
    ] = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Take a paused connection up again, at once.

    Also lifts a suspension: say it when credentials that were refused are right again.
    """
    if reason is not None and len(reason) > _LONGEST_REASON:
        raise typer.BadParameter(f"At most {_LONGEST_REASON} letters.", param_hint="--reason")
    with _pauses(config) as (settings, pauses):
        _must_be_known(connection, settings, set(pauses.in_force()))
        before = pauses.resume(connection, actor=acting_person(), reason=reason)
    if json:
        print_json({"connection": connection, "paused": False, "before": _plain(before)})
    elif before is not None:
        print_text(f"{connection} goes on. · {connection} ادامه می‌دهد.")
    else:
        print_text(
            f"{connection} was not paused; a suspension, if there is one, is lifted."
            f" · {connection} متوقف نبود؛ اگر تعلیق شده باشد رفع می‌شود."
        )


@contextmanager
def _pauses(config: Any) -> "Iterator[tuple[Settings, Pauses]]":
    from connector.assembly.ledger import open_settings_ledger
    from connector.settings.load import find_file, load_settings

    quiet_log()
    settings = load_settings(find_file(config))
    ledger = open_settings_ledger(settings)
    try:
        yield settings, ledger.pauses
    finally:
        ledger.close()


def _must_be_known(name: str, settings: "Settings", paused: set[str]) -> None:
    """Refuse a name that nothing has. One that is paused and was taken out of the configuration may be resumed."""
    known = {each for group in GROUPS for each in getattr(settings, group)} | paused
    if name not in known:
        raise SettingsInvalid(
            f"There is no connection of the name {name!r}.",
            next_step=f"There are: {', '.join(sorted(known)) or 'none'}.",
        )


def _plain(pause: "OperatorPause | None") -> dict[str, Any] | None:
    return None if pause is None else asdict(pause)
