"""A bench out of a mapping: the configured adapter on one side, the simulated vendor's office on the other."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from connector.domain.letter import Confidentiality, Letter, Urgency
from connector.mapping.cases import CaseLetter, load_cases
from connector.mapping.load import cases_path
from connector.mapping.schema_parts import Meaning
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.office import OfficeAdapter
from connector.simulator.counter import Counter
from connector.simulator.exchange import Answering
from connector.simulator.fates import Fate
from connector.simulator.fault_kinds import Fault
from connector.simulator.records import OfficeEntry
from connector.simulator.vendor.credentials import Doorkeeper
from connector.simulator.vendor.inverse import NotInvertible, inverse
from connector.simulator.vendor.model import VendorModel
from connector.simulator.vendor.office import VendorOffice
from connector.simulator.vendor.opening import load_vendor
from connector.simulator.vendor.plan import Deed
from connector.simulator.vendor.sources import step_sources
from connector.simulator.vendor.speech import expired, spoken, strange
from connector.testing.mapping_cases import placed
from connector.testing.office_contract.bench import OpenBench
from connector.testing.office_contract.files import HUGE, LARGE
from connector.testing.office_contract.letters import a_plain_letter
from connector.testing.office_contract.needs import Need
from connector.testing.office_contract.served import Place, ServedBench, served

__all__ = ["MappedBench", "mapped_bench"]

_USER: Final = "chapar"
_SECRET: Final = "right"  # noqa: S105 - for an office on loopback that lives for seconds
_LARGEST_PAGE: Final = 200
_CODED: Final = re.compile(r"code\(\s*'(\w+)'\s*,\s*([\w.]+)\s*\)")


@dataclass(frozen=True, kw_only=True)
class MappedBench:
    """Opens benches of one mapping. The secrets lie in a folder of its own while it is open."""

    model: VendorModel
    kind: AdapterKind[OfficeAdapter]
    folder: Path
    mappings: Path
    """The folder whose ``offices`` holds the mapping."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Options of a configured connection, as far as they are not about where the office is and who calls."""

    def open(self, fate: Fate) -> ServedBench:
        """Return a bench on which every letter meets this fate."""
        offices: list[VendorOffice] = []

        def door(counter: Counter) -> Answering:
            doorkeeper = Doorkeeper(self.model.mapping, username=_USER, password=_SECRET, token=_SECRET)
            office = VendorOffice(
                self.model, counter, doorkeeper, default_secretariat=_secretariats(self.model)[0]
            )
            offices.append(office)
            return office

        def files_of(entry: OfficeEntry) -> Sequence[Any]:
            return (*entry.call.attachments, *offices[0].handed_in.get(entry.document_id, ()))

        search = self.model.mapping.operations.search
        page = search.most if search is not None else None
        return ServedBench(
            connects=self._connect,
            door=door,
            fate=Fate.NUMBERED_LATER if fate is Fate.ANSWERED and self.model.numbers_all_later else fate,
            secretariats=_secretariats(self.model),
            example=_example(self.model),
            page=page if page is not None and page <= _LARGEST_PAGE else None,
            exempt=_exempt(self.model),
            texts_of=lambda call: call.texts,
            files_of=files_of,
        )

    def _connect(self, place: Place) -> OfficeAdapter:
        secret = {"file": self.folder / ("wrong" if place.has_wrong_credentials else _SECRET)}
        settings = {
            **self.options,
            "mapping": self.model.path.stem,
            "http": {"url": place.url, "answer_within": place.answer_within},
            "username": _USER,
            "password": secret,
            "token": secret,
            "may_lack_cases": True,
        }
        site = AdapterSite(name="bench", mappings=(self.mappings,), pool_size=8)
        return self.kind.build(self.kind.settings.model_validate(settings), site)


@contextmanager
def mapped_bench(
    path: Path, kind: AdapterKind[OfficeAdapter], *, options: Mapping[str, Any] | None = None
) -> Iterator[OpenBench]:
    """Give what opens benches of the mapping in this file, over the adapter of its transport.

    Raise MappingInvalid where its office cannot be played; see connector.simulator.vendor.
    """
    model = load_vendor(path)
    with TemporaryDirectory(prefix="chapar-bench-") as name:
        folder = Path(name)
        for word in (_SECRET, "wrong"):
            (folder / word).write_text(word, encoding="ascii")
        with placed(path) as mappings:
            bench = MappedBench(
                model=model, kind=kind, folder=folder, mappings=mappings, options=options or {}
            )
            yield served(bench.open)


def _secretariats(model: VendorModel) -> tuple[str, ...]:
    """Return desks that the mapping can name: those of its code list, two made-up ones, or one where it names none."""
    register = [one for one in model.plan if one.deed is Deed.REGISTER]
    sources = [source for one in register for source in step_sources(one.step, one.send)]
    named = [source for source in sources if re.search(r"\bsecretariat\b", source)]
    lists = [found[1] for source in named if (found := _CODED.search(source)) and found[2] == "secretariat"]
    if lists:
        return tuple(model.mapping.lists.get(lists[0], {"10": ""}))[:2]
    return ("10", "20") if named else ("10",)


