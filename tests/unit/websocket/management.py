"""A stand-in for API Gateway's `@connections`: a real HTTP server that answers as told."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote


class Management:
    """Answers posts over real HTTP and remembers them.

    Attributes:
        url: The callback URL.
        received: Connection id and JSON of every accepted post.
        closed: Ids that were deleted.
        statuses: What to answer to a connection, in turn; 200 when there is nothing left.
        asked: How many requests came.
        most: How many posts were under way at once, at most.
        delay: Seconds that each answer takes.
    """

    def __init__(self) -> None:
        self.received: list[tuple[str, Any]] = []
        self.closed: list[str] = []
        self.statuses: dict[str, list[int]] = {}
        self.asked = self.most = 0
        self.delay = 0.0
        self._now = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/prod"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def sent_to(self, connection_id: str) -> list[Any]:
        return [message for receiver, message in self.received if receiver == connection_id]

    def answer(self, method: str, path: str, body: bytes) -> int:
        stage, _, connection_id = unquote(path).rpartition("/@connections/")
        assert stage == "/prod"
        with self._lock:
            self._now += 1
            self.asked += 1
            self.most = max(self.most, self._now)
        time.sleep(self.delay)
        with self._lock:
            self._now -= 1
            waiting = self.statuses.get(connection_id) or [200]
            status = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            if status == 200 and method == "POST":
                self.received.append((connection_id, json.loads(body)))
            if status == 200 and method == "DELETE":
                self.closed.append(connection_id)
        return status

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        management = self
        codes = {410: "GoneException", 429: "LimitExceededException", 403: "ForbiddenException", 413: "PayloadTooLargeException"}

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self._reply("POST")

            def do_GET(self) -> None:
                self._reply("GET")

            def do_DELETE(self) -> None:
                self._reply("DELETE")

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name is the base class's)
                """Say nothing."""

            def _reply(self, method: str) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status = management.answer(method, self.path, body)
                content = b"" if status == 200 else b'{"message": "no"}'
                self.send_response(status)
                if status != 200:
                    self.send_header("x-amzn-ErrorType", codes.get(status, "InternalServerError"))
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        return Handler
