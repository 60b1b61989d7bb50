"""The example, the schema and the page of options say what the models say, and what they show can be used."""

import json
import os
import re
import tomllib
from pathlib import Path

import pytest

from connector.assembly.ledger import key_ring
from connector.errors import SettingsInvalid
from connector.settings.connections import GROUPS
from connector.settings.example import example_text, schema, shipped_kinds
from connector.settings.load import PLACEHOLDER, load_settings
from connector.settings.reference import reference_text
from connector.settings.starter import write_starter

ROOT = Path(__file__).parents[3]
FILLED = {
    "mapping": "simulated-soap",
    "url": "https://office.example",
    "sender": "10001000",
    "username": "chapar",
    "database": "postgresql://smsd@127.0.0.1/smsd",
    "address": "smpp://smsc.example",
    "system_id": "agency",
    "callback_url": "https://portal.example/progress",
}


def filled(text: str) -> str:
    """The example with the placeholders replaced, as an operator would."""
    return re.sub(
        rf'^(\w+) = "{PLACEHOLDER}"$', lambda found: f'{found[1]} = "{FILLED[found[1]]}"', text, flags=re.M
    )


def every_option(text: str) -> str:
    """The example with everything that is commented out taken in; what has no value of its own stays out."""
    lines = [line.removeprefix("#") if re.match(r"#[\w\[]", line) else line for line in text.splitlines()]
    usable = [line for line in lines if PLACEHOLDER not in line or line.split(" =")[0] in FILLED]
    return filled("\n".join(usable))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("config/chapar.example.toml", example_text()),
        ("config/chapar.schema.json", json.dumps(schema())),
        ("docs/configuration.md", reference_text()),
    ],
)
def test_what_is_committed_is_what_the_models_say(file, text):
    committed = (ROOT / file).read_text(encoding="utf-8")
    if file.endswith(".json"):
        assert json.loads(committed) == json.loads(text), f"{file} is old: make generate"
    else:
        assert committed.split("\n") == text.split("\n"), f"{file} is old: make generate"


def test_make_generate_writes_every_file_that_is_compared_with_the_models():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    target = makefile.partition("\ngenerate:")[2].partition("\n\n")[0]
    assert set(re.findall(r"> (\S+)$", target, re.M)) == {
        "config/chapar.example.toml",
        "config/chapar.schema.json",
        "config/mapping.schema.json",
        "docs/configuration.md",
    }


def test_the_example_is_refused_as_long_as_it_holds_placeholders(write):
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(write(example_text()))
    assert "offices.municipality.mapping: still holds the placeholder CHANGE-ME" in caught.value.sentence


def test_the_filled_example_loads_with_nothing_but_defaults(write):
    settings = load_settings(write(filled(example_text())))
    assert set(settings.offices) == {"municipality"}
    assert settings.offices["municipality"].options.http.url == "https://office.example"


def test_every_option_of_the_example_is_known_when_taken_in(write):
    text = every_option(example_text())
    settings = load_settings(write(text))
    assert set(tomllib.loads(text)["offices"]) == set(settings.offices)
    assert len(settings.offices) == len(shipped_kinds("offices"))


def test_every_option_of_every_model_stands_in_the_example():
    text = example_text()
    for group in GROUPS:
        for name, kind in shipped_kinds(group).items():
            assert f'adapter = "{name}"' in text
            for option in kind.settings.model_fields:
                assert re.search(rf"^#?({option} = |\[.*\.{option}\])", text, re.M), (
                    f"{group} {name} {option}"
                )


def test_the_schema_knows_each_adapter_by_name():
    offices = schema()["properties"]["offices"]["additionalProperties"]["anyOf"]
    assert {"soap", "rest"} <= {variant["properties"]["adapter"]["const"] for variant in offices}
    assert all(variant["additionalProperties"] is False for variant in offices)


def test_init_writes_what_can_be_filled_in_and_never_overwrites(tmp_path):
    made, kept = write_starter(tmp_path / "house")
    assert kept == []
    assert {path.name for path in made} == {"chapar.toml", "routes.yaml", "key-1", "blind-index"}
    for key in ("key-1", "blind-index"):
        path = tmp_path / "house" / "secrets" / key
        assert path.stat().st_mode & 0o777 == 0o600
    (tmp_path / "house" / "chapar.toml").write_text("mine")
    before = (tmp_path / "house" / "secrets" / "key-1").read_text()
    made, kept = write_starter(tmp_path / "house")
    assert made == []
    assert (tmp_path / "house" / "chapar.toml").read_text() == "mine"
    assert (tmp_path / "house" / "secrets" / "key-1").read_text() == before


def test_what_init_wrote_loads_once_its_placeholders_are_filled(tmp_path):
    write_starter(tmp_path)
    file = tmp_path / "chapar.toml"
    file.write_text(filled(file.read_text(encoding="utf-8")), encoding="utf-8")
    settings = load_settings(file)
    assert settings.ledger.url == f"sqlite:///{tmp_path}/state/chapar.db"
    ring = key_ring(settings.ledger.keys)
    assert ring.open(ring.seal("chapar", "check"), "check") == "chapar"


def test_in_the_systems_folder_the_state_goes_where_the_service_may_write(tmp_path):
    write_starter(tmp_path, system=tmp_path)
    file = tmp_path / "chapar.toml"
    file.write_text(filled(file.read_text(encoding="utf-8")), encoding="utf-8")
    settings = load_settings(file)
    assert settings.ledger.url == "sqlite:////var/lib/chapar/chapar.db"
    assert settings.ledger.attachments == Path("/var/lib/chapar/attachments")
    assert not (tmp_path / "state").exists()


def test_the_folders_group_may_read_the_configuration_and_no_secret(tmp_path):
    house = tmp_path / "house"
    house.mkdir()
    group = 1235 if os.geteuid() == 0 else os.getgid()
    os.chown(house, -1, group)
    write_starter(house, system=house)
    seen = [(path.name, path.stat()) for path in house.rglob("*") if path.is_file()]
    readable = {name for name, file in seen if file.st_gid == group and file.st_mode & 0o040}
    assert readable == {"chapar.toml", "routes.yaml"}


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsInvalid) as caught:
        write_starter(tmp_path / "file" / "inside")
    assert "cannot be written" in caught.value.sentence


def test_the_configuration_for_development_loads():
    settings = load_settings(ROOT / "config" / "chapar.dev.toml")
    assert set(settings.offices) == {"main", "branch"}
