"""The folder portal: hands in, is answered and is told of progress, all by files."""

import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from adapters.portals.folder.place import word_of_place
from adapters.portals.folder.reading import named_files, read_form_file
from adapters.portals.folder.spool import disk_trouble, make_folder, move, safe_name, short_name, write_answer
from connector.errors import FieldProblem, SettingsInvalid, Unavailable
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.portal import PortalCapabilities, Publication, WaitingSubmission
from connector.ports.problem_document import problem_document
from connector.ports.publication_document import publication_document
from connector.transport.file_rights import SERVICE_USER, is_judged_for_another, why_not_usable

__all__ = ["PORTAL", "FolderPortal", "FolderSettings"]

_ENDING: Final = ".json"
_FOLDERS: Final = ("incoming", "answers", "taken", "refused")


class FolderSettings(BaseModel):
    """A portal that hands its submissions in through a spool directory."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    path: Path = Field(
        description="the spool directory; incoming, answers, taken and refused are made in it",
        examples=["/var/spool/chapar/portal"],
    )
    largest_form: int = Field(
        default=1_000_000,
        ge=1_000,
        le=100_000_000,
        description="bytes of a form without its files; a larger one is refused",
    )


class FolderPortal:
    """One spool directory. Thread-safe; one collection at a time is enough."""

    def __init__(self, path: Path, *, largest_form: int = 1_000_000) -> None:
        """Take the spool directory; its four folders must be there."""
        self._incoming = path / "incoming"
        self._answers = path / "answers"
        self._taken = path / "taken"
        self._refused = path / "refused"
        self._largest_form = largest_form
        self._publishing = threading.Lock()

    @property
    def capabilities(self) -> PortalCapabilities:
        """It is asked for submissions, and progress can be written back."""
        return PortalCapabilities(hands_in=True, publishes=True)

    def waiting(self) -> Iterator[WaitingSubmission]:
        """Yield the submissions that wait, oldest first. Raise Unavailable if the folder cannot be listed."""
        for name in self._names():
            read = partial(read_form_file, self._incoming, name, limit=self._largest_form)
            yield WaitingSubmission(reference=name, read=read)

    def acknowledge(self, reference: str, tracking_code: str) -> None:
        """Write the tracking code, synced, and then set the submission aside as taken."""
        document = {"submission": reference, "tracking_code": tracking_code}
        self._answer(reference, "received", document, self._taken)

    def refuse(self, reference: str, problems: Sequence[FieldProblem]) -> None:
        """Write what is wrong, synced, and then set the submission aside as refused."""
        document = {
            "submission": reference,
            "title": "The submission was refused.",
            "title_fa": "فرم پذیرفته نشد.",
            "problems": [problem_document(problem) for problem in problems],
        }
        self._answer(reference, "refused", document, self._refused)

    def publish(self, publication: Publication) -> None:
        """Replace the letter's status file; a lower position never overwrites a higher one."""
        path = self._answers / f"{safe_name(publication.submission_id)}.status{_ENDING}"
        with self._publishing, disk_trouble("The status cannot be written.", "answer_unwritable"):
            if _position_in(path) <= publication.position:
                write_answer(path, publication_document(publication))

    def place(self) -> str | None:
        """Return the word that lies in the folder itself, so that nodes that share the folder see the same one."""
        return word_of_place(self._incoming.parent)

    def check(self) -> str:
        """Count what waits. Raise Unavailable if the folders cannot be read and written."""
        with disk_trouble("The spool directory cannot be used.", "folder_unusable"):
            for folder in (self._incoming, self._answers, self._taken, self._refused):
                if refused := why_not_usable(folder):
                    raise Unavailable(
                        f"The spool directory cannot be used: {refused}.",
                        reason="folder_unusable",
                        next_step=f"Give it to the user that Chapar runs as: chown {SERVICE_USER} {folder}",
                    )
        said = f"The spool directory can be used; {len(self._names())} submissions wait."
        if is_judged_for_another():
            return f"{said} Judged by owner and mode for the user {SERVICE_USER}; its unit must let it write there too."
        return said

    def close(self) -> None:
        """Nothing is held."""

    def _names(self) -> list[str]:
        found: list[tuple[int, str]] = []
        with (
            disk_trouble("The incoming folder cannot be listed.", "folder_unreadable"),
            os.scandir(self._incoming) as entries,
        ):
            for entry in entries:
                if (
                    entry.name.startswith(".")
                    or not entry.name.endswith(_ENDING)
                    or entry.is_dir(follow_symlinks=False)
                ):
                    continue
                try:
                    arrived = entry.stat(follow_symlinks=False).st_mtime_ns
                except FileNotFoundError:  # withdrawn between the listing and the look
                    continue
                found.append((arrived, entry.name.removesuffix(_ENDING)))
        return [name for _, name in sorted(found)]

    def _answer(self, name: str, what: str, document: Mapping[str, Any], place: Path) -> None:
        with disk_trouble("The answer cannot be written.", "answer_unwritable"):
            write_answer(self._answers / f"{short_name(name)}.{what}{_ENDING}", document)
            form = self._incoming / f"{name}{_ENDING}"
            files = named_files(form, limit=self._largest_form)
            # The form first: without it nothing is waiting, and files left behind by a crash do no harm.
            if move(form, place / form.name):
                for file in files:
                    self._move_file(file, place / name)

    def _move_file(self, file: str, folder: Path) -> None:
        source = self._incoming / file
        if source.resolve().is_relative_to(self._incoming.resolve()):
            move(source, folder / file)


def _position_in(path: Path) -> int:
    try:
        document = json.loads(path.read_bytes())
        return int(document["position"])
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return -1


def _build(settings: FolderSettings, site: AdapterSite) -> FolderPortal:
    try:
        for name in _FOLDERS:
            make_folder(settings.path / name)
    except OSError as error:
        raise SettingsInvalid(
            f"The spool directory of the portal {site.name} cannot be made: {error.strerror}.",
            next_step=f"Make {settings.path} and let Chapar's user write in it; under systemd its unit must let "
            "it write there, too (ReadWritePaths=, see systemd/README.md).",
        ) from error
    return FolderPortal(settings.path, largest_form=settings.largest_form)


PORTAL: Final = AdapterKind(
    summary="The portal hands in by files in a spool directory, and is answered by files.",
    settings=FolderSettings,
    build=_build,
)
