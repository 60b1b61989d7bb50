"""Reading SMS texts as their citizen does: which letter, which fact. Knows the texts, not who wrote them."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from connector.simulator.fates import UNITS
from connector.simulator.records import HandsetMessage, ToldFact

__all__ = ["MessageReader", "openings_in"]


def openings_in(folder: Path) -> dict[str, str]:
    """Return the fact of every text in a folder of messages (``fa/registered.txt``), by its opening words.

    Raise ValueError when two facts begin alike, for then nobody could tell them apart.
    """
    openings: dict[str, str] = {}
    for path in sorted(folder.glob("*/*.txt")):
        opening = path.read_text(encoding="utf-8").lstrip().partition("{")[0].splitlines()[0].strip()
        if openings.setdefault(opening, path.stem) != path.stem:
            raise ValueError(f"{path.name} begins like another text")
    return openings


@dataclass(frozen=True)
class MessageReader:
    """Reads messages with the openings that it knows."""

    openings: Mapping[str, str]

    def read(self, messages: Iterable[HandsetMessage], codes: Sequence[str]) -> list[ToldFact]:
        """Return what each message told; ``codes`` are the tracking codes that the portal was given."""
        known = {_bare(code): code for code in codes}
        lengths = {len(bare) for bare in known}
        return [self._read(message, known, lengths) for message in messages]

    def _read(self, message: HandsetMessage, known: Mapping[str, str], lengths: set[int]) -> ToldFact:
        kind = next((fact for words, fact in self.openings.items() if message.text.startswith(words)), None)
        code = next((known[run] for run in _runs(message.text, lengths) if run in known), None)
        unit = next((unit for unit in UNITS if unit in message.text), None) if kind == "referred" else None
        return ToldFact(
            mobile=message.mobile,
            text=message.text,
            sequence=message.sequence,
            tracking_code=code,
            kind=kind,
            unit=unit,
        )


def _runs(text: str, lengths: Iterable[int]) -> Iterator[str]:
    """Yield every run of digits of these lengths in a line of the text, whatever stands between the digits."""
    for line in text.splitlines():
        digits = _bare(line)
        for length in lengths:
            for start in range(len(digits) - length + 1):
                yield digits[start : start + length]


def _bare(text: str) -> str:
    """Return only the digits, as ASCII: a code reads the same in groups, in Persian, and between marks."""
    return "".join(
        str(unicodedata.digit(letter)) for letter in text if unicodedata.digit(letter, None) is not None
    )
