"""Whatever a client sends, over HTTP or a WebSocket, it is taken or refused as the client's fault, and the answer says nothing of the inside or of the value."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast
from uuid import UUID

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import File, Form, Query
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, Field, HttpUrl, Json
from typing_extensions import TypedDict

from gateleg.model import Attr, Entity, Table, access, attr, key
from gateleg.rest import handle_errors
from gateleg.websocket import Payload, WebSocketResolver
from tests.seeds import SEEDS
from tests.unit.websocket.events import CONNECTION, socket_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.websocket.management import Management

ROUNDS = SEEDS * 100
SECRET = "hunter2"
INSIDE = ("Internal", "internal_", "innerpk", "innersk", "Traceback", ".py", "pydantic", "function-", SECRET)
TABLE = Table("hostile", partition_key="innerpk", sort_key="innersk")


class InternalColor(Enum):
    RED = "red"


class InternalKeys(TypedDict, total=False):
    a: int


class InternalLine(BaseModel):
    kind: Literal["line"]
    length: Annotated[int, Field(ge=0, multiple_of=2)]


class InternalDot(BaseModel):
    kind: Literal["dot"]
    x: float


@dataclass
class InternalPoint:
    x: int
    y: Decimal = Decimal(0)


def internal_check(value: Any) -> Any:
    if SECRET in str(value):
        raise ValueError(f"InternalTree knows {value}")
    return value


class InternalTree(BaseModel):
    name: Annotated[str, AfterValidator(internal_check), Field(max_length=20)] = ""
    at: datetime | timedelta | None = None
    uuid: UUID | InternalColor | None = None
    url: HttpUrl | None = None
    inner: InternalTree | list[InternalTree] | None = None
    shape: Annotated[InternalDot | InternalLine, Field(discriminator="kind")] | None = None
    counts: dict[str, int] | set[int] = {}
    data: Json[list[int]] | bytes | None = None
    anything: Any = None


class InternalBody(BaseModel):
    """What a route takes and no attribute could store: unions whose members are alike."""

    name: Annotated[str, AfterValidator(internal_check), Field(max_length=20)] = ""
    at: datetime | date | timedelta | None = None
    uuid: UUID | InternalColor | Literal[InternalColor.RED] | None = None
    inner: InternalBody | InternalPoint | list[InternalBody] | None = None
    counts: dict[str, int] | InternalKeys | set[int] = {}


class InternalRecord(Entity, table=TABLE):
    name: Attr[str] = attr(min_length=1)
    size: Attr[Decimal | None] = attr(default=None)
    tree: Attr[InternalTree | InternalPoint | None] = attr(default=None)
    anything: Attr[Any] = attr(default=None)

    key = key("INTERNAL#{name}", "RECORD")

    @access()
    def named(*, name: str) -> None: ...


def record(given: Mapping[str, Any]) -> int:
    """What a handler does with what it was given: makes an entity, its item and a question."""
    made = InternalRecord(**given)
    InternalRecord.key(name=made.name)
    InternalRecord.named(name=made.name)
    return len(InternalRecord.__gateleg__.encode(made))


def rest_app() -> APIGatewayRestResolver:
    app = APIGatewayRestResolver(enable_validation=True)
    handle_errors(app)

    @app.post("/tree")
    def tree(tree: InternalBody, rank: Annotated[int | InternalColor, Query()] = 0) -> dict[str, str]:
        return {"name": tree.name, "rank": str(rank)}

    @app.post("/entity")
    def entity(given: InternalRecord) -> dict[str, str]:
        return {"name": given.name}

    @app.post("/made")
    def make(given: dict[str, Any]) -> int:
        return record(given)

    @app.post("/plain", enable_validation=False)
    def plain() -> dict[str, str]:
        return {"kind": type(app.current_event.json_body).__name__}

    @app.post("/form")
    def form(name: Annotated[str, Form()], age: Annotated[int, Form()] = 0) -> dict[str, Any]:
        return {"name": name, "age": age}

    @app.post("/file")
    def file(upload: Annotated[bytes, File()], number: Annotated[int, Form()] = 0) -> dict[str, int]:
        return {"size": len(upload), "number": number}

    return app


def socket_app() -> WebSocketResolver:
    app = WebSocketResolver()

    @app.route("tree")
    def tree(tree: InternalBody) -> None: ...

    @app.route("named")
    def named(
        name: Annotated[str, AfterValidator(internal_check)], inner: InternalBody | InternalPoint | list[int], **rest: Any
    ) -> None: ...

    @app.route("whole")
    def whole(everything: Annotated[dict[str, InternalPoint | dict[str, int]], Payload()]) -> None: ...

    @app.route("made")
    def make(**given: Any) -> None:
        record(given)

    return app


LEAVES = st.one_of(
    st.sampled_from(
        ["NaN", "-Infinity", "1e999", "9" * 5_000, "9" * 400, "-0", '"\\ud800"', '"\\u0000"', '"\\ud83d\\ude00"', "[" * 300 + "]" * 300]
    ),
    st.sampled_from(
        ["line", "dot", "red", "2020-01-01", "P1D", "[1]", "x" * 3_000, "", f"{SECRET}", f"https://{SECRET}", f" {SECRET}\n"]
    ).map(json.dumps),
    st.none().map(json.dumps)
    | st.booleans().map(json.dumps)
    | st.integers().map(json.dumps)
    | st.floats().map(json.dumps)
    | st.text().map(json.dumps),
)
NAMES = st.sampled_from(
    [
        *InternalTree.model_fields,
        *InternalRecord.model_fields,
        "tree",
        "kind",
        "x",
        "y",
        "length",
        "a",
        "Interna",
        "action",
        "request_id",
        "int",
    ]
) | st.text(max_size=5)


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    members = st.lists(st.tuples(NAMES, inner), max_size=5)
    return st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]") | members.map(
        lambda pairs: "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in pairs) + "}"
    )


DOCUMENTS = st.recursive(LEAVES, _nested, max_leaves=12)
TEXTS = DOCUMENTS | _nested(DOCUMENTS) | st.tuples(_nested(DOCUMENTS), st.integers(0, 60)).map(lambda cut: cut[0][: cut[1]]) | st.text()
MULTIPART = st.lists(
    st.sampled_from(
        [
            b"--b",
            b"--b--",
            b"\r\n",
            b"\r\n\r\n",
            b'Content-Disposition: form-data; name="upload"',
            b'; filename="x"',
            b"\xff\xfe",
            b"number",
            b"x",
        ]
    )
).map(b"".join)
BODIES = st.one_of(TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=50), MULTIPART)
CONTENT_TYPES = st.sampled_from(
    [
        *(
            "application/json",
            "application/json; charset=latin-1",
            "",
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
        ),
        *("multipart/form-data", "multipart/form-data; boundary=b", 'multipart/form-data; boundary="b"'),
    ]
)


def event_of(path: str, body: Any, content_type: str, query: Mapping[str, str], *, encoded: bool) -> dict[str, Any]:
    return {
        "resource": path,
        "path": path,
        "httpMethod": "POST",
        "headers": {"content-type": content_type},
        "multiValueHeaders": {"content-type": [content_type]},
        "queryStringParameters": {**query} or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
        "requestContext": {"stage": "prod", "path": path, "httpMethod": "POST", "requestId": "1"},
        "body": body,
        "isBase64Encoded": encoded,
    }


def without_paths(answer: Any) -> str:
    """An answer without the client's own names, which are told back to it."""
    if isinstance(answer, dict):
        members = cast("dict[str, Any]", answer)
        return json.dumps({name: without_paths(value) for name, value in members.items() if name not in {"loc", "action", "request_id"}})
    items: Any = answer
    return json.dumps([*map(without_paths, items)]) if isinstance(answer, list) else str(answer)


