"""What this version runs of the mapping language; the rest is refused aloud when the mapping is loaded."""

from collections.abc import Iterator

from connector.errors import MappingInvalid
from connector.mapping.located import Located, Location
from connector.mapping.schema import OfficeMapping
from connector.mapping.schema_operations import Step

__all__ = ["operation_steps", "refuse_unsupported"]


def refuse_unsupported(mapping: OfficeMapping, located: Located) -> None:
    """Raise MappingInvalid, with each place, when the mapping says what this version cannot run."""
    places = list(_unsupported(mapping))
    if places:
        raise MappingInvalid(
            "\n".join(
                f"{located.where(location)}: this version does not run {what} yet"
                for location, what in places
            ),
            next_step="Write the mapping without it, or write an adapter in Python.",
        )


def operation_steps(mapping: OfficeMapping) -> Iterator[tuple[str, list[Step]]]:
    """Yield each operation that the mapping has, by name, with its steps."""
    operations = mapping.operations
    yield "register", operations.register_.steps
    for name, operation in (
        ("find", operations.find),
        ("search", operations.search),
        ("progress", operations.progress),
        ("check", operations.check),
    ):
        if operation is not None:
            yield name, operation.steps


def _unsupported(mapping: OfficeMapping) -> Iterator[tuple[Location, str]]:
    if mapping.session is not None:
        yield ("session",), "sessions"
    if len(mapping.services) > 1:
        yield ("services",), "several services in one mapping"
    for name, steps in operation_steps(mapping):
        if len(steps) > 1:
            yield ("operations", name, "steps", 1), "operations of several steps"
        for position, step in enumerate(steps):
            yield from _unsupported_in(step, ("operations", name, "steps", position))


def _unsupported_in(step: Step, location: Location) -> Iterator[tuple[Location, str]]:
    for key, what in (
        ("when", "conditions on a step"),
        ("each", "steps in a loop"),
        ("read_xml", "XML inside a text of the reply"),
        ("take", "values taken for later steps"),
    ):
        if getattr(step, key):
            yield (*location, key), what
