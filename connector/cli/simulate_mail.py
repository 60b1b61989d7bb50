"""``chapar simulate secretariat``: a secretariat that takes ECE letters by mail, on loopback, with faults by name."""

import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from connector.cli.ending import asked_to_end
from connector.cli.fates import FateName
from connector.cli.output import print_text
from connector.cli.quiet import quiet_log
from connector.errors import SettingsInvalid

if TYPE_CHECKING:
    from connector.simulator.secretariat import Desk, PostOffice

__all__ = ["secretariat"]

_WRITES_EVERY: Final = 0.5
"""Seconds between two looks at what happened in the book."""

SmtpPort = Annotated[
    int, typer.Option(help="Where mail is taken on 127.0.0.1; 0 for any free port.", min=0, max=65535)
]
ImapPort = Annotated[
    int, typer.Option(help="Where mailboxes are read; 0 for any free port.", min=0, max=65535)
]
Secretariats = Annotated[
    str, typer.Option(help="Codes of the desks, between commas; each has its own mailboxes.")
]
Folder = Annotated[
    Path | None,
    typer.Option(
        help="Where authority and password are written; by default a new folder.", show_default=False
    ),
]
Faults = Annotated[
    list[str] | None,
    typer.Option(
        "--fault", help="NAME[@DEED][xTIMES|xall], any number of them; or list.", show_default=False
    ),
]
Fates = Annotated[
    list[FateName] | None,
    typer.Option("--fate", help="What becomes of letters, drawn among those given.", show_default=False),
]
Seed = Annotated[int, typer.Option(help="The same seed draws the same fates.", min=0)]
Json = Annotated[bool, typer.Option("--json", help="One JSON object in each line.")]


def secretariat(
    secretariats: Secretariats = "10",
    smtp_port: SmtpPort = 0,
    imap_port: ImapPort = 0,
    folder: Folder = None,
    faults: Faults = None,
    fates: Fates = None,
    seed: Seed = 1,
    json: Json = False,
) -> None:
    """Serve a secretariat for ECE by e-mail until Ctrl-C: it registers letters, writes receipts and answers back.

    It prints the connection to try it with, and its book at the end. Real receipts look as each vendor likes.
    """
    from connector.simulator.secretariat import some_desks

    quiet_log()
    if faults and "list" in faults:
        _list_faults(as_json=json)
        return
    desks = some_desks(code for each in secretariats.split(",") if (code := each.strip()))
    if not desks:
        raise typer.BadParameter("Name one desk at least.", param_hint="--secretariats")
    with ExitStack() as held:
        place = folder or Path(held.enter_context(TemporaryDirectory(prefix="chapar-secretariat-")))
        post = _opened(desks, (smtp_port, imap_port), faults or (), fates or (), seed, as_json=json)
        held.enter_context(post)
        _print_connection(post, desks, place, as_json=json)
        over = asked_to_end()
        while not over.wait(_WRITES_EVERY):
            mails = post.write_back()
            if mails:
                _say({"event": "written", "mails": mails}, f"{mails} mails written back", as_json=json)
    _print_book(post, as_json=json)


def _opened(
    desks: "tuple[Desk, ...]",
    ports: tuple[int, int],
    faults: "list[str] | tuple[str, ...]",
    fates: "list[FateName] | tuple[FateName, ...]",
    seed: int,
    *,
    as_json: bool,
) -> "PostOffice":
    from connector.simulator.book import Duplicates, OfficeBook
    from connector.simulator.fates import Fate, FateDeck
    from connector.simulator.secretariat import PostOffice
    from connector.simulator.vendor.sandbox import read_fault

    deck = FateDeck(seed, tuple(Fate(str(each)) for each in fates) or (Fate.NUMBERED_LATER,))
    book = OfficeBook(frozenset(), deck=deck, duplicates=Duplicates.NAIVE)

    def saw(key: str, fault: str) -> None:
        words = f"letter  {key}" + (f"  [{fault}]" if fault else "")
        _say({"event": "letter", "key": key, "fault": fault or None}, words, as_json=as_json)

    rules = [read_fault(each) for each in faults]
    try:
        post = PostOffice(desks, book, ports=ports, saw=saw)
    except OSError as error:
        raise SettingsInvalid(
            f"A port cannot be listened on: {error.strerror}.",
            next_step="Choose another --smtp-port or --imap-port, or none for any free one.",
        ) from None
    for rule in rules:
        post.arm(rule)
    return post


def _list_faults(*, as_json: bool) -> None:
    from connector.simulator.fault_kinds import Fault
    from connector.simulator.secretariat.faults import NOT_PLAYED

    for fault in Fault:
        if fault not in NOT_PLAYED:
            _say({"fault": str(fault)}, str(fault), as_json=as_json)


def _print_connection(post: "PostOffice", desks: "tuple[Desk, ...]", place: Path, *, as_json: bool) -> None:
    from connector.simulator.secretariat import PASSWORD

    place.mkdir(parents=True, exist_ok=True)
    authority, password = place / "authority.pem", place / "password"
    authority.write_bytes(post.ca_file.read_bytes())
    password.touch(mode=0o600)
    password.write_text(PASSWORD, encoding="ascii")
    fact: dict[str, Any] = {
        "event": "listening",
        "smtp": post.smtp_port,
        "imap": post.imap_port,
        "ca_file": str(authority),
        "password_file": str(password),
    }
    lines = ["[offices.simulated]", 'adapter = "ece"', ""]
    for name, port in (("smtp", post.smtp_port), ("imap", post.imap_port)):
        lines += [
            f"[offices.simulated.{name}]",
            'host = "127.0.0.1"',
            f"port = {port}",
            f'ca_file = "{authority}"',
            "",
        ]
    for desk in desks:
        lines += [
            f'[offices.simulated.secretariats."{desk.code}"]',
            f'our_mailbox = "{desk.our_mailbox}"',
            f'office_mailbox = "{desk.office_mailbox}"',
            f'password = {{ file = "{password}" }}',
            "",
        ]
    _say(fact, "\n".join([*lines, "# Ctrl-C ends it"]), as_json=as_json)


def _print_book(post: "PostOffice", *, as_json: bool) -> None:
    entries = post.suite.book.entries()
    for entry in entries:
        fact = {
            "event": "entry",
            "number": entry.number,
            "secretariat": entry.call.secretariat,
            "key": entry.call.key,
            "state": str(entry.state),
            "files": len(entry.call.attachments),
        }
        text = f"{entry.number or '-':>8}  {entry.call.secretariat}  {entry.state:10}  {entry.call.key}"
        _say(fact, text, as_json=as_json)
    _say(
        {"event": "stopped", "entries": len(entries)},
        f"The book has {len(entries)} entries.",
        as_json=as_json,
    )


def _say(fact: dict[str, Any], text: str, *, as_json: bool) -> None:
    from orjson import dumps

    print_text(dumps(fact).decode() if as_json else text)
    sys.stdout.flush()
