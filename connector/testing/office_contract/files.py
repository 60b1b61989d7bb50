"""Files: they arrive byte for byte, the empty one too, and a large one is never whole in memory."""

import hashlib
from typing import BinaryIO, Final, cast

from connector.errors import ChaparError
from connector.testing.office_contract.bench import OfficeBench
from connector.testing.office_contract.checks import Check, demand, told
from connector.testing.office_contract.letters import (
    KEY,
    OTHER_KEY,
    a_file,
    a_request,
    a_sparse_file,
    carried,
    entries_of,
)
from connector.testing.office_contract.needs import Need

__all__ = ["FILES", "HUGE", "LARGE"]

LARGE: Final = 3 * 1024 * 1024
HUGE: Final = 64 * 1024 * 1024
_LARGEST_PIECE: Final = 1024 * 1024


def _noise(size: int) -> bytes:
    """Return so many bytes that do not repeat, the same each time."""
    return hashlib.shake_128(b"chapar").digest(size)


def _whole(bench: OfficeBench) -> None:
    _carry(bench, {"نامه «۱».pdf": _noise(300_001), "b & c.pdf": _noise(2), "سه.pdf": _noise(3)})


def _empty(bench: OfficeBench) -> None:
    _carry(bench, {"خالی.pdf": b""})


def _carry(bench: OfficeBench, files: dict[str, bytes]) -> None:
    request = a_request(bench, KEY, *(a_file(name, content) for name, content in files.items()))
    outcome = told(lambda: carried(bench.connect(), request, bench))
    demand(
        not isinstance(outcome, ChaparError), expected="the letter is registered with its files", came=outcome
    )
    _demand_files(bench, [(len(content), hashlib.sha256(content).hexdigest()) for content in files.values()])


def _demand_files(bench: OfficeBench, wanted: list[tuple[int, str]]) -> None:
    """Demand that the letter's own files came whole and in their order; what comes with every letter is not theirs."""
    found = _files_of(bench, KEY)
    own = [file for file in found if file in wanted]
    others = len(found) - len(own)
    usual = len(_files_without(bench)) if others else 0
    demand(
        own == wanted and others == usual,
        expected=f"files of {', '.join(str(size) for size, _ in wanted)} bytes, byte for byte and in their order"
        + (f", and the {usual} that come with every letter" if usual else ""),
        came=f"files of {', '.join(str(size) for size, _ in found) or 'no'} bytes",
    )


def _files_of(bench: OfficeBench, key: str) -> list[tuple[int, str]]:
    return [file for entry in entries_of(bench, key) for file in entry.files]


def _files_without(bench: OfficeBench) -> list[tuple[int, str]]:
    """Return the files of a letter that has none of its own: some offices want its text as a file."""
    told(lambda: carried(bench.connect(), a_request(bench, OTHER_KEY), bench))
    return _files_of(bench, OTHER_KEY)


class _Watched:
    """A stream that remembers the largest piece that anybody read at once."""

    def __init__(self, stream: BinaryIO, pieces: list[int]) -> None:
        self._stream, self._pieces = stream, pieces

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        self._pieces.append(len(piece))
        return piece

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> "_Watched":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _streamed(bench: OfficeBench, size: int) -> None:
    pieces: list[int] = []
    file = a_sparse_file("large.pdf", size, opened=lambda stream: cast(BinaryIO, _Watched(stream, pieces)))
    outcome = told(lambda: carried(bench.connect(), a_request(bench, KEY, file), bench))
    demand(
        not isinstance(outcome, ChaparError), expected="the letter is registered with its file", came=outcome
    )
    _demand_files(bench, [(size, file.attachment.digest)])
    demand(
        max(pieces, default=0) <= _LARGEST_PIECE,
        expected=f"a file is read in pieces of at most {_LARGEST_PIECE} bytes",
        came=f"a piece of {max(pieces, default=0)} bytes",
    )


FILES: Final = (
    Check(
        name="files_arrive_whole",
        theme="files",
        sentence="Files arrive byte for byte and in their order, whatever they are called.",
        sentence_fa="پرونده‌ها با هر نامی، بایت به بایت و به ترتیب می‌رسند.",
        look_at="register: how attachments are written; base64 of each file on its own",
        run=_whole,
        needs=(Need.ATTACHMENTS,),
    ),
    Check(
        name="empty_file",
        theme="files",
        sentence="An empty file is a file.",
        sentence_fa="پروندهٔ خالی هم پرونده است.",
        look_at="register: an attachment of no bytes must not be left out",
        run=_empty,
        needs=(Need.ATTACHMENTS,),
    ),
    Check(
        name="large_file",
        theme="files",
        sentence="A large file is read in pieces and never whole.",
        sentence_fa="پروندهٔ بزرگ تکه‌تکه خوانده می‌شود و هرگز یکجا در حافظه نیست.",
        look_at="register: stream the file (connector.transport.body.Base64Stream)",
        run=lambda bench: _streamed(bench, LARGE),
        needs=(Need.ATTACHMENTS, Need.LARGE_FILES),
    ),
    Check(
        name="huge_file",
        theme="files",
        sentence="A file of 64 MB arrives, read in pieces.",
        sentence_fa="پرونده‌ای ۶۴ مگابایتی تکه‌تکه می‌رسد.",
        look_at="register: limits of the adapter, and time that it gives the office",
        run=lambda bench: _streamed(bench, HUGE),
        needs=(Need.ATTACHMENTS, Need.HUGE_FILES),
        is_slow=True,
    ),
)
