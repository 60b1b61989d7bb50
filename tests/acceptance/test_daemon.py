"""The real process: ready, stopped, killed, started again, reloaded; no letter lost and none registered twice."""

import signal

from tests.acceptance.daemon import PATIENCE
from tests.acceptance.letters import letters_of

HURRIED = 75


def test_it_says_ready_and_stopping_to_systemd_on_a_path(start):
    daemon = start()
    assert daemon.hears("READY")["STATUS"].startswith("آماده · ready on 127.0.0.1:")
    daemon.send(signal.SIGTERM)
    daemon.hears("STOPPING")
    assert daemon.ends() == 0


def test_it_says_ready_and_feeds_the_watchdog_on_an_abstract_socket(start):
    daemon = start(abstract=True, WATCHDOG_USEC="400000")
    daemon.hears("READY")
    daemon.hears("WATCHDOG")
    daemon.hears("WATCHDOG")
    daemon.send(signal.SIGINT)
    assert daemon.ends() == 0


def test_term_finishes_the_deed_in_hand(place, start, office, portal):
    daemon = start()
    daemon.hears("READY")
    office.open.clear()
    portal.hand_in("s-1")
    key = office.arrived.get(timeout=PATIENCE)
    daemon.send(signal.SIGTERM)
    daemon.hears("STOPPING")
    office.open.set()
    assert daemon.ends() == 0
    [letter] = letters_of(place).values()
    assert (letter["letter_id"], letter["status"], letter["number"]) == (key, "registered", "1")


def test_a_second_term_leaves_at_once_and_the_next_start_looks_the_letter_up(place, start, office, portal):
    daemon = start()
    daemon.hears("READY")
    office.open.clear()
    portal.hand_in("s-1")
    key = office.arrived.get(timeout=PATIENCE)
    daemon.send(signal.SIGTERM)
    daemon.hears("STOPPING")
    daemon.send(signal.SIGTERM)
    assert daemon.ends() == HURRIED
    office.open.set()
    assert_found_and_not_sent_again(place, start, office, key)


def test_a_killed_daemon_looks_the_letter_up_and_never_sends_it_again(place, start, office, portal):
    daemon = start()
    daemon.hears("READY")
    office.open.clear()
    portal.hand_in("s-1")
    key = office.arrived.get(timeout=PATIENCE)
    daemon.send(signal.SIGKILL)
    assert daemon.ends() == -signal.SIGKILL
    office.open.set()
    assert_found_and_not_sent_again(place, start, office, key)


def assert_found_and_not_sent_again(place, start, office, key):
    again = start()
    again.hears("READY")
    assert office.looked_up.get(timeout=PATIENCE) == key
    again.send(signal.SIGTERM)
    assert again.ends() == 0
    [letter] = letters_of(place).values()
    assert (letter["letter_id"], letter["status"], letter["number"]) == (key, "registered", "1")
    assert office.numbers_of(key) == [1]


def test_a_stop_is_bounded_even_while_a_deed_hangs(place, start, office, portal):
    place.write_config(stop_within="1s")
    daemon = start()
    daemon.hears("READY")
    office.open.clear()
    portal.hand_in("s-1")
    office.arrived.get(timeout=PATIENCE)
    daemon.send(signal.SIGTERM)
    assert daemon.ends() == HURRIED


def test_hup_takes_in_the_routes_and_goes_on(place, start, office, portal):
    daemon = start()
    daemon.hears("READY")
    portal.hand_in("s-1")
    first = office.arrived.get(timeout=PATIENCE)
    routes = place.folder / "routes.yaml"
    routes.write_text(routes.read_text().replace('"1"', '"2"'), encoding="utf-8")
    daemon.send(signal.SIGHUP)
    daemon.hears("RELOADING")
    assert daemon.hears("READY")["STATUS"] == "بازخوانی شد · reloaded"
    portal.hand_in("s-2", subject="درخواست دیگر")
    second = office.arrived.get(timeout=PATIENCE)
    assert dict(office.book) == {first: "1", second: "2"}


def test_hup_says_what_needs_a_restart(place, start):
    daemon = start()
    daemon.hears("READY")
    place.write_config(extra="show_mobiles = true\n")
    daemon.send(signal.SIGHUP)
    daemon.hears("RELOADING")
    assert "need a restart: gateways.sms.show_mobiles" in daemon.hears("READY")["STATUS"]


def test_hup_with_a_broken_configuration_changes_nothing_and_says_so(place, start, office, portal):
    daemon = start()
    daemon.hears("READY")
    place.write_config(extra='pasword = "hunter2"\n')
    daemon.send(signal.SIGHUP)
    daemon.hears("RELOADING")
    assert "reload refused" in daemon.hears("READY")["STATUS"]
    portal.hand_in("s-1")
    assert office.arrived.get(timeout=PATIENCE)
    words = daemon.words()
    assert "daemon.reload_refused" in words
    assert "hunter2" not in words


def test_a_second_daemon_on_the_same_file_is_refused(place, start):
    start().hears("READY")
    second = place.chapar("run")
    assert second.returncode == 4
    assert "Another Chapar is running on this SQLite file." in second.stderr
    assert "Next step:" in second.stderr


def test_the_log_and_the_message_file_hold_nothing_that_they_should_not(place, start, office, portal):
    daemon = start()
    daemon.hears("READY")
    portal.hand_in("s-1", subject="موضوع محرمانه", text="متن محرمانه")
    office.arrived.get(timeout=PATIENCE)
    daemon.send(signal.SIGTERM)
    assert daemon.ends() == 0
    words = daemon.words()
    for personal in ("محرمانه", "شهروند نمونه", "0084575948", "09000000001", "9000000001"):
        assert personal not in words


def test_a_start_that_is_not_possible_says_why_in_the_status(place, start):
    (place.folder / "keys" / "key-1").unlink()
    daemon = start()
    assert "starting" in daemon.hears("STATUS")["STATUS"]
    status = daemon.hears("STATUS")["STATUS"]
    assert "not started" in status
    assert "keys/key-1 is not there" in status
    assert "install -m 600" in status
    assert daemon.ends() == 3
