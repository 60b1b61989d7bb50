"""The office of the acceptance tests: keeps its own book, and holds its answers as long as the test wants."""

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ["HeldOffice"]

PATIENCE = 30.0


class HeldOffice:
    """Registers letters on a real socket. Answers go out while ``open`` is set; what was asked is in ``arrived``."""

    def __init__(self):
        self.book: list[tuple[str, str]] = []
        self.open = threading.Event()
        self.open.set()
        self._gates = [self.open]
        self._writing = threading.Lock()
        self.arrived: queue.Queue[str] = queue.Queue()
        self.looked_up: queue.Queue[str] = queue.Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._desk())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def new_gate(self, *, is_open):
        """Give letters that come from now on a gate of their own; return that of those that came before."""
        before, self.open = self.open, threading.Event()
        self._gates.append(self.open)
        if is_open:
            self.open.set()
        return before

    def close(self):
        for gate in self._gates:
            gate.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def numbers_of(self, key):
        return [place for place, (known, _) in enumerate(self.book, 1) if known == key]

    def _desk(office):
        class Desk(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with office._writing:
                    office.book.append((asked["key"], asked["secretariat"]))
                    number = {"number": str(len(office.book)), "secretariat": asked["secretariat"]}
                gate = office.open
                office.arrived.put(asked["key"])
                if not gate.wait(2 * PATIENCE):
                    return
                self._answer(200, number)

            def do_GET(self):
                if self.path == "/":
                    self._answer(200, {})
                    return
                key = self.path.rpartition("/")[2]
                found = [(place, desk) for place, (known, desk) in enumerate(office.book, 1) if known == key]
                if found:
                    self._answer(200, {"number": str(found[0][0]), "secretariat": found[0][1]})
                else:
                    self._answer(404, {})
                office.looked_up.put(key)

            def _answer(self, status, document):
                body = json.dumps(document).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # the daemon was killed meanwhile

            def log_message(self, *_):
                pass

        return Desk
