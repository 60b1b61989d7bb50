"""How long it takes until the shipped profiles can be used: from the name of a mapping to an office that can be called.

Counted is everything that is done for a connection when the daemon starts: reading the YAML, checking it, compiling
expressions and templates, loading the WSDL with what it imports, compiling its messages, looking at every field that
is sent. Not counted is the start of the interpreter with its modules. It happens in a process of its own, so that
nothing is warm; where there are fewer profiles than twenty they are loaded again, and what JMESPath has kept is thrown
away before each.
"""

import os
import subprocess
import sys
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

ROOT = Path(__file__).parents[2]
MAPPINGS = ROOT / "mappings"
PROFILES = 20
ROUNDS = 3


def measure() -> dict[str, float]:
    """Return seconds, wall and CPU, for twenty profiles, the median of some fresh processes; and how many differ."""
    command = [sys.executable, "-m", "tests.bench.loading"]
    rounds = []
    for _ in range(ROUNDS):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        rounds.append([float(word) for word in done.stdout.split()])
    seconds, spent, different = sorted(rounds)[ROUNDS // 2]
    return {"seconds": seconds, "cpu_seconds": spent, "different": different}


def profiles() -> list[tuple[str, str]]:
    """Return the name and the transport of every shipped mapping of an office."""
    import yaml

    paths = sorted(path for path in (MAPPINGS / "offices").glob("*.yaml") if "." not in path.stem)
    return [(path.stem, yaml.safe_load(path.read_bytes())["transport"]) for path in paths]


def _load() -> None:
    """Load twenty profiles and print how long it took, by the clock and of the processor, and how many differ."""
    from jmespath.parser import Parser

    from adapters.offices import rest, rest_calls, soap, soap_calls  # noqa: F401 - modules are not counted
    from connector.ports.catalogue import AdapterSite

    os.environ["OFFICE_SECRET"] = "secret"
    kinds: dict[str, Any] = {"soap": soap.OFFICE, "rest": rest.OFFICE}
    shipped = profiles()
    site = AdapterSite(name="bench", mappings=(MAPPINGS,), pool_size=1)
    began, spent = perf_counter(), process_time()
    for name, transport in islice(cycle(shipped), PROFILES):
        Parser.purge()
        kind, secret = kinds[transport], {"environment": "OFFICE_SECRET"}
        settings = {
            "mapping": name, "http": {"url": "http://127.0.0.1:9"},
            "username": "a", "password": secret, "token": secret,
        }  # fmt: skip
        kind.build(kind.settings.model_validate(settings), site)
    sys.stdout.write(f"{perf_counter() - began} {process_time() - spent} {min(len(shipped), PROFILES)}\n")


if __name__ == "__main__":
    _load()
