"""Certificates on the command line: told check by check, and written as text, JSON or a page."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.errors import ExitCode
from connector.cli.output import print_json, print_text

if TYPE_CHECKING:
    from connector.testing.certificate import Certificate
    from connector.testing.checks import CheckResult

__all__ = ["Output", "Report", "ReportOption", "examined_and_written"]


class Report(StrEnum):
    """In which form the certificate is written."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


ReportOption = Annotated[Report, typer.Option(help="text for people, json for machines, html to print.")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Where to write the certificate.", show_default=False)
]


def examined_and_written(
    examine: Callable[[Callable[["CheckResult"], None]], "Certificate"], report: Report, output: Path | None
) -> None:
    """Examine, telling each check as it comes, and write the certificate. Ends with 1 where it has not passed."""
    certificate = examine(_told if report is Report.TEXT else _silent)
    _write(certificate, report, output)
    if not certificate.has_passed:
        raise typer.Exit(ExitCode.FAILED)


def _told(result: "CheckResult") -> None:
    mark = {"passed": "✓", "failed": "✗", "skipped": "–"}[result.verdict]
    print_text(f"{mark} {result.check.name}: {result.check.sentence}")
    for line in result.text.splitlines():
        print_text(f"    {line}")


def _silent(_result: "CheckResult") -> None:
    """Say nothing: standard output is the certificate's."""


def _write(certificate: "Certificate", report: Report, output: Path | None) -> None:
    from orjson import OPT_INDENT_2, dumps

    from connector.testing.certificate import page_of

    plain = certificate.as_plain()
    if report is Report.JSON and output is None:
        print_json(plain)
        return
    if report is Report.TEXT:
        print_text(_summary(plain))
    if output is not None:
        is_page = report is Report.HTML or (report is Report.TEXT and output.suffix == ".html")
        content = page_of(certificate) if is_page else dumps(plain, option=OPT_INDENT_2).decode() + "\n"
        output.write_text(content, encoding="utf-8")
        print_text(f"{output}: {plain['verdict']}, level {plain['level']['proven'] or 'not proven'}")
    elif report is Report.HTML:
        print_text(page_of(certificate))


def _summary(plain: dict[str, Any]) -> str:
    counts, level = plain["counts"], plain["level"]
    source = plain["subject"]["mapping_source"]
    built_from = f"\nThe mapping was built from: {source}" if source else ""
    proven = f"recovery level {level['proven']} proven" if level["proven"] else "no recovery level proven"
    return (
        f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped;"
        f" {proven} (declared {level['declared']}): {plain['verdict']}.\n"
        f"{plain['day']['jalali']} · {plain['day']['gregorian']} · Chapar {plain['chapar']} ·"
        f" fingerprint {plain['fingerprint'][:16]}{built_from}"
    )
