"""The commands of an operator's day, as processes: check, letters, config."""

import json
import re
import signal

import pytest

from tests.acceptance.daemon import PATIENCE


@pytest.fixture
def registered(place, start, office, portal):
    """A stopped daemon that has registered one letter; its tracking code."""
    daemon = start()
    daemon.hears("READY")
    code = portal.hand_in("s-1")
    office.arrived.get(timeout=PATIENCE)
    daemon.send(signal.SIGTERM)
    assert daemon.ends() == 0
    return code


def test_check_finds_everything_in_order(place):
    done = place.chapar("check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All 10 things are in order." in done.stdout
    assert "offices.municipality: in order. The office answers." in done.stdout


def test_check_names_an_unreachable_office_and_goes_on_with_the_others(place, office):
    office.close()
    done = place.chapar("check", "--json")
    assert done.returncode == 4
    findings = {finding["name"]: finding for finding in json.loads(done.stdout)}
    assert findings["offices.municipality"]["verdict"] == "wrong"
    assert "this machine reaches it" in findings["offices.municipality"]["next_step"]
    assert findings["gateways.sms"]["verdict"] == "in_order"


def test_check_says_what_to_do_about_a_database_that_is_not_there(place):
    (place.folder / "chapar.db").unlink()
    done = place.chapar("check")
    assert done.returncode == 3
    assert "chapar db upgrade" in done.stdout


def test_check_looks_at_a_postgresql_as_well(on_postgresql):
    done = on_postgresql.chapar("check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Database postgresql" in done.stdout
    assert "It is at this version and holds 0 letters." in done.stdout


@pytest.mark.parametrize(
    ("database", "next_step"), [("postgres", "chapar db upgrade"), ("nowhere", "See that the server runs")]
)
def test_check_says_what_to_do_about_a_postgresql_that_is_not_ready(on_postgresql, database, next_step):
    made = re.search(r"/(t[0-9a-f]+)\?", on_postgresql.ledger).group(1)
    on_postgresql.ledger = on_postgresql.ledger.replace(made, database)
    on_postgresql.write_config()
    done = on_postgresql.chapar("check")
    assert done.returncode in {3, 4}
    assert next_step in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_check_beside_a_running_daemon_disturbs_nobody(place, start):
    start().hears("READY")
    assert place.chapar("check").returncode == 0


def test_explain_tells_the_way_the_next_action_its_owner_and_its_time(place, registered):
    done = place.chapar("letters", "explain", registered)
    assert done.returncode == 0, done.stderr
    for word in (
        "received",
        "screened",
        "announced",
        "registered",
        "Owner: tracking",
        "Next: ",
        "For you to do:",
    ):
        assert word in done.stdout
    told = json.loads(place.chapar("letters", "explain", registered, "--json").stdout)
    assert (told["owner"], told["is_at_end"]) == ("tracking", False)
    assert told["next_at"]


def test_show_hides_what_is_personal_until_it_is_asked_for(place, registered):
    hidden = place.chapar("letters", "show", registered)
    assert hidden.returncode == 0, hidden.stderr
    assert "--personal shows them" in hidden.stdout
    shown = place.chapar("letters", "show", registered, "--personal", "--json")
    for personal in ("شهروند نمونه", "0084575948", "09000000001"):
        assert personal not in hidden.stdout
        assert personal in shown.stdout


def test_list_filters_and_speaks_json(place, registered):
    [row] = json.loads(place.chapar("letters", "list", "--status", "registered", "--json").stdout)
    assert (row["tracking_code"], row["number"], row["owner"]) == (registered, "1", "tracking")
    assert json.loads(place.chapar("letters", "list", "--status", "parked", "--json").stdout) == []
    assert "No letters." in place.chapar("letters", "list", "--older-than", "7d").stdout


def test_a_letter_that_is_not_there_ends_with_its_own_code(place):
    done = place.chapar("letters", "explain", "nothing-like-it")
    assert done.returncode == 5
    assert "Next step:" in done.stderr


def test_config_show_prints_what_is_in_force_without_a_secret(place):
    done = place.chapar("config", "show", CHAPAR_LOG__LEVEL="warning")
    assert 'level = "warning"' in done.stdout
    assert "a-token-of-the-portal" not in done.stdout
    plain = json.loads(place.chapar("config", "show", "--json").stdout)
    assert plain["settings"]["offices"]["municipality"]["adapter"] == "stand_in"


def test_headings_are_persian_too_where_the_reader_is(place, registered):
    assert "کد رهگیری" in place.chapar("letters", "list", LANG="fa_IR.UTF-8", COLUMNS="200").stdout


@pytest.mark.parametrize("typed", ["۰۹۰۰ ۰۰۰ ۰۰۰۱", "+98 900 000 0001", "0084575948"])
def test_a_citizen_who_lost_the_code_is_found_by_mobile_or_id_in_any_form(place, registered, typed):
    done = place.chapar("letters", "find", "--json", types=f"{typed}\n")
    assert done.returncode == 0, done.stderr
    assert [row["tracking_code"] for row in json.loads(done.stdout)] == [registered]


def test_finding_by_something_that_is_no_number_says_so(place):
    done = place.chapar("letters", "find", types="12345\n")
    assert done.returncode == 2
    assert "neither a mobile nor a national or legal id" in " ".join(done.stderr.split())
