"""The ledger of a configuration, opened by a command beside a running daemon."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from connector.cli.quiet import quiet_log

if TYPE_CHECKING:
    from connector.ledger.ledger import Ledger

__all__ = ["opened_ledger"]


@contextmanager
def opened_ledger(config: Path | None) -> "Iterator[Ledger]":
    """Yield the ledger that this configuration, or the one that is found, names; it is closed at the end."""
    from connector.assembly.ledger import open_settings_ledger
    from connector.settings.load import find_file, load_settings

    quiet_log()
    ledger = open_settings_ledger(load_settings(find_file(config)))
    try:
        yield ledger
    finally:
        ledger.close()
