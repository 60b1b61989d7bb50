"""``chapar mappings``: is a mapping right, do its cases hold, and what would a letter send. Asks no office."""

from pathlib import Path
from typing import Annotated, Any

import typer

from connector.cli.errors import ExitCode
from connector.cli.language import say
from connector.cli.mapping_files import find_mapping_file
from connector.cli.options import ConfigFile, Json
from connector.cli.output import print_json, print_table, print_text
from connector.cli.quiet import quiet_log

__all__ = ["application"]

application = typer.Typer(help="Check and try out mappings of offices. نگاشت‌ها", no_args_is_help=True)

Name = Annotated[
    str, typer.Argument(help="The name of a mapping, or the path of its file.", metavar="MAPPING")
]


@application.command()
def lint(mapping: Name, config: ConfigFile = None, json: Json = False) -> None:
    """Tell everything that is wrong in a mapping and its cases, with file, line and path, and what is doubtful.

    Ends with 0 where nothing is wrong, 3 otherwise.
    """
    from connector.cli.mapping_lint import look_at

    quiet_log()
    file = find_mapping_file(mapping, config)
    wrong, doubts = look_at(file)
    if json:
        doubtful = [{"line": each.line, "path": each.path, "sentence": each.sentence} for each in doubts]
        print_json({"file": str(file.path), "wrong": wrong, "doubtful": doubtful})
    else:
        for complaint in wrong:
            print_text(f"✗ {complaint['where']}: {complaint['sentence']}")
            print_text(f"    {say('Next step')}: {complaint['next_step']}")
        for doubt in doubts:
            place = f"{doubt.path}: " if doubt.path else ""
            print_text(f"! {file.path}:{doubt.line}: {place}{doubt.sentence}.")
        print_text(_summary(len(wrong), len(doubts)))
    if wrong:
        raise typer.Exit(ExitCode.CONFIGURATION)


@application.command("test")
def try_cases(mapping: Name, config: ConfigFile = None, json: Json = False) -> None:
    """Run the cases beside a mapping through the real adapter, against an office played on loopback.

    Ends with 0 where all hold, 1 where one does not, 3 where mapping or cases cannot be read.
    """
    from connector.testing.mapping_cases import example_credentials, run_cases

    quiet_log()
    file = find_mapping_file(mapping, config)
    with example_credentials() as credentials:
        results = list(run_cases(file.path, file.kind, credentials))
    wrong = [result for result in results if result.complaints]
    if json:
        cases = [
            {"name": each.name, "holds": not each.complaints, "complaints": each.complaints}
            for each in results
        ]
        print_json({"file": str(file.path), "cases": cases})
    else:
        rows = [
            {
                "outcome": "✗" if each.complaints else "✓",
                "name": each.name,
                "detail": "\n".join(each.complaints),
            }
            for each in results
        ]
        print_table(("outcome", "name", "detail"), rows)
        print_text(f"{len(results) - len(wrong)} of {len(results)} cases hold.")
    if wrong:
        raise typer.Exit(ExitCode.FAILED)


@application.command()
def preview(
    mapping: Name,
    operation: Annotated[str, typer.Option(help="Which operation, where no case is named.")] = "register",
    case: Annotated[
        str | None, typer.Option(help="The case to play, by its name. [the first of the operation]")
    ] = None,
    letter: Annotated[
        Path | None,
        typer.Option(help="A YAML file with the letter, as the key letter of a case.", show_default=False),
    ] = None,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Show the requests that a letter would make, step by step, with made-up credentials and shortened contents."""
    from connector.cli.mapping_preview import previewed

    quiet_log()
    file = find_mapping_file(mapping, config)
    shown = previewed(file, operation=operation, case=case, letter=letter)
    if json:
        print_json(shown.as_plain())
        return
    print_text(f"# {file.path}: {shown.case}")
    for position, request in enumerate(shown.requests, start=1):
        _print_request(position, request)
    print_text(shown.ending)


def _print_request(position: int, request: Any) -> None:
    print_text(f"\n{position}. {request['method']} {request['target']}")
    for name, value in request["headers"].items():
        print_text(f"   {name}: {value}")
    if request["body"]:
        print_text("")
        print_text("\n".join(f"   {line}" for line in request["body"].splitlines()))


def _summary(wrong: int, doubtful: int) -> str:
    if wrong:
        return f"{wrong} wrong, {doubtful} doubtful."
    return f"Nothing is wrong, {doubtful} doubtful." if doubtful else "Nothing is wrong."
