"""What a letter would send by a mapping: a case is played on loopback, and its requests are shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from connector.cli.mapping_files import MappingFile
from connector.errors import ChaparError, MappingInvalid

if TYPE_CHECKING:
    from connector.mapping.cases import Case, CaseFile
    from connector.testing.mapping_cases import CaseRun
    from connector.testing.played_office import SeenRequest

__all__ = ["Preview", "previewed"]

_LONGEST: Final = 2000
"""Characters of a text that are shown, and of a word, which is most often the content of a file."""
_LONGEST_WORD: Final = 160
_UNTOLD: Final = frozenset(
    {"host", "content-length", "connection", "accept-encoding", "accept", "user-agent"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """The requests of one letter."""

    case: str
    requests: list[dict[str, Any]]
    """Each with method, target, headers and body, contents shortened."""
    ending: str
    """A sentence on how it ended."""

    def as_plain(self) -> dict[str, Any]:
        """Return it for machines."""
        return {"case": self.case, "requests": self.requests, "ending": self.ending}


def previewed(file: MappingFile, *, operation: str, case: str | None, letter: Path | None) -> Preview:
    """Return the requests of a case, or of its steps with another letter.

    Raise MappingInvalid where there is no such case, or where mapping, cases or letter cannot be read.
    """
    from connector.testing.mapping_cases import example_credentials, play_cases, play_once

    cases = _cases(file)
    chosen = _chosen(cases, operation, case, file)
    alone = cases.model_copy(update={"cases": [chosen]})
    with example_credentials() as credentials:
        settings = {**credentials, "may_lack_cases": True}
        (run,) = play_cases(file.path, alone, file.kind, settings)
        if letter is not None:
            other = chosen.model_copy(update={"letter": _letter(letter)})
            run = play_once(file.path, other, file.kind, settings, _alike(run))
    return Preview(
        case=chosen.name, requests=[_shown(request) for request in run.requests], ending=_ending(run.outcome)
    )


def _cases(file: MappingFile) -> "CaseFile":
    """Return the cases; where there are none one that is answered by nothing."""
    from connector.mapping.cases import CaseFile, load_cases
    from connector.mapping.load import cases_path

    if cases_path(file.path).is_file():
        return load_cases(cases_path(file.path))[0]
    unanswered = {
        "name": "no case, no answers",
        "exchanges": [{"reply": {}}] * 20,
        "outcome": {"absent": True},
    }
    return CaseFile.model_validate({"cases": [unanswered]})


def _chosen(cases: "CaseFile", operation: str, name: str | None, file: MappingFile) -> "Case":
    found = [case for case in cases.cases if (case.name == name if name else case.operation == operation)]
    if not found:
        known = ", ".join(repr(case.name) for case in cases.cases)
        raise MappingInvalid(
            f"{file.path}: no case {f'is named {name!r}' if name else f'tries {operation}'}.",
            next_step=f"Choose one with --case: {known}.",
        )
    return found[0]


def _letter(path: Path) -> Any:
    from connector.mapping.cases import CaseLetter
    from connector.mapping.located import load_located, validate

    return validate(CaseLetter, load_located(path))


def _alike(run: "CaseRun") -> dict[str, list[Any]]:
    """Return the replies of a run by the kind of call that they answered."""
    from connector.testing.played_office import kind_of

    exchanges = [*run.log_in, *run.case.conversation]
    replies: dict[str, list[Any]] = {}
    for request in run.requests:
        if request.position < len(exchanges):
            replies.setdefault(kind_of(request), []).append(exchanges[request.position].reply)
    return replies


def _shown(request: "SeenRequest") -> dict[str, Any]:
    query = "&".join(f"{name}={value}" for name, value in request.query.items())
    return {
        "method": request.method,
        "target": request.path + (f"?{query}" if query else ""),
        "headers": {name: value for name, value in request.headers.items() if name not in _UNTOLD},
        "body": "\n".join(_lines(request.body)),
    }


def _lines(body: bytes) -> Iterator[str]:
    import orjson
    from lxml import etree

    from connector.transport.strict_xml import strict_parser

    if body.lstrip()[:1] == b"<":
        root = etree.fromstring(body, strict_parser(remove_blank_text=True))
        for element in root.iter():
            element.text = _short(element.text)
        yield from etree.tostring(root, pretty_print=True, encoding="unicode").splitlines()
    elif body:
        plain = _shortened(orjson.loads(body))
        yield from orjson.dumps(plain, option=orjson.OPT_INDENT_2).decode().splitlines()


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shortened(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_shortened(inner) for inner in value]
    return _short(value) if isinstance(value, str) else value


def _short(text: str | None) -> str | None:
    if text is None:
        return None
    longest = _LONGEST if " " in text.strip() else _LONGEST_WORD
    return text if len(text) <= longest else f"{text[: longest // 2]}… ({len(text)} characters)"


def _ending(outcome: Any) -> str:
    if isinstance(outcome, ChaparError):
        return f"It ended with {type(outcome).__name__}: {outcome.sentence}"
    return f"It ended with {type(outcome).__name__}." if outcome is not None else "The office has nothing."
