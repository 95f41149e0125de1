"""No body that a handler takes is refused by the model that API Gateway checks it with; Powertools itself says what is taken."""

from __future__ import annotations

import json
import re
from dataclasses import make_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from functools import partial
from typing import Annotated, Any, Literal, cast
from uuid import UUID

import fastjsonschema
import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Body
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Discriminator,
    Field,
    HttpUrl,
    IPvAnyAddress,
    Json,
    PlainValidator,
    RootModel,
    SecretStr,
    StrictInt,
    StringConstraints,
    Tag,
    TypeAdapter,
    WrapValidator,
    create_model,
    model_validator,
)
from typing_extensions import TypedDict

from gateleg.cdk.schemas import Models
from gateleg.describe.bodies import body_of
from gateleg.rest.powertools import routes_of
from tests.seeds import SEEDS

ROUNDS = SEEDS * 40


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Mixed(Enum):
    TEXT = "a"
    NUMBER = 2
    NOTHING = None


class Loose(StrEnum):
    A = "a"

    @classmethod
    def _missing_(cls, value: object) -> Loose:
        del value
        return cls.A


class Tree(BaseModel):
    name: str
    children: list[Tree] = []


class Dot(BaseModel):
    kind: Literal["dot"]
    x: float = Field(gt=-1000, le=1000)


class Line(BaseModel):
    kind: Literal["line"]
    length: int = Field(ge=0, multiple_of=2)


class Upgraded(BaseModel):
    a: int

    @model_validator(mode="before")
    @classmethod
    def upgrade(cls, value: Any) -> Any:
        return {"a": value} if isinstance(value, int) else value


class Greedy(BaseModel):
    a: int

    def __init__(self, **data: Any) -> None:
        super().__init__(**(data or {"a": 1}))


class Keys(TypedDict, total=False):
    a: int
    b: Annotated[str, Field(alias="B")]


class Tagged(RootModel[list[str]]):
    """A list with a name."""


class Defaulted(RootModel[int]):
    root: int = 5


class Named(BaseModel):
    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    user: int = Field(alias="userId")


class Chosen(BaseModel):
    size: int = Field(validation_alias=AliasChoices("size", "length"))


class Ref(BaseModel):
    model_config = ConfigDict(extra="forbid")

    Ref: int
    Condition: int = 0


def _tag(value: Any) -> str:
    return str(cast("dict[str, Any]", value).get("k", "text")) if isinstance(value, dict) else "text"


