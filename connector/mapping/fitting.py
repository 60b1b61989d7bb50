"""Whether the parts of a mapping fit each other: steps their transport and service, codes the session."""

from collections.abc import Iterator

from connector.errors import MappingInvalid
from connector.mapping.located import Located, Location
from connector.mapping.names import nearest
from connector.mapping.schema import OfficeMapping
from connector.mapping.schema_parts import Verdict
from connector.mapping.schema_steps import Step
from connector.mapping.soap_steps import unfit_soap_step

__all__ = ["every_step", "refuse_unfit"]


def refuse_unfit(mapping: OfficeMapping, located: Located) -> None:
    """Raise MappingInvalid, with each place, where parts of the mapping do not fit each other."""
    complaints = [
        f"{located.where((*place, *unfit[0]))}: {unfit[1]}"
        for place, step in every_step(mapping)
        if (unfit := _unfit(step, mapping))
    ]
    if complaints:
        raise MappingInvalid("\n".join(complaints), next_step="Correct the steps at these places.")


def every_step(mapping: OfficeMapping) -> Iterator[tuple[Location, Step]]:
    """Yield every step of the mapping with its place, those of the session first."""
    if mapping.session is not None:
        for position, step in enumerate(mapping.session.open):
            yield ("session", "open", position), step
        if mapping.session.close is not None:
            yield ("session", "close"), mapping.session.close
    for operation, steps in mapping.operations.with_steps:
        for position, step in enumerate(steps):
            yield ("operations", operation, "steps", position), step


def _unfit(step: Step, mapping: OfficeMapping) -> tuple[Location, str] | None:
    """Return where in the step something does not fit, and what; None where all does."""
    if step.service is not None and step.service not in mapping.services:
        return ("service",), f"there is no service {step.service!r}{nearest(step.service, mapping.services)}"
    if step.service is None and len(mapping.services) > 1:
        return (), f"say which service: {', '.join(mapping.services)}"
    if mapping.transport == "soap" and (complaint := unfit_soap_step(step, mapping)):
        return (), complaint
    if mapping.transport == "rest" and (step.request is None or step.call is not None):
        return (), "a REST step has a request, and no call"
    both = sorted(_codes(step.verdict) & set(mapping.session.expired.codes)) if mapping.session else []
    if both:
        return (
            "verdict",
        ), f"the code {both[0]!r} tells that the session is over, and cannot mean anything else"
    return None


def _codes(verdict: Verdict) -> set[str]:
    return set(verdict.means) | (_codes(verdict.inner) if verdict.inner else set())
