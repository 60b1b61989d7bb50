"""``chapar init``: a folder with everything that a first start needs, explained, and nothing overwritten."""

from pathlib import Path
from typing import Annotated

import typer

from connector.cli.options import Json
from connector.cli.output import print_json, print_text

__all__ = ["init"]


def init(
    folder: Annotated[Path, typer.Argument(help="Where to write; made if it is not there.")] = Path(),
    json: Json = False,
) -> None:
    """Write a commented configuration, a routes file and fresh keys. Nothing that is there is overwritten.

    In /etc/chapar it is for the service, with the state in /var/lib/chapar; elsewhere everything stays in the folder.
    """
    from connector.settings.load import SYSTEM_FILE
    from connector.settings.starter import write_starter

    made, kept = write_starter(folder)
    if json:
        print_json({"made": [str(path) for path in made], "kept": [str(path) for path in kept]})
        return
    for path in made:
        print_text(f"made   {path}")
    for path in kept:
        print_text(f"kept   {path} (it was there; nothing was changed)")
    file = folder / "chapar.toml"
    option = "" if file == SYSTEM_FILE else f" --config {file}"
    print_text(
        f"Next step: replace each CHANGE-ME in {file} and put each secret that it names into {folder / 'secrets'}, "
        f"then: chapar db upgrade{option} && chapar check{option}"
    )
    print_text(
        "Keep a copy of the keys in secrets/ apart from the database: without them no letter can be read."
    )
