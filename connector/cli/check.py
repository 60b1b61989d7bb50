"""``chapar check``: is everything in order, and if not, what is to be done."""

from typing import Any

import typer

from connector.cli.errors import ExitCode
from connector.cli.language import say
from connector.cli.options import ConfigFile, Json
from connector.cli.output import print_json, print_text
from connector.cli.quiet import quiet_log
from connector.domain.text import to_persian_digits

__all__ = ["check"]

_MARKS = {"in_order": ("✓", "in order"), "doubtful": ("!", "doubtful"), "wrong": ("✗", "wrong")}


def check(config: ConfigFile = None, json: Json = False) -> None:
    """Look at the configuration, routes, keys, database, disk and every connection. Changes nothing.

    Ends with 0 where all is in order, 3 for a wrong configuration, 4 where something cannot be reached.
    """
    from connector.assembly.checkup import Verdict, checkup
    from connector.settings.load import find_file, load_settings

    quiet_log()
    file = find_file(config)
    settings = load_settings(file)
    findings = []
    with _Progress(quiet=json) as progress:
        for finding in checkup(settings, file=file):
            findings.append(finding)
            progress.saw(finding)
    if json:
        print_json([finding.as_plain() for finding in findings])
    worst = [finding for finding in findings if finding.verdict is Verdict.WRONG]
    if not json:
        doubtful = sum(finding.verdict is Verdict.DOUBTFUL for finding in findings)
        print_text(_summary(len(findings), wrong=len(worst), doubtful=doubtful))
    if worst:
        raise typer.Exit(
            ExitCode.UNREACHABLE if any(each.is_unreachable for each in worst) else ExitCode.CONFIGURATION
        )


def _summary(total: int, *, wrong: int, doubtful: int) -> str:
    if not wrong and not doubtful:
        return f"All {total} things are in order. · همه چیز درست است."
    if wrong:
        english, persian = f"{wrong} of {total} things are wrong", f"{wrong} مورد از {total} مورد نادرست است"
    else:
        english, persian = "Nothing is wrong", "هیچ چیز نادرست نیست"
    if doubtful:
        english += f"; {doubtful} thing{' is' if doubtful == 1 else 's are'} doubtful"
        persian += f"؛ {doubtful} مورد نیازمند بررسی است"
    return f"{english}. · {to_persian_digits(persian)}."


class _Progress:
    """Prints each finding as it comes, with a turning wheel on a terminal while others are awaited."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._status: Any = None

    def __enter__(self) -> "_Progress":
        if not self._quiet:
            from rich.console import Console

            self._status = Console(stderr=True).status("chapar check ...")
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def saw(self, finding: Any) -> None:
        if self._quiet:
            return
        mark, word = _MARKS[finding.verdict]
        print_text(
            f"{mark} {say(finding.part)} {finding.name}: {say(word)}. {finding.sentence}".replace(" :", ":")
        )
        if finding.next_step:
            print_text(f"    {say('Next step')}: {finding.next_step}")
