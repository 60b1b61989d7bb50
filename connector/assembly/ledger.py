"""Opens the ledger that the settings describe."""

from datetime import timedelta
from typing import Final

from connector.clock import Now, now
from connector.errors import LedgerUnavailable, SettingsInvalid
from connector.ledger.ledger import Ledger
from connector.ledger.opening import open_ledger, prepare_database
from connector.ledger.records import OutboxPolicy
from connector.ledger.seal import KeyRing
from connector.settings.load import PLACEHOLDER
from connector.settings.sections import KeysSection, LedgerSection
from connector.settings.settings import Settings
from connector.transport.secret import SecretReference

__all__ = [
    "database_url",
    "key_ring",
    "must_share_the_time",
    "open_settings_ledger",
    "prepare_settings_database",
]

_CLOCKS_APART: Final = timedelta(minutes=1)
"""More than any time service leaves, and more than a machine without one drifts in weeks."""


def open_settings_ledger(
    settings: Settings, *, policy: OutboxPolicy | None = None, alone: bool = False, now: Now = now
) -> Ledger:
    """Return the ledger; ``alone`` is for the daemon. Raises what open_ledger raises, and SecretMissing."""
    section = settings.ledger
    return open_ledger(
        database_url(section),
        key_ring(section.keys),
        attachments=section.attachments,
        policy=policy,
        alone=alone,
        now=now,
    )


def must_share_the_time(ledger: Ledger) -> None:
    """Raise LedgerUnavailable where this machine's clock and the database's lie far apart.

    Nodes judge each other's leases, and the time that an office had for a lost letter, by what others wrote:
    a node that starts an hour ahead would take living leases over, and find letters absent that are about to arrive.
    Once started, a daemon's clock is steady, whoever sets the machine's. And a person's word that is said an hour ahead
    would not wait for a call that is under way.
    """
    ahead = ledger.nodes.clock_ahead()
    if abs(ahead) > _CLOCKS_APART:
        raise LedgerUnavailable(
            "This machine's clock and the database's are too far apart.",
            next_step="Set both right with a time service; it goes on as soon as they agree.",
            seconds_ahead=round(ahead.total_seconds()),
        )


def prepare_settings_database(settings: Settings) -> str:
    """Bring the database to this version and return the version."""
    return prepare_database(database_url(settings.ledger))


def database_url(section: LedgerSection) -> str:
    """Return the url with its password in it. Whoever gets it must not log it."""
    if section.password is None:
        return section.url
    from sqlalchemy import make_url

    return make_url(section.url).set(password=section.password.reveal()).render_as_string(hide_password=False)


def key_ring(section: KeysSection) -> KeyRing:
    """Return the keys. Raise SecretMissing when one is not where the settings say, SettingsInvalid when it is none."""
    return KeyRing(
        current=section.current,
        keys={name: _revealed(reference, name) for name, reference in section.ring.items()},
        blind_key=_revealed(section.blind_index, "blind_index"),
    )


def _revealed(reference: SecretReference, name: str) -> str:
    secret = reference.reveal()
    if PLACEHOLDER in secret:
        raise SettingsInvalid(
            f"The key {name} still holds the placeholder {PLACEHOLDER}.",
            next_step="Make one with: openssl rand -base64 32",
        )
    return secret
