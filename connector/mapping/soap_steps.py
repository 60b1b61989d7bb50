"""What a step over SOAP writes out itself: the body or the envelope in template mode, and blocks of the header."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from connector.mapping.located import Location
from connector.mapping.schema import OfficeMapping
from connector.mapping.schema_parts import BESIDE, Each, Send
from connector.mapping.schema_service import Service, SoapMode
from connector.mapping.schema_steps import Step
from connector.mapping.templates import CompiledTemplate
from connector.mapping.writing import Scope, turner
from connector.mapping.xml_samples import complaint_about
from connector.transport.soap_ways import AttachmentWay
from connector.transport.soap_written import not_a_message

__all__ = ["CompiledSoap", "compile_soap", "service_name", "unfit_soap_step"]

_LONGEST: Final = 1024 * 1024
"""Characters of one message; attachments do not count, they take their places on the wire."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledSoap:
    """The written-out parts of one step; None where it has none."""

    envelope: "XmlTemplate | None" = None
    header: "XmlTemplate | None" = None
    action: str = ""


class XmlTemplate:
    """A template that writes XML: values are escaped, and turned to the letters that the office stores."""

    def __init__(self, template: CompiledTemplate, turn: Callable[[Any], Any]) -> None:
        """Keep the compiled template."""
        self._template = template
        self._turn = turn

    def render(self, values: Mapping[str, Any]) -> str:
        """Return the XML. Raise NotPossible where a value is missing or cannot stand in XML."""
        text: str = self._turn(self._template.render(values))
        return text


def service_name(step: Step, mapping: OfficeMapping) -> str:
    """Return the name of the service that the step calls."""
    return step.service if step.service is not None else next(iter(mapping.services))


def compile_soap(step: Step, service: Service, name: str, location: Location, scope: Scope) -> CompiledSoap:
    """Compile what the step writes out; ``name`` is that of its service.

    A complaint with its place is kept where a template does not compile, or is seen to write what is no XML.
    """
    header, place = step.header, (*location, "header")
    if header is None:
        header, place = service.header, ("services", name, "header")
    return CompiledSoap(
        envelope=_template(step.envelope, (*location, "envelope"), scope),
        header=_template(header, place, scope),
        action=step.action or "",
    )


def _template(source: str | None, location: Location, scope: Scope) -> XmlTemplate | None:
    if source is None:
        return None
    where = scope.located.where(location)
    known = {**scope.known, "send": None}
    template = scope.complaints.template(source, where=where, limit=_LONGEST, style="xml", known=known)
    complaint = complaint_about(template, not_a_message)
    if complaint:
        scope.complaints.add(f"{where}: {complaint}", next_step="Correct the template at this place.")
    return XmlTemplate(template, turner(scope.text, where))


def unfit_soap_step(step: Step, mapping: OfficeMapping) -> str | None:
    """Return what is wrong with a step over SOAP; None where it fits its service."""
    if step.request is not None:
        return "a SOAP step has no request"
    service = mapping.services[service_name(step, mapping)]
    if complaint := _unfit_beside(step.send, service):
        return complaint
    if service.mode is SoapMode.TEMPLATE:
        if step.envelope is None or step.call is not None:
            return "in template mode a step writes its message in envelope, and has no call"
        return None
    if step.call is None or step.envelope is not None or step.action is not None:
        return "a step by the WSDL names its operation in call, and has neither envelope nor action"
    return None


def _unfit_beside(send: Send, service: Service) -> str | None:
    if not _has_beside(send):
        return None
    if not isinstance(send.root, dict) or any(_has_beside(inner) for inner in send.root.values()):
        return f"{BESIDE} stands on top of send: what goes beside the message belongs to no field"
    if service.attachments is not AttachmentWay.SWA:
        return f"{BESIDE} needs a service with attachments: swa"
    if service.security is not None and service.security.signature:
        return f"{BESIDE} would not be signed, and the service says signature: true"
    return None


def _has_beside(send: Send) -> bool:
    tree = send.root
    if isinstance(tree, Each):
        return _has_beside(tree.give)
    if isinstance(tree, dict):
        return BESIDE in tree or any(_has_beside(inner) for inner in tree.values())
    return isinstance(tree, list) and any(_has_beside(inner) for inner in tree)
