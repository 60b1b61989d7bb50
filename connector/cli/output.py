"""How commands print: a table or a sentence for people, one JSON document for machines."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from unicodedata import category

import orjson

from connector.cli.language import say
from connector.domain.text import BIDI_OVERRIDES, code_point

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["print_json", "print_table", "print_text"]

_WHOLE: Final = frozenset({"at", "code", "next", "received", "outcome", "seen", "since", "status", "what"})
"""Columns that are not broken over lines."""
_PIPE_WIDTH: Final = 1000


def print_json(value: Any) -> None:
    """Print one JSON document, Persian left readable."""
    sys.stdout.write(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode() + "\n")


def print_text(text: str, *, is_aside: bool = False) -> None:
    """Print text as it is, without any markup; an aside goes beside a document that standard output holds alone."""
    (sys.stderr if is_aside else sys.stdout).write(_harmless(text) + "\n")


def print_table(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, least: Sequence[str] = ()
) -> None:
    """Print rows as a table; a column that is empty in every row is left out.

    Where the terminal is too narrow the ``least`` columns go first, and that is said.
    """
    from rich.console import Console

    shown = list(rows)
    used = [column for column in columns if any(row.get(column) not in {None, ""} for row in shown)]
    # A pipe has no width: lines stay whole there, so that grep finds what people see.
    console = Console() if sys.stdout.isatty() or "COLUMNS" in os.environ else Console(width=_PIPE_WIDTH)
    table = _table(used, shown)
    left_out = []
    for column in least:
        if (
            console.measure(table, options=console.options.update(max_width=_PIPE_WIDTH)).maximum
            <= console.width
        ):
            break
        if column in used:
            used.remove(column)
            left_out.append(say(column))
            table = _table(used, shown)
    console.print(table)
    if left_out:
        print_text(f"Too narrow for: {', '.join(left_out)}. A wider terminal or --json shows all.")


def _table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(say(column), overflow="fold", no_wrap=column in _WHOLE)
    for row in rows:
        table.add_row(*(Text(_cell(row.get(column))) for column in columns))
    return table


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return "" if value is None else _harmless(str(value))


def _harmless(text: str) -> str:
    """Return the text with control characters spelt out: an office's words must not steer the operator's terminal."""
    return "".join(letter if _is_harmless(letter) else f"[{code_point(letter)}]" for letter in text)


def _is_harmless(letter: str) -> bool:
    return letter in "\n\t" or (category(letter) not in {"Cc", "Cs"} and letter not in BIDI_OVERRIDES)
