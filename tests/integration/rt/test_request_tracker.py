"""The mapping of Request Tracker against a real one: created once, found after a lost answer, followed to its end."""

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connector.cli.main import application
from connector.domain.registration import LetterReference
from connector.errors import CredentialsRejected, OutcomeUnknown
from connector.ports.office import RegistrationRequest
from connector.ports.outcomes import Registered
from tests.contract.offices.requests_to_register import NASTY, a_request, content_of
from tests.cut_wire import wire_to
from tests.integration.rt.request_tracker import PASSWORD, QUEUE, USER, RequestTracker

FILES = {"نامهٔ ۱.pdf": b"%PDF-1.4 \x00\xff\xfe" * 5000, "خالی.txt": b"", "plain.txt": "سلام\r\nدنیا".encode()}


def the_request(key: str, **files: bytes) -> RegistrationRequest:
    contents = [content_of(name, content) for name, content in files.items()]
    return replace(a_request(key, *contents), secretariat=QUEUE)


def registered(outcome: Any) -> str:
    assert isinstance(outcome, Registered), outcome
    return outcome.registration.number


def test_a_letter_becomes_a_ticket_with_its_text_and_its_files_byte_for_byte(
    tracker: RequestTracker, connect: Any
) -> None:
    request = the_request("01RTKEYWHOLE", **FILES)
    number = registered(connect(tracker.url).register(request))
    ticket = tracker.asked(f"/ticket/{number}")
    assert (ticket["Subject"], ticket["Status"], ticket["Priority"]) == (NASTY[:200], "new", "50")
    parts = tracker.asked(f"/ticket/{number}/attachments", fields="Filename,ContentType", per_page="20")[
        "items"
    ]
    whole = [
        tracker.asked(f"/attachment/{part['id']}")
        for part in parts
        if part["ContentType"] != "multipart/mixed"
    ]
    stored = {part.get("Filename", ""): base64.b64decode(part.get("Content", "")) for part in whole}
    text = stored.pop("").decode()
    assert stored == dict(
        zip(["attachment-1.pdf", "attachment-2.txt", "attachment-3.txt"], FILES.values(), strict=True)
    )
    assert NASTY in text
    assert all(name in text for name in FILES)


def test_a_lost_answer_is_found_by_our_key_and_no_second_ticket_is_made(
    tracker: RequestTracker, connect: Any
) -> None:
    before = tracker.tickets()
    with wire_to(tracker.port) as wire:
        office = connect(f"http://127.0.0.1:{wire.port}")
        assert office.find("01RTKEYLOST", QUEUE) is None
        wire.lose_next_answer()
        with pytest.raises(OutcomeUnknown):
            office.register(the_request("01RTKEYLOST"))
        number = registered(office.find("01RTKEYLOST", QUEUE))
        assert office.find("01RTKEYLOS", QUEUE) is None
    assert set(tracker.tickets()) - set(before) == {number}


def test_a_ticket_that_a_clerk_moved_to_another_queue_is_found_too(
    tracker: RequestTracker, connect: Any
) -> None:
    office = connect(tracker.url)
    number = registered(office.register(the_request("01RTKEYMOVED")))
    tracker.changed(number, Queue="finance")
    assert registered(office.find("01RTKEYMOVED", QUEUE)) == number


def test_the_progress_of_several_letters_is_told_apart(tracker: RequestTracker, connect: Any) -> None:
    office = connect(tracker.url)
    statuses = {"01RTKEYNEW": "new", "01RTKEYDONE": "resolved", "01RTKEYNOT": "rejected"}
    numbers = {key: registered(office.register(the_request(key))) for key in statuses}
    for key, status in statuses.items():
        if status != "new":
            tracker.changed(numbers[key], Status=status)
    references = [
        LetterReference(correlation_key=key, secretariat=QUEUE) for key in (*statuses, "01RTKEYNOBODY")
    ]
    told = {each.correlation_key: each for each in office.progress(references)}
    assert {key: each.registration.number for key, each in told.items()} == numbers
    assert {key for key, each in told.items() if each.is_closed} == {"01RTKEYDONE"}
    assert {key for key, each in told.items() if each.refused} == {"01RTKEYNOT"}
    assert not any(each.unmapped for each in told.values())


def test_who_may_not_create_tickets_is_told_and_nothing_is_made(
    tracker: RequestTracker, connect: Any
) -> None:
    before = tracker.tickets()
    with pytest.raises(CredentialsRejected):
        connect(tracker.url).register(replace(the_request("01RTKEYNONE"), secretariat="finance"))
    with pytest.raises(CredentialsRejected):
        connect(tracker.url, username="nobody-of-this-name").check()
    assert tracker.tickets() == before


def test_the_live_office_is_certified_with_harmless_questions(
    tracker: RequestTracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RT_PASSWORD", PASSWORD)
    before = tracker.tickets()
    runner = CliRunner()
    settings = tmp_path / "chapar.toml"
    settings.write_text(
        f"""
[ledger]
url = "sqlite:///{tmp_path}/ledger.db"
attachments = "{tmp_path}/attachments"
[ledger.keys]
current = "key-1"
ring = {{ key-1 = {{ environment = "RT_PASSWORD" }} }}
blind_index = {{ environment = "RT_PASSWORD" }}
[offices.rt]
adapter = "rest"
mapping = "request-tracker"
http = {{url = "{tracker.url}", answer_within = "60s"}}
username = "{USER}"
password = {{environment = "RT_PASSWORD"}}
""",
        encoding="utf-8",
    )
    words = [
        "offices",
        "certify",
        "rt",
        "--live",
        "--secretariat",
        QUEUE,
        "--json",
        "--config",
        str(settings),
    ]
    done = runner.invoke(application, words)
    assert done.exit_code == 0, done.output
    certificate = json.loads(done.stdout)
    assert certificate["subject"]["counterpart"] == "live system"
    passed = {check["name"] for check in certificate["checks"] if check["verdict"] == "passed"}
    assert passed == {"declared_is_there", "check_is_harmless", "nobody_is_not_found", "longest_processing"}
    assert tracker.tickets() == before
