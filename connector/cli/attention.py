"""``chapar attention``: everything that needs a person, oldest first, with the commands that help."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from connector.cli.options import ConfigFile, Json
from connector.cli.output import print_json, print_text
from connector.cli.quiet import quiet_log
from connector.domain.text import to_persian_digits

if TYPE_CHECKING:
    from connector.domain.attention_words import Words
    from connector.ledger.connection_needs import NeedsPerson

__all__ = ["attention", "how_long"]

_UNITS: Final = (
    (timedelta(days=1), "day", "روز"),
    (timedelta(hours=1), "hour", "ساعت"),
    (timedelta(minutes=1), "minute", "دقیقه"),
    (timedelta(seconds=1), "second", "ثانیه"),
)


def attention(
    office: Annotated[str | None, typer.Option(help="Only what waits for this office.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=100_000)] = 1000,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """List everything that needs a person, oldest first, with the commands that help. چه چیزی به شما نیاز دارد

    Nothing personal is shown. Ends with 0 whenever it could look, whatever it found.
    """
    from connector.assembly.configured import is_configured
    from connector.assembly.ledger import open_settings_ledger
    from connector.settings.load import find_file, load_settings

    quiet_log()
    settings = load_settings(find_file(config))
    ledger = open_settings_ledger(settings)
    try:
        deadlines = settings.deadlines.as_deadlines()
        found = ledger.attention.needs(deadlines, is_configured(settings), office=office, limit=limit)
    finally:
        ledger.close()
    if office is not None and office not in settings.offices and not found:
        raise typer.BadParameter(f"There is no office of the name {office!r}.", param_hint="--office")
    if json:
        print_json([_as_plain(need) for need in found])
        return
    for need in found:
        _print_need(need)
    print_text(_summary(found, limit))


def how_long(since: datetime, at: datetime) -> tuple[str, str]:
    """Return how long ago that is, in its largest unit, in English and Persian."""
    ago = max(at - since, timedelta(seconds=1))
    unit, english, persian = next((each for each in _UNITS if ago >= each[0]), _UNITS[-1])
    count = ago // unit
    return f"{count} {english}{'' if count == 1 else 's'}", to_persian_digits(f"{count} {persian}")


def _as_plain(need: "NeedsPerson") -> dict[str, Any]:
    from connector.domain.attention_words import BECAUSE

    why = _why(need)
    return {
        "because": str(need.because),
        "because_en": BECAUSE[need.because].en,
        "because_fa": BECAUSE[need.because].fa,
        "kind": need.kind,
        "letter_id": need.letter_id,
        "tracking_code": need.tracking_code,
        "status": need.status,
        "since": need.since,
        "office": need.office,
        "connection": need.connection,
        "step": need.step,
        "reason": need.reason,
        "reason_en": why.en if why else None,
        "reason_fa": why.fa if why else None,
        "next_at": need.due_at,
        "waiting": need.waiting,
        "commands": _commands(need),
    }


def _print_need(need: "NeedsPerson") -> None:
    from connector.clock import now
    from connector.domain.attention_words import BECAUSE
    from connector.domain.calendar import jalali_for_people, local_date, local_time

    english, persian = how_long(need.since, now())
    because = BECAUSE[need.because]
    why = _why(need)
    name = need.tracking_code or f"connection {need.connection}"
    where = need.office or need.connection if need.kind == "letter" else need.connection or need.office
    at = f" at {where}" if need.tracking_code and where else ""
    what = "" if need.kind in {"letter", "connection"} else f"{need.kind.replace('_', ' ')} "
    behind = _behind(need)
    day = (
        f"{jalali_for_people(local_date(need.since))} {to_persian_digits(f'{local_time(need.since):%H:%M}')}"
    )
    print_text(
        f"{name}  {what}{need.status or need.because}{at}, for {english}{behind}  ({persian}، از {day})"
    )
    print_text(f"    {because.en}{f': {why.en}' if why else ''}")
    print_text(f"    {because.fa}{f': {why.fa}' if why else ''}")
    for command in _commands(need):
        print_text(f"    {command}")


def _behind(need: "NeedsPerson") -> str:
    from connector.domain.attention import Because

    if need.kind != "connection" or not need.waiting:
        return ""
    return f", {need.waiting} {'mails' if need.because is Because.SET_ASIDE else 'letters behind it'}"


def _why(need: "NeedsPerson") -> "Words | None":
    """Return the reason in plain words; who paused a connection said why in words of their own."""
    from connector.cli.in_words import reason_in_words
    from connector.domain.attention import Because

    return None if need.because is Because.PAUSED else reason_in_words(need.reason)


def _commands(need: "NeedsPerson") -> list[str]:
    from connector.cli.deeds import helping_commands

    code = need.tracking_code or ""
    status = need.status if need.kind == "letter" else None
    return helping_commands(code, status, need.because, step=need.step, connection=need.connection)


def _summary(found: "Sequence[NeedsPerson]", limit: int) -> str:
    if not found:
        return "Nothing needs a person. · هیچ چیز به شما نیاز ندارد."
    more = f" There may be more: --limit shows {limit}." if len(found) >= limit else ""
    persian = to_persian_digits(f"{len(found)} مورد به شما نیاز دارد.")
    thing = "thing needs" if len(found) == 1 else "things need"
    return f"{len(found)} {thing} a person.{more} · {persian}"
