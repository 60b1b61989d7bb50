"""How a vendor's contract has moved away from the pinned one: operations and fields, added, removed, changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from connector.errors import MappingInvalid
from connector.transport.wsdl_check import wsdls_in
from connector.transport.wsdl_closure import Closure
from connector.transport.wsdl_documents import DocumentBroken
from connector.transport.wsdl_fields import fields_of
from connector.transport.wsdl_outline import read_ports

__all__ = ["Drift", "drift_between"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """One thing that is no longer as it was pinned."""

    what: str
    """operation or field."""
    change: str
    """added, removed or changed."""
    name: str
    before: str | None
    after: str | None

    @property
    def sentence(self) -> str:
        """Return it in words."""
        if self.change == "changed":
            return f"{self.what} {self.name}: {self.before} has become {self.after}"
        return f"{self.what} {self.name} was {self.change} ({self.after or self.before})"

    @property
    def plain(self) -> dict[str, str | None]:
        """Return it for machines."""
        return asdict(self)


def drift_between(pinned: Path, live: Path) -> Sequence[Drift]:
    """Return what differs between two bundles, or two WSDLs. Raise MappingInvalid where one cannot be read."""
    before, after = _told(pinned), _told(live)
    return [*_differences("operation", before[0], after[0]), *_differences("field", before[1], after[1])]


def _told(place: Path) -> tuple[dict[str, str], dict[str, str]]:
    operations: dict[str, str] = {}
    fields: dict[str, str] = {}
    wsdls = wsdls_in(place)
    for wsdl in wsdls:
        try:
            closure = Closure(wsdl)
        except DocumentBroken as broken:
            raise MappingInvalid(f"{wsdl}: {broken}", next_step="Bundle the WSDL anew.") from None
        for port in read_ports(closure):
            for each in port.operations.values():
                told = (
                    f"SOAP {port.version}",
                    each.shape,
                    f"action {each.action or 'none'}",
                    each.element or "no element",
                )
                operations[f"{port.service}/{port.port}/{each.name}"] = ", ".join(told)
        fields.update(fields_of(closure))
    if not wsdls:
        raise MappingInvalid(
            f"There is no WSDL in {place}.", next_step="Make the bundle with: chapar wsdl bundle"
        )
    return operations, fields


def _differences(what: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Drift]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old != new:
            change = "added" if old is None else "removed" if new is None else "changed"
            yield Drift(what=what, change=change, name=name, before=old, after=new)
