"""A secretariat that takes ECE letters by e-mail: an SMTP server, an IMAP server, and the suite behind them.

It shares no code with the adapter: it reads letters and writes receipts as another vendor would. The form of its
receipts is a guess, as everybody's is; what that means stands in docs/ece.md.
"""

from connector.simulator.secretariat.desks import Desk, some_desks
from connector.simulator.secretariat.post_office import PASSWORD, PostOffice
from connector.simulator.secretariat.suite import ReceivingSuite

__all__ = ["PASSWORD", "Desk", "PostOffice", "ReceivingSuite", "some_desks"]
