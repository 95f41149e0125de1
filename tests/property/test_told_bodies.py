"""Whatever a Powertools app tells of itself becomes an OpenAPI 3.0.1 body that API Gateway imports: no fault by the public validator, none by the rules."""

from __future__ import annotations

import inspect
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union
from uuid import UUID

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Header, Query
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, create_model

from gateleg.cdk.access import AccessRules
from gateleg.cdk.authorizers import ApiKeyAuthorizer, IamAuthorizer
from gateleg.cdk.body_rules import RestApi, judge
from gateleg.cdk.cors import Cors
from gateleg.cdk.openapi import Document, function_integration, info_of
from gateleg.cdk.path_tree import PathTree
from gateleg.cdk.plan import Plan
from gateleg.cdk.rest_authorizers import rest_scheme
from gateleg.cdk.schemas import Models
from gateleg.cdk.validation import request_checks
from gateleg.describe.rest import describe_rest
from gateleg.errors import RouteError
from tests.templates.openapi import faults

if TYPE_CHECKING:
    from collections.abc import Callable

URI = {"Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"}


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Tree(BaseModel):
    """Refers to itself."""

    name: str
    below: list[Tree] = []
    beside: Tree | None = None


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    model_config = ConfigDict(extra="forbid")


LEAVES: list[Any] = [
    *(str, int, float, bool, date, datetime, Decimal, UUID, bytes, Colour, Tree, Any, None),
    Literal["a", 1],
    Annotated[int, Field(gt=0, le=9, examples=[1], description="how many")],
    Annotated[str, Field(min_length=1, max_length=4, pattern="^[a-z]+$", deprecated=True)],
    Annotated[Cat | Dog, Field(discriminator="kind")],
    Annotated[list[int], Field(min_length=1, max_length=3)],
    tuple[int, str],
    dict[str, Any],
]
NAMES = st.sampled_from(["name", "example", "default", "$ref", "items", "Ref", "x_y", "kind", "id"])
ALIASES = st.sampled_from([None, None, "wire-name", "some.thing", "Ümlaut"])
MODEL_NAMES = st.sampled_from(["Item", "Page_Item_", "Ref", "Items2", "A"])


def types(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        inner.map(list.__class_getitem__),
        inner.map(lambda kind: dict.__class_getitem__((str, kind))),
        inner.map(lambda kind: Union[kind, None] if kind is not Any else kind),  # noqa: UP007 (`None | None` is an error)
        st.tuples(inner, inner).map(lambda two: Union[two] if Any not in two else Any),  # noqa: UP007 (as above)
        models(inner),
    )


@st.composite
def models(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> Any:
    """A model of up to three fields, some with aliases or defaults."""
    fields: dict[str, Any] = {}
    for number, name in enumerate(draw(st.lists(NAMES.filter(str.isidentifier), max_size=3, unique=True))):
        kind, alias = draw(inner), draw(ALIASES)
        default: Any = draw(st.sampled_from([..., None]))
        fields[name] = (kind, Field(default, alias=None if alias is None else f"{alias}{number}", description="said of it"))
    made: Any = create_model(draw(MODEL_NAMES), __config__=ConfigDict(extra=draw(st.sampled_from(["allow", "forbid", "ignore"]))), **fields)
    return made


TYPES = st.recursive(st.sampled_from(LEAVES), types, max_leaves=5)
QUERIES = st.sampled_from(
    [str, int, list[str], int | None, Literal["a", "b"], Annotated[str, Query(alias="filter[x]")], Annotated[int, Header()]]
)
PATHS = st.lists(st.sampled_from(["items", "v1", "<item>", "<other>", "a-b"]), min_size=1, max_size=3, unique=True).map("/".join)
EXTRA: list[dict[str, Any]] = [
    {},
    {"summary": "A summary", "description": "At length.", "tags": ["one", "two"], "deprecated": True},
    {"operation_id": "same"},
    {"responses": {200: {"description": "well", "headers": {"X-A": {"schema": {"type": "integer"}}}}, 404: {"description": "none"}}},
]


@st.composite
def routes(draw: st.DrawFn) -> tuple[str, str, Callable[..., Any], dict[str, Any]]:
    path, method = draw(PATHS), draw(st.sampled_from(["GET", "POST", "PUT", "DELETE"]))
    arguments: dict[str, Any] = {part.strip("<>"): draw(st.sampled_from([str, int])) for part in path.split("/") if part.startswith("<")}
    arguments |= {f"q{number}": kind for number, kind in enumerate(draw(st.lists(QUERIES, max_size=2)))}
    if method in {"POST", "PUT"}:
        arguments["body"] = draw(models(TYPES))
    return f"/{path}", method, handler(arguments, draw(TYPES)), draw(st.sampled_from(EXTRA))


def handler(arguments: dict[str, Any], answer: Any) -> Callable[..., Any]:
    def handle(**_: Any) -> None:
        """Answer something."""

    parameters = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind) for name, kind in arguments.items()]
    vars(handle)["__signature__"] = inspect.Signature(parameters, return_annotation=answer)
    handle.__annotations__ = arguments | {"return": answer}
    return handle


def body(declared: list[Any], *, validated: bool) -> dict[str, Any]:
    """The body of an API with one app of these routes."""
    resolver = APIGatewayRestResolver(enable_validation=True)
    for path, method, handle, extra in declared:
        resolver.route(path, method=method, **extra)(handle)
    app = describe_rest("svc.rest:app", resolver)
    authorizers: Any = {"iam": IamAuthorizer(), "key": ApiKeyAuthorizer()}
    plan, kept = Plan(AccessRules(authorizers, "iam"), PathTree()), Models()
    plan.add_app(app, app.routes, (lambda route: request_checks(route, kept)) if validated else None)
    schemes = {name: rest_scheme(authorizer, lambda _: URI) for name, authorizer in authorizers.items()}
    document = Document(info_of("chat", plan.apps), plan.routes(), schemes, plan.apps, kept, Cors(["https://a.example"]))
    return document.render({app.name: function_integration(URI)})


@pytest.mark.filterwarnings("ignore")
@settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    max_examples=80,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(st.lists(routes(), min_size=1, max_size=4, unique_by=lambda route: (route[1], route[0].replace("other", "item"))), st.booleans())
def test_a_body_has_no_fault_by_the_validator_and_none_by_the_rules(declared: list[Any], validated: bool) -> None:  # noqa: FBT001 (Hypothesis gives it)
    try:
        found = body(declared, validated=validated)
    except RouteError:
        assume(False)  # noqa: FBT003 (no API has these routes together)
        raise
    properties = {"Name": "chat", "Mode": "overwrite", "EndpointConfiguration": {"Types": ["REGIONAL"]}, "Body": found}
    assert [str(finding) for finding in judge(RestApi(properties))] == []
    assert faults(found) == []
