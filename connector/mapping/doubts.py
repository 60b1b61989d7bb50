"""What is doubtful in a mapping that can be run: it may be meant so, and most often it is not."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from connector.domain.letter import Confidentiality, Urgency
from connector.domain.person import PersonKind
from connector.mapping.cases import CaseFile
from connector.mapping.fitting import every_step
from connector.mapping.located import Located, Location, spell
from connector.mapping.schema import OfficeMapping
from connector.mapping.schema_parts import Each, Leaf, Meaning, Send, Verdict
from connector.mapping.schema_steps import StepRole

__all__ = ["Doubt", "doubts_of"]

_CLOSED: Final[Mapping[str, tuple[str, ...]]] = {
    "letter.urgency": tuple(Urgency),
    "letter.confidentiality": tuple(Confidentiality),
    "sender.kind": tuple(PersonKind),
}
"""Our own closed lists: each word comes one day."""
_FREE: Final = frozenset({"letter.subject", "letter.text", "sender.name", "sender.address"})
"""What a citizen may write long."""
_CODED: Final = re.compile(r"code\('([^']+)',\s*([a-z_.]+)\)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """One thing to look at."""

    line: int
    path: str
    sentence: str


def doubts_of(
    mapping: OfficeMapping,
    located: Located,
    cases: CaseFile | None,
    further: Iterable[tuple[Location, str]] = (),
) -> list[Doubt]:
    """Return what is doubtful, by line. ``cases`` None: there are none. ``further`` were found elsewhere."""
    found = [
        *_ways_back(mapping),
        *_contents(mapping),
        *_texts(mapping),
        *_codes(mapping),
        *_wordless(mapping),
        *_untried(mapping, cases),
        *further,
    ]
    doubts = [
        Doubt(line=located.line(place), path=spell(place), sentence=sentence) for place, sentence in found
    ]
    return sorted(doubts, key=lambda doubt: doubt.line)


def _ways_back(mapping: OfficeMapping) -> Iterator[tuple[Location, str]]:
    operations, place = mapping.operations, ("operations",)
    is_exact = operations.find or operations.verify or mapping.idempotent_create
    if operations.find is not None and not operations.find.absence_is_proof:
        yield (
            (*place, "find", "absence_is_proof"),
            "a lost letter that find does not find will be a person's: its silence proves nothing (level C)",
        )
    if not is_exact and not operations.search:
        yield place, "the office cannot be asked for a letter: each lost answer will be a person's (level C)"
    sends = " ".join(_sources(step.send, step.envelope) for step in operations.register_.steps)
    if "correlation_key" not in sends and operations.verify is None:
        yield (
            (*place, "register"),
            "no step sends correlation_key: the office cannot be searched for it after a lost answer",
        )
    if operations.progress is None:
        yield place, "without progress nobody is told of referrals and answers"


def _contents(mapping: OfficeMapping) -> Iterator[tuple[Location, str]]:
    steps = mapping.operations.register_.steps
    sends = " ".join(_sources(step.send, step.envelope) for step in steps)
    if "content" not in sends and mapping.limits.attachment_count != 0:
        yield (
            ("operations", "register"),
            "no step sends the content of attachments: letters that have some will wait for a person",
        )
    if mapping.limits.attachment_count != 0 and mapping.limits.attachment_bytes is None:
        yield ("limits",), "attachment_bytes is not said: what the office refuses for its size is tried first"


def _texts(mapping: OfficeMapping) -> Iterator[tuple[Location, str]]:
    for place, step in every_step(mapping):
        if step.role is StepRole.DECIDES and place[:2] != ("operations", "register"):
            continue
        for inner, source in _plain_picks(step.send, (*place, "send")):
            yield (
                inner,
                f"{source} has no $longest: say what becomes of a text that is too long for the field",
            )


def _plain_picks(send: Send, place: Location) -> Iterator[tuple[Location, str]]:
    tree = send.root
    if isinstance(tree, str):
        if tree.strip() in _FREE:
            yield place, tree.strip()
    elif isinstance(tree, Leaf):
        if tree.longest is None and tree.pick is not None and tree.pick.strip() in _FREE:
            yield place, tree.pick.strip()
    elif isinstance(tree, Each):
        yield from _plain_picks(tree.give, (*place, "$give"))
    elif isinstance(tree, dict):
        for name, inner in tree.items():
            yield from _plain_picks(inner, (*place, name))
    elif isinstance(tree, list):
        for position, inner in enumerate(tree):
            yield from _plain_picks(inner, (*place, position))


def _codes(mapping: OfficeMapping) -> Iterator[tuple[Location, str]]:
    for place, step in every_step(mapping):
        for name, value in _CODED.findall(_sources(step.send, step.envelope)):
            missing = [word for word in _CLOSED.get(value, ()) if word not in mapping.lists.get(name, {})]
            if missing:
                words = ", ".join(missing)
                yield (*place, "send"), f"the list {name!r} has no code for: {words}; such letters are parked"


def _wordless(mapping: OfficeMapping) -> Iterator[tuple[Location, str]]:
    for place, step in every_step(mapping):
        verdict: Verdict | None = step.verdict
        way: Location = (*place, "verdict")
        while verdict is not None:
            if Meaning.NEVER in {*verdict.means.values(), *verdict.http.values()} and verdict.text is None:
                yield (
                    way,
                    "never refuses the letter, and without text nobody is told in what words the office did",
                )
            verdict, way = verdict.inner, (*way, "inner")


def _untried(mapping: OfficeMapping, cases: CaseFile | None) -> Iterator[tuple[Location, str]]:
    if cases is None:
        yield (), "there are no cases: the mapping is refused unless its connection says may_lack_cases"
        return
    tried = {case.operation for case in cases.cases}
    for name, _ in mapping.operations.with_steps:
        if name not in tried:
            yield ("operations", name), "no case tries this operation"
    if not any(case.outcome.fails is not None for case in cases.cases):
        yield (), "no case fails: say what the office's errors look like"
    if mapping.session is not None and not cases.session:
        yield ("session",), "the cases have no session: write the log-in once, above them"


def _sources(tree: Any, envelope: str | None = None) -> str:
    """Return every expression and template of a tree in one text."""
    if isinstance(tree, Send):
        return _sources(tree.root, envelope)
    if isinstance(tree, Leaf):
        parts = [tree.pick, tree.write, tree.xml, *tree.with_.values()]
    elif isinstance(tree, Each):
        parts = [tree.each, _sources(tree.give)]
    elif isinstance(tree, dict):
        parts = [_sources(inner) for inner in tree.values()]
    elif isinstance(tree, list):
        parts = [_sources(inner) for inner in tree]
    else:
        parts = [tree if isinstance(tree, str) else None]
    return " ".join(part for part in (*parts, envelope) if part)
