"""The configured SOAP office against stacks that others wrote: node-soap, PHP and spyne, on real sockets."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from adapters.offices.soap import OFFICE
from connector.domain.registration import LetterReference
from connector.errors import OutcomeUnknown
from connector.ports.catalogue import AdapterSite
from connector.ports.outcomes import Registered
from tests.contract.offices.requests_to_register import NASTY, a_request, content_of
from tests.integration.soap.stacks import STACKS, running_office, swallowing_proxy

MAPPINGS = Path(__file__).parents[3] / "mappings"


@pytest.fixture(scope="module", params=STACKS)
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_office(request.param, tmp_path_factory.mktemp("office")) as url:
        yield url


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("OFFICE_SECRET", "secret")
    opened: list[Any] = []

    def connected(url: str) -> Any:
        settings = {
            "mapping": "simulated-soap",
            "http": {"url": url, "answer_within": timedelta(seconds=20)},
            "username": "chapar",
            "password": {"environment": "OFFICE_SECRET"},
        }
        site = AdapterSite(name="main", mappings=(MAPPINGS,), pool_size=2)
        opened.append(OFFICE.build(OFFICE.settings.model_validate(settings), site))
        return opened[-1]

    yield connected
    for office in opened:
        office.close()


def test_a_large_letter_with_nasty_text_is_registered_found_and_followed(address: str, connect: Any) -> None:
    office = connect(address)
    large, small = os.urandom(10 * 1024 * 1024), "متن".encode()
    files = [content_of("نقشه «۱».pdf", large), content_of("a&b<c>.txt", small, "text/plain")]
    registered = office.register(a_request("LARGE", *files))
    assert isinstance(registered, Registered)
    assert not registered.was_known
    assert len(registered.registration.number) == 6
    assert office.find("LARGE", "10").registration == registered.registration
    reference = LetterReference(
        correlation_key="LARGE", secretariat="10", registration=registered.registration
    )
    (progress,) = office.progress([reference, LetterReference(correlation_key="ABSENT", secretariat="10")])
    assert progress.registration == registered.registration
    assert [(referral.unit, referral.is_public) for referral in progress.referrals] == [("امور مالی", True)]
    received = json.loads(progress.answer.text)
    assert received["subject"] == NASTY
    assert received["body"] == f"سطر یک\nسطر دو\t{NASTY}"
    assert received["attachments"] == [
        {"name": "نقشه «۱».pdf", "size": len(large), "sha256": sha256(large).hexdigest()},
        {"name": "a&b<c>.txt", "size": len(small), "sha256": sha256(small).hexdigest()},
    ]


def test_a_letter_without_attachments_is_registered_once(address: str, connect: Any) -> None:
    office = connect(address)
    first, again = office.register(a_request("ONCE")), office.register(a_request("ONCE"))
    assert again.was_known
    assert again.registration == first.registration


def test_an_unknown_key_is_absent(address: str, connect: Any) -> None:
    office = connect(address)
    assert office.find("NOBODY", "10") is None
    assert office.progress([LetterReference(correlation_key="NOBODY", secretariat="10")]) == []
    assert office.check().endswith("answered.")


def test_a_fault_leaves_the_outcome_open_and_keeps_the_wording(address: str, connect: Any) -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        connect(address).register(a_request("BROKEN", subject="FAULT"))
    assert caught.value.code is not None
    assert caught.value.code.endswith("Server")
    assert caught.value.remark == "the office broke"
    assert "broke" not in str(caught.value)


def test_an_answer_that_is_lost_on_the_way_is_looked_up_and_found_once(address: str, connect: Any) -> None:
    with swallowing_proxy(address) as (through, swallowed):
        with pytest.raises(OutcomeUnknown):
            connect(through).register(a_request("LOST", content_of("a.pdf", os.urandom(200_000))))
        assert swallowed.wait(10)
    office = connect(address)
    found = office.find("LOST", "10")
    assert isinstance(found, Registered)
    assert office.register(a_request("LOST")).was_known
