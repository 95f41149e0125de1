"""What routes take, as the gateway is told: never less than Powertools and pydantic take."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Depends, Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Body, File, Form, Header, Query, UploadFile
from pydantic import AliasChoices, AliasPath, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from gateleg.describe.bodies import answers_invalid_itself, body_of, required_parameters, takes_files, unlisted_of
from gateleg.rest.powertools import routes_of

if TYPE_CHECKING:
    from collections.abc import Callable

LAX = ["number", "string", "boolean"]


class Note(BaseModel):
    text: str


class Filters(BaseModel):
    limit: int


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    user: int = Field(alias="userId")
    size: int = Field(default=1, validation_alias=AliasChoices("size", "length"))
    first: int = Field(validation_alias=AliasPath("all", 0))


def resolver(handler: Callable[..., Any], **annotations: Any) -> APIGatewayRestResolver:
    app = APIGatewayRestResolver(enable_validation=True)
    handler.__annotations__ = annotations
    app.post("/x")(handler)
    return app


def schema_of(kind: Any) -> Any:
    def handler(body: Any) -> None:
        del body

    app = resolver(handler, body=Annotated[kind, Body()])
    found = body_of(app, routes_of(app)[0])
    return found and found.schema


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (list[int], {"type": "array", "items": {"type": LAX}}),
        (
            list[Annotated[int, Field(ge=1, le=10)]],
            {"type": "array", "items": {"type": LAX, "exclusiveMinimum": 0, "exclusiveMaximum": 11}},
        ),
        (list[Annotated[int, Field(ge=2**53)]], {"type": "array", "items": {"type": LAX}}),
        (list[Annotated[int, BeforeValidator(int)]], {"type": "array"}),
        (list[Annotated[str, StringConstraints(max_length=2)]], {"type": "array", "items": {"type": "string", "maxLength": 2}}),
        (list[Annotated[str, StringConstraints(max_length=2, strip_whitespace=True)]], {"type": "array", "items": {"type": "string"}}),
        (Note, {"type": ["array", "object"], "properties": {"text": {"type": "string"}}, "required": ["text"]}),
        (
            Closed,
            {
                "type": ["array", "object"],
                "properties": {"userId": {"type": LAX}, "user": {}, "size": {"type": LAX}, "length": {}, "all": {}, "first": {}},
                "additionalProperties": False,
            },
        ),
        (Any, {}),
    ],
)
def test_a_body_is_all_that_the_handler_takes(kind: Any, schema: Any) -> None:
    assert schema_of(kind) == schema


def test_definitions_stand_inside_the_schema() -> None:
    note = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    assert schema_of(list[Note]) == {"type": "array", "items": {"$ref": "#/$defs/Note"}, "$defs": {"Note": note}}


def test_several_bodies_are_the_parts_of_one() -> None:
    def handler(a: Any, b: Any = None) -> None:
        del a, b

    app = resolver(handler, a=Annotated[int, Body()], b=Annotated[list[int], Body()])
    found = body_of(app, routes_of(app)[0])

    assert found is not None
    assert (found.required, found.media_types) == (True, ("application/json",))
    assert found.schema == {
        "type": "object",
        "properties": {
            "a": {"type": ["array", "boolean", "number", "string"]},
            "b": {"anyOf": [{"type": "array", "items": {"type": LAX}}, {"type": "null"}]},
        },
        "required": ["a"],
    }


def test_a_body_that_may_be_missing_may_be_null() -> None:
    def handler(body: Any = None) -> None:
        del body

    app = resolver(handler, body=Annotated[list[int], Body()])
    found = body_of(app, routes_of(app)[0])

    assert found is not None
    assert found.required is False
    assert {"type": "null"} in found.schema["anyOf"]


@pytest.mark.parametrize("kind", [Annotated[str, Form()], Annotated[bytes, File()], Annotated[int, Query()]])
def test_what_is_not_json_is_not_described(kind: Any) -> None:
    assert schema_of_parameter(kind) is None


def schema_of_parameter(kind: Any) -> Any:
    def handler(part: Any) -> None:
        del part

    app = resolver(handler, part=kind)
    return body_of(app, routes_of(app)[0])


def as_it_is(text: str) -> dict[str, str]:
    return {"text": text}


def test_a_body_that_is_not_validated_or_read_in_another_way_is_not_described() -> None:
    off = APIGatewayRestResolver(enable_validation=True)
    own = APIGatewayRestResolver(enable_validation=True, json_body_deserializer=as_it_is)
    same = APIGatewayRestResolver(enable_validation=True, json_body_deserializer=json.loads)

    def create(note: Note) -> None:
        del note

    off.post("/x", enable_validation=False)(create)
    own.post("/x")(create)
    same.post("/x")(create)

    assert [body_of(app, routes_of(app)[0]) is None for app in (off, own, same)] == [True, True, False]


def test_a_parameter_is_required_only_where_blank_is_refused() -> None:
    def handler(*_: Any, **__: Any) -> None: ...

    def typed(n: Any, s: Any, t: Any, f: Any, o: Any = 1) -> None:
        handler(n, s, t, f, o)

    app = resolver(
        typed,
        n=Annotated[int, Query()],
        s=Annotated[str, Query()],
        t=Annotated[int, Query(alias="to[0]")],
        f=Annotated[Filters, Query()],
        o=Annotated[int, Query()],
    )

    assert required_parameters(app, routes_of(app)[0]) == ("n",)


def test_what_is_read_and_not_listed_is_told() -> None:
    def handler(*_: Any) -> None: ...

    def typed(shown: Any, tenant: Any, lang: Any, content_type: Any, note: Any) -> None:
        handler(shown, tenant, lang, content_type, note)

    app = resolver(
        typed,
        shown=Annotated[str, Query()],
        tenant=Annotated[str, Query(include_in_schema=False)],
        lang=Annotated[str, Header(include_in_schema=False)],
        content_type=Annotated[str, Header()],
        note=Note,
    )
    assert unlisted_of(app, routes_of(app)[0]) == ("body", "header.content-type", "header.lang", "query.tenant")


def test_a_route_that_checks_nothing_may_read_anything() -> None:
    app = APIGatewayRestResolver(enable_validation=True)

    @app.get("/a", enable_validation=False)
    def handler() -> None: ...

    del handler
    assert unlisted_of(app, routes_of(app)[0]) == ("anything",)


def read(file: Annotated[bytes, File()]) -> int:
    return len(file)


@pytest.mark.parametrize(
    ("kind", "takes"),
    [
        (Annotated[UploadFile, File()], True),
        (Annotated[bytes | None, File()], True),
        (Annotated[int, Depends(read)], True),
        (Annotated[str, Form()], False),
        (Note, False),
    ],
)
def test_a_route_that_takes_files_says_so(kind: Any, takes: bool) -> None:  # noqa: FBT001 (a value to compare)
    def handler(given: Any) -> None:
        del given

    app = resolver(handler, given=kind)
    assert takes_files(app, routes_of(app)[0]) is takes


def test_who_answers_invalid_requests_is_known() -> None:
    plain = APIGatewayRestResolver(enable_validation=True)
    own = APIGatewayRestResolver(enable_validation=True)

    def answer(error: RequestValidationError) -> Response[str]:
        return Response(400, "text/plain", str(error))

    own.exception_handler(RequestValidationError)(answer)

    assert [answers_invalid_itself(app) for app in (plain, own)] == [False, True]
