"""How an office over REST is called: JSON written by its mapping, attachments streamed into it, JSON read."""

from collections.abc import Mapping
from typing import Any

import orjson

from adapters.offices.mapped import mapped_office
from adapters.offices.mapped_calls import NO_HEADERS, Caller
from adapters.offices.mapped_documents import apart
from adapters.offices.mapped_settings import (
    Credentials,
    MappedOfficeSettings,
    capabilities_of,
    credentials_of,
)
from connector.clock import now
from connector.errors import NotPossible
from connector.mapping.compiled import CompiledMapping, CompiledStep
from connector.mapping.expressions import CompiledExpression
from connector.mapping.load import load_office_mapping
from connector.mapping.reading import Reply
from connector.mapping.templates import Spelling
from connector.mapping.writing import ContentMark
from connector.ports.catalogue import AdapterSite
from connector.ports.office import OfficeAdapter
from connector.transport.body import StreamedBody, Streams, spliced
from connector.transport.http import HttpAnswer, HttpClient

__all__ = ["rest_office"]


class _RestCaller(Caller):
    def __init__(self, compiled: CompiledMapping, client: HttpClient, credentials: Credentials) -> None:
        self._client = client
        self._headers = credentials.headers
        self._limit = compiled.mapping.limits.answer_bytes

    def call(
        self,
        step: CompiledStep,
        data: Mapping[str, Any],
        streams: Streams,
        *,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Reply:
        """Write the JSON, stream the attachments into it, and read the answer as JSON."""
        request = step.request
        assert request is not None  # noqa: S101 - refused at load otherwise
        sent = {"Accept": "application/json", **_texts(request.headers, data), **self._headers, **headers}
        body = _body(step, data, streams)
        if body is not None:
            sent["Content-Type"] = "application/json"
        answer = self._client.request(
            request.method,
            step.service.path.rstrip("/") + request.path.render(data),
            headers=sent,
            params=_texts(request.query, data, request.spelling),
            body=body,
            is_safe=step.judge.is_safe,
            max_answer_bytes=self._limit,
        )
        return _reply(answer)

    def close(self) -> None:
        """Let go of sockets."""
        self._client.close()


def _body(step: CompiledStep, data: Mapping[str, Any], streams: Streams) -> bytes | StreamedBody | None:
    if not step.has_body:
        return None
    sent, streams = apart(step.send(data), streams)
    try:
        message = orjson.dumps(sent, default=_mark)
    except (TypeError, orjson.JSONEncodeError):
        raise NotPossible(f"{step.where}: the values cannot be written as JSON.") from None
    return spliced(message, streams)


def _mark(value: Any) -> str:
    if isinstance(value, ContentMark):
        return str(value)
    raise TypeError


def _texts(
    expressions: Mapping[str, CompiledExpression], data: Mapping[str, Any], spelling: Spelling | None = None
) -> dict[str, str]:
    found = {name: expression.search(data) for name, expression in expressions.items()}
    return {name: _text(value, spelling) for name, value in found.items() if value is not None}


def _text(value: Any, spelling: Spelling | None) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return spelling(text) if spelling is not None else text


def _reply(answer: HttpAnswer) -> Reply:
    try:
        content = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return Reply(status=answer.status, headers=answer.headers, is_readable=False)
    return Reply(status=answer.status, headers=answer.headers, content=content)


def rest_office(settings: MappedOfficeSettings, site: AdapterSite) -> OfficeAdapter:
    """Return the office. Raise OperatorError, with its next step, where mapping or secret cannot be used."""
    compiled = load_office_mapping(
        settings.mapping, site.mappings, transport="rest", may_lack_cases=settings.may_lack_cases
    )
    credentials = credentials_of(settings, compiled)
    caller = _RestCaller(
        compiled, HttpClient(settings.http, site.pool_size, ntlm=credentials.ntlm), credentials
    )
    return mapped_office(compiled, caller, credentials, capabilities_of(settings, compiled), now)
