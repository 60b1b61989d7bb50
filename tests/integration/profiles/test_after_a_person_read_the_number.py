"""Farzin says that it has a lost letter, and not under which number: a person reads it, and what follows is done."""

from collections.abc import Callable
from datetime import date, timedelta

from adapters.offices.soap import OFFICE
from connector.domain.attachment import Attachment
from connector.domain.lifecycle import Status
from connector.domain.registration import Registration
from connector.ledger import Ledger
from connector.ledger.decisions import Said
from connector.ledger.records import OutboxPolicy
from connector.mapping.cases import CaseReply
from connector.ports.catalogue import AdapterSite
from connector.testing.builders import HeldClock, a_submission
from connector.testing.mapping_cases import example_credentials
from connector.testing.played_office import PlayedOffice, played_office
from tests.integration.profiles.original import ROOT
from tests.integration.stages.conftest import Agency


def said(call: str, content: str) -> CaseReply:
    return CaseReply(xml=f'<{call}Response xmlns="http://tempuri.org/">{content}</{call}Response>')


REPLIES = [
    said("Login", "<LoginResult>true</LoginResult>"),
    CaseReply(lost=True),
    said("CheckExistDocument", "<CheckExistDocumentResult>true</CheckExistDocumentResult><ec>77</ec>"),
    said("AttachFileInForm", "<AttachFileInFormResult>true</AttachFileInFormResult>"),
    said("StartService", "<StartServiceResult>true</StartServiceResult>"),
]


def a_letter(agency: Agency) -> str:
    incoming = agency.ledger.attachments.begin()
    incoming.write(b"one")
    stored = incoming.finish()
    file = Attachment(name="a.txt", media_type="text/plain", size=stored.size, digest=stored.digest)
    return agency.letter(a_submission(attachments=(file,)))


def carried(played: PlayedOffice, ledger: Ledger, clock: HeldClock) -> Status:
    """Carry a letter whose answer is lost to the number that a person reads, and on. Return where it stands."""
    played.begin(REPLIES)
    with example_credentials() as credentials:
        settings = {**credentials, "mapping": "farzin", "http": {"url": played.url}}
        site = AdapterSite(name="main", mappings=(ROOT / "mappings",), pool_size=1)
        office = OFFICE.build(OFFICE.settings.model_validate(settings), site)
        agency = Agency(ledger=ledger, clock=clock, office=office)
        letter = a_letter(agency)
        agency.register()
        agency.pass_time(timedelta(minutes=1))
        agency.reconcile()
        assert agency.status(letter) is Status.SUBMITTED
        number = Registration(
            number="12/1405", secretariat="central", year=1405, registered_on=date(2026, 11, 21)
        )
        word = Said(by="operator", reason="read in Farzin")
        ledger.decisions.settle_registered(
            letter, Status.SUBMITTED, word, number, track_after=timedelta(minutes=1)
        )
        while agency.complete():
            pass
        office.close()
        return agency.status(letter)


def test_once_a_person_has_read_the_number_files_and_workflow_follow_at_the_place_that_the_office_told(
    sqlite_url: str, open_on: Callable[..., Ledger], clock: HeldClock
) -> None:
    ledger = open_on(sqlite_url, policy=OutboxPolicy(completing_offices=frozenset({"main"})))
    with played_office() as played:
        assert carried(played, ledger, clock) is Status.REGISTERED
        requests = played.end()
    calls = [each.call for each in requests]
    assert calls[:3] == ["Login", "InsertDocument", "CheckExistDocument"]
    assert calls[3:5] == ["AttachFileInForm", "StartService"]
    assert set(calls[5:]) <= {"Logout"}
    attached = requests[3].fields
    assert (attached["mainETC"], attached["mainEC"], attached["fileName"]) == ("0", "77", "a.txt")
    assert "<EC>77</EC>" in requests[4].fields["contentXml"]
