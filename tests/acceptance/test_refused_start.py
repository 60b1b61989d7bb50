"""What the operator sees where a start is not possible: file, line, path, next step; never a value, never a trace."""

import socket

import pytest


def refused(place, code, *arguments):
    done = place.chapar(*(arguments or ("run",)))
    assert done.returncode == code, done.stderr
    assert "Next step:" in done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def line_of(place, needle):
    lines = place.config.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if needle in line)


def test_a_broken_line_is_named(place):
    place.write_config(extra="this is no toml\n")
    words = refused(place, 3)
    assert f"{place.config}:{line_of(place, 'this is no toml')}: this is not TOML" in words


def test_an_unknown_key_is_named_and_its_secret_is_not_echoed(place):
    place.write_config(extra='pasword = "hunter2"\n')
    words = refused(place, 3)
    assert f"{place.config}:{line_of(place, 'pasword')}: gateways.sms.pasword: is not an option here" in words
    assert "hunter2" not in words


def test_a_placeholder_refuses_to_start(place):
    place.write_config(**{place.office.url: "https://CHANGE-ME"})
    assert "offices.municipality.url: still holds the placeholder CHANGE-ME" in refused(place, 3)


def test_a_route_to_nowhere_is_named_with_its_line(place):
    routes = place.folder / "routes.yaml"
    routes.write_text(routes.read_text().replace("municipality", "nowhere"), encoding="utf-8")
    words = refused(place, 3)
    assert f"{routes}:2: routes[0].to.office: no office named 'nowhere'" in words


def test_a_missing_key_file_is_named_and_nothing_is_opened(place):
    (place.folder / "keys" / "key-1").unlink()
    assert "keys/key-1 is not there" in refused(place, 3)


def test_a_key_that_is_none_is_refused_without_being_shown(place):
    (place.folder / "keys" / "key-1").write_text("hunter2")
    words = refused(place, 3)
    assert "is not 32 bytes in base64" in words
    assert "hunter2" not in words


def test_a_database_that_was_never_made_leads_to_the_upgrade(place):
    (place.folder / "chapar.db").unlink()
    assert "chapar db upgrade" in refused(place, 3)
    assert place.chapar("db", "upgrade").returncode == 0
    assert "The database is at version" in place.chapar("db", "upgrade").stdout


def test_a_file_that_is_no_database_ends_with_the_code_that_systemd_does_not_start_again_after(place):
    (place.folder / "chapar.db").write_text("a letter and no database\n" * 100)
    words = refused(place, 3)
    assert "chapar.db is not a database, or it is damaged." in words
    assert "server" not in words
    assert "chapar.db is not a database" in place.chapar("check").stdout


def test_a_port_that_is_taken_is_said(place):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", place.port))
        taken.listen()
        assert f"127.0.0.1:{place.port} cannot be used" in refused(place, 3)


@pytest.mark.parametrize("broken", ["[", "routes: 7", "routes:\n  - to: {ofice: municipality}"])
def test_a_broken_routes_file_is_named_with_its_line(place, broken):
    (place.folder / "routes.yaml").write_text(broken)
    assert f"{place.folder / 'routes.yaml'}:" in refused(place, 3)


def test_a_database_that_is_away_ends_with_the_code_that_systemd_starts_again_after(place):
    place.ledger = f"postgresql://chapar@/none?host={place.folder}"
    place.write_config()
    assert "The database cannot be opened." in refused(place, 4)
    checked = place.chapar("check")
    assert checked.returncode == 4, checked.stdout
