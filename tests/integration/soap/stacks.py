"""The SOAP stacks of others, each started as a process of its own, and a proxy that swallows answers."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

HERE = Path(__file__).parent
WSDL = HERE.parents[2] / "mappings" / "offices" / "simulated" / "office.wsdl"
# spyne 2.14 imports by a way that Python 3.12 has removed; it is not installed there.
STACKS = ("node-soap", "php", "spyne") if sys.version_info < (3, 12) else ("node-soap", "php")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_office(stack: str, folder: Path, wsdl: Path = WSDL) -> Iterator[str]:
    """Start an office on this stack and yield its address; skip with what is missing."""
    port = free_port()
    command, environment = _command(stack, port, folder, wsdl)
    with (folder / "office.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=HERE,
            env={**os.environ, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # php -S has workers: the whole group is ended
        )
        try:
            _wait(port, process, folder / "office.log")
            yield f"http://127.0.0.1:{port}/office"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(5)


def _command(stack: str, port: int, folder: Path, wsdl: Path) -> tuple[list[str], dict[str, str]]:
    if stack in {"node-soap", "node-secure", "node-answers"}:
        node = shutil.which("node")
        if node is None:
            pytest.skip("node is not installed: apt-get install nodejs npm")
        if not (HERE / "node_modules" / "soap").is_dir():
            pytest.skip("node-soap is not installed: npm ci --prefix tests/integration/soap")
        if stack == "node-secure":
            return [node, "node_secure.js", str(port)], {}
        if stack == "node-answers":
            signing = {
                "OFFICE_KEY": str(folder / "key.pem"),
                "OFFICE_CERTIFICATE": str(folder / "signing.pem"),
            }
            return [node, "node_answers.js", str(port)], signing
        return [node, "node_office.js", str(wsdl), str(port)], {}
    if stack in {"php", "php-encoded"}:
        php = shutil.which("php")
        if php is None or "soap" not in _php_modules(php):
            pytest.skip("PHP with SOAP is not installed: apt-get install php-cli php-soap")
        limits = ["-d", "post_max_size=64M", "-d", "memory_limit=512M"]
        environment = {
            "OFFICE_WSDL": str(wsdl),
            "OFFICE_BOOK": str(folder / "book.json"),
            "PHP_CLI_SERVER_WORKERS": "2",
        }
        script = "php_office.php" if stack == "php" else "php_encoded.php"
        return [php, *limits, "-S", f"127.0.0.1:{port}", script], environment
    if importlib.util.find_spec("spyne") is None:
        pytest.skip("spyne is not installed: pip install spyne")
    return [sys.executable, "spyne_office.py", str(port)], {}


def _php_modules(php: str) -> list[str]:
    return subprocess.run([php, "-m"], capture_output=True, text=True, check=False).stdout.split()


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 20
    waiting = threading.Event()
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        waiting.wait(0.05)
    pytest.fail(f"the office did not start:\n{log.read_text(errors='replace')}")


@contextmanager
def swallowing_proxy(target: str) -> Iterator[tuple[str, threading.Event]]:
    """Carry requests to the target, and its answers into nowhere; the event is set when one was swallowed."""
    host, _, path = target.removeprefix("http://").partition("/")
    address = (host.split(":")[0], int(host.split(":")[1]))
    listener = socket.create_server(("127.0.0.1", 0))
    swallowed = threading.Event()

    def carry(client: socket.socket) -> None:
        with client, socket.create_connection(address) as office, suppress(OSError):
            forward = threading.Thread(target=_pump, args=(client, office), daemon=True)
            forward.start()
            if office.recv(65536):
                swallowed.set()
            client.shutdown(socket.SHUT_RDWR)
            office.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=carry, args=(listener.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/{path}", swallowed
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
