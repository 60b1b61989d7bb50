"""Loading: what a good file gives, and how every kind of wrong file is answered."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from connector.errors import SettingsInvalid
from connector.intake.deciding import ScreeningPolicy
from connector.notification.policy import NotificationPolicy
from connector.registration.patience import RegistrationPolicy
from connector.settings.in_force import as_text
from connector.settings.load import find_file, load_settings
from connector.settings.policies import policy_of
from connector.tracking.patience import TrackingPolicy


def refusal(path) -> SettingsInvalid:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(path)
    assert caught.value.next_step
    return caught.value


def line_with(text: str, needle: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if needle in line)


def test_a_good_file_gives_settings_with_the_adapters_own_options(write, good):
    settings = load_settings(write(good))
    office = settings.offices["main"]
    assert (office.adapter, office.pool_size) == ("parcel", 3)
    assert office.options.endpoint == "https://office.example"
    assert settings.daemon.lease == timedelta(minutes=2)


def test_relative_paths_are_meant_from_the_folder_of_the_file(write, good, tmp_path):
    settings = load_settings(write(good))
    assert settings.ledger.attachments == tmp_path / "state" / "attachments"
    assert settings.ledger.url == f"sqlite:///{tmp_path}/state/chapar.db"
    assert settings.ledger.keys.blind_index.file == tmp_path / "keys" / "blind"
    assert settings.intake.routes == tmp_path / "routes.yaml"


def test_an_absolute_sqlite_path_stays_as_it_is(write, good):
    settings = load_settings(write(good.replace("sqlite:///state/chapar.db", "sqlite:////srv/chapar.db")))
    assert settings.ledger.url == "sqlite:////srv/chapar.db"


def test_the_environment_goes_before_the_file(write, good, monkeypatch):
    monkeypatch.setenv("CHAPAR_WEB__PORT", "9090")
    monkeypatch.setenv("CHAPAR_OFFICES__MAIN__ENDPOINT", "https://other.example")
    monkeypatch.setenv("CHAPAR_NOTIFICATION__FACTS", json.dumps(["registered"]))
    settings = load_settings(write(good))
    assert settings.web.port == 9090
    assert settings.offices["main"].options.endpoint == "https://other.example"
    assert [str(fact) for fact in settings.notification.facts] == ["registered"]


def test_a_wrong_variable_is_named_and_its_value_is_not(write, good, monkeypatch):
    monkeypatch.setenv("CHAPAR_WEB__PORT", "hunter2")
    error = refusal(write(good))
    assert "environment variable CHAPAR_WEB__PORT: web.port:" in error.sentence
    assert "hunter2" not in error.sentence


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CHAPAR_WEB_PORT", "CHAPAR_WEB__PORT"),
        ("CHAPAR_LEGDER__URL", "CHAPAR_LEDGER__URL"),
        ("CHAPAR_OFFICES_MAIN_ENDPOINT", "CHAPAR_OFFICES__MAIN__ENDPOINT"),
        ("chapar_log_level", "CHAPAR_LOG__LEVEL"),
    ],
)
def test_a_variable_that_sets_nothing_is_refused_with_the_one_that_was_meant(
    write, good, monkeypatch, name, meant
):
    monkeypatch.setenv(name, "hunter2")
    sentence = refusal(write(good)).sentence
    assert f"environment variable {name}: is not an option; did you mean {meant}?" in sentence
    assert "hunter2" not in sentence


def test_a_variable_that_resembles_nothing_is_refused_with_the_sections(write, good, monkeypatch):
    monkeypatch.setenv("CHAPAR_NONSENSE", "hunter2")
    sentence = refusal(write(good)).sentence
    assert (
        "environment variable CHAPAR_NONSENSE: is not an option; those are CHAPAR_SECTION__OPTION" in sentence
    )
    assert "daemon, log, ledger" in sentence
    assert "hunter2" not in sentence


def test_an_unknown_option_in_a_variable_is_refused(write, good, monkeypatch):
    monkeypatch.setenv("CHAPAR_WEB__PRT", "hunter2")
    sentence = refusal(write(good)).sentence
    assert "CHAPAR_WEB__PRT: web.prt: is not an option here; did you mean port?" in sentence
    assert "hunter2" not in sentence


def test_a_whole_section_may_be_one_variable(write, good, monkeypatch):
    monkeypatch.setenv("CHAPAR_WEB", json.dumps({"port": 9091}))
    assert load_settings(write(good)).web.port == 9091


def test_a_variable_that_holds_a_secret_which_the_configuration_names_is_no_slip(write, good, monkeypatch):
    monkeypatch.setenv("CHAPAR_OFFICE_PASSWORD", "hunter2")
    monkeypatch.setenv("CHAPAR_CONFIG", "elsewhere.toml")
    monkeypatch.setenv("CHAPAR_TESTS_MAY_SKIP", "no")
    settings = load_settings(write(good + 'password = { environment = "CHAPAR_OFFICE_PASSWORD" }\n'))
    assert settings.offices["main"].options.password.reveal() == "hunter2"


def test_json_that_is_broken_in_a_variable_is_refused_without_its_value(write, good, monkeypatch):
    monkeypatch.setenv("CHAPAR_NOTIFICATION__FACTS", "[hunter2")
    error = refusal(write(good))
    assert "CHAPAR_NOTIFICATION__FACTS" in error.sentence
    assert "hunter2" not in error.sentence


@pytest.mark.parametrize(
    ("broken", "needle", "path", "what"),
    [
        ('[web]\npasword = "hunter2"\n', "pasword", "web.pasword", "is not an option here"),
        ('[web]\nprot = "hunter2"\n', "prot", "web.prot", "did you mean port?"),
        ('[webb]\nport = "hunter2"\n', "[webb]", "webb", "did you mean web?"),
        ('[log]\nlevel = "hunter2"\n', "level", "log.level", "input should be"),
        ('[daemon]\nlease = "hunter2"\n', "lease =", "daemon.lease", "length of time with its unit"),
        ("[daemon]\nlease = 30\n", "lease =", "daemon.lease", "length of time with its unit"),
        ('[daemon]\nlease = "1s"\n', "lease =", "daemon.lease", "greater than or equal"),
        (
            '[intake]\nlargest_attachment = "hunter2"\n',
            "largest",
            "intake.largest_attachment",
            "size with its unit",
        ),
        ('[gateways.sms]\nuser = "hunter2"\n', "[gateways.sms]", "gateways.sms.adapter", "is missing"),
        (
            '[gateways.sms]\nadapter = "pigeon"\n',
            "pigeon",
            "gateways.sms.adapter",
            "No adapter named 'pigeon'",
        ),
        (
            '[portals."My Portal"]\nadapter = "push"\n',
            "My Portal",
            "portals.My Portal.[key]",
            "a name begins with a small letter",
        ),
        (
            '[web]\npublic_url = "hunter2"\n',
            "public_url",
            "web.public_url",
            "write a whole address that begins with http:// or https://",
        ),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_path_and_never_with_the_value(
    write, good, broken, needle, path, what
):
    text = good + "\n" + broken
    file = write(text)
    sentence = refusal(file).sentence
    assert f"{file}:{line_with(text, needle)}: {path}: " in sentence
    assert what in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize(
    ("line", "path", "what"),
    [
        ('endpont = "hunter2"', "offices.main.endpont", "did you mean endpoint?"),
        ('poolsize = "hunter2"', "offices.main.poolsize", "did you mean pool_size?"),
        ('password = "hunter2"', "offices.main.password", "a secret is not written here"),
        ('password = { fiel = "hunter2" }', "offices.main.password.fiel", "did you mean file?"),
        ("mode = 0", "offices.main.mode", "greater than or equal to 1"),
        ('calls_per_second = "hunter2"', "offices.main.calls_per_second", "write a number"),
    ],
)
def test_the_adapters_own_options_are_checked_at_load(write, good, line, path, what):
    text = good + line + "\n"
    file = write(text)
    sentence = refusal(file).sentence
    assert f"{file}:{line_with(text, line.split(' =')[0] + ' =')}: {path}: " in sentence
    assert what in sentence
    assert "hunter2" not in sentence


def test_a_missing_option_points_at_its_table(write, good):
    text = good.replace('endpoint = "https://office.example"\n', "")
    file = write(text)
    line = line_with(text, "[offices.main]")
    assert f"{file}:{line}: offices.main.endpoint: is missing" in refusal(file).sentence


def test_all_problems_are_listed_at_once(write, good):
    error = refusal(write(good + 'endpont = "x"\n\n[web]\nprot = 1\n'))
    assert "2 things are wrong" in error.sentence
    assert len(error.facts["problems"]) == 2


def test_a_placeholder_refuses_to_start(write, good):
    text = good.replace("https://office.example", "https://CHANGE-ME/service")
    sentence = refusal(write(text)).sentence
    assert "offices.main.endpoint: still holds the placeholder CHANGE-ME" in sentence
    assert f":{line_with(text, 'CHANGE-ME')}:" in sentence


def test_a_key_ring_without_its_current_key_is_refused(write, good):
    sentence = refusal(write(good.replace('current = "key-1"', 'current = "key-2"'))).sentence
    assert f":{line_with(good, 'current =')}: ledger.keys.current: current names 'key-2'" in sentence


def test_a_password_in_the_database_url_is_refused_at_its_line_and_not_repeated(write, good):
    url = "postgresql://chapar:hunter2@db/chapar"
    sentence = refusal(write(good.replace("sqlite:///state/chapar.db", url))).sentence
    assert f":{line_with(good, 'url =')}: ledger.url: the url holds a password" in sentence
    assert "hunter2" not in sentence


def test_a_password_in_the_variable_of_the_database_url_is_blamed_on_the_variable(write, good, monkeypatch):
    monkeypatch.setenv("CHAPAR_LEDGER__URL", "postgresql://chapar:hunter2@db/chapar")
    file = write(good)
    sentence = refusal(file).sentence
    assert "environment variable CHAPAR_LEDGER__URL: ledger.url: the url holds a password" in sentence
    assert str(file) not in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize("url", ["mysql://db/chapar", "chapar.db", "sqlite:///"])
def test_a_database_url_that_is_none_is_answered_in_words_and_not_with_a_regular_expression(write, good, url):
    sentence = refusal(write(good.replace("sqlite:///state/chapar.db", url))).sentence
    assert "ledger.url: write sqlite:///file or postgresql://user@host/database" in sentence
    assert "^" not in sentence


def test_an_adapters_own_pattern_is_told_by_what_the_option_is(write, good):
    sentence = refusal(write(good + 'branch = "hunter 2"\n')).sentence
    assert "offices.main.branch: does not fit; it is: Branch of the office." in sentence
    assert "hunter" not in sentence


def test_text_that_is_not_toml_is_refused_with_its_line(write, good):
    text = good + "\n[web\nport = 1\n"
    file = write(text)
    assert f"{file}:{line_with(text, '[web')}: this is not TOML" in refusal(file).sentence


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path):
    path = tmp_path / "chapar.toml"
    path.write_bytes(b"[web]\nhost = '\xff'\n")
    assert f"{path}:2: this is not UTF-8 text" in refusal(path).sentence


def test_without_any_file_the_next_step_is_init(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CHAPAR_CONFIG", raising=False)
    with pytest.raises(SettingsInvalid) as caught:
        find_file()
    assert "chapar init" in str(caught.value.next_step)


def test_a_configuration_that_this_user_may_not_read_says_who_may(tmp_path, monkeypatch):
    """As an ordinary user types a command on a machine where /etc/chapar is closed."""

    def closed(_self):
        raise PermissionError

    monkeypatch.setattr(Path, "is_file", closed)
    with pytest.raises(SettingsInvalid, match="may not be read by this user") as caught:
        find_file(tmp_path / "chapar.toml")
    assert "sudo" in str(caught.value.next_step)


def test_no_repr_of_the_settings_holds_a_secret(write, good, tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "key-1").write_text("hunter2")
    assert "hunter2" not in repr(load_settings(write(good)))


def test_an_adapters_plain_timedelta_is_written_like_every_other_length_of_time(write, good):
    settings = load_settings(write(good + 'answer_within = "1m30s"\n'))
    assert settings.offices["main"].options.answer_within == timedelta(seconds=90)


def test_an_adapters_wrong_length_of_time_is_refused_with_its_place(write, good):
    sentence = refusal(write(good + 'answer_within = "hunter2"\n')).sentence
    assert "offices.main.answer_within: write a length of time with its unit" in sentence
    assert "hunter2" not in sentence


def test_the_defaults_are_those_of_the_stages_own_policies(write, good):
    settings = load_settings(write(good))
    assert policy_of(settings.registration, RegistrationPolicy) == RegistrationPolicy()
    assert policy_of(settings.tracking, TrackingPolicy) == TrackingPolicy()
    assert policy_of(settings.notification, NotificationPolicy) == NotificationPolicy()
    assert policy_of(settings.intake, ScreeningPolicy) == ScreeningPolicy()


def test_what_is_in_force_writes_every_length_of_time_in_one_way(write, good):
    text = as_text(load_settings(write(good + 'answer_within = "PT1M30S"\n')))
    assert 'answer_within = "1m30s"' in text
    assert 'lease = "2m"' in text
    assert '"PT' not in text


def test_what_is_in_force_can_be_written_down_and_read_again(write, good, tmp_path):
    settings = load_settings(write(good))
    assert "hunter2" not in as_text(settings)
    again = tmp_path / "again.toml"
    again.write_text(as_text(settings))
    assert load_settings(again) == settings
