"""How an office over SOAP is called: the envelope written by its WSDL, the answer read by it."""

import difflib
from collections.abc import Mapping
from typing import Any

from adapters.offices.mapped import mapped_office
from adapters.offices.mapped_calls import NO_HEADERS, Caller
from adapters.offices.mapped_settings import (
    Credentials,
    MappedOfficeSettings,
    capabilities_of,
    credentials_of,
)
from connector.clock import now
from connector.errors import MappingInvalid
from connector.mapping.compiled import CompiledMapping, CompiledStep
from connector.mapping.load import load_office_mapping, wsdl_path
from connector.mapping.reading import Fault, Reply
from connector.mapping.schema import Service
from connector.ports.catalogue import AdapterSite
from connector.ports.office import OfficeAdapter
from connector.transport.body import Streams, spliced
from connector.transport.http import HttpAnswer, HttpClient
from connector.transport.soap import SoapContract, SoapFault

__all__ = ["soap_office"]


class _SoapCaller(Caller):
    def __init__(self, compiled: CompiledMapping, client: HttpClient, credentials: Credentials) -> None:
        self._client = client
        self._headers = credentials.headers
        self._limit = compiled.mapping.limits.answer_bytes
        self._contracts = {
            id(service): _contract(compiled, service) for service in compiled.mapping.services.values()
        }
        for step in compiled.steps:
            _refuse_unknown(step, self._contracts[id(step.service)])

    def call(
        self,
        step: CompiledStep,
        data: Mapping[str, Any],
        streams: Streams,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Reply:
        """Write the envelope, stream the attachments into it, and read the answer by the WSDL."""
        contract, operation = self._contracts[id(step.service)], step.call or ""
        message = contract.write(operation, step.send(data) or {})
        body = spliced(message.envelope, streams)
        answer = self._client.request(
            "POST",
            step.service.path,
            headers={
                "Accept": "text/xml, application/soap+xml",
                **message.headers,
                **self._headers,
                **headers,
            },
            body=body,
            is_safe=step.judge.is_safe,
            max_answer_bytes=self._limit,
        )
        return _reply(contract, operation, answer)

    def close(self) -> None:
        """Let go of sockets."""
        self._client.close()


def _contract(compiled: CompiledMapping, service: Service) -> SoapContract:
    return SoapContract(wsdl_path(compiled, service.wsdl or ""), service=service.service, port=service.port)


def _refuse_unknown(step: CompiledStep, contract: SoapContract) -> None:
    call = step.call or ""
    if call not in contract.operations:
        near = difflib.get_close_matches(call, contract.operations, n=1) or sorted(contract.operations)
        raise MappingInvalid(
            f"{step.where}.call: the WSDL has no operation {call!r}.",
            next_step=f"Choose one of: {', '.join(near)}.",
        )
    unknown = contract.unknown_field(call, step.fields)
    if unknown:
        way, known = unknown
        near = difflib.get_close_matches(way[-1], known, n=1) or known
        raise MappingInvalid(
            f"{step.where}.send.{'.'.join(way)}: {call} has no such field.",
            next_step=f"Choose one of: {', '.join(near)}.",
        )


def _reply(contract: SoapContract, operation: str, answer: HttpAnswer) -> Reply:
    try:
        content = contract.read(operation, answer.body)
    except ValueError:
        return Reply(status=answer.status, headers=answer.headers, is_readable=False)
    if isinstance(content, SoapFault):
        fault = Fault(code=content.code, text=content.text)
        return Reply(status=answer.status, headers=answer.headers, fault=fault)
    return Reply(status=answer.status, headers=answer.headers, content=content)


def soap_office(settings: MappedOfficeSettings, site: AdapterSite) -> OfficeAdapter:
    """Return the office. Raise OperatorError, with its next step, where mapping, WSDL or secret cannot be used."""
    compiled = load_office_mapping(
        settings.mapping, site.mappings, transport="soap", may_lack_cases=settings.may_lack_cases
    )
    credentials = credentials_of(settings, compiled)
    caller = _SoapCaller(compiled, HttpClient(settings.http, site.pool_size), credentials)
    return mapped_office(compiled, caller, credentials, capabilities_of(settings, compiled), now)
