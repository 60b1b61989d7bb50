"""A letter as its steps see it: its values, what earlier steps kept, and the contents that go out."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from adapters.offices.mapped_calls import MappedCalls, items_of
from connector.errors import NotPossible
from connector.mapping.compiled import CompiledStep
from connector.mapping.vocabulary import REGISTRATION, letter_values
from connector.mapping.writing import ContentMark, packed_mark
from connector.ports.office import Kept, RegistrationRequest
from connector.transport.body import Base64Stream, Streams
from connector.transport.documents import packed

__all__ = ["LetterCalls", "LetterInHand", "Share", "Turn", "kept_of", "sent_twice"]

_RESERVE = "reserve"
_SENT = "@sent"
"""Under this name a step keeps the positions of the attachments whose content it has sent."""


class Share(Streams):
    """The contents of a letter's attachments, and the word on which of them a message must have."""

    def __init__(
        self,
        contents: Mapping[bytes, Base64Stream],
        where: str,
        *,
        required: frozenset[bytes] | None = None,
        forbidden: frozenset[bytes] = frozenset(),
    ) -> None:
        """Keep the contents. ``required`` None: any may be in the message but those that are forbidden."""
        plain = {packed_mark(mark): mark for mark in contents}
        super().__init__({**contents, **{mark: packed(contents[one]) for mark, one in plain.items()}})
        self._plain = plain
        self.found: frozenset[bytes] = frozenset()
        self._where = where
        self._required = required
        self._forbidden = forbidden

    def settle(self, found: frozenset[bytes]) -> None:
        """Raise NotPossible where the message leaves an attachment out, or sends one that another step sends."""
        found = frozenset(self._plain.get(mark, mark) for mark in found)
        if self._required is not None and self._required - found:
            raise NotPossible(f"{self._where}: the mapping leaves an attachment out.")
        if found & self._forbidden or (self._required is not None and found - self._required):
            raise sent_twice(self._where)
        self.found = found


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One call of a step before or after the number: the step, and the item where it is called for each of several."""

    name: str
    step: CompiledStep
    data: Mapping[str, Any]
    """Further values: ``item`` and ``index``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterInHand:
    """A letter, ready to be written into messages."""

    data: dict[str, Any]
    contents: Mapping[bytes, Base64Stream]


