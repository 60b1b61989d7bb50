"""What a certificate is about: the digest of a mapping with everything that belongs to it."""

import hashlib
from pathlib import Path

__all__ = ["mapping_digest"]


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
