"""How commands print: a table or a sentence for people, one JSON document for machines."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from connector.cli.language import say

__all__ = ["print_json", "print_table", "print_text"]

_WHOLE: Final = frozenset({"at", "code", "next", "received", "outcome", "what"})
"""Columns that are not broken over lines."""
_PIPE_WIDTH: Final = 200


def print_json(value: Any) -> None:
    """Print one JSON document, Persian left readable."""
    sys.stdout.write(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode() + "\n")


def print_text(text: str) -> None:
    """Print text as it is, without any markup."""
    sys.stdout.write(text + "\n")


def print_table(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, title: str | None = None
) -> None:
    """Print rows as a table; a column that is empty in every row is left out."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = list(rows)
    used = [column for column in columns if any(row.get(column) not in {None, ""} for row in shown)]
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in used:
        table.add_column(say(column), overflow="fold", no_wrap=column in _WHOLE)
    for row in shown:
        table.add_row(*(Text(_cell(row.get(column))) for column in used))
    # A pipe has no width: lines stay whole there, so that grep finds what people see.
    console = Console() if sys.stdout.isatty() or "COLUMNS" in os.environ else Console(width=_PIPE_WIDTH)
    console.print(table)


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return "" if value is None else str(value)
