"""A mapping and its WSDLs side by side: operations, what is sent, and what is read from answers."""

import difflib
from collections.abc import Iterator

from connector.mapping.compiled import CompiledMapping
from connector.mapping.complaints import Complaints
from connector.mapping.fitting import every_step
from connector.mapping.load import wsdl_path
from connector.mapping.located import Located, Location
from connector.mapping.reply_fit import answer_of, complain_of_vain
from connector.mapping.reply_paths import Value
from connector.mapping.request_fit import left_out, misfits, unknown_fields
from connector.mapping.schema import OfficeMapping
from connector.mapping.schema_service import Service, SoapMode
from connector.mapping.schema_steps import Step
from connector.mapping.soap_steps import service_name
from connector.transport.soap import SoapContract, load_contract

__all__ = ["Contracts", "calls_of", "contracts_of", "refuse_misfit", "required_and_left_out"]

Contracts = dict[str, SoapContract | None]
"""By the service's name; None in template mode, where no WSDL says anything."""


def contracts_of(compiled: CompiledMapping) -> Contracts:
    """Load the WSDL of every service. Raise MappingInvalid where one cannot be loaded."""
    return {name: _contract(compiled, service) for name, service in compiled.mapping.services.items()}


def _contract(compiled: CompiledMapping, service: Service) -> SoapContract | None:
    if service.mode is SoapMode.TEMPLATE:
        return None
    return load_contract(wsdl_path(compiled, service.wsdl or ""), service=service.service, port=service.port)


def refuse_misfit(compiled: CompiledMapping, contracts: Contracts) -> None:
    """Raise MappingInvalid with everything in which the mapping and its WSDLs differ, each with file, line and path.

    Compiles every operation that is called, so that no letter is the first to find out what its messages are.
    """
    complaints, mapping, located = Complaints(), compiled.mapping, compiled.located
    for place, step in every_step(mapping):
        contract = contracts[service_name(step, mapping)]
        if contract is not None:
            _unknown(step, place, contract, located, complaints)
    complaints.refuse()
    for place, step, contract in _by_wsdl(mapping, contracts):
        for way, words in misfits(
            step.send, contract.asked(step.call or ""), (*place, "send"), mapping.lists
        ):
            complaints.add(
                f"{located.where(way)}: the WSDL wants {words} here, and this constant is none.",
                next_step="Write what the WSDL declares; a number stands in the mapping as it is, without quotes.",
            )
    answers = _answers(mapping, contracts)
    complain_of_vain(mapping, located, lambda step: answers.get(id(step)), complaints)
    complaints.refuse()


def required_and_left_out(mapping: OfficeMapping, contracts: Contracts) -> Iterator[tuple[Location, str]]:
    """Yield every field that a request must have and the mapping never writes: its letters could not be sent."""
    for place, step, contract in _by_wsdl(mapping, contracts):
        call = step.call or ""
        for way, name in left_out(step.send, contract.asked(call), (*place, "send")):
            yield way, f"{call} requires {name!r}, and it is never sent: the message could not be written"


def calls_of(mapping: OfficeMapping, contracts: Contracts) -> set[str] | None:
    """Return the local names of the elements that the mapping's requests are; None where a step writes its own."""
    if None in contracts.values():
        return None
    outlines = [contract.outline(step.call or "") for _, step, contract in _by_wsdl(mapping, contracts)]
    return {(each.element or each.name).rpartition("}")[2] for each in outlines}


def _by_wsdl(mapping: OfficeMapping, contracts: Contracts) -> Iterator[tuple[Location, Step, SoapContract]]:
    for place, step in every_step(mapping):
        contract = contracts[service_name(step, mapping)]
        if contract is not None and step.call in contract.operations:
            yield place, step, contract


def _answers(mapping: OfficeMapping, contracts: Contracts) -> dict[int, Value]:
    answers: dict[int, Value] = {}
    for _, step, contract in _by_wsdl(mapping, contracts):
        call = step.call or ""
        service = mapping.services[service_name(step, mapping)]
        element, contents = contract.told(call)
        answers[id(step)] = answer_of(service, call, element, contents)
    return answers


def _unknown(
    step: Step, place: Location, contract: SoapContract, located: Located, complaints: Complaints
) -> None:
    """Keep what the step calls or sends and the WSDL does not have."""
    call = step.call or ""
    if call not in contract.operations:
        near = difflib.get_close_matches(call, contract.operations, n=1) or sorted(contract.operations)
        complaints.add(
            f"{located.where((*place, 'call'))}: the WSDL has no operation {call!r}.",
            next_step=f"Choose one of: {', '.join(near)}.",
        )
        return
    contract.prepare(call)
    for way, known in unknown_fields(step.send, contract.asked(call), (*place, "send")):
        near = difflib.get_close_matches(str(way[-1]), known, n=1) or known
        complaints.add(
            f"{located.where(way)}: {call} has no such field.",
            next_step=f"Choose one of: {', '.join(near)}.",
        )
