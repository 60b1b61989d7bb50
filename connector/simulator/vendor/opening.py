"""Opens a vendor's office: the mapping is read, and every answer that the office may give is tried beforehand."""

from collections.abc import Sequence
from pathlib import Path

from lxml import etree

from connector.errors import MappingInvalid
from connector.mapping.complaints import Complaints
from connector.mapping.located import load_located, validate
from connector.mapping.reply_fit import answer_of, complain_of_vain
from connector.mapping.reply_paths import Value
from connector.mapping.schema import OfficeMapping
from connector.mapping.schema_service import SoapMode
from connector.mapping.schema_steps import Step
from connector.mapping.soap_steps import service_name
from connector.simulator.vendor.contract import VendorContract
from connector.simulator.vendor.model import VendorModel
from connector.simulator.vendor.own_replies import OwnReplies, own_replies_path
from connector.simulator.vendor.plan import planned
from connector.simulator.vendor.rehearsing import rehearse
from connector.simulator.vendor.wires import RestWire, SoapWire

__all__ = ["load_vendor"]


def load_vendor(path: Path, *, wsdls: Sequence[Path] = ()) -> VendorModel:
    """Read a mapping for its office. ``wsdls`` take the place of those that the mapping names.

    Raise MappingInvalid, with file, line and path of each place that reads what the WSDL does not declare, and of each
    that the office must answer by and that cannot be read backwards, unless NAME.office.yaml beside the mapping says
    what is answered.
    """
    located = load_located(path)
    mapping = validate(OfficeMapping, located)
    named = [path.parent / service.wsdl for service in mapping.services.values() if service.wsdl]
    undeclared = {name for service in mapping.services.values() for name in service.undeclared}
    contract = VendorContract(wsdls or [file for file in named if file.is_file()], undeclared)
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
    unread = Complaints()
    complain_of_vain(mapping, located, lambda step: _answer_to(step, mapping, contract), unread)
    unread.refuse()
    complaints = rehearse(model)
    if complaints:
        raise MappingInvalid(
            "\n".join(complaints),
            next_step=f"Write what the office answers there into {own_replies_path(path)}.",
        )
    return model


def _answer_to(step: Step, mapping: OfficeMapping, contract: VendorContract) -> Value:
    """Return what the answer to a step holds by the WSDLs that are there; None where they say nothing of it."""
    service = mapping.services[service_name(step, mapping)]
    found = contract.answers.get(step.call or "")
    if found is None or found.contents is None or service.mode is SoapMode.TEMPLATE:
        return None
    return answer_of(service, step.call or "", etree.QName(found.element).localname, found.contents)
