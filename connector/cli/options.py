"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["ConfigFile", "Json"]

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="The configuration file. By default $CHAPAR_CONFIG, ./chapar.toml or /etc/chapar/chapar.toml.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
