"""Simulated SMS vendors, one small server each, which hold to the documented rules and go wrong on demand.

Entry points of the group ``chapar.simulated_gateways`` name the vendor's class under the name of its adapter; a third
party's have the same right. ``chapar gateways certify`` and the contract of gateways put an adapter before them.
"""

from connector.simulator.gateways.book import (
    Arrival,
    NumberKind,
    SentText,
    Slip,
    VendorBook,
    VendorPattern,
    WrittenText,
)
from connector.simulator.gateways.vendor import (
    BringsByCall,
    CallToUs,
    Heard,
    HttpVendor,
    Place,
    ReportsByCall,
    Trait,
    Vendor,
)

__all__ = [
    "Arrival",
    "BringsByCall",
    "CallToUs",
    "Heard",
    "HttpVendor",
    "NumberKind",
    "Place",
    "ReportsByCall",
    "SentText",
    "Slip",
    "Trait",
    "Vendor",
    "VendorBook",
    "VendorPattern",
    "WrittenText",
]
