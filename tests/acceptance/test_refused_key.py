"""A gateway that refuses our key stands on the list of what needs a person, until a person's word."""

import json
import re
import signal
import threading

from pytest_httpserver import HTTPServer

OF_THE_GATEWAY = 'adapter = "console"\nfile = "messages.txt"'


def test_a_connection_that_stopped_by_itself_is_listed_with_what_helps_and_gone_after_the_word(
    place, start, office, portal
):
    with HTTPServer() as gateway:
        said = {"return": {"status": 403, "message": "کد شناسائی API-Key معتبر نمی‌باشد"}, "entries": None}
        gateway.expect_request(re.compile(".*")).respond_with_json(said, status=403)
        (place.folder / "key.txt").write_text("k" * 32)
        (place.folder / "key.txt").chmod(0o600)
        real = f'''adapter = "kavenegar"
key = {{ file = "{place.folder / "key.txt"}" }}
sender = "10001000"
http = {{ url = "{gateway.url_for("").rstrip("/")}" }}'''
        place.write_config(**{OF_THE_GATEWAY: real})
        daemon = start(place)
        daemon.hears("READY")
        code = portal.hand_in("s-1")
        assert _until(lambda: _listed(place))
        (need,) = _listed(place)
        assert (need["because"], need["connection"], need["kind"]) == ("suspended", "sms", "connection")
        assert need["waiting"] == 1, code
        assert need["commands"] == ["chapar check", "chapar resume sms"]
        assert need["reason_fa"] != need["reason_en"] != need["reason"]
        shown = place.chapar("attention").stdout
        assert "connection sms  suspended" in shown
        assert "chapar resume sms" in shown
        gateway.clear()
        gateway.no_handler_status_code = 503  # away is not refused
        place.chapar("resume", "sms")
        assert _until(lambda: not _listed(place))
        daemon.send(signal.SIGTERM)
        assert daemon.ends() == 0


def _listed(place):
    return json.loads(place.chapar("attention", "--json").stdout)


def _until(condition):
    waiting = threading.Event()
    for _ in range(60):
        if condition():
            return True
        waiting.wait(0.2)
    return False
