"""The catalogue of log events and the code say the same."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from connector.observability.events import EVENTS

ROOT = Path(__file__).parents[3]
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}
SHAPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


def test_every_event_that_is_logged_is_in_the_catalogue() -> None:
    missing = {name: place for name, place in _used() if name not in EVENTS}
    lines = "\n".join(f'    "{name}": "…",  # {place}' for name, place in sorted(missing.items()))
    assert not missing, f"Add to EVENTS in connector/observability/events.py, with a sentence each:\n{lines}"


def test_every_event_in_the_catalogue_is_logged_somewhere() -> None:
    left = sorted(set(EVENTS) - {name for name, _ in _used()})
    assert not left, (
        f"Nothing logs these any more; take them out of connector/observability/events.py: {left}"
    )


def test_every_event_is_a_dotted_fact_with_a_sentence() -> None:
    for name, sentence in EVENTS.items():
        assert SHAPE.fullmatch(name), f"{name}: an event is written stage.fact"
        assert sentence.endswith("."), f"{name}: its meaning is a sentence"


def test_event_names_are_written_out_and_never_put_together() -> None:
    odd = [place for name, place in _used() if not name]
    assert not odd, f"The event name must be a plain string, so that it can be found: {odd}"


def _used() -> Iterator[tuple[str, str]]:
    """Yield every logged event name with its place; an empty name where it is not a plain string."""
    for package in ("connector", "adapters"):
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for call in ast.walk(tree):
                if isinstance(call, ast.Call) and _is_log_call(call):
                    place = f"{path.relative_to(ROOT)}:{call.lineno}"
                    for name in _names(call.args[0]):
                        yield name, place


def _is_log_call(call: ast.Call) -> bool:
    function = call.func
    if isinstance(function, ast.Name):  # say = log.warning if … else log.info
        first = call.args[0] if call.args else None
        return (
            function.id == "say"
            and isinstance(first, ast.Constant)
            and bool(SHAPE.fullmatch(str(first.value)))
        )
    if not isinstance(function, ast.Attribute) or function.attr not in LEVELS or not call.args:
        return False
    return bool(re.search(r"(^|[._])log\b|get_logger\(", ast.unparse(function.value)))


def _names(first: ast.expr) -> Iterator[str]:
    if isinstance(first, ast.IfExp):
        yield from _names(first.body)
        yield from _names(first.orelse)
    elif isinstance(first, ast.Constant) and isinstance(first.value, str):
        yield first.value
    else:
        yield ""
