"""``chapar new office``: a start for an integrator, as a mapping or as a package in Python."""

from pathlib import Path
from typing import Annotated

import typer

from connector.cli.options import Json
from connector.cli.output import print_json, print_text

__all__ = ["application"]

application = typer.Typer(help="Write a start for something new. آغاز کار", no_args_is_help=True)


@application.callback()
def new() -> None:
    """Write a start for something new."""


@application.command()
def office(
    name: Annotated[str, typer.Argument(help="How it is to be called, such as my-office.")],
    python: Annotated[
        bool, typer.Option("--python", help="A package with an adapter in Python, instead of a mapping.")
    ] = False,
    soap: Annotated[
        bool, typer.Option("--soap", help="A mapping that speaks SOAP, with a small WSDL.")
    ] = False,
    folder: Annotated[
        Path | None,
        typer.Option(
            help="Where to write: the folder of mappings, or the one for the package.", show_default=False
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Write a working start for an office: it passes its cases and the whole contract as it stands.

    Nothing that is there is overwritten.
    """
    from connector.testing.starting import start_mapping, start_package

    if python and soap:
        raise typer.BadParameter(
            "A mapping or a package: give one of --soap and --python.", param_hint="--soap"
        )
    made = (
        start_package(name, folder or Path())
        if python
        else start_mapping(name, folder or Path("mappings"), is_soap=soap)
    )
    steps = _steps(name, made, python=python)
    if json:
        print_json({"made": [str(path) for path in made], "next": steps})
        return
    for path in made:
        print_text(f"made   {path}")
    print_text("Next step: see it pass, then change it piece by piece into your vendor's office:")
    for step in steps:
        print_text(f"    {step}")


def _steps(name: str, made: list[Path], *, python: bool) -> list[str]:
    if python:
        return [
            f"pip install -e '{made[0].parent}[test]' && pytest {made[0].parent}",
            f"chapar offices certify --adapter {name} --report html -o {name}.html",
        ]
    return [
        f"chapar offices certify --mapping {made[0]}",
        f"chapar simulate office --mapping {made[0]} --fault lose_answer",
    ]
