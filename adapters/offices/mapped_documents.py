"""Documents that a mapping writes, taken out of the fields and sent as attachments are."""

import re
import secrets
from collections.abc import Mapping
from typing import Any

from connector.errors import NotPossible
from connector.mapping.compiled import CompiledStep
from connector.mapping.schema_parts import BESIDE
from connector.mapping.writing import ContentMark, Document
from connector.transport.body import Streams
from connector.transport.documents import DocumentStream, document_of

__all__ = ["apart", "without_beside"]


def apart(sent: Any, streams: Streams) -> tuple[Any, Streams]:
    """Return what is sent with a mark in the place of each document, and the streams with the documents among them.

    The contents of attachments stand in a document as they would in the message: their marks are told as found.
    """
    documents: dict[bytes, tuple[DocumentStream, frozenset[bytes]]] = {}
    marked = _marked(sent, streams, documents)
    return (marked, _WithDocuments(streams, documents)) if documents else (sent, streams)


def without_beside(step: CompiledStep, sent: Any) -> tuple[Any, list[bytes]]:
    """Return the fields of the message alone, and the marks of what goes beside it.

    Raise NotPossible where something else than contents and documents is to go there.
    """
    if not isinstance(sent, dict) or BESIDE not in sent:
        return sent, []
    told = sent[BESIDE]
    beside = told if isinstance(told, list) else [told]
    if not all(isinstance(mark, ContentMark) for mark in beside):
        raise NotPossible(f"{step.where}.send.{BESIDE}: only contents of attachments and documents go there.")
    return {name: value for name, value in sent.items() if name != BESIDE}, [bytes(mark) for mark in beside]


class _WithDocuments(Streams):
    def __init__(
        self, around: Streams, documents: Mapping[bytes, tuple[DocumentStream, frozenset[bytes]]]
    ) -> None:
        super().__init__({**around, **{mark: stream for mark, (stream, _) in documents.items()}})
        self._around = around
        self._inside = {mark: inside for mark, (_, inside) in documents.items()}

    def settle(self, found: frozenset[bytes]) -> None:
        """Take the contents inside the documents for found in the message."""
        inside = frozenset[bytes]().union(*(self._inside[mark] for mark in found if mark in self._inside))
        self._around.settle((found - self._inside.keys()) | inside)


def _marked(
    value: Any, streams: Streams, documents: dict[bytes, tuple[DocumentStream, frozenset[bytes]]]
) -> Any:
    if isinstance(value, dict):
        return {name: _marked(inner, streams, documents) for name, inner in value.items()}
    if isinstance(value, list):
        return [_marked(inner, streams, documents) for inner in value]
    if not isinstance(value, Document):
        return value
    mark = ContentMark(b"chapar" + secrets.token_hex(16).encode("ascii"))
    documents[bytes(mark)] = _woven(value, streams)
    return mark


def _woven(document: Document, streams: Streams) -> tuple[DocumentStream, frozenset[bytes]]:
    """Return the document with the contents in it as base64, and their marks."""
    text = document.encode()
    pieces = re.split(b"(" + b"|".join(map(re.escape, streams)) + b")", text) if streams else [text]
    stream = document_of([streams.get(piece, piece) for piece in pieces], document.media_type)
    return stream, frozenset(piece for piece in pieces if piece in streams)
