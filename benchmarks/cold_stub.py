"""A DynamoDB whose every answer is five rooms of the chat, made beforehand."""

from __future__ import annotations

import json
import sys
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_ROOMS = [
    {
        "pk": {"S": "ROOMS"},
        "sk": {"S": f"ROOM#room-{number}"},
        "_type": {"S": "Room"},
        "room": {"S": f"room-{number}"},
        "title": {"S": "A room"},
        "opened_at": {"S": "2026-01-02T03:04:05.000000Z"},
    }
    for number in range(5)
]
_ANSWER = json.dumps({"Items": _ROOMS, "Count": 5, "ScannedCount": 5}).encode()


class Handler(BaseHTTPRequestHandler):
    """One connection, kept open."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self) -> None:
        """Answer one request."""
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "application/x-amz-json-1.0")
        self.send_header("content-length", str(len(_ANSWER)))
        self.send_header("x-amz-crc32", str(zlib.crc32(_ANSWER)))
        self.end_headers()
        self.wfile.write(_ANSWER)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Say nothing."""


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        print(server.server_port)
        sys.stdout.flush()
        server.serve_forever()
