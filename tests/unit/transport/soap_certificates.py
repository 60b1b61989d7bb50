"""Certificates for signing, made for one test."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from connector.clock import now


def certified(key: Any, folder: Path, *, days: int = 10, at: Any = None) -> Path:
    """Write a certificate of this key that is good for so many days from now, or from another instant."""
    begin = at or now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "chapar")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(begin - timedelta(days=20))
        .not_valid_after(begin + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    path = folder / "signing.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return path