def _split(value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


def _wrap(value: Any, handler: Any) -> Any:
    return handler(0 if value == "zero" else value)


LEAVES: list[Any] = [
    *(int, float, bool, str, bytes, Decimal, datetime, date, time, timedelta, UUID, Any, type(None)),
    *(Color, Level, Mixed, Loose, Literal["a", "b"], Literal[1, "a", True] | None, Literal[Color.RED]),
    *(ByteSize, SecretStr, HttpUrl, IPvAnyAddress, Json[list[int]], StrictInt, Tree, Upgraded, Greedy, Keys, Tagged, Defaulted),
    *(Named, Chosen, Ref, set[int], Annotated[set[int], Field(max_length=1)]),
    Annotated[int, Field(ge=1, le=10)],
    Annotated[int, Field(gt=2**53, lt=2**63)],
    Annotated[int, Field(multiple_of=5)],
    Annotated[float, Field(gt=0.5, lt=1.5)],
    Annotated[Decimal, Field(ge=Decimal("0.1"), max_digits=5, decimal_places=2)],
    Annotated[str, StringConstraints(max_length=2, strip_whitespace=True)],
    Annotated[str, StringConstraints(min_length=1, max_length=3, pattern="^[a-z]+$")],
    Annotated[str, StringConstraints(pattern="^A+$", to_upper=True)],
    Annotated[list[str], BeforeValidator(_split)],
    Annotated[int, WrapValidator(_wrap)],
    Annotated[int, PlainValidator(lambda value: value)],
    Annotated[int, AfterValidator(lambda value: value + 1)],
    Annotated[Dot | Line, Field(discriminator="kind")],
    Annotated[Annotated[Keys, Tag("keys")] | Annotated[str, Tag("text")], Discriminator(_tag)],
]


PROBES: list[Any] = [
    *(None, True, False, 0, 1, 2, 5, 7, 10, 11, -1, 86400, 1700000000, 2**53 + 1, 2**62, 10**30, 0.0, 1.0, 0.7, 1.5, 1.25, -0.5, 1e300),
    *(
        "",
        "a",
        "b",
        "red",
        "zero",
        "1",
        "5",
        " 2 ",
        "1.5",
        "NaN",
        "Infinity",
        "true",
        "off",
        "5MB",
        "a,b",
        "[1]",
        "  ab  ",
        "abc",
        "x\n",
        "aaa",
    ),
    *("2020-01-01", "2020-01-01T10:00:00Z", "10:00", "P1D", "1 day", "https://a.example", "::1", "12345678-1234-1234-1234-123456789012"),
    *(
        [],
        [1],
        [1, 1],
        ["a"],
        ["1", 2],
        [[1]],
        {},
        {"a": 1},
        {"a": "1", "B": "b"},
        {"a": 1, "b": [0]},
        {"k": "keys", "a": 1},
        {"userId": 1},
        {"user": "1"},
        {"length": 1},
        {"Ref": 1, "Condition": 2},
    ),
    *({"kind": "dot", "x": 1}, {"kind": "line", "length": "2"}, {"kind": "dot"}, {"name": "n", "children": [{"name": "m"}]}, {"name": 1}),
]
"""One of each kind of JSON, and what the types above make something of."""


def _taken(kind: Any) -> list[Any]:
    adapter = TypeAdapter(kind)

    def takes_it(value: Any) -> bool:
        try:
            adapter.validate_python(value)
        except ValueError:
            return False
        return True

    return [value for value in PROBES if takes_it(value)]


TAKEN = [(kind, _taken(kind)) for kind in LEAVES]
ANYTHING = st.sampled_from(PROBES)
NAMES = st.sampled_from(["a", "b", "c_d", "Ref", "X", "x", "y", "p", "q", "r", "1", "2"])
Typed = tuple[Any, st.SearchStrategy[Any]]
"""A type, and values that it mostly takes."""


LIST: Any = list
DICT: Any = dict
TUPLE: Any = tuple


def _leaf(found: tuple[Any, list[Any]]) -> Typed:
    kind, values = found
    return kind, st.sampled_from(values) if values else ANYTHING


def _nested(inner: st.SearchStrategy[Typed]) -> st.SearchStrategy[Typed]:
    return st.one_of(
        inner.map(lambda one: (LIST[one[0]], st.lists(one[1], max_size=3))),
        inner.map(lambda one: (Annotated[LIST[one[0]], Field(min_length=1, max_length=2)], st.lists(one[1], min_size=1, max_size=2))),
        st.just((Annotated[set[int], Field(max_length=1)], st.lists(st.just(1), max_size=3))),
        inner.map(lambda one: (DICT[str, one[0]], st.dictionaries(NAMES, one[1], max_size=2))),
        inner.map(lambda one: (TUPLE[one[0], int], st.tuples(one[1], st.just("1")).map(list))),
        inner.map(lambda one: (TUPLE[one[0], ...], st.lists(one[1], max_size=3))),
        inner.map(lambda one: (one[0] | None, st.none() | one[1])),
        st.tuples(inner, inner).map(lambda two: (two[0][0] | two[1][0], two[0][1] | two[1][1])),
        inner.map(lambda one: (make_dataclass("Data", [("a", one[0]), ("b", int, 1)]), st.fixed_dictionaries({"a": one[1]}))),
        _models(inner),
    )


@st.composite
def _models(draw: st.DrawFn, inner: st.SearchStrategy[Typed]) -> Typed:
    fields: dict[str, Any] = {}
    values: list[st.SearchStrategy[dict[str, Any]]] = []
    for name in draw(st.lists(st.sampled_from(["a", "b", "Ref", "c_d"]), min_size=1, max_size=3, unique=True)):
        kind, taken = draw(inner)
        alias, default = draw(ALIASES), draw(st.sampled_from([..., None]))
        fields[name] = (kind, Field(default, validation_alias=alias))
        values.append(_filled(name, alias, taken))
    model = create_model("Made", __config__=cast("ConfigDict", draw(CONFIGS)), **fields)
    return model, st.tuples(*values).map(lambda parts: {key: value for part in parts for key, value in part.items()})


def _filled(name: str, alias: Any, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Values under the names that the field may have, beside others that may stand there or not."""
    ways = [st.fixed_dictionaries({alias if isinstance(alias, str) else name: values})]
    for path in [alias] if isinstance(alias, AliasPath) else alias.choices if isinstance(alias, AliasChoices) else []:
        first, *rest = path.path if isinstance(path, AliasPath) else [path]
        ways.append(st.fixed_dictionaries({str(first): values.map(partial(_under, rest))}))
    noise = st.dictionaries(NAMES, ANYTHING, max_size=1)
    return st.one_of(*ways, st.just({}), st.tuples(noise, st.one_of(*ways)).map(lambda two: two[0] | two[1]))


def _under(rest: list[Any], value: Any) -> Any:
    for step in reversed(rest):
        value = [value] if isinstance(step, int) else {step: value}
    return value


ALIASES = st.sampled_from([None, None, "X", "b", AliasChoices("x", "y"), AliasPath("p", 0), AliasChoices(AliasPath("p", "q"), "r")])
CONFIGS = st.fixed_dictionaries(
    {},
    optional={
        "extra": st.sampled_from(["forbid", "allow", "ignore"]),
        "populate_by_name": st.booleans(),
        "coerce_numbers_to_str": st.booleans(),
        "str_strip_whitespace": st.booleans(),
        "regex_engine": st.just("python-re"),
    },
)
TYPED = st.sampled_from(TAKEN).map(_leaf)
TYPES = _models(TYPED) | _models(_nested(TYPED)) | _nested(TYPED) | _nested(_nested(TYPED))


def _app(kind: Any, given_body: Any) -> APIGatewayRestResolver:
    app = APIGatewayRestResolver(enable_validation=True)

    def handler(body: Any) -> dict[str, int]:
        del body
        return {}

    handler.__annotations__ = {"body": Annotated[kind, given_body], "return": dict[str, int]}
    app.post("/")(handler)
    return app


def takes(app: APIGatewayRestResolver, body: Any) -> bool:
    """Whether the handler takes it, as Powertools answers."""
    event = {
        "httpMethod": "POST",
        "path": "/",
        "headers": {"Content-Type": "application/json"},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"requestId": "1"},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }
    return bool(app.resolve(event, cast("Any", None))["statusCode"] == 200)


def model(app: APIGatewayRestResolver) -> dict[str, Any] | None:
    """The model that the app's only route is checked with, its references inside it; `None` where it is not checked."""
    body = body_of(app, routes_of(app)[0])
    models = Models()
    name = models.add(body.schema, "Body") if body is not None and body.required else None
    if name is None:
        return None
    document = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "$ref": f"#/components/schemas/{name}",
        "components": {"schemas": models.schemas},
    }
    assert json.loads(json.dumps(document)) == document
    return document


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: re.sub(r" at 0x[0-9a-f]+", "", str(kind)))
def test_every_kind_of_value_is_taken_in_all_its_forms(kind: Any) -> None:
    app = _app(kind, Body(embed=True))
    if (document := model(app)) is not None:
        check = fastjsonschema.compile(document)
        for value in PROBES:
            if takes(app, {"body": value}):
                check({"body": value})


@settings(
    max_examples=ROUNDS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(TYPES.flatmap(lambda typed: st.tuples(st.just(typed[0]), st.lists(typed[1], min_size=6, max_size=12))), st.booleans())
def test_the_gateway_takes_what_the_handler_takes(drawn: tuple[Any, list[Any]], embed: bool) -> None:  # noqa: FBT001 (Hypothesis passes it by position)
    kind, values = drawn
    app = _app(kind, Body(embed=embed))
    if (document := model(app)) is None:
        return
    check = fastjsonschema.compile(document)
    for value in values:
        for body in ({"body": value}, {"body": [value]}) if embed else (value, [value]):
            if takes(app, body):
                check(body)
