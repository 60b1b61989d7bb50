"""A WSDL with everything that it imports, each document read once."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from lxml import etree

from connector.transport.wsdl_documents import XSD, DocumentBroken, parse_document, read_document, references
from connector.transport.wsdl_folder import BundleFolder, Missing

__all__ = ["Closure"]

_MOST_DOCUMENTS: Final = 500
_LIST: Final = f"{{{XSD}}}list"
_RESTRICTION: Final = f"{{{XSD}}}restriction"


class Closure:
    """The documents that a WSDL leads to, with every reference pointing at a file or at a well-known schema.

    Importing in a circle is fine: each document is there once.
    """

    def __init__(self, wsdl: Path, folder: BundleFolder | None = None) -> None:
        """Read everything. What is nowhere is in ``missing``. Raise DocumentBroken where a document cannot be read."""
        self.wsdl = wsdl.resolve()
        self.missing: list[Missing] = []
        """Every place that refers to what is nowhere in the bundle."""
        self._folder = folder or BundleFolder.around(wsdl)
        self._documents: dict[Path, etree._Element] = {}
        self._read()
        lists = frozenset(self._list_types())
        for root in self._documents.values():
            _without_restricted_lists(root, lists)

    @property
    def documents(self) -> Mapping[Path, etree._Element]:
        """Return every document by its file, the WSDL first."""
        return self._documents

    def content(self, path: Path) -> bytes:
        """Return one document as it is to be read. Raise KeyError where the WSDL does not lead to it."""
        return etree.tostring(self._documents[path])

    def _read(self) -> None:
        waiting = [self.wsdl]
        while waiting:
            path = waiting.pop(0)
            if path in self._documents:
                continue
            if len(self._documents) >= _MOST_DOCUMENTS:
                raise DocumentBroken(f"it leads to more than {_MOST_DOCUMENTS} documents.")
            try:
                content = read_document(path)
                self._folder.refuse_changed(path, content)
                root = self._documents[path] = parse_document(content)
            except DocumentBroken as broken:
                if path == self.wsdl:
                    raise
                raise DocumentBroken(f"{path.name}: {broken}") from None
            waiting += self._led_to(path, root)

    def _led_to(self, path: Path, root: etree._Element) -> Iterator[Path]:
        for reference in references(root):
            try:
                found = self._folder.find(reference, path)
            except Missing as missing:
                self.missing.append(missing)
                continue
            if found is not None:
                reference.point_to(str(found))
            if isinstance(found, Path):
                yield found

    def _list_types(self) -> Iterator[str]:
        for root in self._documents.values():
            for named in root.iter(_LIST):
                around = named.getparent()
                schema = next(named.iterancestors(f"{{{XSD}}}schema"), None)
                if around is not None and around.get("name") and schema is not None:
                    yield f"{{{schema.get('targetNamespace') or ''}}}{around.get('name')}"


def _without_restricted_lists(root: etree._Element, lists: frozenset[str]) -> None:
    """Write a restricted list type out as a list of texts.

    zeep 4.3 cannot read such a type (it takes its name for that of the items), and passes over what restricts it.
    """
    for restriction in list(root.iter(_RESTRICTION)) if lists else ():
        prefix, _, name = (restriction.get("base") or "").rpartition(":")
        around = restriction.getparent()
        if around is None or f"{{{restriction.nsmap.get(prefix or None) or ''}}}{name}" not in lists:
            continue
        if around.tag == f"{{{XSD}}}simpleType":
            plain = etree.Element(_LIST)
            inner = etree.SubElement(plain, f"{{{XSD}}}simpleType")
            own = next(each for each, namespace in restriction.nsmap.items() if namespace == XSD)
            etree.SubElement(inner, _RESTRICTION).set("base", f"{own}:string" if own else "string")
            around.replace(restriction, plain)
