"""``chapar letters release|settle|withdraw|approve|refuse``: a person's word about one letter, or about many."""

import typer

from connector.cli import word_options as o
from connector.cli.deeds import Deed
from connector.cli.options import ConfigFile, Json
from connector.cli.word_asking import say_step, say_word
from connector.cli.word_options import Manner, Which, which_letters

__all__ = ["approve", "refuse", "release", "settle", "withdraw"]


def release(
    letter: o.Letter = None,
    reason: o.Reason = None,
    status: o.Statuses = None,
    office: o.Office = None,
    portal: o.Portal = None,
    older_than: o.OlderThan = None,
    reason_was: o.ReasonWas = None,
    limit: o.Limit = None,
    dry_run: o.DryRun = False,
    yes: o.Yes = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Send a parked letter on again: it is screened anew. ازسرگیری نامهٔ متوقف"""
    deed = Deed.RELEASE
    which = which_letters(deed, letter, status, office, portal, older_than, reason_was, limit)
    say_word(deed, which, Manner(reason=reason, is_sure=yes, is_dry_run=dry_run, is_json=json, config=config))


def withdraw(
    letter: o.Letter = None,
    reason: o.Reason = None,
    status: o.Statuses = None,
    office: o.Office = None,
    portal: o.Portal = None,
    older_than: o.OlderThan = None,
    reason_was: o.ReasonWas = None,
    limit: o.Limit = None,
    dry_run: o.DryRun = False,
    yes: o.Yes = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Take a letter back before an office has it, for good; the citizen is told. پس‌گرفتن نامه"""
    deed = Deed.WITHDRAW
    which = which_letters(deed, letter, status, office, portal, older_than, reason_was, limit)
    say_word(deed, which, Manner(reason=reason, is_sure=yes, is_dry_run=dry_run, is_json=json, config=config))


def approve(
    letter: o.OneLetter,
    reason: o.Reason = None,
    dry_run: o.DryRun = False,
    yes: o.Yes = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Let a letter in review be registered. تأیید نامهٔ در دست بررسی"""
    manner = Manner(reason=reason, is_sure=yes, is_dry_run=dry_run, is_json=json, config=config)
    say_word(Deed.APPROVE, Which(letter=letter), manner)


def refuse(
    letter: o.OneLetter,
    reason: o.Reason = None,
    dry_run: o.DryRun = False,
    yes: o.Yes = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Refuse a letter in review, for good. The citizen is told and reads the reason. رد نامهٔ در دست بررسی"""
    manner = Manner(reason=reason, is_sure=yes, is_dry_run=dry_run, is_json=json, config=config)
    say_word(Deed.REFUSE, Which(letter=letter), manner)


def settle(
    letter: o.Letter = None,
    registered: o.Registered = None,
    on: o.On = None,
    secretariat: o.Secretariat = None,
    reference: o.Reference = None,
    at: o.At = None,
    zeros_matter: o.ZerosMatter = False,
    not_there: o.NotThere = False,
    refused: o.RefusedThere = False,
    even_now: o.EvenNow = False,
    step: o.Step = None,
    done: o.StepDone = False,
    again: o.StepAgain = False,
    reason: o.Reason = None,
    status: o.Statuses = None,
    office: o.Office = None,
    portal: o.Portal = None,
    older_than: o.OlderThan = None,
    reason_was: o.ReasonWas = None,
    limit: o.Limit = None,
    dry_run: o.DryRun = False,
    yes: o.Yes = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Settle what no machine can: registered by hand under a number, refused, or not there. تعیین تکلیف نامه"""
    said = {"registered": registered is not None, "refused": refused, "not_there": not_there}
    deed = _settling(said)
    which = which_letters(deed, letter, status, office, portal, older_than, reason_was, limit)
    manner = Manner(reason=reason, is_sure=yes, is_dry_run=dry_run, is_json=json, config=config)
    by_hand = {"on": on, "secretariat": secretariat, "reference": reference, "at": at}
    _check(which, said, {**by_hand, "zeros_matter": zeros_matter}, step, done, again)
    if step is not None:
        say_step(which.letter or "", step, manner, done=done)
    else:
        say_word(
            deed, which, manner, number=registered, zeros_matter=zeros_matter, even_now=even_now, **by_hand
        )


def _settling(said: dict[str, bool]) -> Deed:
    if said["registered"]:
        return Deed.SETTLE_REGISTERED
    return Deed.SETTLE_REFUSED if said["refused"] else Deed.SETTLE_ABSENT


def _check(
    which: Which,
    said: dict[str, bool],
    by_hand: dict[str, str | bool | None],
    step: str | None,
    done: bool,
    again: bool,
) -> None:
    """Raise BadParameter where the options do not fit together."""
    if sum((*said.values(), step is not None)) != 1:
        raise typer.BadParameter(
            "Say one of: --registered NUMBER --on DATE, --refused, --not-there, --step NAME."
        )
    if which.letter is None and not said["not_there"]:
        raise typer.BadParameter(
            "A number, a refusal and a step belong to one letter: name it.", param_hint="LETTER"
        )
    if (step is not None) is not (done is not again) or (done and again):
        raise typer.BadParameter("With --step say one of --done and --again.", param_hint="--step")
    if not said["registered"] and any(by_hand.values()):
        raise typer.BadParameter(
            "--on, --secretariat, --reference, --at and --zeros-matter belong to --registered."
        )
    if said["registered"] and by_hand["on"] is None:
        raise typer.BadParameter("Say when it was registered.", param_hint="--on")
