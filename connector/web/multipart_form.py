"""A submission as a multipart form (RFC 7578): one part ``letter``, then a part ``attachment`` for each file.

The parser is fed as the body comes, and hands each piece of a file on to the store: no part is ever whole in memory,
but for the letter itself, which is bounded.
"""

from collections.abc import Mapping
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from connector.errors import SubmissionInvalid
from connector.intake.problems import ProblemCode, problem
from connector.web.incoming import IncomingFiles
from connector.web.json_form import read_json_object
from connector.web.part_names import file_name_of
from connector.web.problems import RequestRefused, Trouble

__all__ = ["MultipartForm"]

_LETTER: Final = "letter"
_ATTACHMENT: Final = "attachment"
_PLAIN_ENCODINGS: Final = frozenset({"", "binary", "8bit", "7bit"})


class MultipartForm:
    """Reads one form as it comes. Used by one thread at a time; every method may block on the disk."""

    def __init__(self, content_type: str, files: IncomingFiles, *, largest_letter: int) -> None:
        """Take the Content-Type header. Raise RequestRefused where it names no boundary."""
        boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
        if not boundary:
            raise _malformed("The Content-Type header names no boundary.")
        self._files = files
        self._largest_letter = largest_letter
        self._part = 0
        self._kind = ""
        self._headers: dict[str, bytes] = {}
        self._header_name = b""
        self._header_value = b""
        self._letter = bytearray()
        self._form: Mapping[str, object] | None = None
        self._is_complete = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._on_part_begin,
                    "on_header_field": self._on_header_field,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": self._on_part_data,
                    "on_part_end": self._on_part_end,
                    "on_end": self._on_end,
                },
            )
        except FormParserError:
            raise _malformed("The boundary is too long.") from None

    def feed(self, piece: bytes) -> None:
        """Take the next piece of the body.

        Raise RequestRefused where the form is broken, and LedgerUnavailable when the disk does not take a file.
        """
        try:
            self._parser.write(piece)
        except FormParserError:
            raise _malformed(f"Part {max(self._part, 1)} is not well-formed.") from None

    def end(self) -> Mapping[str, object]:
        """Return the letter's form. Raise RequestRefused where the closing boundary or the letter is missing."""
        if not self._is_complete:
            raise _malformed(f"The closing boundary is missing after part {self._part}.")
        if self._form is None:
            raise _malformed("There is no part named letter.")
        return self._form

    def _on_part_begin(self) -> None:
        self._part += 1
        self._headers = {}

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[self._header_name.decode("latin-1").lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _on_headers_finished(self) -> None:
        header = self._headers.get("content-disposition", b"")
        disposition, options = parse_options_header(header.decode("latin-1"))
        if disposition != b"form-data":
            raise self._broken("has no Content-Disposition: form-data")
        if self._text("content-transfer-encoding").lower() not in _PLAIN_ENCODINGS:
            raise self._broken("has a Content-Transfer-Encoding; send the bytes as they are")
        self._kind = options.get(b"name", b"").decode("utf-8", "replace")
        if self._kind == _LETTER:
            self._begin_letter()
        elif self._kind == _ATTACHMENT:
            self._begin_attachment(file_name_of(header, options.get(b"filename", b"")))
        else:
            raise self._broken("is named neither letter nor attachment")

    def _begin_letter(self) -> None:
        if self._part != 1:
            raise self._broken("is a letter; there is one, and it comes first")

    def _begin_attachment(self, name: str) -> None:
        if self._part == 1:
            raise self._broken("is an attachment; the letter comes first")
        index = self._part - 2
        if not self._files.begin(index, name, self._text("content-type") or None):
            # Read no further: a body of nothing but parts would keep us busy for minutes.
            raise SubmissionInvalid(self._files.problems)
        if not name:
            self._files.problems.append(problem(f"attachments[{index}].name", ProblemCode.REQUIRED))

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._kind == _ATTACHMENT:
            self._files.write(data[start:end])
            return
        if len(self._letter) + end - start > self._largest_letter:
            where = f"Part 1, the letter: at most {self._largest_letter} bytes."
            raise RequestRefused(Trouble.TOO_LARGE, where=where)
        self._letter += data[start:end]

    def _on_part_end(self) -> None:
        if self._kind == _ATTACHMENT:
            self._files.end()
            return
        self._form = read_json_object(bytes(self._letter), what="Part 1, the letter")
        self._letter = bytearray()

    def _on_end(self) -> None:
        self._is_complete = True

    def _text(self, header: str) -> str:
        return self._headers.get(header, b"").decode("latin-1").strip()

    def _broken(self, what: str) -> RequestRefused:
        return _malformed(f"Part {self._part} {what}.")


def _malformed(where: str) -> RequestRefused:
    return RequestRefused(Trouble.MALFORMED_MULTIPART, where=where)
