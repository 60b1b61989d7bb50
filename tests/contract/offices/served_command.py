"""``chapar simulate`` as a process of its own."""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["Served", "simulated"]

ROOT = Path(__file__).parents[3]


class Served:
    """The process, and the lines that it says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.put(json.loads(line))

    def until(self, event: str) -> dict[str, Any]:
        while True:
            line = self.lines.get(timeout=30)
            if line["event"] == event:
                return line


@contextmanager
def simulated(*words: str, what: str = "office") -> Iterator[Served]:
    command = [
        sys.executable,
        "-c",
        "from connector.cli.main import main; main()",
        "simulate",
        what,
        "--json",
    ]
    process = subprocess.Popen([*command, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield Served(process)
    finally:
        process.kill()
        process.wait(10)
        if process.stdout:
            process.stdout.close()
