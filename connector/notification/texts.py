"""The texts of messages: one small template for each fact, reply and tongue, checked when they are loaded.

A folder holds ``fa/registered.txt``, ``en/registered.txt`` and so on. The operator's folder comes before the
shipped one, file by file.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from connector.domain.letter import Language
from connector.domain.message import FactKind, ReplyKind, Told
from connector.domain.segments import segments
from connector.errors import MappingInvalid
from connector.ledger.records import MessageMaterial
from connector.mapping.templates import CompiledTemplate, compile_template
from connector.notification.trials import try_out
from connector.notification.wording import wording

__all__ = ["Texts"]

_AIM: Final = 2
"""Parts that a text should not exceed; free words are cut to reach it."""
_AIM_WITH_REASON: Final = 3
"""A reason is worth one part more: without it the citizen can mend nothing."""
_ROOMS: Final = (100, 80, 60, 40, 25, 0)
_LIMIT: Final = 1000
_FILE_LIMIT: Final = 8000


class Texts:
    """Every text, compiled."""

    def __init__(
        self,
        templates: Mapping[tuple[Language, Told], CompiledTemplate],
        agency: Mapping[Language, str],
        *,
        asks_for_mark: bool = False,
    ) -> None:
        """Keep the templates; use ``load`` to make them from files."""
        self._templates = templates
        self._agency = agency
        self._asks_for_mark = asks_for_mark

    @classmethod
    def load(
        cls,
        folders: Sequence[Path],
        *,
        agency: Mapping[Language, str] | None = None,
        asks_for_mark: bool = False,
    ) -> "Texts":
        """Load and try every text, with a full message and with a bare one.

        ``agency`` is the short name that stands at the end of each text; ``asks_for_mark`` says whether the citizen of
        a closed letter is asked for a mark from 1 to 5. Raise MappingInvalid with file and line
        when a text is missing, names a value that there is not, or is no text at all.
        """
        for folder in folders:
            _refuse_strays(folder)
        templates = {(language, told): _compiled(folders, language, told) for language, told in _all()}
        return cls(templates, agency or {}, asks_for_mark=asks_for_mark)

    def agency(self, language: Language) -> str:
        """Return the short name that stands at the end of each text."""
        return self._agency.get(language, "")

    def render(self, material: MessageMaterial) -> str:
        """Return the text of a message, with free words cut so that it stays short where it can."""
        template = self._templates[material.language, material.fact]
        aim = _AIM_WITH_REASON if material.reason else _AIM
        text = ""
        for room in _ROOMS:
            values = wording(
                material,
                agency=self.agency(material.language),
                room=room,
                asks_for_mark=self._asks_for_mark,
            )
            text = _tidy(template.render(values))
            if segments(text).parts <= aim:
                break
        return text


def _all() -> Iterator[tuple[Language, Told]]:
    for language in Language:
        for kind in (*FactKind, *ReplyKind):
            yield language, kind


def _compiled(folders: Sequence[Path], language: Language, fact: Told) -> CompiledTemplate:
    path = _path(folders, language, fact)
    try:
        with path.open("rb") as stream:
            content = stream.read(_FILE_LIMIT + 1)
        source = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise MappingInvalid(
            f"{path}:{line}: the file is not UTF-8.", next_step="Save it as UTF-8."
        ) from None
    except OSError as error:
        raise MappingInvalid(
            f"{path}: the text cannot be read: {error.strerror or type(error).__name__}.",
            next_step="Check that the file is there and that Chapar may read it.",
        ) from None
    if len(content) > _FILE_LIMIT:
        raise MappingInvalid(f"{path}: the text is far too long for an SMS.", next_step="Make it shorter.")
    template = compile_template(source, where=str(path), limit=_LIMIT, is_whole_file=True)
    try_out(template, path, language, fact)
    return template


def _path(folders: Sequence[Path], language: Language, fact: Told) -> Path:
    name = Path(str(language)) / f"{fact}.txt"
    return next((folder / name for folder in folders if (folder / name).is_file()), folders[-1] / name)


def _refuse_strays(folder: Path) -> None:
    """Refuse a text that would never be used: most likely its name is mistyped."""
    known = [f"{language}/{told}.txt" for language, told in _all()]
    for path in sorted(folder.glob("*/*.txt")):
        name = path.relative_to(folder).as_posix()
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise MappingInvalid(
                f"{path}: no fact or reply, and tongue, has this name.",
                next_step=f"Did you mean {near[0]}?" if near else f"Choose one of: {', '.join(known)}.",
            )


def _tidy(text: str) -> str:
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)
