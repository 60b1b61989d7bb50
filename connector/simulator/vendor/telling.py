"""What an office tells of letters, laid out so that the mapping's expressions find it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from persiantools.jdatetime import JalaliDate

from connector.mapping.schema import OfficeMapping
from connector.mapping.schema_operations import ProgressOperation, SearchOperation
from connector.simulator.desk import STATUS_CODES, UNHEARD_OF
from connector.simulator.records import EntryState
from connector.simulator.vendor.inverse import NotInvertible, inverse, merged

__all__ = ["Facts", "Teller"]

Facts = Mapping[str, Any]
"""What the simulator's own contract says of a letter: number, year, date, documentId, key, statusCode, referrals ..."""

_STATES: Final = {code: state for state, code in STATUS_CODES.items()}
_INSTEAD: Final = {
    EntryState.REFERRED: (EntryState.REGISTERED,),
    EntryState.ANSWERED: (EntryState.CLOSED, EntryState.REFERRED, EntryState.REGISTERED),
    EntryState.CLOSED: (EntryState.ANSWERED, EntryState.REFERRED, EntryState.REGISTERED),
    EntryState.RETURNED: (EntryState.REFUSED, EntryState.REGISTERED),
    EntryState.REFUSED: (EntryState.RETURNED,),
    EntryState.REGISTERED: (EntryState.REFERRED,),
}
"""What an office says that has no word for a state."""


@dataclass(frozen=True)
class Teller:
    """Lays facts out for the expressions of one mapping. Raises NotInvertible where what must be found cannot be."""

    mapping: OfficeMapping

    def registration(self, picks: Any, facts: Facts) -> Any:
        """Return data in which the picks find the letter's number and what belongs to it."""
        data: Any = {}
        if facts.get("number") is not None:
            data = inverse(picks.number, facts["number"])
        told = {"year": facts.get("year"), "date": self.day(facts.get("date"))}
        told["office_reference"] = facts.get("documentId")
        for name, value in told.items():
            data = self._added(data, getattr(picks, name), value)
        return data

    def letters(self, progress: ProgressOperation, letters: Sequence[Facts]) -> Any:
        """Return data in which the operation finds these letters and how far each is."""
        data: Any = {}
        items = []
        for facts in letters:
            code = self.status(progress.statuses, facts)
            if code is None:
                continue
            found = merged(self.registration(progress.registration, facts), inverse(progress.status, code))
            if progress.key is not None:
                found = merged(found, inverse(progress.key, facts["key"]))
            found = self._story(progress, found, facts)
            items.append(found.pop("letter", {}))
            data = merged(data, found)
        return merged(data, inverse(progress.letters, items))

    def matches(self, search: SearchOperation, entries: Sequence[Facts]) -> Any:
        """Return data in which the operation finds these entries."""
        data: Any = {}
        items = []
        for facts in entries:
            found = self.registration(search.registration, facts)
            if search.status is not None:
                code = self.status(search.statuses, facts)
                found = merged(found, inverse(search.status, code if code is not None else str(UNHEARD_OF)))
            if facts.get("key") is not None:
                found = self._added(found, search.key, facts["key"])
            found = self._added(found, search.reason, facts.get("refusalText"))
            found = self._added(found, search.reason_code, facts.get("refusalCode"))
            items.append(found.pop("match", {}))
            data = merged(data, found)
        return merged(data, inverse(search.matches, items))

    def status(self, statuses: Mapping[str, Any], facts: Facts) -> str | None:
        """Return the office's code for how a letter stands; None where it has no word for it."""
        state = _STATES[facts["statusCode"]]
        if state is EntryState.STRAYED:
            return next(code for code in (str(UNHEARD_OF), "7777", "NOBODY_KNOWS") if code not in statuses)
        for wanted in (state, *_INSTEAD.get(state, ())):
            code = next((code for code, says in statuses.items() if str(says) == str(wanted)), None)
            if code is not None:
                return code
        return None

    def day(self, jalali: str | None) -> str | None:
        """Return a day, given as the simulator writes it, in the office's way."""
        if jalali is None:
            return None
        year, month, dom = (int(part) for part in jalali.split("/"))
        written = (year, month, dom)
        if str(self.mapping.dates.calendar) != "jalali":
            day: date = JalaliDate(year, month, dom).to_gregorian()  # type: ignore[no-untyped-call]
            written = (day.year, day.month, day.day)
        text = self.mapping.dates.pattern
        for part, value in zip(("yyyy", "MM", "dd"), written, strict=True):
            text = text.replace(part, f"{value:0{len(part)}d}")
        return text.replace("HH", "12").replace("mm", "00").replace("ss", "00")

    def _story(self, progress: ProgressOperation, found: Any, facts: Facts) -> Any:
        if progress.referrals is not None and facts.get("referrals"):
            found = merged(found, self._referrals(progress.referrals, facts["referrals"]))
        if progress.answer is not None and facts.get("answerText"):
            found = self._answer(progress.answer, found, facts)
        found = self._added(found, progress.reason, facts.get("refusalText"))
        return self._added(found, progress.reason_code, facts.get("refusalCode"))

    def _referrals(self, picks: Any, referrals: Sequence[Facts]) -> Any:
        items = []
        for facts in referrals:
            found = inverse(picks.unit, facts["unit"])
            found = self._added(found, picks.reference, facts["id"])
            found = self._added(found, picks.date, self.day(facts["date"]))
            found = self._added(found, picks.is_confidential, facts["confidential"])
            items.append(found.get("item", {}))
        return inverse(picks.each, items)

    def _answer(self, picks: Any, found: Any, facts: Facts) -> Any:
        found = self._added(found, picks.text, facts["answerText"])
        found = self._added(found, picks.number, facts.get("answerNumber"))
        return self._added(found, picks.date, self.day(facts.get("answerDate")))

    def _added(self, data: Any, source: str | None, value: Any) -> Any:
        """Return the data with what may be missing; what cannot be laid out is left out."""
        if source is None or value is None:
            return data
        plain = value if self.mapping.transport == "rest" or isinstance(value, bool) else str(value)
        try:
            return merged(data, inverse(source, plain))
        except NotInvertible:
            return data