class LetterCalls(MappedCalls):
    """What the deeds around a registration share."""

    def letter_of(self, request: RegistrationRequest) -> LetterInHand:
        """Return the letter under the names that expressions use, with what earlier steps took."""
        marks = [ContentMark(b"chapar" + secrets.token_hex(16).encode("ascii")) for _ in request.attachments]
        contents = {
            bytes(mark): Base64Stream(open=content.open, size=content.attachment.size)
            for mark, content in zip(marks, request.attachments, strict=True)
        }
        attachments = [content.attachment for content in request.attachments]
        data = self.whole(letter_values(request.letter, list(zip(attachments, marks, strict=True))))
        data |= {
            "correlation_key": request.correlation_key,
            "secretariat": request.secretariat,
            "unit": request.unit,
        }
        if self.compiled.prepares or self.compiled.reserves:
            data["taken"] = self._taken_before(request.kept, data)
        return LetterInHand(data=data, contents=contents)

    def refuse_unfit(self, request: RegistrationRequest) -> None:
        """Raise NotPossible where the office takes no such attachments; nothing is sent then, not even a part."""
        limits = self.compiled.mapping.limits
        if limits.attachment_count is not None and len(request.attachments) > limits.attachment_count:
            raise NotPossible(
                "The letter has more attachments than the office takes.", limit=limits.attachment_count
            )
        for content in request.attachments:
            attachment = content.attachment
            if limits.attachment_bytes is not None and attachment.size > limits.attachment_bytes:
                raise NotPossible(
                    "An attachment is larger than the office takes.", limit=limits.attachment_bytes
                )
            if limits.attachment_types is not None and attachment.media_type not in limits.attachment_types:
                raise NotPossible("An attachment is of a type that the office does not take.")

    def turns(self, steps: list[CompiledStep], data: Mapping[str, Any]) -> Iterator[Turn]:
        """Yield the calls of these steps for this letter, in order. The same letter always has the same."""
        for step in steps:
            if not step.is_wanted(data):
                continue
            if step.each is None:
                yield Turn(name=step.name, step=step, data={})
                continue
            for index, item in enumerate(items_of(step, data), start=1):
                yield Turn(name=f"{step.name}_{index}", step=step, data={"item": item, "index": index})

    def sent_before(self, kept: Mapping[str, Kept], letter: LetterInHand) -> frozenset[bytes]:
        """Return the marks of the attachments whose content steps before the number have sent."""
        marks = list(letter.contents)
        positions = {position for left in kept.values() for position in orjson.loads(left.get(_SENT, "[]"))}
        return frozenset(marks[position] for position in positions if position < len(marks))

    def sent_after(self, letter: LetterInHand) -> frozenset[bytes]:
        """Return the marks of the attachments whose content steps after the number will send."""
        if not letter.contents or not self.compiled.follows:
            return frozenset()
        data = {**letter.data, "registration": dict.fromkeys(REGISTRATION, "0")}
        if self.compiled.session is not None:
            data["session"] = _AnyText()
        found: set[bytes] = set()
        for turn in self.turns(list(self.compiled.follows), letter.data):
            try:
                found.update(_marks_in(turn.step.written({**data, **turn.data}), letter.contents))
            except NotPossible:
                continue
        return frozenset(found)

    def _taken_before(self, kept: Mapping[str, Kept], data: Mapping[str, Any]) -> dict[str, Any]:
        taken: dict[str, Any] = {}
        for step in self.compiled.prepares:
            names = [turn.name for turn in self.turns([step], data)]
            found = [_read(kept.get(name, {}), step) for name in names]
            if step.each is not None:
                taken[step.name] = {name: [each[name] for each in found] for name in step.take}
            else:
                taken[step.name] = found[0] if found else dict.fromkeys(step.take)
        return taken | self.taken_from(kept.get(_RESERVE, {}))

    def taken_from(self, reservation: Kept) -> dict[str, Any]:
        """Return what the step that reserves took, under its name."""
        step = self.compiled.reserves
        return {} if step is None else {step.name: _read(reservation, step)}


def sent_twice(where: str) -> NotPossible:
    """Return what keeps a letter back whose mapping sends the content of an attachment in two steps."""
    return NotPossible(f"{where}: the mapping sends an attachment in two steps.")


def kept_of(taken: Mapping[str, Any], share: Share) -> Kept:
    """Return what a step leaves for later ones as the journal keeps it: each value as JSON."""
    kept = {name: orjson.dumps(value).decode() for name, value in taken.items()}
    if share.found:
        positions = [position for position, mark in enumerate(share) if mark in share.found]
        kept[_SENT] = orjson.dumps(positions).decode()
    return kept


class _AnyText(dict[str, Any]):
    """A session of which nothing is known yet: every name in it is some text."""

    def __missing__(self, _name: str) -> str:
        return "0"


def _read(kept: Kept, step: CompiledStep) -> dict[str, Any]:
    return {name: orjson.loads(kept[name]) if name in kept else None for name in step.take}


def _marks_in(value: Any, marks: Mapping[bytes, Any]) -> Iterator[bytes]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _marks_in(inner, marks)
    elif isinstance(value, list):
        for inner in value:
            yield from _marks_in(inner, marks)
    elif isinstance(value, ContentMark):
        yield from (mark for mark in marks if value in {mark, packed_mark(mark)})
    elif isinstance(value, str):
        for mark in marks:
            if mark.decode("ascii") in value or packed_mark(mark).decode("ascii") in value:
                yield mark
