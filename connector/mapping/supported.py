"""What this version runs of the mapping language; the rest is refused aloud when the mapping is loaded."""

from collections.abc import Iterator

from connector.errors import MappingInvalid
from connector.mapping.fitting import every_step
from connector.mapping.located import Located, Location
from connector.mapping.schema import OfficeMapping, SoapMode

__all__ = ["refuse_unsupported"]


def refuse_unsupported(mapping: OfficeMapping, located: Located) -> None:
    """Raise MappingInvalid, with each place, when the mapping says what this version cannot run."""
    places = list(_unsupported(mapping))
    if places:
        raise MappingInvalid(
            "\n".join(
                f"{located.where(location)}: this version does not run SOAP in template mode yet"
                for location in places
            ),
            next_step="Write the mapping without it, or write an adapter in Python.",
        )


def _unsupported(mapping: OfficeMapping) -> Iterator[Location]:
    for name, service in mapping.services.items():
        if service.mode is SoapMode.TEMPLATE:
            yield ("services", name, "mode")
    for place, step in every_step(mapping):
        if step.envelope is not None:
            yield (*place, "envelope")
