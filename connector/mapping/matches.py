"""What is picked from the answer to a search: every entry that may be the letter, and nothing guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.domain.registration import Registration
from connector.domain.text import to_ascii_digits
from connector.errors import Misbehaved, NotPossible
from connector.mapping.expressions import CompiledExpression
from connector.mapping.picking import Pick, RegistrationPicker, text_of
from connector.mapping.schema_picks import Progressing

__all__ = ["Match", "MatchPicker"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """An entry of the office that may be the letter, before it becomes the port's outcome."""

    registration: Registration | None
    """None where it was refused, or has no number yet."""
    is_refused: bool
    office_reference: str | None
    reason: str | None
    reason_code: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class MatchPicker:
    """Reads the matches of a search."""

    matches: CompiledExpression
    most: int | None
    key: Pick
    status: Pick
    statuses: Mapping[str, Progressing]
    registration: RegistrationPicker
    reason: Pick
    reason_code: Pick

    def pick(self, data: Mapping[str, Any], *, key: str, secretariat: str) -> Sequence[Match]:
        """Return the entries that may be the letter of this key; empty only where the office lists none.

        Raise Misbehaved where the answer leaves open whether the letter is there: no list, a list that may be cut
        off, an entry whose state or key is not told.
        """
        try:
            found = self._listed(data)
            return [
                self._one({**data, "match": match}, secretariat) for match in self._ours(found, data, key)
            ]
        except NotPossible:
            raise Misbehaved(
                "The entries in the office's answer cannot be read.", reason="matches_unreadable"
            ) from None

    def _listed(self, data: Mapping[str, Any]) -> list[Any]:
        found = self.matches.search(data)
        if isinstance(found, dict):
            found = [found]
        if not isinstance(found, list):
            raise Misbehaved(
                "The office's answer to a search has no list of entries.", reason="matches_missing"
            )
        if not all(isinstance(match, dict) for match in found):
            raise Misbehaved("An entry in the office's answer cannot be read.", reason="matches_unreadable")
        if self.most is not None and len(found) >= self.most:
            raise Misbehaved(
                "The office found more entries than one answer may hold.", reason="matches_cut_off"
            )
        return found

    def _ours(self, found: list[Any], data: Mapping[str, Any], key: str) -> list[Any]:
        """Return the entries under our key; all of them where the office does not show keys."""
        if self.key is None:
            return found
        shown = [(match, text_of(self.key, {**data, "match": match})) for match in found]
        ours = [match for match, its_key in shown if its_key and _plain(its_key) == _plain(key)]
        if not ours and any(not its_key for _, its_key in shown):
            raise Misbehaved("An entry that may be the letter does not show its key.", reason="key_missing")
        return ours

    def _one(self, data: Mapping[str, Any], secretariat: str) -> Match:
        registration, status = self.registration.pick(data, secretariat), self._status(data)
        is_refused, waits = status is Progressing.REFUSED, status is Progressing.ACCEPTED
        if registration is None and status is not None and not is_refused and not waits:
            raise Misbehaved(
                "The office says that it registered a letter, and gives no number.", reason="number_missing"
            )
        reference = self.registration.reference(data)
        if registration is None and status is None and reference is None:
            raise Misbehaved(
                "The office's answer has an entry without a number and without a name.",
                reason="matches_unreadable",
            )
        return Match(
            registration=None if is_refused or waits else registration,
            is_refused=is_refused,
            office_reference=reference,
            reason=text_of(self.reason, data),
            reason_code=text_of(self.reason_code, data),
        )

    def _status(self, data: Mapping[str, Any]) -> Progressing | None:
        """Return where the entry stands; None where the mapping does not ask."""
        if self.status is None:
            return None
        code = text_of(self.status, data)
        if code is None or code not in self.statuses:
            raise Misbehaved(
                "The office's answer has an entry whose state the mapping does not know.",
                reason="code_unmapped",
                code=code,
            )
        return self.statuses[code]


def _plain(key: str) -> str:
    # Offices write numbers in digits of their own, and keys in letters of one size.
    return to_ascii_digits(key).casefold()
