"""An office by mail as the operator meets it: a daemon, a secretariat that writes nothing, and the command line."""

import json
from threading import Event

import pytest

from connector.clock import monotonic
from connector.simulator.book import OfficeBook
from connector.simulator.fates import Fate, FateDeck
from connector.simulator.secretariat import PASSWORD, PostOffice, some_desks
from connector.simulator.secretariat.writing import mail_with
from tests.acceptance.daemon import PATIENCE
from tests.acceptance.letters import until

DESKS = some_desks(["1"])
MAILBOXES = """
longest_processing = "1s"

[offices.municipality.smtp]
host = "127.0.0.1"
port = {smtp}
ca_file = "{ca_file}"

[offices.municipality.imap]
host = "127.0.0.1"
port = {imap}
ca_file = "{ca_file}"

[offices.municipality.secretariats.1]
our_mailbox = "{ours}"
office_mailbox = "{theirs}"
password = {{ file = "keys/mail" }}
"""
WHY = ("--reason", "تلفنی از دبیرخانه پرسیده شد", "--yes")


@pytest.fixture
def post(place):
    with PostOffice(DESKS, OfficeBook(frozenset(), deck=FateDeck(1, (Fate.NUMBERED_LATER,)))) as post:
        secret = place.folder / "keys" / "mail"
        secret.touch(mode=0o600)
        secret.write_text(PASSWORD)
        (desk,) = DESKS
        mailboxes = MAILBOXES.format(
            smtp=post.smtp_port,
            imap=post.imap_port,
            ca_file=post.ca_file,
            ours=desk.our_mailbox,
            theirs=desk.office_mailbox,
        )
        place.write_config(
            extra='[tracking]\nfirst_after = "200ms"\n[deadlines]\nsubmitted = "1s"\n',
            **{
                'adapter = "stand_in"': 'adapter = "ece"',
                f'url = "{place.office.url}"': mailboxes,
                'facts = ["registered"]': 'facts = ["registered", "refused"]',
            },
        )
        yield post


def needs(place, because):
    """Wait until the list of what needs a person has something of this kind, and return it."""
    end, between = monotonic() + 2 * PATIENCE, Event()
    while True:
        found = [
            row
            for row in json.loads(place.chapar("attention", "--json").stdout)
            if row["because"] == because and row["kind"] in {"letter", "connection", "side_step"}
        ]
        if found:
            return found
        assert monotonic() < end, f"nothing is {because}"
        between.wait(0.05)


def test_a_letter_that_is_never_numbered_and_a_mail_that_nobody_can_read_are_shown_and_settled(
    place, post, start, portal, messages
):
    start().hears("READY")
    code = portal.hand_in("s-1")
    until(place, code, "submitted")
    (desk,) = DESKS
    broken = mail_with(
        b"<receipt><half",
        sender=desk.office_mailbox,
        receiver=desk.our_mailbox,
        message_id="<1@office.example>",
    )
    post.mailboxes.deliver(desk.our_mailbox, broken)
    (aside,) = needs(place, "set_aside")
    assert (aside["connection"], aside["reason"], aside["waiting"]) == ("municipality", "not_xml", 1)
    assert aside["because_en"]
    assert aside["commands"] == ["chapar check"]
    (late,) = needs(place, "beyond_deadline")
    assert (late["tracking_code"], late["status"]) == (code, "submitted")
    assert any("--refused" in command for command in late["commands"])

    done = place.chapar(
        "letters", "settle", code, "--registered", "1405/77", "--on", "1405/08/30", *WHY, SUDO_USER="navvab"
    )
    assert done.returncode == 0, done.stderr
    [told] = messages.take(1)
    assert "۱۴۰۵/۷۷" in told
    post.write_back()  # the number of the book is another one than what was said by telephone
    (question,) = needs(place, "side_step")
    assert (question["tracking_code"], question["step"]) == (code, "another_number")
    settled = place.chapar("letters", "settle", code, "--step", "another_number", "--done", *WHY)
    assert settled.returncode == 0, settled.stderr
    acts = json.loads(place.chapar("audit", "acts", "--json").stdout)
    assert {(act["act"], act["subject"].split()[0]) for act in acts} == {
        ("settled_registered", code),
        ("step_done", code),
    }


def test_what_the_secretariat_refused_by_telephone_is_told_with_its_reason_and_once(
    place, post, start, portal, messages
):
    start().hears("READY")
    code = portal.hand_in("s-1")
    until(place, code, "submitted")
    foretold = place.chapar("letters", "settle", code, "--refused", *WHY, "--dry-run")
    assert "READS THE REASON" in foretold.stdout
    done = place.chapar("letters", "settle", code, "--refused", *WHY)
    assert done.returncode == 0, done.stderr
    until(place, code, "refused")
    [told] = messages.take(1)
    assert WHY[1] in told
    again = place.chapar("letters", "settle", code, "--registered", "1405/77", "--on", "1405/08/30", *WHY)
    assert again.returncode == 1
    assert "It is at its end" in again.stderr
