"""An offline bundle: a WSDL with everything that it imports in one folder, pinned by SHA-256.

Whatever it is made from, nothing in it leads outside: remote places are rewritten to the files beside, schemas that
everybody knows are supplied by Chapar, and what is missing is named with the place that wants it.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final, Protocol
from urllib.parse import urljoin, urlsplit

from lxml import etree

from connector.errors import MappingInvalid
from connector.transport.well_known import WELL_KNOWN
from connector.transport.wsdl_documents import (
    WSDL,
    DocumentBroken,
    Reference,
    parse_document,
    read_document,
    references,
)
from connector.transport.wsdl_folder import LOCK_NAME, BundleFolder, Missing, is_remote, names_of

__all__ = ["Bundle", "Pinned", "gather_folder", "gather_url", "write_bundle"]

_MOST_DOCUMENTS: Final = 500
_MOST_BYTES: Final = 64 * 1024 * 1024
_FORMAT: Final = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Pinned:
    """One document of a bundle."""

    file: str
    """Its path in the bundle, with slashes."""
    origin: str
    """Where it came from: its address, or its path in the folder."""
    content: bytes

    @property
    def sha256(self) -> str:
        """Return the digest by which it is pinned."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(kw_only=True, slots=True)
class Bundle:
    """Everything that a WSDL leads to."""

    source: str
    documents: list[Pinned] = field(default_factory=list)
    supplied: set[str] = field(default_factory=set)
    """Namespaces whose schemas Chapar brings itself."""

    @property
    def wsdls(self) -> list[str]:
        """Return the documents that are WSDLs."""
        return [each.file for each in self.documents if each.file.endswith(".wsdl")]

    def lock(self) -> str:
        """Return the text of the lock file."""
        documents = [
            {"file": each.file, "from": each.origin, "sha256": each.sha256, "size": len(each.content)}
            for each in sorted(self.documents, key=lambda each: each.file)
        ]
        told: dict[str, Any] = {
            "format": _FORMAT,
            "source": self.source,
            "wsdls": sorted(self.wsdls),
            "documents": documents,
            "supplied": sorted(self.supplied),
        }
        return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


class _Source(Protocol):
    """Where documents come from; each has a key of its own."""

    def read(self, key: str) -> bytes: ...

    def resolve(self, reference: Reference, key: str) -> str | None: ...

    def name(self, key: str, root: etree._Element) -> str: ...


def gather_folder(folder: Path) -> Bundle:
    """Return the bundle of all WSDLs in a folder and below it, or of one WSDL.

    Raise MappingInvalid with everything that is missing and the places that want it.
    """
    home = folder if folder.is_dir() else folder.parent
    entries = sorted(home.rglob("*.wsdl")) if folder.is_dir() else [folder]
    if not entries or not entries[0].is_file():
        raise MappingInvalid(
            f"There is no WSDL in {folder}.",
            next_step="Name a folder with .wsdl files, a file, or an address.",
        )
    source = _Folder(home.resolve())
    return _gather([str(each.resolve()) for each in entries], source, home.name or "bundle")


def gather_url(url: str, fetch: Callable[[str], bytes]) -> Bundle:
    """Return the bundle of the WSDL at an address. ``fetch`` brings one document and raises DocumentBroken.

    Raise MappingInvalid with everything that could not be fetched and the places that want it.
    """
    return _gather([url], _Web(fetch), url.split("?", 1)[0])


def write_bundle(bundle: Bundle, folder: Path) -> None:
    """Write the documents and the lock, in place of an older bundle. Raise MappingInvalid for a folder of others."""
    old = folder / LOCK_NAME
    if folder.exists() and not old.is_file() and any(folder.iterdir()):
        raise MappingInvalid(
            f"{folder} holds other files, and no bundle.",
            next_step="Name a new or an empty folder with --into.",
        )
    for path in _listed(folder, old):
        path.unlink(missing_ok=True)
    for each in bundle.documents:
        path = folder / each.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each.content)
    old.write_text(bundle.lock(), encoding="utf-8")


def _listed(folder: Path, lock: Path) -> Iterator[Path]:
    try:
        named = [str(each["file"]) for each in json.loads(lock.read_text(encoding="utf-8"))["documents"]]
    except (OSError, ValueError, LookupError, TypeError):
        return
    for name in named:
        path = folder / name
        if path.resolve().is_relative_to(folder.resolve()):
            yield path


def _gather(entries: Sequence[str], source: _Source, told_source: str) -> Bundle:
    gathering = _Gathering(source)
    gathering.follow(entries)
    if gathering.complaints:
        raise MappingInvalid(
            "The bundle would not be whole:\n" + "\n".join(gathering.complaints),
            next_step="Ask the vendor for what is missing, put it beside the WSDL and bundle that folder; "
            "or describe the service in template mode, which needs no WSDL.",
        )
    bundle = Bundle(source=told_source, supplied=gathering.point())
    for key, root in gathering.roots.items():
        content = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
        pinned = Pinned(file=gathering.names[key], origin=_origin(key, told_source), content=content)
        bundle.documents.append(pinned)
    return bundle


