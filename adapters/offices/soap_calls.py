"""How an office over SOAP is called: by its WSDL, or with messages that the mapping writes out."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from adapters.offices.mapped import mapped_office
from adapters.offices.mapped_calls import NO_HEADERS, Caller
from adapters.offices.mapped_documents import apart, without_beside
from adapters.offices.mapped_settings import (
    Credentials,
    MappedOfficeSettings,
    capabilities_of,
    credentials_of,
    lacking,
    signer_of,
)
from connector.clock import now
from connector.errors import NotPossible, Unavailable
from connector.mapping.compiled import CompiledMapping, CompiledStep
from connector.mapping.load import load_office_mapping
from connector.mapping.reading import Fault, Reply
from connector.mapping.wsdl_fit import contracts_of, refuse_misfit
from connector.ports.catalogue import AdapterSite
from connector.ports.office import OfficeAdapter
from connector.transport.body import BodyBroken, StreamedBody, Streams, spliced
from connector.transport.http import HttpAnswer, HttpClient
from connector.transport.soap import SoapContract
from connector.transport.soap_answer import SoapFault, parsed
from connector.transport.soap_envelope import SoapMessage, SoapVersion
from connector.transport.soap_parts import joined, split, with_parts
from connector.transport.soap_security import SecurityHeader, UsernameToken
from connector.transport.soap_verifying import AnswerVerifier
from connector.transport.soap_ways import AttachmentWay
from connector.transport.soap_written import read_answer, written_message

__all__ = ["soap_office"]

_ACCEPTED: Final = "text/xml, application/soap+xml, multipart/related"


class _SoapCaller(Caller):
    def __init__(
        self,
        compiled: CompiledMapping,
        client: HttpClient,
        credentials: Credentials,
        security: Mapping[int, SecurityHeader],
        verifier: AnswerVerifier | None,
    ) -> None:
        self._client = client
        self._headers = credentials.headers
        self._limit = compiled.mapping.limits.answer_bytes
        self._security = security
        self._verifier = verifier
        contracts = contracts_of(compiled)
        refuse_misfit(compiled, contracts)
        self._contracts = {
            id(service): contracts[name] for name, service in compiled.mapping.services.items()
        }

    def call(
        self,
        step: CompiledStep,
        data: Mapping[str, Any],
        streams: Streams,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Reply:
        """Write the envelope, stream the attachments into it or beside it, and read the answer."""
        if self._verifier is not None:
            self._verifier.refuse_when_expired(now())
        contract = self._contracts[id(step.service)]
        sent, streams = apart(step.send(data), streams)
        sent, beside = without_beside(step, sent)
        message = _message(step, contract, data, sent)
        security = self._security.get(id(step.service))
        if security is not None:
            message = _secured(step, message, security, streams)
        body, wire_headers = _on_the_wire(step, message, streams, beside)
        answer = self._client.request(
            "POST",
            step.service.path,
            headers={"Accept": _ACCEPTED, **wire_headers, **self._headers, **headers},
            body=body,
            is_safe=step.judge.is_safe,
            max_answer_bytes=self._limit,
        )
        return _reply(step, contract, answer, self._verifier)

    def close(self) -> None:
        """Let go of sockets."""
        self._client.close()


def _secured(
    step: CompiledStep,
    message: SoapMessage,
    security: SecurityHeader,
    streams: Streams,
) -> SoapMessage:
    try:
        return security.secured(message, streams)
    except BodyBroken as broken:
        raise Unavailable(f"{step.where}: {broken}.", reason="file") from None


def _on_the_wire(
    step: CompiledStep, message: SoapMessage, streams: Streams, beside: Sequence[bytes]
) -> tuple[bytes | StreamedBody, Mapping[str, str]]:
    way = step.service.attachments
    try:
        if way is AttachmentWay.INLINE or (way is AttachmentWay.SWA and not streams):
            return spliced(message.document, streams), message.headers
        parted = split(message, streams, way, beside)
    except ValueError as error:
        raise NotPossible(f"{step.where}: {error}.") from None
    return parted.body, parted.headers


def _message(
    step: CompiledStep, contract: SoapContract | None, data: Mapping[str, Any], sent: Any
) -> SoapMessage:
    values = {**data, "send": sent if sent is not None else {}}
    header = step.soap.header.render(values) if step.soap.header else ""
    if contract is None:
        assert step.soap.envelope is not None  # noqa: S101 - refused at load otherwise
        text, version = step.soap.envelope.render(values), step.service.version or SoapVersion.V11
        try:
            return written_message(version, text, header=header, action=step.soap.action)
        except NotPossible as error:
            raise NotPossible(f"{step.where}.envelope: {error.sentence}") from None
    return contract.write(step.call or "", sent, header=header)


def _reply(
    step: CompiledStep, contract: SoapContract | None, answer: HttpAnswer, verifier: AnswerVerifier | None
) -> Reply:
    try:
        content = _content(step, contract, answer, verifier)
    except ValueError:
        _refuse_media_type(step, answer)
        return Reply(status=answer.status, headers=answer.headers, is_readable=False)
    if isinstance(content, SoapFault):
        if content.is_of_version:
            raise _other_version(content.code)
        fault = Fault(code=content.code, text=content.text, detail=content.detail)
        return Reply(status=answer.status, headers=answer.headers, fault=fault)
    return Reply(status=answer.status, headers=answer.headers, content=content)


def _content(
    step: CompiledStep, contract: SoapContract | None, answer: HttpAnswer, verifier: AnswerVerifier | None
) -> Any:
    lists = step.service.lists
    if contract is None and answer.status == HTTPStatus.ACCEPTED and not answer.body:
        if verifier is not None:
            verifier.refuse_unsigned()
        return {}  # one way: it was taken, and that is all (SOAP 1.1 over HTTP, section 6.2)
    envelope, parts = joined(answer.body, answer.headers.get("Content-Type", ""))
    root = parsed(envelope)
    if parts or verifier is not None:
        with_parts(root, parts, None if verifier is None else verifier.verify)
    if contract is not None:
        return contract.read(step.call or "", root, lists=lists)
    return read_answer(root, lists)


def _refuse_media_type(step: CompiledStep, answer: HttpAnswer) -> None:
    is_told = str(answer.status) in step.judge.http
    if answer.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE and not is_told:
        raise _other_version(None)


def _other_version(code: str | None) -> Unavailable:
    # Neither was read (SOAP 1.1, 4.4.1; SOAP 1.2, 5.4.6; RFC 9110, 15.5.16): certainly nothing was done.
    return Unavailable(
        "The office speaks another version of SOAP than the mapping.",
        reason="soap_version",
        code=code,
        next_step="Choose a port of the WSDL that speaks its version (port of the service), or set version in template "
        "mode; chapar wsdl check shows which there are.",
    )


def _security_of(
    compiled: CompiledMapping, settings: MappedOfficeSettings, credentials: Credentials
) -> Mapping[int, SecurityHeader]:
    headers = {}
    for service in compiled.mapping.services.values():
        wanted = service.security
        if wanted is None:
            continue
        token = None
        if wanted.username_token is not None:
            if credentials.username is None or credentials.password is None:
                raise lacking("username and password")
            token = UsernameToken(
                username=credentials.username, password=credentials.password, kind=wanted.username_token
            )
        signer = signer_of(settings) if wanted.signature else None
        headers[id(service)] = SecurityHeader(token=token, lifetime=wanted.timestamp, signer=signer, now=now)
    return headers


def soap_office(
    settings: MappedOfficeSettings, site: AdapterSite, *, office_certificate: Path | None = None
) -> OfficeAdapter:
    """Return the office; with its certificate, every answer must be signed by it.

    Raise OperatorError, with its next step, where mapping, WSDL, secret or certificate cannot be used.
    """
    compiled = load_office_mapping(
        settings.mapping, site.mappings, transport="soap", may_lack_cases=settings.may_lack_cases
    )
    credentials = credentials_of(settings, compiled)
    security = _security_of(compiled, settings, credentials)
    client = HttpClient(settings.http, site.pool_size, ntlm=credentials.ntlm)
    verifier = None if office_certificate is None else AnswerVerifier(office_certificate)
    caller = _SoapCaller(compiled, client, credentials, security, verifier)
    return mapped_office(compiled, caller, credentials, capabilities_of(settings, compiled), now)
