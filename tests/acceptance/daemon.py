"""The real process under test: started as systemd starts it, listened to on its notify socket, signalled."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import requests

__all__ = ["PATIENCE", "Daemon", "chapar"]

PATIENCE = 30.0
COMMAND = (sys.executable, "-c", "from connector.cli.main import main; main()")
ROOT = Path(__file__).parents[2]


def environment(packages, **more):
    """Our environment without another Chapar's settings, with the stranger's package installed."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CHAPAR_", "NOTIFY_", "WATCHDOG_", "CREDENTIALS_", "LC_", "LANG"))
    }
    return clean | {"PYTHONPATH": os.pathsep.join([str(packages), str(ROOT)])} | more


def chapar(*arguments, packages, types=None, **more):
    """Run one command to its end; ``types`` is what a person types into it."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=types,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env=environment(packages, **more),
    )


class Daemon:
    """One ``chapar run``."""

    def __init__(self, config, packages, *, abstract=False, **more):
        self.config, self.packages = config, packages
        folder = config.parent
        address = (
            f"@chapar-acceptance-{os.getpid()}-{id(self)}"
            if abstract
            else str(folder / f"{config.stem}.sock")
        )
        if not abstract:
            Path(address).unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._listener.bind("\0" + address[1:] if abstract else address)
        self._listener.settimeout(PATIENCE)
        self.log = (folder / f"{config.stem}.log").open("ab+")
        self.process = subprocess.Popen(
            [*COMMAND, "run", "--config", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            env=environment(packages, NOTIFY_SOCKET=address, **more),
        )

    def hears(self, word):
        """Wait for the notification that carries this word, and return it as keys and values."""
        while True:
            told = dict(line.split("=", 1) for line in self._listener.recv(4096).decode().splitlines())
            if word in told:
                return told

    def send(self, number):
        self.process.send_signal(number)

    def ends(self):
        return self.process.wait(PATIENCE)

    def words(self):
        """Everything it logged so far."""
        self.log.seek(0)
        return self.log.read().decode()

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(PATIENCE)
        self._listener.close()
        self.log.close()


class Portal:
    """Hands letters in, as a portal does."""

    def __init__(self, port, token):
        self._url = f"http://127.0.0.1:{port}/portals/website/letters"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"

    def hand_in(self, submission_id, **changes):
        """Hand a letter in and return its tracking code."""
        reply = self.try_to_hand_in(submission_id, **changes)
        assert reply.status_code in {200, 201, 202}, reply.text
        return reply.json()["tracking_code"]

    def try_to_hand_in(self, submission_id, **changes):
        """Hand a letter in and return the answer, whatever it is."""
        body = json.dumps(a_form(submission_id) | changes)
        return self._session.post(self._url, data=body, headers=JSON, timeout=PATIENCE)

    def try_to_hand_in_with_file(self, submission_id, content):
        """The same with a PDF."""
        parts = {
            "letter": (None, json.dumps(a_form(submission_id)), "application/json"),
            "attachment": ("پیوست.pdf", content, "application/pdf"),
        }
        return self._session.post(self._url, files=parts, timeout=PATIENCE)

    def close(self):
        self._session.close()


JSON = {"Content-Type": "application/json"}


def a_form(submission_id):
    """The form of a letter that is accepted."""
    return {
        "submission_id": submission_id,
        "service": "general",
        "subject": f"درخواست {submission_id}",
        "text": "با سلام، درخواست بررسی دارم.",
        "sender": {
            "kind": "natural",
            "identity_number": "0084575948",
            "name": "شهروند نمونه",
            "mobile": "09000000001",
        },
    }
