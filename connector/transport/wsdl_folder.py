"""The folder of a bundle: where its files are, whatever the documents say of their homes on the web.

Bundles come as vendors ship them: with imports that name the server they once lay on, with the capitals of another
file system, with imports that name no place, and without the schemas that everybody knows.
"""

import hashlib
import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from connector.transport.well_known import WELL_KNOWN
from connector.transport.wsdl_documents import (
    XSD,
    DocumentBroken,
    Reference,
    parse_document,
    read_document,
)

__all__ = ["LOCK_NAME", "BundleFolder", "Missing", "is_remote", "names_of"]

LOCK_NAME: Final = "bundle.json"
_MOST_FILES: Final = 2000
_DEEPEST: Final = 5


class Missing(Exception):
    """A document refers to another one that is nowhere in the bundle."""

    def __init__(self, path: Path, reference: Reference) -> None:
        """Keep the document and the place in it."""
        super().__init__(f"{path.name}, line {reference.line}")
        self.path = path
        self.line = reference.line
        self.namespace = reference.namespace
        self.location = reference.location


class BundleFolder:
    """Finds what the documents of one folder refer to. Reads nothing outside it but what a relative path leads to."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder; it is looked through when a document refers to something that is not simply there."""
        self._folder = folder

    def find(self, reference: Reference, path: Path) -> Path | str | None:
        """Return the file that the document at ``path`` refers to, or the namespace of a well-known schema.

        Return None where the reference names no place and needs none. Raise Missing where it is nowhere.
        """
        location, namespace = reference.location, reference.namespace or ""
        if location is not None and not is_remote(location):
            beside = _beside(path.parent, location)
            if beside is not None:
                return beside
        if reference.kind == "import" and namespace in WELL_KNOWN:
            return namespace
        if location in WELL_KNOWN:
            return location
        if location is None and self._is_inline(reference):
            return None
        found = self._by_location(location) or self._by_namespace(reference, path)
        if found is None and location is not None:
            raise Missing(path, reference)
        return found

    def _by_location(self, location: str | None) -> Path | None:
        if location is None:
            return None
        pinned = self._pinned.get(location)
        if pinned is not None:
            return pinned
        for name in names_of(location):
            found = self._by_name.get(name.lower(), [])
            if len(found) == 1:
                return found[0]
        return None

    def _by_namespace(self, reference: Reference, path: Path) -> Path | None:
        if reference.is_wsdl or reference.kind != "import":
            return None
        found = [each for each in self._schemas.get(reference.namespace or "", []) if each != path]
        return found[0] if len(found) == 1 else None

    @staticmethod
    def _is_inline(reference: Reference) -> bool:
        """Return whether a schema of this namespace stands in the same document."""
        root = reference.element.getroottree().getroot()
        return any(
            schema.get("targetNamespace") == reference.namespace for schema in root.iter(f"{{{XSD}}}schema")
        )

    @classmethod
    def around(cls, wsdl: Path) -> "BundleFolder":
        """Return the bundle that a WSDL lies in: the folder with the lock, or that of the WSDL where there is none."""
        near = list(wsdl.resolve().parents)[:_DEEPEST]
        return cls(next((folder for folder in near if (folder / LOCK_NAME).is_file()), near[0]))

    def refuse_changed(self, path: Path, content: bytes) -> None:
        """Raise DocumentBroken where the lock pins this document with other content."""
        pinned = self._digests.get(path)
        if pinned is not None and hashlib.sha256(content).hexdigest() != pinned:
            raise DocumentBroken(f"it is not what {LOCK_NAME} pins: somebody changed it, or it was damaged.")

    @cached_property
    def _pinned(self) -> dict[str, Path]:
        """Files by the place that they were fetched from."""
        return {each["from"]: self._folder / each["file"] for each in self._lock}

    @cached_property
    def _digests(self) -> dict[Path, str]:
        return {(self._folder / each["file"]).resolve(): each["sha256"] for each in self._lock}

    @cached_property
    def _lock(self) -> list[dict[str, str]]:
        try:
            told = json.loads((self._folder / LOCK_NAME).read_text(encoding="utf-8"))["documents"]
            return [{name: str(each[name]) for name in ("file", "from", "sha256")} for each in told]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, LookupError, TypeError):
            raise DocumentBroken(f"its {LOCK_NAME} cannot be read; make the bundle anew.") from None

    @cached_property
    def _files(self) -> list[Path]:
        found: list[Path] = []
        for path in sorted(self._folder.rglob("*")):
            if path.suffix.lower() in {".xsd", ".wsdl", ".xml"} and path.is_file():
                found.append(path)
                if len(found) >= _MOST_FILES:
                    break
        return found

    @cached_property
    def _by_name(self) -> dict[str, list[Path]]:
        names: dict[str, list[Path]] = {}
        for path in self._files:
            names.setdefault(path.name.lower(), []).append(path)
        return names

    @cached_property
    def _schemas(self) -> dict[str, list[Path]]:
        schemas: dict[str, list[Path]] = {}
        for path in self._files:
            if path.suffix.lower() == ".xsd":
                try:
                    root = parse_document(read_document(path))
                except DocumentBroken:
                    continue
                schemas.setdefault(root.get("targetNamespace") or "", []).append(path)
        return schemas


def is_remote(location: str) -> bool:
    """Return whether a location is an address and not a path."""
    scheme = urlsplit(location).scheme
    return len(scheme) > 1  # one letter is a drive


def names_of(location: str) -> Iterator[str]:
    """Yield the file names that a document at this address may have been saved under."""
    parts = urlsplit(location)
    for _, value in parse_qsl(parts.query, keep_blank_values=False):
        yield Path(value).name
    name = Path(unquote(parts.path)).name
    if name:
        yield name


def _beside(folder: Path, location: str) -> Path | None:
    path = folder / unquote(location.split("#", 1)[0].replace("\\", "/"))
    if path.is_file():
        return path.resolve()
    # Made on a system where capitals do not matter.
    near = [each for each in _listed(path.parent) if each.name.lower() == path.name.lower()]
    return near[0].resolve() if len(near) == 1 else None


def _listed(folder: Path) -> list[Path]:
    try:
        return [each for each in folder.iterdir() if each.is_file()]
    except OSError:
        return []
