"""The one way in which XML of others is parsed: no entities, no document type fetched, no network."""

from typing import Any

from lxml import etree

__all__ = ["strict_parser"]


def strict_parser(**further: Any) -> etree.XMLParser:
    """Return a new parser; ``further`` are options of lxml's XMLParser beside these.

    Large texts are taken (a file in base64 is one of many megabytes): whoever parses bounds the size first, and refuses
    a document type afterwards.
    """
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, **further)
