"""Personal columns at rest: sealed with AES-256-GCM, found again through a blind index.

A sealed value carries the name of its key, so keys rotate by adding a new one to the ring and making it current: old
rows stay readable, new ones use the new key. The context (table and row) is authenticated: a sealed value copied to
another row does not open.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connector.errors import SealBroken, SettingsInvalid

__all__ = ["KeyRing", "new_key"]

_FORMAT: Final = 1
_NONCE_SIZE: Final = 12


def new_key() -> str:
    """Return a fresh random key as base64 text, the form in which key files hold it."""
    return base64.b64encode(os.urandom(32)).decode()


class KeyRing:
    """The keys of one ledger. Holds key material: it has no repr of it and is never logged."""

    def __init__(self, *, current: str, keys: Mapping[str, str], blind_key: str) -> None:
        """Take the keys as base64 text by name. Raise SettingsInvalid when one is not 32 bytes or is missing."""
        if current not in keys:
            raise SettingsInvalid(
                f"The current key {current!r} is not in the key ring.",
                next_step="Name one of the keys in [ledger.keys].",
            )
        self._current = current
        self._ciphers = {name: AESGCM(_decoded(name, text)) for name, text in keys.items()}
        self._blind = hmac.new(_decoded("blind index", blind_key), digestmod=sha256)

    def seal(self, value: Any, context: str) -> bytes:
        """Return the value (anything that JSON can hold) sealed under the current key for this context."""
        return self.seal_bytes(orjson.dumps(value), context)

    def seal_bytes(self, content: bytes, context: str) -> bytes:
        """Return the bytes sealed under the current key for this context."""
        nonce = os.urandom(_NONCE_SIZE)
        name = self._current.encode()
        head = bytes([_FORMAT, len(name)]) + name + nonce
        return head + self._ciphers[self._current].encrypt(nonce, content, context.encode())

    def open(self, sealed: bytes, context: str) -> Any:
        """Return the value. Raise SealBroken if its key is not in the ring, or if the row was tampered with."""
        try:
            return orjson.loads(self.open_bytes(sealed, context))
        except orjson.JSONDecodeError:
            raise SealBroken(context=context.split(":", 1)[0]) from None

    def open_bytes(self, sealed: bytes, context: str) -> bytes:
        """Return the bytes. Raise SealBroken if their key is not in the ring, or if the row was tampered with."""
        try:
            if sealed[0] != _FORMAT:
                raise SealBroken(next_step="Upgrade Chapar: the row was written by a newer version.")
            end = 2 + sealed[1]
            name = sealed[2:end].decode()
            nonce, body = sealed[end : end + _NONCE_SIZE], sealed[end + _NONCE_SIZE :]
            return self._ciphers[name].decrypt(nonce, body, context.encode())
        except KeyError:
            raise SealBroken(
                "A row is sealed with a key that is not in the key ring.",
                next_step="Put the old key back into [ledger.keys].",
            ) from None
        except (InvalidTag, IndexError, UnicodeDecodeError):
            raise SealBroken(context=context.split(":", 1)[0]) from None

    def missing_key(self, sealed: bytes) -> str | None:
        """Return the name of the key under which this is sealed where the ring does not have it, None where it does.

        What is no sealed value at all names no key: it does not open, whatever the ring has.
        """
        if len(sealed) < 2 or sealed[0] != _FORMAT:
            return None
        name = sealed[2 : 2 + sealed[1]].decode(errors="replace")
        return None if name in self._ciphers else name

    def blind(self, value: str, purpose: str) -> str:
        """Return a keyed digest (64 hexadecimal digits) for exact look-up; nothing can be read out of it."""
        digest = self._blind.copy()  # keyed once: that is half of the work
        digest.update(f"{purpose}\0{value}".encode())
        return digest.hexdigest()


def _decoded(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise SettingsInvalid(
            f"The key {name!r} is not 32 bytes in base64.", next_step="Make one with: openssl rand -base64 32"
        )
    return key
