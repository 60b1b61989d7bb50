"""The contract of a simulated office at its own address, as vendors publish theirs: the WSDL, and what it imports.

Only files of the WSDLs' folder are shown. What a document refers to is named by its place here, and the address of
the service is this office's, so that any other client finds its way too.
"""

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import quote, unquote

from lxml import etree

from connector.simulator.exchange import Answering, Reply, Request
from connector.transport.wsdl_documents import DocumentBroken, parse_document, read_document, references
from connector.transport.wsdl_folder import BundleFolder, Missing

__all__ = ["Published"]

_SHOWN: Final = frozenset({".wsdl", ".xsd", ".xml"})
_ADDRESS: Final = "{*}service/{*}port/{*}address"


class Published:
    """Answers GET with the contract, and leaves everything else to the office."""

    def __init__(self, wsdls: Sequence[Path], office: Answering) -> None:
        """Keep where the documents are; each is read when it is asked for."""
        self._wsdls = [wsdl.resolve() for wsdl in wsdls]
        self._home = Path(os.path.commonpath([wsdl.parent for wsdl in self._wsdls]))
        self._folder = BundleFolder(self._home)
        self._office = office

    @property
    def paths(self) -> list[str]:
        """Return the path of each WSDL at this office's address."""
        return [self._path(wsdl) for wsdl in self._wsdls]

    def __call__(self, request: Request) -> Reply:
        """Return the document that is asked for, by its path or by ``?wsdl``; else what the office answers."""
        file = self._asked(request) if request.method == "GET" else None
        if file is None:
            return self._office(request)
        try:
            content = self._as_published(file, f"http://{request.headers.get('host', '')}")
        except DocumentBroken as broken:
            return Reply(500, f"{file.name}: {broken}".encode(), "text/plain; charset=utf-8")
        return Reply(200, content, "text/xml; charset=utf-8")

    def _asked(self, request: Request) -> Path | None:
        path = PurePosixPath(unquote(request.path))
        if any(name.lower() == "wsdl" for name in request.query):
            named = [wsdl for wsdl in self._wsdls if wsdl.stem.lower() == path.stem.lower()]
            found = named if len(self._wsdls) > 1 else self._wsdls
            return found[0] if len(found) == 1 else None
        file = (self._home / str(path).lstrip("/")).resolve()
        is_here = file.is_relative_to(self._home) and file.suffix.lower() in _SHOWN
        return file if is_here and file.is_file() else None

    def _as_published(self, file: Path, address: str) -> bytes:
        root = parse_document(read_document(file))
        for reference in list(references(root)):
            try:
                target = self._folder.find(reference, file)
            except Missing:
                continue
            if isinstance(target, Path) and target.is_relative_to(self._home):
                reference.point_to(self._path(target))
            elif isinstance(target, str):
                reference.element.attrib.pop(reference.attribute, "")
        for place in root.iterfind(_ADDRESS):
            place.set("location", address)
        return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))

    def _path(self, file: Path) -> str:
        return "/" + quote(file.relative_to(self._home).as_posix())
