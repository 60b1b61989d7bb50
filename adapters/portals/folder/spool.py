"""What is done on disk: atomic answers, names that are safe, and files that are opened without following anything."""

import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final
from urllib.parse import quote

from connector.errors import Unavailable

__all__ = ["disk_trouble", "make_folder", "move", "open_inside", "safe_name", "short_name", "write_answer"]

_LONGEST_NAME: Final = 180
"""Bytes; with our endings it stays under the 255 that file systems take."""
_ANSWER_MODE: Final = 0o640
_FOLDER_MODE: Final = 0o770
"""The portal's user writes in our folders by their group; nobody else looks into them."""
_USABLE: Final = (
    "See that the spool directory is there, and that the user that Chapar runs as may write in it."
)
_PLAIN_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def safe_name(submission_id: str) -> str:
    """Return a file name for any submission id: percent-encoded, never hidden, never two ids with the same name."""
    encoded = quote(submission_id.encode("utf-8", "surrogatepass"), safe="")
    if encoded.startswith("."):
        encoded = "%2E" + encoded[1:]
    return short_name(encoded)


def short_name(name: str) -> str:
    """Return the name, or a shorter one with its digest in it (after ``%-``, which no encoded name contains)."""
    content = os.fsencode(name)
    if len(content) <= _LONGEST_NAME:
        return name
    return content[:80].decode("utf-8", "ignore") + "%-" + sha256(content).hexdigest()


def write_answer(path: Path, document: Mapping[str, Any]) -> None:
    """Write a JSON file so that a reader sees the old or the new one whole, also after a power cut."""
    content = json.dumps(document, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n"
    beside = path.with_name(f".{short_name(path.name)}.part")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        os.fchmod(descriptor, _ANSWER_MODE)  # whatever our umask is: the portal's user reads it by its group
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)
    _sync(path.parent)


def make_folder(folder: Path) -> None:
    """Make the folder and what is missing above it: open to its group, whatever our umask is.

    What root makes, as a check does, belongs to whom the folder above belongs; else the service could not write there.
    Raises OSError where it cannot be made.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent)
    try:
        folder.mkdir(mode=_FOLDER_MODE)
    except FileExistsError:
        if folder.is_dir():  # another node was faster
            return
        raise
    above, made = folder.parent.stat(), folder.stat()
    if os.geteuid() == 0:
        os.chown(folder, above.st_uid, above.st_gid)
    wanted = stat.S_IMODE(made.st_mode) | _FOLDER_MODE
    if wanted != stat.S_IMODE(made.st_mode):
        with suppress(
            PermissionError
        ):  # the sandbox forbids it where the group is inherited; the unit has a umask for that
            folder.chmod(wanted)


def move(source: Path, target: Path) -> bool:
    """Rename and sync both folders; return False where the source is not there any more."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        source.replace(target)
    except FileNotFoundError:
        return False
    _sync(target.parent)
    _sync(source.parent)
    return True


def open_inside(folder: Path, relative: str) -> BinaryIO:
    """Open a plain file inside the folder; no part of the way may be a link.

    Raise ValueError if the name leads outside or to anything but a plain file, and FileNotFoundError if it is not
    there.
    """
    parts = PurePosixPath(relative).parts
    if not parts or relative.startswith("/") or "\x00" in relative or ".." in parts:
        raise ValueError("The name leads outside the folder.")
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            inner = _open_at(part, _PLAIN_READ | os.O_DIRECTORY, place)
            os.close(place)
            place = inner
        descriptor = _open_at(parts[-1], _PLAIN_READ, place)
    finally:
        os.close(place)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError("The name does not lead to a plain file.")
    return os.fdopen(descriptor, "rb")


@contextmanager
def disk_trouble(sentence: str, reason: str) -> Iterator[None]:
    """Turn an OSError into Unavailable: the folder is not there or not ours just now."""
    try:
        yield
    except OSError as error:
        raise Unavailable(sentence, reason=reason, errno=error.errno, next_step=_USABLE) from error


def _open_at(name: str, flags: int, place: int) -> int:
    try:
        return os.open(name, flags, dir_fd=place)
    except (FileNotFoundError, PermissionError):
        raise
    except OSError as error:  # a link, a socket, a device, a name that is too long, a file on the way
        raise ValueError("The name does not lead to a plain file.") from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