def _example(model: VendorModel) -> Letter:
    """Return the letter of the first case that is registered; else a plain one whose words are in the code lists."""
    letter = a_plain_letter()
    path = cases_path(model.path)
    if path.is_file():
        cases, _ = load_cases(path)
        good = [case for case in cases.cases if case.operation == "register" and case.outcome.registered]
        letter = _as_in_case(letter, good[0].letter) if good else letter
    for one in model.plan:
        for source in step_sources(one.step, one.send):
            for name, place in _CODED.findall(source):
                letter = _known_to(letter, place, model.mapping.lists.get(name, {}))
    return letter


def _as_in_case(letter: Letter, given: CaseLetter) -> Letter:
    return replace(
        letter,
        unit=given.unit,
        fields=given.fields,
        urgency=Urgency(given.urgency),
        confidentiality=Confidentiality(given.confidentiality),
    )


def _known_to(letter: Letter, place: str, words: Mapping[str, Any]) -> Letter:
    changes: dict[str, Callable[[], Letter]] = {
        "letter.service": lambda: replace(letter, service=next(iter(words))),
        "unit": lambda: replace(letter, unit=next(iter(words))),
        "letter.urgency": lambda: replace(letter, urgency=Urgency(next(iter(words)))),
    }
    now = {"letter.service": letter.service, "unit": letter.unit, "letter.urgency": str(letter.urgency)}
    return letter if place not in changes or not words or now[place] in words else changes[place]()


def _exempt(model: VendorModel) -> dict[Need | Fault, str]:
    """Return what this mapping's office cannot do or play, with the reasons."""
    register = next(one for one in model.plan if one.deed is Deed.REGISTER)
    operations, step = model.mapping.operations, register.step
    lacking: dict[Need | Fault, str] = {}
    if not any("content" in source for one in model.plan for source in step_sources(one.step, one.send)):
        lacking[Need.ATTACHMENTS] = "The mapping sends no attachments."
    if operations.register_.registration.year is None and operations.register_.registration.date is None:
        lacking[Need.YEAR] = "The mapping reads neither year nor date of a registration."
    if model.numbers_all_later and operations.find is None and operations.progress is None:
        lacking[Need.NUMBERS] = "The mapping reads no number: this office gives it in a letter of its own."
    if spoken(model.mapping, step, Meaning.NEVER) is None:
        lacking[Need.REFUSAL] = "Nothing in the mapping means never: this office cannot refuse a letter."
    largest = model.mapping.limits.attachment_bytes
    for need, size in ((Need.LARGE_FILES, LARGE), (Need.HUGE_FILES, HUGE)):
        if largest is not None and largest < size:
            lacking[need] = f"The mapping says that the office takes files of at most {largest} bytes."
    found = next((one for one in model.plan if one.deed is Deed.FIND and one.is_last), None)
    if found is not None and not found.step.verdict.meanings & {Meaning.REGISTERED, Meaning.KNOWN}:
        lacking[Need.NUMBER_WHEN_FOUND] = "The office says that it has a letter, and not under which number."
    if not Doorkeeper(model.mapping, username="", password="", token="").asks:
        lacking[Need.CREDENTIALS] = "This office does not ask who is calling."
    if operations.progress is None or operations.progress.referrals is None:
        lacking[Need.REFERRALS] = "The mapping reads no referrals."
    if operations.progress is None or operations.progress.answer is None:
        lacking[Need.ANSWER] = "The mapping reads no answer."
    if operations.progress is not None and not _says_any(operations.progress.status):
        lacking[Need.STRANGE_STATUS] = "The mapping reads states by words of its own."
    return {**lacking, **_unplayable(model)}


def _says_any(source: str) -> bool:
    """Return whether an office can put any code where this expression looks for one."""
    try:
        inverse(source, "chapar-strange")
    except NotInvertible:
        return False
    return True


def _unplayable(model: VendorModel) -> dict[Need | Fault, str]:
    register = next(one for one in model.plan if one.deed is Deed.REGISTER)
    mapping, step = model.mapping, register.step
    later = spoken(mapping, step, Meaning.RETRY)
    lacking: dict[Need | Fault, str] = {}
    if later is None or later.status != 200:
        for fault in (Fault.BUSY, Fault.ERROR_IN_200):
            lacking[fault] = "No code of the mapping means retry: this office cannot say 'not now' itself."
    if strange(mapping, step) is None:
        lacking[Fault.UNMAPPED_CODE] = "The mapping reads no plain code of a registration."
    if spoken(mapping, step, Meaning.KNOWN) is None:
        lacking[Fault.DUPLICATE_ANSWER] = "Nothing in the mapping means known."
    if expired(mapping, step) is None:
        lacking[Fault.SESSION_EXPIRED] = "The mapping has no session that this office could end."
    known = {**mapping.http, **step.verdict.http}
    for status, faults in _BY_STATUS.items():
        if str(status) in known:
            lacking |= dict.fromkeys(faults, f"The mapping itself says what HTTP {status} means.")
    if any(rule.code in {"Server", "soap:Server"} and rule.text is None for rule in mapping.faults):
        lacking[Fault.SOAP_FAULT] = "The mapping itself says what a Server fault means."
    return lacking


_BY_STATUS: Final = {
    401: (Fault.WRONG_PASSWORD,),
    429: (Fault.TOO_MANY, Fault.TOO_MANY_SILENT),
    500: (Fault.SERVER_ERROR, Fault.ERROR_AFTER, Fault.SOAP_FAULT),
    502: (Fault.HTTP_502,),
    503: (Fault.HTTP_503,),
}
