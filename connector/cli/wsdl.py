"""``chapar wsdl``: a vendor's contract made an offline bundle, looked through, and compared with the live one."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.errors import ExitCode
from connector.cli.options import Json
from connector.cli.output import print_json, print_table, print_text

if TYPE_CHECKING:
    from connector.transport.wsdl_bundle import Bundle
    from connector.transport.wsdl_check import CheckedWsdl

__all__ = ["application"]

application = typer.Typer(help="Vendors' contracts (WSDL), offline. قراردادهای WSDL", no_args_is_help=True)

CaFile = Annotated[
    Path | None, typer.Option("--ca-file", help="PEM file of the authorities to trust when fetching.")
]
Username = Annotated[str | None, typer.Option("--username", help="User name, where the server asks for one.")]
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help="File that holds the password and nothing else.")
]


@application.command()
def bundle(
    source: Annotated[str, typer.Argument(help="The address of the WSDL, or a folder or file with it.")],
    into: Annotated[Path, typer.Option("--into", help="The folder to write; new, empty or an older bundle.")],
    ca_file: CaFile = None,
    username: Username = None,
    password_file: PasswordFile = None,
    json: Json = False,
) -> None:
    """Gather a WSDL with everything that it imports into a folder, pinned by SHA-256 in bundle.json."""
    from connector.transport.wsdl_bundle import write_bundle

    gathered = _gathered(source, ca_file, username, password_file)
    write_bundle(gathered, into)
    if json:
        print_json({"folder": str(into), "wsdls": gathered.wsdls, "documents": len(gathered.documents),
                    "supplied": sorted(gathered.supplied)})  # fmt: skip
        return
    print_text(f"{into}: {len(gathered.documents)} documents, pinned in bundle.json.")
    for namespace in sorted(gathered.supplied):
        print_text(f"  {namespace} is supplied by Chapar.")
    print_text(f"See what can be used of it: chapar wsdl check {into}")


@application.command()
def check(
    places: Annotated[list[Path], typer.Argument(help="Folders with WSDLs, or WSDL files.")],
    every: Annotated[bool, typer.Option("--operations", help="Tell of every operation.")] = False,
    json: Json = False,
) -> None:
    """Tell for each WSDL whether it can be used as it is, or in template mode, and why. Nothing is fetched."""
    from connector.transport.wsdl_check import Usable, check_wsdl, wsdls_in

    told: list[dict[str, Any]] = []
    for place in places:
        checked = [check_wsdl(path) for path in wsdls_in(place)]
        able = [each.usable for each in checked if each.usable in {Usable.WSDL, Usable.TEMPLATE}]
        told.append({"place": str(place), "usable": bool(able), "wsdls": [_plain(each) for each in checked]})
        if not json:
            _print_checked(place, checked, usable=bool(able), every=every)
    if json:
        print_json(told)
    if not all(each["usable"] for each in told):
        raise typer.Exit(ExitCode.FAILED)


@application.command()
def drift(
    pinned: Annotated[Path, typer.Argument(help="The pinned bundle.")],
    live: Annotated[str, typer.Argument(help="The address of the live WSDL, or a folder or file with it.")],
    ca_file: CaFile = None,
    username: Username = None,
    password_file: PasswordFile = None,
    json: Json = False,
) -> None:
    """Compare a pinned contract with the live one: operations and fields. Leaves with 1 where something has moved."""
    from connector.transport.wsdl_bundle import write_bundle
    from connector.transport.wsdl_drift import drift_between

    if _is_address(live):
        with tempfile.TemporaryDirectory() as folder:
            write_bundle(_gathered(live, ca_file, username, password_file), Path(folder))
            found = drift_between(pinned, Path(folder))
    else:
        found = drift_between(pinned, Path(live))
    if json:
        print_json([each.plain for each in found])
    else:
        for each in found:
            print_text(each.sentence)
        print_text(f"{len(found)} differences." if found else "Nothing has moved.")
    if found:
        raise typer.Exit(ExitCode.FAILED)


def _gathered(
    source: str, ca_file: Path | None, username: str | None, password_file: Path | None
) -> "Bundle":
    from connector.transport.secret import SecretReference
    from connector.transport.wsdl_bundle import gather_folder, gather_url
    from connector.transport.wsdl_fetch import WsdlFetcher

    if not _is_address(source):
        return gather_folder(Path(source))
    password = SecretReference(file=password_file).reveal() if password_file else None
    with WsdlFetcher(source, ca_file=ca_file, username=username, password=password) as fetch:
        return gather_url(source, fetch)


def _is_address(place: str) -> bool:
    return "://" in place


def _print_checked(place: Path, checked: "list[CheckedWsdl]", *, usable: bool, every: bool) -> None:
    print_text(
        f"{place}: {'usable' if usable else 'NOT usable'}{'' if checked else ', there is no WSDL in it'}"
    )
    for each in checked:
        count = f", {len(each.operations)} operations" if each.operations else ""
        home = place if place.is_dir() else place.parent
        print_text(
            f"  {each.file.relative_to(home)}: {each.usable}{count}{f' - {each.why}' if each.why else ''}"
        )
        if every:
            rows = [
                {"port": f"{one.service}/{one.port}", "operation": one.name, "SOAP": one.version, "shape": one.shape,
                 "by": str(one.usable), "header": ", ".join(one.header), "why": one.why}
                for one in each.operations
            ]  # fmt: skip
            print_table(("port", "operation", "SOAP", "shape", "by", "header", "why"), rows)


def _plain(checked: "CheckedWsdl") -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(checked), "file": str(checked.file)}