class _Gathering:
    """Follows references until everything is there, or has been complained of."""

    def __init__(self, source: _Source) -> None:
        self.roots: dict[str, etree._Element] = {}
        self.names: dict[str, str] = {}
        self.complaints: list[str] = []
        self._source = source
        self._pointing: list[tuple[str, Reference, str]] = []
        self._size = 0

    def follow(self, entries: Sequence[str]) -> None:
        waiting = [(key, "") for key in entries]
        while waiting:
            key, wanted_by = waiting.pop(0)
            if key in self.roots:
                continue
            try:
                content = self._source.read(key)
                root = self.roots[key] = parse_document(content)
            except DocumentBroken as broken:
                self.complaints.append(f"{wanted_by}: {key}: {broken}" if wanted_by else f"{key}: {broken}")
                continue
            self._bound(len(content))
            self.names[key] = _fresh(self._source.name(key, root), self.names)
            waiting += self._led_to(key, root)

    def point(self) -> set[str]:
        """Let every reference point at the file in the bundle; return the namespaces that Chapar supplies."""
        supplied = set()
        for key, reference, target in self._pointing:
            if target in WELL_KNOWN:
                supplied.add(target)
                reference.element.attrib.pop(reference.attribute, "")
            else:
                reference.point_to(_relative(self.names[key], self.names[target]))
        return supplied

    def _bound(self, size: int) -> None:
        self._size += size
        if len(self.roots) > _MOST_DOCUMENTS or self._size > _MOST_BYTES:
            raise MappingInvalid(
                f"The WSDL leads to more than {_MOST_DOCUMENTS} documents or {_MOST_BYTES // (1024 * 1024)} MB.",
                next_step="Name the WSDL of one service.",
            )

    def _led_to(self, key: str, root: etree._Element) -> Iterator[tuple[str, str]]:
        for reference in references(root):
            place = f"{self.names[key]}, line {reference.line}"
            try:
                target = self._source.resolve(reference, key)
            except Missing:
                wanted = reference.location or reference.namespace
                self.complaints.append(f"{place}: {wanted} (namespace {reference.namespace}) is nowhere.")
                continue
            if target is not None:
                self._pointing.append((key, reference, target))
                if target not in WELL_KNOWN:
                    yield target, place


def _origin(key: str, told_source: str) -> str:
    """Return where a document came from, without the paths of this machine."""
    return key if is_remote(key) else PurePosixPath(told_source, Path(key).name).as_posix()


def _fresh(wanted: str, names: dict[str, str]) -> str:
    taken = {name.lower() for name in names.values()}
    if wanted.lower() not in taken:
        return wanted
    path = PurePosixPath(wanted)
    return next(
        name
        for number in range(2, _MOST_DOCUMENTS + 2)
        if (name := str(path.with_stem(f"{path.stem}-{number}"))).lower() not in taken
    )


def _relative(start: str, target: str) -> str:
    here, there = PurePosixPath(start).parent.parts, PurePosixPath(target).parts
    same = 0
    while same < min(len(here), len(there) - 1) and here[same] == there[same]:
        same += 1
    return "/".join([*[".."] * (len(here) - same), *there[same:]])


class _Folder:
    """Documents of a folder on disk, by their paths."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._folder = BundleFolder(home)

    def read(self, key: str) -> bytes:
        return read_document(Path(key))

    def resolve(self, reference: Reference, key: str) -> str | None:
        found = self._folder.find(reference, Path(key))
        return None if found is None else str(found)

    def name(self, key: str, root: etree._Element) -> str:
        path = Path(key)
        if path.is_relative_to(self._home):
            return path.relative_to(self._home).as_posix()
        return path.name


class _Web:
    """Documents on the web, by their addresses. They land beside each other."""

    def __init__(self, fetch: Callable[[str], bytes]) -> None:
        self._fetch = fetch

    def read(self, key: str) -> bytes:
        return self._fetch(key)

    def resolve(self, reference: Reference, key: str) -> str | None:
        namespace = reference.namespace or ""
        if reference.location is None or namespace in WELL_KNOWN or reference.location in WELL_KNOWN:
            return next((each for each in (namespace, reference.location) if each in WELL_KNOWN), None)
        target = urljoin(key, reference.location)
        if urlsplit(target).scheme not in {"http", "https"}:
            raise Missing(Path(key), reference)
        return target.split("#", 1)[0]

    def name(self, key: str, root: etree._Element) -> str:
        suffix = ".wsdl" if root.tag == f"{{{WSDL}}}definitions" else ".xsd"
        stem = next((name for name in names_of(key) if name.lower() not in {"", "wsdl"}), "document")
        stem = re.sub(r"[^A-Za-z0-9._-]", "_", stem).lstrip(".") or "document"
        for ending in (".wsdl", ".xsd", ".asmx", ".svc", ".php"):
            stem = stem[: -len(ending)] if stem.lower().endswith(ending) else stem
        return f"{stem}{suffix}"
