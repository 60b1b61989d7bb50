"""From the results of the checks to a certificate: the verdict, and the recovery level by proof."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Literal

import orjson

from connector import __version__
from connector.domain.calendar import jalali_text, local_date
from connector.ports.office import OfficeCapabilities, RecoveryLevel, recovery_level
from connector.testing.office_contract.checks import CheckResult, Verdict

__all__ = ["Certificate", "Subject", "certificate_of", "proven_level"]

_FORMAT: Final = 1
_STRENGTH: Final = {RecoveryLevel.C: 0, RecoveryLevel.B: 1, RecoveryLevel.A: 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What was examined, and against what."""

    kind: Literal["office", "gateway"] = "office"
    adapter: str
    package: str
    """The distribution that brings the adapter, with its version."""
    mapping: str | None = None
    mapping_title: str | None = None
    mapping_source: str | None = None
    """What the mapping says that it was built from, and run against."""
    mapping_digest: str | None = None
    """SHA-256 of the mapping, its cases and its WSDLs."""
    connection: str | None = None
    counterpart: str = "simulated office"
    """``live system`` where only harmless questions were asked of the vendor's own."""

    @property
    def is_live(self) -> bool:
        """Return whether it was examined against a live system."""
        return self.counterpart == "live system"


@dataclass(frozen=True, kw_only=True, slots=True)
class Certificate:
    """A certificate, ready to be shown."""

    subject: Subject
    made_at: datetime
    declared_level: str
    proven: str | None
    """None where nothing was lost on purpose, so that nothing is proven: against a live system."""
    results: Sequence[CheckResult]

    @property
    def has_passed(self) -> bool:
        """Return whether no check failed and the declared level is proven."""
        if any(result.verdict is Verdict.FAILED for result in self.results):
            return False
        return self.proven is None or _STRENGTH[self.proven] >= _STRENGTH[self.declared_level]

    @property
    def counts(self) -> dict[str, int]:
        """Return how many checks passed, failed and were skipped."""
        found = Counter(str(result.verdict) for result in self.results)
        return {str(verdict): found[str(verdict)] for verdict in Verdict}

    @property
    def day_jalali(self) -> str:
        """Return the day in Tehran, Jalali ``yyyy/MM/dd``."""
        return jalali_text(local_date(self.made_at))

    @property
    def day_gregorian(self) -> str:
        """Return the day in Tehran, Gregorian ``yyyy-MM-dd``."""
        return local_date(self.made_at).isoformat()

    def as_plain(self) -> dict[str, Any]:
        """Return the certificate as plain values; ``fingerprint`` is the SHA-256 of all the others."""
        plain = {
            "format": _FORMAT,
            "verdict": "passed" if self.has_passed else "failed",
            "level": {"declared": self.declared_level, "proven": self.proven},
            "chapar": __version__,
            "made_at": self.made_at.isoformat(timespec="seconds"),
            "day": {"jalali": self.day_jalali, "gregorian": self.day_gregorian},
            "subject": asdict(self.subject),
            "counts": self.counts,
            "checks": [_plain(result) for result in self.results],
        }
        content = orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)
        return {**plain, "fingerprint": hashlib.sha256(content).hexdigest()}


def certificate_of(
    subject: Subject, capabilities: OfficeCapabilities, results: Sequence[CheckResult], *, made_at: datetime
) -> Certificate:
    """Return the certificate of these results."""
    declared = recovery_level(capabilities)
    return Certificate(
        subject=subject,
        made_at=made_at,
        declared_level=declared,
        proven=None if subject.is_live else _weaker(declared, proven_level(results)),
        results=results,
    )


def _weaker(declared: str, proven: str) -> str:
    """Return the weaker of two levels: what is not declared the house does not use, whatever the office could do."""
    return min(declared, proven, key=lambda level: _STRENGTH[level])


def proven_level(results: Sequence[CheckResult]) -> str:
    """Return the strongest level whose lost-answer checks were made, and all passed; C where none is."""
    for level in (RecoveryLevel.A, RecoveryLevel.B):
        made = [
            result.verdict
            for result in results
            if result.check.proves == level and result.verdict is not Verdict.SKIPPED
        ]
        if made and all(verdict is Verdict.PASSED for verdict in made):
            return level
    return RecoveryLevel.C


def _plain(result: CheckResult) -> dict[str, Any]:
    check = result.check
    found = {
        "name": check.name,
        "theme": check.theme,
        "sentence": check.sentence,
        "sentence_fa": check.sentence_fa,
        "verdict": str(result.verdict),
        "seconds": result.seconds,
    }
    if result.verdict is Verdict.SKIPPED:
        found["reason"] = result.reason
    if result.verdict is Verdict.FAILED:
        found |= {"expected": result.expected, "came": result.came, "look_at": check.look_at}
    return found
