"""Finding and loading a mapping by its name."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from connector.errors import MappingInvalid
from connector.mapping.compiled import CompiledMapping
from connector.mapping.compiling import compile_mapping
from connector.mapping.fitting import refuse_unfit
from connector.mapping.located import load_located, validate
from connector.mapping.schema import OfficeMapping

__all__ = ["cases_path", "find_mapping", "load_office_mapping", "wsdl_path"]

_KIND: Final = "offices"


def load_office_mapping(
    name: str, folders: Sequence[Path], *, transport: Literal["soap", "rest"], may_lack_cases: bool = False
) -> CompiledMapping:
    """Find, check and compile the office mapping of this name, for an adapter of this transport.

    Raise MappingInvalid with file, line, path and next step when it is absent, wrong, of another transport, asks
    for what this version cannot run, or has no cases although it must.
    """
    path = find_mapping(name, folders)
    located = load_located(path)
    mapping = validate(OfficeMapping, located)
    if mapping.transport != transport:
        raise MappingInvalid(
            f"{located.where(('transport',))}: this mapping speaks {mapping.transport}, not {transport}.",
            next_step=f"Set the connection's adapter to {mapping.transport}, or name another mapping.",
        )
    refuse_unfit(mapping, located)
    if not may_lack_cases and not cases_path(path).is_file():
        raise MappingInvalid(
            f"{path}: the mapping has no cases beside it ({cases_path(path).name}).",
            next_step="Write at least one case, or set may_lack_cases = true at the connection for a trial.",
        )
    return compile_mapping(mapping, located)


def find_mapping(name: str, folders: Sequence[Path]) -> Path:
    """Return the file of this mapping; the first folder that has it counts. Raise MappingInvalid if none has."""
    places = [folder / _KIND for folder in folders]
    for place in places:
        path = place / f"{name}.yaml"
        if path.is_file() and path.parent == place:
            return path
    known = sorted(
        {found.stem for place in places for found in place.glob("*.yaml") if "." not in found.stem}
    )
    raise MappingInvalid(
        f"There is no office mapping named {name!r} in {', '.join(str(place) for place in places) or 'no folder'}.",
        next_step=f"Choose one of: {', '.join(known) or 'none is there'}.",
    )


def cases_path(path: Path) -> Path:
    """Return where the cases of this mapping are."""
    return path.with_suffix(".cases.yaml")


def wsdl_path(compiled: CompiledMapping, wsdl: str) -> Path:
    """Return the WSDL file of a service. Raise MappingInvalid when it is not below the mapping's folder."""
    folder = compiled.path.parent.resolve()
    path = (folder / wsdl).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise MappingInvalid(
            f"{compiled.path}: the WSDL {wsdl} is not there.",
            next_step=f"Put it below {compiled.path.parent}, with everything that it imports.",
        )
    return path
