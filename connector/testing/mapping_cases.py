"""Runs the cases of a mapping through the real adapter, against a server on loopback that plays the office."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from connector.mapping.cases import Case, CaseExchange, CaseFile, CaseReply, load_cases
from connector.mapping.load import cases_path
from connector.mapping.plain_yaml import Location, load_located
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.office import OfficeAdapter
from connector.testing.case_comparing import Difference, complaints_of
from connector.testing.case_deeds import asked_of
from connector.testing.played_office import PlayedOffice, SeenRequest, played_office

__all__ = [
    "CaseResult",
    "CaseRun",
    "example_credentials",
    "placed",
    "play_cases",
    "play_once",
    "run_cases",
]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case went; no complaints where it is right. Each begins with file and line."""

    name: str
    complaints: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseRun:
    """One case that was played: what went out, and what came of it."""

    case: Case
    log_in: tuple[CaseExchange, ...]
    requests: tuple[SeenRequest, ...]
    outcome: Any
    place: Location = ()
    """Where it stands in the file of cases."""
    folder: str = ""
    """Where the mapping was taken from, as errors name it."""

    @property
    def differences(self) -> list[Difference]:
        """Return what is not as the case says."""
        return list(complaints_of(self.case, self.log_in, self.outcome, self.requests, place=self.place))


def run_cases(
    mapping: Path, kind: AdapterKind[OfficeAdapter], settings: Mapping[str, Any]
) -> Iterator[CaseResult]:
    """Run every case beside this mapping file through an adapter that is built from it.

    ``settings`` holds what the mapping needs besides its name and address: credentials.
    """
    cases, located = load_cases(cases_path(mapping))
    for run in play_cases(mapping, cases, kind, settings):
        told = (f"{located.path}:{located.line(each.place)}: {each.sentence}" for each in run.differences)
        # A file that lies elsewhere was run through a stand-in of its folder.
        yield CaseResult(
            run.case.name, tuple(each.replace(run.folder, f"{mapping.parent}/") for each in told)
        )


def play_cases(
    mapping: Path, cases: CaseFile, kind: AdapterKind[OfficeAdapter], settings: Mapping[str, Any]
) -> Iterator[CaseRun]:
    """Play these cases one after the other, in a session of its own each where the mapping has one."""
    has_session = "session" in load_located(mapping).values
    with played_office() as played, _built(mapping, kind, settings, played.url) as (office, folder):
        for number, case in enumerate(cases.cases):
            log_in = tuple(cases.session) if case.logs_in and has_session else ()
            yield replace(_play(case, log_in, office, played), place=("cases", number), folder=folder)
            if has_session:
                office.close()


def play_once(
    mapping: Path,
    case: Case,
    kind: AdapterKind[OfficeAdapter],
    settings: Mapping[str, Any],
    alike: Mapping[str, Sequence[CaseReply]],
) -> CaseRun:
    """Play a case whose calls are answered as calls of their kind were (see ``PlayedOffice.begin``)."""
    with played_office() as played, _built(mapping, kind, settings, played.url) as (office, _):
        played.begin((), alike=alike)
        outcome = asked_of(office, case, goes_on=lambda: True)
        return CaseRun(case=case, log_in=(), requests=tuple(played.end()), outcome=outcome)


@contextmanager
def _built(
    mapping: Path, kind: AdapterKind[OfficeAdapter], settings: Mapping[str, Any], url: str
) -> Iterator[tuple[OfficeAdapter, str]]:
    given = {**settings, "mapping": mapping.stem, "http": {"url": url, "answer_within": timedelta(seconds=5)}}
    with placed(mapping) as folder:
        site = AdapterSite(name="case", mappings=(folder,), pool_size=1)
        office: OfficeAdapter = kind.build(kind.settings.model_validate(given), site)
        try:
            yield office, f"{folder}/offices/"
        finally:
            office.close()


@contextmanager
def placed(mapping: Path) -> Iterator[Path]:
    """Give a folder of mappings that has this file at its place, wherever it lies."""
    folder = mapping.absolute().parent
    if folder.name == "offices":
        yield folder.parent
        return
    with tempfile.TemporaryDirectory(prefix="chapar-") as stand_in:
        (Path(stand_in) / "offices").symlink_to(folder, target_is_directory=True)
        yield Path(stand_in)


def _play(case: Case, log_in: tuple[CaseExchange, ...], office: Any, played: PlayedOffice) -> CaseRun:
    replies = [exchange.reply for exchange in (*log_in, *case.conversation)]
    played.begin(replies)

    def goes_on() -> bool:
        return max((request.position for request in played.requests), default=-1) + 1 < len(replies)

    outcome = asked_of(office, case, goes_on=goes_on)
    return CaseRun(case=case, log_in=log_in, requests=tuple(played.end()), outcome=outcome)


@contextmanager
def example_credentials() -> Iterator[dict[str, Any]]:
    """Give settings with a made-up user, password and token, for mappings that want them."""
    with tempfile.TemporaryDirectory(prefix="chapar-") as folder:
        secret = Path(folder) / "secret"
        secret.write_text("secret", encoding="ascii")
        reference = {"file": str(secret)}
        yield {"username": "chapar", "password": reference, "token": reference}
