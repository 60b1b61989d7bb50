"""``chapar simulate``: systems on loopback to try against; here a vendor's office out of its WSDL and a mapping."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.ending import asked_to_end
from connector.cli.mapping_files import find_mapping_file
from connector.cli.output import print_text
from connector.cli.quiet import quiet_log
from connector.cli.simulate_mail import secretariat
from connector.simulator.fates import Fate

if TYPE_CHECKING:
    from connector.simulator.vendor.model import VendorModel
    from connector.simulator.vendor.office import Seen
    from connector.simulator.vendor.sandbox import Sandbox

__all__ = ["application"]

application = typer.Typer(help="Systems to try against, on loopback. شبیه‌سازها", no_args_is_help=True)


@application.callback()
def simulate() -> None:
    """Serve systems to try against, on loopback."""


application.command()(secretariat)


Wsdl = Annotated[
    Path | None, typer.Option(help="A WSDL, or a folder with some; nothing is fetched.", show_default=False)
]
Mapping = Annotated[
    str | None,
    typer.Option(
        help="The mapping whose office it is, by its name or file; read backwards.", show_default=False
    ),
]
Port = Annotated[
    int, typer.Option(help="Where to listen on 127.0.0.1; 0 for any free port.", min=0, max=65535)
]
Faults = Annotated[
    list[str] | None,
    typer.Option(
        "--fault", help="NAME[@DEED][xTIMES|xall], any number of them; or list.", show_default=False
    ),
]
Fates = Annotated[
    list[Fate] | None,
    typer.Option(
        "--fate",
        help="What becomes of letters, drawn among those given. Without it every letter is registered, referred and "
        "answered, and none is refused.",
        show_default=False,
    ),
]
Secretariats = Annotated[
    str | None,
    typer.Option(help="Codes of the desks, between commas. By default any is taken.", show_default=False),
]
Seed = Annotated[int, typer.Option(help="The same seed draws the same among several fates.", min=0)]
Json = Annotated[bool, typer.Option("--json", help="One JSON object in each line.")]


@application.command()
def office(
    wsdl: Wsdl = None,
    mapping: Mapping = None,
    port: Port = 0,
    faults: Faults = None,
    fates: Fates = None,
    secretariats: Secretariats = None,
    seed: Seed = 1,
    json: Json = False,
) -> None:
    """Serve a vendor's office with a book of its own until Ctrl-C, and print the book.

    With a mapping it gives numbers, finds, searches and reports as the mapping reads it. With a WSDL alone every
    operation is answered in its right form. What cannot be read backwards is told with file, line and path.
    """
    from connector.simulator.vendor.sandbox import Sandbox, known_faults, read_fault

    quiet_log()
    if faults and "list" in faults:
        for name, deeds in known_faults().items():
            _say({"fault": name, "deeds": deeds}, f"{name:20} {', '.join(deeds)}", as_json=json)
        return
    model, files = _subject(wsdl, mapping)
    watcher = _Watcher(json)
    sandbox = Sandbox(
        model,
        wsdls=files,
        port=port,
        faults=[read_fault(each) for each in faults or ()],
        fates=fates or (),
        secretariats=[each.strip() for each in (secretariats or "").split(",") if each.strip()],
        seed=seed,
        saw=watcher.saw,
    )
    with sandbox:
        watcher.opened(sandbox, model)
        asked_to_end().wait()
    watcher.closed(sandbox)


def _subject(wsdl: Path | None, mapping: str | None) -> "tuple[VendorModel | None, Sequence[Path]]":
    from connector.errors import MappingInvalid
    from connector.simulator.vendor.opening import load_vendor

    if wsdl is None and mapping is None:
        raise typer.BadParameter("Give --wsdl, --mapping or both.", param_hint="--wsdl")
    files = sorted(wsdl.rglob("*.wsdl")) if wsdl is not None and wsdl.is_dir() else [wsdl] if wsdl else []
    missing = [file for file in files if not file.is_file()]
    if missing or (wsdl is not None and not files):
        raise MappingInvalid(
            f"{missing[0] if missing else wsdl}: there is no WSDL.", next_step="Name the file."
        )
    if mapping is None:
        return None, files
    return load_vendor(find_mapping_file(mapping, None).path, wsdls=files), files


class _Watcher:
    """Tells what happens: a line for people, or a JSON object."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json

    def opened(self, sandbox: "Sandbox", model: "VendorModel | None") -> None:
        from connector.simulator.vendor.sandbox import PASSWORD, USER

        for note in model.notes if model is not None else ():
            _say({"event": "note", "note": note}, f"note: {note}", as_json=self._as_json)
        contracts = "".join(f"contract {each}\n" for each in sandbox.contracts)
        what = model.mapping.title if model is not None else "a WSDL alone"
        _say(
            {
                "event": "listening",
                "url": sandbox.url,
                "username": USER,
                "password": PASSWORD,
                "token": PASSWORD,
                "contracts": sandbox.contracts,
            },
            f"{what} · {sandbox.url}\n{contracts}user name {USER}, password and token {PASSWORD}; Ctrl-C ends it",
            as_json=self._as_json,
        )

    def saw(self, seen: "Seen") -> None:
        fact = {"event": "call", "deed": seen.deed, "key": seen.key, "status": seen.status}
        fact |= {"number": seen.number, "fault": seen.fault}
        words = [
            seen.deed,
            seen.key,
            str(seen.status),
            seen.number,
            f"[{seen.fault}]" if seen.fault else None,
        ]
        _say(fact, "  ".join(word for word in words if word), as_json=self._as_json)

    def closed(self, sandbox: "Sandbox") -> None:
        entries = list(sandbox.entries())
        for entry in entries:
            text = f"{entry['number'] or '-':>8}  {entry['secretariat']}  {entry['state']:10}  {entry['key']}"
            _say({"event": "entry", **entry}, text, as_json=self._as_json)
        fact = {"event": "stopped", "entries": len(entries)}
        _say(fact, f"The book has {len(entries)} entries.", as_json=self._as_json)


def _say(fact: dict[str, Any], text: str, *, as_json: bool) -> None:
    from orjson import dumps

    print_text(dumps(fact).decode() if as_json else text)
    sys.stdout.flush()