DECLARED = {
    *("body", "query", "rank", "x", "length", "kind", "a", "age", "upload", "number", "[key]", "everything"),
    *InternalTree.model_fields,
    *InternalRecord.model_fields,
}


def known(step: Any, body: bytes) -> bool:
    """Whether a step of a path is a position, declared for clients, or the client's own."""
    if isinstance(step, int) or step in DECLARED:
        return True
    name = step.removesuffix("…")
    return any(form.encode("utf-8", "surrogateescape") in body for form in (name, json.dumps(name)[1:-1]))


REST = rest_app()
SOCKET = socket_app()
QUIET = settings(
    max_examples=ROUNDS,
    deadline=None,
    # One server hears the messages of all examples.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


@pytest.mark.filterwarnings("ignore:Received multipart/form-data without base64 encoding")
@QUIET
@given(
    path=st.sampled_from(["/tree", "/entity", "/made", "/plain", "/form", "/file"]),
    body=BODIES,
    content_type=st.sampled_from(["application/json"]) | CONTENT_TYPES,
    query=st.dictionaries(st.just("rank"), st.sampled_from([SECRET, "9" * 5_000, "1", ""])),
    form=st.sampled_from(["text", "base64", "broken base64"]),
)
def test_no_request_is_answered_with_500_or_with_what_is_inside(
    path: str, body: bytes, content_type: str, query: dict[str, str], form: str
) -> None:
    given_body = body.decode("utf-8", "surrogateescape") if form == "text" else base64.b64encode(body).decode()
    event = event_of(path, given_body[1:] if form == "broken base64" else given_body, content_type, query, encoded=form != "text")
    answer = REST.resolve(event, cast("Any", None))
    assert answer["statusCode"] == 200 or 400 <= answer["statusCode"] < 500
    if answer["statusCode"] != 200:
        told = json.loads(answer["body"])
        assert [word for word in INSIDE if word in without_paths(told)] == []
        for detail in told.get("detail", told.get("error", {}).get("details", [])):
            assert [step for step in detail["loc"] if not known(step, body)] == []


@QUIET
@given(
    action=st.sampled_from(["tree", "named", "whole", "made", "$default"]),
    body=BODIES,
    form=st.sampled_from(["text", "base64", "broken base64"]),
)
def test_no_message_fails_or_is_answered_with_what_is_inside(management: Management, action: str, body: bytes, form: str) -> None:
    before = len(management.sent_to(CONNECTION))
    given_body = body.decode("utf-8", "replace") if form == "text" else base64.b64encode(body).decode()
    if body.startswith(b"{") and len(body) > 2:
        given_body = '{"action":' + json.dumps(action) + "," + given_body[1:] if form == "text" else given_body
    status = SOCKET(socket_event(action, given_body[1:] if form == "broken base64" else given_body, isBase64Encoded=form != "text"), None)
    assert status["statusCode"] == 200, "what is wrong is told to the client"
    frames = management.sent_to(CONNECTION)[before:]
    assert len(frames) <= 1
    for frame in frames:
        assert [word for word in INSIDE if word in without_paths(frame)] == []
        for detail in frame["error"].get("details", []):
            assert [step for step in detail["loc"] if not known(step, body)] == []
