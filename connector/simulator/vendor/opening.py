"""Opens a vendor's office: the mapping is read, and every answer that the office may give is tried beforehand."""

from collections.abc import Sequence
from pathlib import Path

from connector.errors import MappingInvalid
from connector.mapping.located import load_located, validate
from connector.mapping.schema import OfficeMapping
from connector.simulator.vendor.contract import VendorContract
from connector.simulator.vendor.model import VendorModel
from connector.simulator.vendor.own_replies import OwnReplies, own_replies_path
from connector.simulator.vendor.plan import planned
from connector.simulator.vendor.rehearsing import rehearse
from connector.simulator.vendor.wires import RestWire, SoapWire

__all__ = ["load_vendor"]


def load_vendor(path: Path, *, wsdls: Sequence[Path] = ()) -> VendorModel:
    """Read a mapping for its office. ``wsdls`` take the place of those that the mapping names.

    Raise MappingInvalid, with file, line and path of each place that the office must answer by and that cannot be
    read backwards, unless NAME.office.yaml beside the mapping says what is answered.
    """
    located = load_located(path)
    mapping = validate(OfficeMapping, located)
    named = [path.parent / service.wsdl for service in mapping.services.values() if service.wsdl]
    contract = VendorContract(wsdls or [file for file in named if file.is_file()])
    model = VendorModel(
        path=path,
        located=located,
        mapping=mapping,
        contract=contract,
        own_replies=OwnReplies.beside(path),
        wire=SoapWire(contract) if mapping.transport == "soap" else RestWire(),
        plan=planned(mapping, contract.request_of),
        paths={name: service.path for name, service in mapping.services.items()},
    )
    complaints = rehearse(model)
    if complaints:
        raise MappingInvalid(
            "\n".join(complaints),
            next_step=f"Write what the office answers there into {own_replies_path(path)}.",
        )
    return model
