"""The contract finds what is broken: adapters that are wrong on purpose, each with the checks that must fail."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.offices.rest import OFFICE as REST
from connector.errors import CallFailed, OutcomeUnknown, Unavailable
from connector.ports.catalogue import AdapterKind
from connector.simulator.fates import Fate
from connector.testing.certificate import proven_level
from connector.testing.office_contract import CHECKS, CheckResult, OpenBench, Verdict, run_checks
from connector.testing.office_contract.mapped import mapped_bench

SHIPPED = Path(__file__).parents[3] / "mappings" / "offices"


class Wrapped:
    """An adapter that does everything as the right one does, unless a subclass says otherwise."""

    def __init__(self, office: Any) -> None:
        self.office = office
        self.capabilities = office.capabilities

    def register(self, request: Any) -> Any:
        return self.office.register(request)

    def find(self, key: str, secretariat: str) -> Any:
        return self.office.find(key, secretariat)

    def search(self, query: Any) -> Any:
        return self.office.search(query)

    def progress(self, references: Any) -> Any:
        return self.office.progress(references)

    def check(self) -> Any:
        return self.office.check()

    def close(self) -> None:
        self.office.close()


class SaysNothingWasDone(Wrapped):
    def register(self, request: Any) -> Any:
        try:
            return self.office.register(request)
        except OutcomeUnknown as failure:
            raise Unavailable(reason=failure.reason) from None


class SendsAgain(Wrapped):
    def register(self, request: Any) -> Any:
        try:
            return self.office.register(request)
        except OutcomeUnknown:
            return self.office.register(request)


class TakesFailureForAbsence(Wrapped):
    def find(self, key: str, secretariat: str) -> Any:
        try:
            return self.office.find(key, secretariat)
        except CallFailed:
            return None


class FindsNothing(Wrapped):
    def find(self, key: str, secretariat: str) -> Any:
        return None


class CountsNumbers(Wrapped):
    def register(self, request: Any) -> Any:
        outcome = self.office.register(request)
        registration = getattr(outcome, "registration", None)
        if registration is None:
            return outcome
        changed = dataclasses.replace(registration, number=str(int(registration.number)))
        return dataclasses.replace(outcome, registration=changed)


class MixesThreads(Wrapped):
    def register(self, request: Any) -> Any:
        self.request = request
        outcome = self.office.register(request)
        return outcome if self.request is request else self.office.register(self.request)


class DeclaresTooMuch(Wrapped):
    def __init__(self, office: Any) -> None:
        super().__init__(office)
        self.capabilities = dataclasses.replace(office.capabilities, prepares=True)


class ClosesOnce(Wrapped):
    def close(self) -> None:
        assert self.office is not None
        self.office.close()
        self.office = None


class ReadsFilesWhole(Wrapped):
    def register(self, request: Any) -> Any:
        for content in request.attachments:
            with content.open() as stream:
                stream.read()
        return self.office.register(request)


@contextmanager
def bench_of(kind: type[Wrapped], folder: Path, *, is_naive: bool = False) -> Iterator[OpenBench]:
    mapping = yaml.safe_load((SHIPPED / "simulated-rest.yaml").read_text(encoding="utf-8"))
    if is_naive:
        mapping["idempotent_create"] = False
    (folder / "mine.yaml").write_text(yaml.safe_dump(mapping, allow_unicode=True), encoding="utf-8")
    broken: AdapterKind[Any] = AdapterKind(
        summary="broken",
        settings=REST.settings,
        build=lambda settings, site: kind(REST.build(settings, site)),
    )
    with mapped_bench(folder / "mine.yaml", broken) as opened:
        if kind is ClosesOnce:
            opened = forgiving(opened)
        yield opened


def forgiving(opened: OpenBench) -> OpenBench:
    """Let the bench itself not fall over an adapter that cannot be closed twice."""

    @contextmanager
    def reopened(fate: Fate) -> Iterator[Any]:
        try:
            with opened(fate) as bench:
                yield bench
        except AssertionError:
            pass

    return reopened


def found_by(
    kind: type[Wrapped], folder: Path, names: set[str], *, is_naive: bool = False
) -> list[CheckResult]:
    folder = folder / "offices"
    folder.mkdir()
    with bench_of(kind, folder, is_naive=is_naive) as opened:
        return run_checks(opened, checks=[check for check in CHECKS if check.name in names])


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (SaysNothingWasDone, {"register_lose_answer", "register_garbage", "register_error_after"}),
        (SendsAgain, {"register_lose_answer", "register_unmapped_code_after"}),
        (TakesFailureForAbsence, {"question_server_error", "question_wrong_password", "question_too_many"}),
        (FindsNothing, {"lost_answer_found_by_key"}),
        (CountsNumbers, {"leading_zeros", "plain_letter"}),
        (MixesThreads, {"many_threads"}),
        (DeclaresTooMuch, {"declared_is_there"}),
        (ReadsFilesWhole, {"large_file"}),
        (ClosesOnce, {"close_twice"}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_a_broken_adapter_is_found_out(kind: type[Wrapped], names: set[str], tmp_path: Path) -> None:
    results = found_by(kind, tmp_path, names, is_naive=kind in {SendsAgain, MixesThreads})
    assert {result.check.name for result in results if result.verdict is Verdict.FAILED} == names
    for result in results:
        for word in ("expected: ", "came: ", "look at: "):
            assert word in result.text


def test_a_level_is_proven_only_where_every_way_of_it_held(tmp_path: Path) -> None:
    names = {check.name for check in CHECKS if check.proves}
    assert proven_level(found_by(Wrapped, tmp_path, names)) == "A"
    (tmp_path / "worse").mkdir()
    assert proven_level(found_by(FindsNothing, tmp_path / "worse", names)) == "B"
    assert proven_level([]) == "C"
