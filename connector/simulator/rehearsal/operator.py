"""What the operator does in a drill: prepares the database, looks at lists, lifts suspensions, verifies."""

import subprocess
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import orjson

from connector.simulator.configuration import DaemonFiles
from connector.simulator.process import DaemonDied, chapar

__all__ = ["Operator"]

_USAGE: Final = 2
_TOO_SLOW: Final = -1
_PATIENCE: Final = timedelta(seconds=120)
_MOST: Final = "10000"
_WITH_A_PERSON: Final = ("uncertain", "parked", "in_review")


class Operator:
    """Runs the product's own commands, as a person would, against the configuration of one node."""

    def __init__(self, files: DaemonFiles, environment: Mapping[str, str]) -> None:
        """Take the configuration to use."""
        self._files = files
        self._environment = environment

    def prepare_database(self) -> None:
        """Bring the database up to date. Raise DaemonDied with the command's words where that fails."""
        code, _, words = self._run("db", "upgrade")
        if code:
            raise DaemonDied(words)

    def with_a_person(self) -> frozenset[str]:
        """Return the tracking codes of letters that wait for a person's word, from the list of what does."""
        listed = self._json("attention")
        if listed is None:
            return self._open(*_WITH_A_PERSON)
        rows = listed["letters"] if isinstance(listed, dict) else listed
        waiting = (
            row for row in rows if row.get("status") in _WITH_A_PERSON and row.get("kind") != "message"
        )
        return frozenset(row["tracking_code"] for row in waiting)

    def waiting(self) -> frozenset[str]:
        """Return the tracking codes of all letters that are not at their end."""
        return self._open()

    def possible_doubles(self) -> int:
        """Return how many texts were sent again although nobody could say whether the first arrived."""
        counted = self._json("messages", "counts")
        return int(counted["possible_doubles"]) if counted else 0

    def resume(self, connection: str) -> None:
        """Say that the credentials of a connection are right again."""
        self._run("resume", connection)

    def audit(self) -> tuple[bool, Any] | None:
        """Return whether the audit chain holds, and what is said of it; None where there is no such command."""
        code, out, words = self._run("audit", "verify", "--json")
        if code == _USAGE:
            return None
        return code == 0, orjson.loads(out) if out.strip() else words

    def _open(self, *statuses: str) -> frozenset[str]:
        ends = {"closed", "returned", "refused", "withdrawn"}
        chosen = [part for status in statuses for part in ("--status", status)]
        rows = self._json("letters", "list", "--limit", _MOST, *chosen) or []
        return frozenset(row["tracking_code"] for row in rows if row["status"] not in ends)

    def _json(self, *arguments: str) -> Any:
        code, out, _ = self._run(*arguments, "--json")
        return orjson.loads(out) if code == 0 and out.strip() else None

    def _run(self, *arguments: str) -> tuple[int, str, str]:
        try:
            done = chapar(
                *arguments,
                "--config",
                str(self._files.configuration),
                within=_PATIENCE,
                environment=self._environment,
            )
        except subprocess.TimeoutExpired:
            return _TOO_SLOW, "", f"chapar {arguments[0]} took longer than {_PATIENCE.total_seconds():g} s"
        return (
            done.returncode,
            done.stdout.decode(errors="replace"),
            done.stderr.decode(errors="replace").strip(),
        )
