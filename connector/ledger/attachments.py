"""The attachment store: bytes addressed by their own digest, on disk and synced before anybody is told so.

Files from 128 KiB up lie in a folder (written beside, synced, renamed, folder synced); smaller ones are rows, where
they share the group commit. Content is streamed both ways and never whole in memory, except for the small ones.
"""

import fcntl
import io
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, BinaryIO, Final

from connector.domain.attachment import Attachment, AttachmentContent
from connector.errors import LedgerError, LedgerUnavailable, SettingsInvalid

__all__ = ["ROW_LIMIT", "AttachmentMissing", "AttachmentStore", "IncomingFile", "StoredFile"]

ROW_LIMIT: Final = 128 * 1024
"""Below this a row is faster than a file, above it slower."""
HEAD_SIZE: Final = 8192


class AttachmentMissing(LedgerError):
    """The bytes of an attachment are not in the store: the folder was moved, or restored without its files."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Bytes that are in the store, synced."""

    digest: str
    size: int


class AttachmentStore:
    """Where attachments lie. Thread-safe."""

    def __init__(
        self,
        folder: Path,
        *,
        put_row: Callable[[str, bytes], None],
        get_row: Callable[[str], bytes | None],
    ) -> None:
        """Take the folder for large files, and the ledger's durable put and get for small ones."""
        self._folder = folder
        self._incoming = folder / "incoming"
        self._put_row = put_row
        self._get_row = get_row

    def prepare(self) -> None:
        """Make the folders. For the daemon alone: what root looks at must not become root's.

        Raise SettingsInvalid where this user may not write there.
        """
        try:
            self._incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
            may_write = all(os.access(place, os.W_OK | os.X_OK) for place in (self._folder, self._incoming))
        except OSError:
            may_write = False
        if not may_write:
            raise SettingsInvalid(
                f"The folder of the attachments, {self._folder}, cannot be written by this user.",
                next_step=f"Give it to the user that Chapar runs as: chown -R chapar: {self._folder}",
            )

    def begin(self) -> "IncomingFile":
        """Return a place to write one incoming file to; finish() keeps it, abandon() leaves nothing behind."""
        self._incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        return IncomingFile(self._incoming, self._keep)

    def open(self, digest: str) -> BinaryIO:
        """Return a stream of the content from its start. Raise AttachmentMissing if the store does not have it."""
        try:
            return self._path(digest).open("rb")
        except FileNotFoundError:
            content = self._get_row(digest)
            if content is None:
                raise AttachmentMissing(next_step="Restore the attachments folder from the backup.") from None
            return io.BytesIO(content)

    def content(self, attachment: Attachment) -> AttachmentContent:
        """Return the attachment with a way to its bytes."""
        return AttachmentContent(attachment=attachment, open=lambda: self.open(attachment.digest))

    def sweep_incoming(self, *, older_than: datetime) -> int:
        """Remove half-written files that a killed process left behind; return how many."""
        removed = 0
        for path in self._incoming.glob("*"):
            try:
                if path.stat().st_mtime < older_than.timestamp():
                    path.unlink()
                    removed += 1
            except FileNotFoundError:
                continue
        return removed

    def sweep_unreferenced(self, is_referenced: Callable[[str], bool], *, older_than: datetime) -> int:
        """Remove files that no letter names and that came before this instant; return how many."""
        removed = 0
        for path in self._folder.glob("??/*"):
            if not _is_older(path, older_than) or is_referenced(path.name):
                continue
            with self._held(fcntl.LOCK_EX):
                # Looked at anew: the same content may have come again, for a letter that is admitted next.
                if _is_older(path, older_than) and not is_referenced(path.name):
                    path.unlink(missing_ok=True)
                    removed += 1
        return removed

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    def _keep(self, stored: StoredFile, content: bytes | None, path: Path | None) -> None:
        if path is None:
            self._put_row(stored.digest, content or b"")
            return
        final = self._path(stored.digest)
        with self._held(fcntl.LOCK_SH):
            final.parent.mkdir(mode=0o700, exist_ok=True)
            path.replace(final)
            os.utime(final)
        _sync_folder(final.parent)
        _sync_folder(self._folder)

    @contextmanager
    def _held(self, how: int) -> Iterator[None]:
        """Hold the store, against other nodes too: shared while something is kept, alone while something is removed."""
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)


class IncomingFile:
    """One file on its way in. Not thread-safe; used by one request at a time."""

    def __init__(self, folder: Path, keep: Callable[[StoredFile, bytes | None, Path | None], None]) -> None:
        """Start empty: in memory until the row limit is passed, on disk after it."""
        self._folder = folder
        self._keep = keep
        self._digest = sha256()
        self._memory: bytearray | None = bytearray()
        self._path: Path | None = None
        self._file: IO[bytes] | None = None
        self.size = 0
        self.head = b""

    def write(self, chunk: bytes) -> None:
        """Add bytes. Raise LedgerUnavailable when the disk does not take them; the file is then abandoned."""
        self._digest.update(chunk)
        self.size += len(chunk)
        if len(self.head) < HEAD_SIZE:
            self.head += chunk[: HEAD_SIZE - len(self.head)]
        try:
            if self._memory is not None and self.size < ROW_LIMIT:
                self._memory += chunk
                return
            self._disk().write(chunk)
        except OSError as error:
            self.abandon()
            raise LedgerUnavailable("The disk does not take the attachment.", errno=error.errno) from error

    @property
    def digest(self) -> str:
        """Return the digest of what was written until now."""
        return self._digest.hexdigest()

    def finish(self) -> StoredFile:
        """Sync the content into the store and return its address. Raise LedgerUnavailable if that fails."""
        stored = StoredFile(self.digest, self.size)
        try:
            if self._file is not None:
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()
            self._keep(stored, None if self._memory is None else bytes(self._memory), self._path)
        except OSError as error:
            self.abandon()
            raise LedgerUnavailable("The disk does not take the attachment.", errno=error.errno) from error
        self._memory, self._file, self._path = None, None, None
        return stored

    def abandon(self) -> None:
        """Forget the content and remove what is on disk. May be called after finish(), and twice."""
        if self._file is not None:
            # On a full disk what still waits finds no room: the file is closed all the same.
            with suppress(OSError):
                self._file.close()
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
        self._memory, self._file, self._path = None, None, None

    def _disk(self) -> IO[bytes]:
        if self._file is None:
            self._path = self._folder / f"{secrets.token_hex(16)}.part"
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(descriptor, "wb", buffering=1 << 20)
            if self._memory:
                self._file.write(self._memory)
            self._memory = None
        return self._file


def _is_older(path: Path, instant: datetime) -> bool:
    try:
        return path.stat().st_mtime < instant.timestamp()
    except FileNotFoundError:  # another node sweeps too
        return False


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
