"""A DynamoDB that knows one item: it answers puts, gets and queries on loopback with bodies made beforehand, so that all sides talk to the same.

The table's name says which attributes a library wants beside the twenty; the query's partition key, how many items it finds.
"""

from __future__ import annotations

import json
import re
import sys
import zlib
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.data_item import answer_to_get, answer_to_query

EXTRAS = {
    "shop": {"kind": {"S": "Order"}},
    "shop-pydynantic": {"pk": {"S": "tenant-1"}, "sk": {"S": "1"}, "__entity__": {"S": "order"}},
}


@cache
def body(operation: str, table: str, count: int) -> bytes:
    """The answer to an operation."""
    extras = EXTRAS.get(table, {})
    if operation == "GetItem":
        return answer_to_get(extras)
    return answer_to_query(count, extras) if operation == "Query" else b"{}"


@cache
def description(table: str) -> bytes:
    """The answer to DescribeTable, which some libraries ask for."""
    schema = [{"AttributeName": "tenant", "KeyType": "HASH"}, {"AttributeName": "order_id", "KeyType": "RANGE"}]
    kinds = [{"AttributeName": name, "AttributeType": "S"} for name in ("tenant", "order_id")]
    return json.dumps({"Table": {"TableName": table, "TableStatus": "ACTIVE", "KeySchema": schema, "AttributeDefinitions": kinds}}).encode()


class Handler(BaseHTTPRequestHandler):
    """One connection, kept open."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self) -> None:
        """Answer one request."""
        asked = self.rfile.read(int(self.headers["content-length"]))
        operation = self.headers["x-amz-target"].partition(".")[2]
        table = json.loads(asked)["TableName"]
        found = re.search(rb"count-(\d+)", asked)
        answer = description(table) if operation == "DescribeTable" else body(operation, table, int(found[1]) if found else 0)
        self.send_response(200)
        self.send_header("content-type", "application/x-amz-json-1.0")
        self.send_header("content-length", str(len(answer)))
        self.send_header("x-amz-crc32", str(zlib.crc32(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Say nothing."""


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        print(server.server_port)
        sys.stdout.flush()
        server.serve_forever()
