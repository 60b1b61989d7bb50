"""What a certificate is about: the package of an adapter, and the digest of a mapping with all that belongs to it."""

import hashlib
from importlib.metadata import distribution, entry_points
from pathlib import Path

__all__ = ["mapping_digest", "package_of"]


def package_of(group: str, adapter: str) -> str:
    """Return the distribution that brings this adapter of a group, with its version."""
    point = next((point for point in entry_points(group=group) if point.name == adapter), None)
    found = point.dist if point is not None else None
    name = found.name if found is not None else "chapar"
    return f"{name} {found.version if found is not None else distribution(name).version}"


def mapping_digest(path: Path) -> str:
    """Return the SHA-256 of a mapping with its cases, its office's own replies and the folders of its WSDLs.

    Names and contents count, dates and places do not: the same files anywhere have the same digest.
    """
    beside = [path, path.with_suffix(".cases.yaml"), path.with_suffix(".office.yaml")]
    folders = [path.parent / path.stem, *_wsdl_folders(path)]
    files = {file for file in beside if file.is_file()}
    files |= {file for folder in folders if folder.is_dir() for file in folder.rglob("*") if file.is_file()}
    whole = hashlib.sha256()
    for file in sorted(files):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        whole.update(f"{file.relative_to(path.parent).as_posix()}\0{content}\n".encode())
    return whole.hexdigest()


def _wsdl_folders(path: Path) -> list[Path]:
    from connector.mapping.plain_yaml import load_located

    services = load_located(path).values.get("services", {})
    wsdls = [service.get("wsdl") for service in services.values() if isinstance(service, dict)]
    return [(path.parent / wsdl).parent for wsdl in wsdls if wsdl and "/" in wsdl]
