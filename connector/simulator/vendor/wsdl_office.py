"""An office of which only the WSDL is known: every operation is answered in its right form, with made-up values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from connector.errors import MappingInvalid
from connector.simulator.exchange import Reply, Request
from connector.simulator.faults import FaultPlan
from connector.simulator.spoiling import spoiled
from connector.simulator.vendor.contract import VendorContract
from connector.simulator.vendor.office import Seen
from connector.simulator.vendor.soap_wire import soap_answer
from connector.simulator.vendor.wires import SoapWire

__all__ = ["WsdlOffice"]


@dataclass
class WsdlOffice:
    """Answers whatever the WSDLs describe. Faults are played at any call, but for those that need words of its own."""

    wsdls: Sequence[Path]
    faults: FaultPlan
    saw: Callable[[Seen], None]

    def __post_init__(self) -> None:
        """Load the WSDLs. Raise MappingInvalid where none of them can be loaded."""
        self._contract = VendorContract(self.wsdls)
        if not self._contract.answers:
            raise MappingInvalid(
                "\n".join(self._contract.complaints) or "There is no WSDL with an operation here.",
                next_step="Name the WSDL itself, with everything that it imports beside it.",
            )
        self._calls = {answer.request: name for name, answer in self._contract.answers.items()}

    @property
    def operations(self) -> list[str]:
        """Return what can be called."""
        return sorted(self._contract.answers)

    def __call__(self, request: Request) -> Reply:
        """Answer one request. Raise HangUp where that is planned."""
        wire = SoapWire(self._contract)
        message = wire.read(request)
        if isinstance(message, Reply):
            return message
        call = self._calls.get(message.call or "")
        if call is None:
            self.saw(Seen(deed="unknown", key=message.call, status=404))
            return wire.error(message, "no such operation", 404)
        injection = self.faults.draw("register", call)
        content = self._contract.write(call, message.namespace, {})
        reply = soap_answer(message, content)
        fault = None if injection is None else injection.fault
        self.saw(Seen(deed=call, key=None, status=reply.status, fault=fault))
        if injection is None:
            return reply
        try:
            return injection.around(lambda: reply)
        except ValueError:
            return spoiled(injection.fault, reply)
