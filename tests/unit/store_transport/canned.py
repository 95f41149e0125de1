"""A real boto3 client whose HTTP answers are given: all of botocore runs, but the wire."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from io import BytesIO
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Raw(BytesIO):
    """What urllib3 would give."""

    def stream(self, **_: object) -> Any:
        yield self.read()


class Canned:
    """Answers each request of its client with `body`."""

    def __init__(self) -> None:
        self.body = b"{}"
        self.status = 200
        self.headers: dict[str, str] = {}
        made: Any = boto3.client(  # pyright: ignore[reportUnknownMemberType]  (stubs name only the installed services)
            "dynamodb",
            region_name="eu-north-1",
            aws_access_key_id="AKIAGATELEGTESTS0000",
            aws_secret_access_key="tests",
            config=Config(retries={"mode": "standard", "total_max_attempts": 1}, parameter_validation=False),
        )
        self.client: DynamoDBClient = made
        events: Any = self.client.meta.events
        events.register("before-send.dynamodb", self._answer)

    def say(self, answer: dict[str, Any], *, status: int = 200, **headers: str) -> None:
        """Answer so from now on, with the right checksum unless another is given."""
        self.body = json.dumps(answer, default=lambda blob: b64encode(blob).decode()).encode()
        self.status = status
        self.headers = {"x-amz-crc32": str(zlib.crc32(self.body)), **{name.replace("_", "-"): value for name, value in headers.items()}}

    def _answer(self, request: Any, **_: object) -> AWSResponse:
        headers: Any = HeadersDict({"content-type": "application/x-amz-json-1.0", **self.headers})
        return AWSResponse(request.url, self.status, headers, Raw(self.body))
