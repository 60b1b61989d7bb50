"""The same handsets behind a gateway that cannot be asked for a message: it speaks as Kannel's smsbox does.

Each text is a call of its own; it gives no id, keeps none of ours, and calls nobody back.
"""

import hmac
from dataclasses import dataclass, field
from typing import Final

from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultPlan
from connector.simulator.inbox import Inbox
from connector.simulator.serving import Reply, Request

__all__ = ["SMSBOX_USER", "UnaskedGateway"]

SMSBOX_USER: Final = "chapar"


@dataclass
class UnaskedGateway:
    """Answers requests to smsbox. Give it to a LoopbackServer."""

    inbox: Inbox
    key: str
    faults: FaultPlan = field(default_factory=FaultPlan)

    def __call__(self, request: Request) -> Reply:
        """Answer one call; everything comes in headers, the text as the body."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        is_right = hmac.compare_digest(headers.get("x-kannel-password", "").encode(), self.key.encode())
        if headers.get("x-kannel-username") != SMSBOX_USER or not is_right:
            return _said(403, "Authorization failed for sendsms")
        mobile = headers.get("x-kannel-to", "")
        if not mobile:
            return _said(400, "Missing receiver number, rejected")
        text = request.body.read().decode("utf-8", "replace")
        injection = self.faults.draw("send", mobile)
        if injection is None:
            return self._take(mobile, text)
        if injection.fault is Fault.BUSY:
            return _said(503, "Temporal failure, try again later.")
        return injection.around(lambda: self._take(mobile, text))

    def _take(self, mobile: str, text: str) -> Reply:
        self.inbox.take(mobile, text, None)
        return _said(202, "0: Accepted for delivery")


def _said(status: int, text: str) -> Reply:
    return Reply(status, text.encode(), "text/html")
