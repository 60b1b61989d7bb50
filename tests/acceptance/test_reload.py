"""HUP: what changes at once, what is refused, and that the configuration in force is never lost."""

import json
import shutil
import signal

from connector.settings.shipped import shipped_folder
from tests.acceptance.daemon import PATIENCE

BRANCH = """
[offices.branch]
adapter = "rest"
mapping = "mine"
http = {url = "http://127.0.0.1:9"}
token = {file = "keys/token"}
"""
OWN_TEXT = "نامه‌ای از شما رسید.\n"


def reload(daemon):
    """Send HUP and return how the reload ended."""
    daemon.send(signal.SIGHUP)
    daemon.hears("RELOADING")
    return daemon.hears("READY")["STATUS"]


def own_text(place, text):
    folder = place.folder / "texts" / "fa"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "received.txt").write_text(text, encoding="utf-8")


def logged(daemon, event):
    return [line for line in map(json.loads, daemon.words().splitlines()) if line["event"] == event]


def test_texts_told_facts_and_the_log_level_change_at_once(place, start, office, portal, messages):
    daemon = start()
    daemon.hears("READY")
    portal.hand_in("s-1")
    [only] = messages.take(1)
    assert "شمارهٔ ثبت" in only  # the fact received is not told
    own_text(place, OWN_TEXT)
    place.write_config(
        **{
            'facts = ["registered"]': 'facts = ["received"]\ntexts = "texts"',
            'format = "json"': 'format = "json"\nlevel = "warning"',
        }
    )
    assert reload(daemon) == "بازخوانی شد · reloaded"
    written = len(daemon.words())
    portal.hand_in("s-2", subject="درخواست دیگر")
    assert OWN_TEXT.strip() in messages.take(2)[1]
    office.arrived.get(timeout=PATIENCE)
    daemon.send(signal.SIGTERM)
    assert daemon.ends() == 0
    assert len(messages.so_far()) == 2
    assert daemon.words()[written:] == ""


def test_broken_texts_are_refused_with_file_and_line_and_those_in_force_stay(
    place, start, office, portal, messages
):
    own_text(place, OWN_TEXT)
    told = {'facts = ["registered"]': 'facts = ["received"]\ntexts = "texts"'}
    place.write_config(**told)
    daemon = start()
    daemon.hears("READY")
    own_text(place, "کد\n{{ no_such_value }}\n")
    # Nothing of a configuration that is refused takes effect, and nothing of it is lost either.
    place.write_config(**{**told, 'format = "json"': 'format = "json"\nlevel = "error"'})
    assert "reload refused" in reload(daemon)
    [refused] = logged(daemon, "daemon.reload_refused")
    assert "texts/fa/received.txt:2" in refused["sentence"]
    portal.hand_in("s-1")
    assert OWN_TEXT.strip() in messages.take(1)[0]
    office.arrived.get(timeout=PATIENCE)
    assert logged(daemon, "intake.admitted")  # the level in force is still info
    own_text(place, "نامه رسیده است.\n")
    assert reload(daemon) == "بازخوانی شد · reloaded"
    portal.hand_in("s-2", subject="درخواست دیگر")
    assert "نامه رسیده است." in messages.take(2)[1]


def test_a_file_that_is_gone_or_no_toml_is_refused_and_the_daemon_goes_on(place, start, office, portal):
    daemon = start()
    daemon.hears("READY")
    text = place.config.read_text(encoding="utf-8")
    place.config.write_text("[[[", encoding="utf-8")
    assert "reload refused" in reload(daemon)
    place.config.unlink()
    assert "reload refused" in reload(daemon)
    place.config.write_text(text, encoding="utf-8")
    assert reload(daemon) == "بازخوانی شد · reloaded"
    portal.hand_in("s-1")
    assert office.arrived.get(timeout=PATIENCE)
    assert len(logged(daemon, "daemon.reload_refused")) == 2


def test_a_mapping_that_was_broken_meanwhile_is_refused_with_its_place_and_the_next_step(place, start):
    offices = place.folder / "own" / "offices"
    offices.mkdir(parents=True)
    for part in ("yaml", "cases.yaml"):
        shipped = shipped_folder("mappings") / "offices" / f"simulated-rest.{part}"
        shutil.copyfile(shipped, offices / f"mine.{part}")
    place.write_config(extra=BRANCH, **{'lease = "': 'mappings = "own"\nlease = "'})
    daemon = start()
    daemon.hears("READY")
    mapping = offices / "mine.yaml"
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(text.replace("transport: rest", "transport: rest\ntransprot: rest"), encoding="utf-8")
    assert "mine.yaml:" in reload(daemon)
    [refused] = logged(daemon, "daemon.reload_refused")
    assert "transprot" in refused["sentence"]
    assert refused["next_step"]
    assert refused["connection"] == "offices.branch"
    mapping.write_text(f"{text}# looked through\n", encoding="utf-8")
    assert reload(daemon).endswith(f"need a restart: {mapping}")
    mapping.write_text(text, encoding="utf-8")
    assert reload(daemon) == "بازخوانی شد · reloaded"


def test_a_secret_that_changed_is_named_and_not_shown(place, start):
    daemon = start()
    daemon.hears("READY")
    (place.folder / "keys" / "token").write_text("another-token-of-the-portal", encoding="utf-8")
    assert reload(daemon).endswith("need a restart: portals.website.token")
    assert "another-token-of-the-portal" not in daemon.words()
