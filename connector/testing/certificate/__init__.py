"""A dated certificate: which adapter was examined, by what, what was found, and which recovery level is proven."""

from connector.testing.certificate.making import Certificate, Subject, certificate_of, proven_level
from connector.testing.certificate.page import page_of
from connector.testing.certificate.subject import mapping_digest, package_of

__all__ = [
    "Certificate",
    "Subject",
    "certificate_of",
    "mapping_digest",
    "package_of",
    "page_of",
    "proven_level",
]
