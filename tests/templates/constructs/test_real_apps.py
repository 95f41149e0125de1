"""From handler code to template: the apps are real, described by a process of their own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.cdk import HandlerCode, IamAuthorizer, ModelTable, RestApp, RestGateway, WebSocketGateway
from gateleg.description import App
from gateleg.description.source import FunctionSource
from gateleg.errors import AppImportError, AppNotFoundError, AuthorizerError, RouteError
from gateleg.model import Table
from tests.templates.constructs.samples import Template, synthesized

pytestmark = pytest.mark.slow  # they describe apps in processes of their own

if TYPE_CHECKING:
    from aws_cdk import Stack

SHOP = Table("shop", partition_key="pk", sort_key="sk", ttl="expires_at")
MODEL = """
from gateleg.model import Attr, Entity, Table, access, attr, key
SHOP = Table("shop", partition_key="pk", sort_key="sk", ttl="expires_at")

class Order(Entity, table=SHOP):
    customer: Attr[str] = attr(min_length=1)
    number: Attr[str] = attr()
    key = key("CUSTOMER#{customer}", "ORDER#{number}")

    @access()
    def of(*, customer: str): ...
"""
REST = """
from typing import Annotated, Literal
from pydantic import BaseModel, Field
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query
from gateleg.rest import public, uses
from shop.model import Order

app = APIGatewayRestResolver(enable_validation=True)
router = Router()

class Line(BaseModel):
    product: Annotated[str, Field(pattern="^[a-z]+$")]
    count: Annotated[int, Field(gt=0)] = 1
    parent: "Line | None" = None

class NewOrder(BaseModel):
    lines: list[Line]
    speed: Literal["slow", "fast"] | None = None

@router.post("/<customer>")
@uses(Order.create)
def place(customer: str, order: NewOrder) -> dict[str, str]:
    return {}

@router.get("/<customer>")
@uses(Order.of)
def listed(customer: str, page: Annotated[int, Query(ge=1)]) -> dict[str, str]:
    return {}

@app.get("/health", include_in_schema=False)
@public("for the load balancer")
def health() -> dict[str, str]:
    return {}

app.include_router(router, prefix="/orders")
"""
SOCKET = """
from gateleg.model import Table
from gateleg.rest import uses
from gateleg.websocket import Connections, WebSocketResolver
from shop.model import SHOP, Order

app = WebSocketResolver(connections=Connections(SHOP))

@app.route("watch")
@uses(Order.get)
def watch(customer: str, number: str) -> None: ...
"""


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> HandlerCode:
    root = tmp_path_factory.mktemp("shop")
    (root / "shop").mkdir()
    sources = {
        "__init__": "",
        "model": MODEL,
        "rest": REST,
        "socket": SOCKET,
        "broken": "import no_such_module",
        "loose": REST.replace("@public", "#"),
    }
    for name, source in sources.items():
        (root / f"shop/{name}.py").write_text(source)
    return HandlerCode(root, provided=["aws-lambda-powertools", "pydantic"])


def shop(stack: Stack, code: HandlerCode, *apps: str | App | RestApp, **props: Any) -> RestGateway:
    table = ModelTable(stack, "Table", table=SHOP)
    given: dict[str, Any] = {"authorizers": {"iam": IamAuthorizer()}} | props
    return RestGateway(stack, "Rest", apps=apps, tables=[table], function_options={"code": code}, **given)


@pytest.fixture(scope="module")
def template(code: HandlerCode) -> Template:
    def build(stack: Stack) -> None:
        rest = shop(stack, code, "shop.rest:app")
        table = next(child for child in stack.node.children if isinstance(child, ModelTable))
        socket = WebSocketGateway(
            stack, "Socket", app="shop.socket:app", tables=[table], authorizer=IamAuthorizer(), function_options={"code": code}
        )
        socket.add_publisher(rest.functions["shop.rest:app"])

    return synthesized(build)


def body(found: Template) -> dict[str, Any]:
    rendered: dict[str, Any] = found.one("AWS::ApiGateway::RestApi")["Body"]
    return rendered


def test_routes_come_from_the_handlers(template: Template) -> None:
    operations = {(path, method): operation for path, item in body(template)["paths"].items() for method, operation in item.items()}
    assert {key: operation["security"] for key, operation in operations.items()} == {
        ("/orders/{customer}", "post"): [{"iam": []}],
        ("/orders/{customer}", "get"): [{"iam": []}],
        ("/health", "get"): [],
    }
    assert not any("x-amazon-apigateway-request-validator" in operation for operation in operations.values())
    assert "x-amazon-apigateway-request-validators" not in body(template)


def test_what_handlers_tell_is_in_the_body(template: Template) -> None:
    told = body(template)["paths"]["/orders/{customer}"]["post"]
    assert told["operationId"] == "place_orders__customer__post"
    assert told["parameters"] == [{"name": "customer", "in": "path", "required": True, "schema": {"type": "string"}}]
    assert {code: answer["description"] for code, answer in told["responses"].items()} == {
        "200": "Successful Response",
        "422": "Validation Error",
    }
    references = {told["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]}
    models = body(template)["components"]["schemas"]
    assert references == {"NewOrder"}
    assert models["NewOrder"]["properties"]["lines"] == {"type": "array", "items": {"$ref": "#/components/schemas/Line"}}


def test_where_it_is_asked_for_the_gateway_checks_what_the_handlers_take(code: HandlerCode) -> None:
    found = body(synthesized(lambda stack: shop(stack, code, "shop.rest:app", validate_requests=True)))
    item = found["paths"]["/orders/{customer}"]
    assert (item["post"]["x-amazon-apigateway-request-validator"], item["get"]["x-amazon-apigateway-request-validator"]) == (
        "body",
        "parameters",
    )
    reference = item["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    order = found["components"]["schemas"][reference.rsplit("/", 1)[1]]
    assert order["required"] == ["lines"]
    assert "speed" not in order["properties"] or order["properties"]["speed"] == {}
    responses = found["x-amazon-apigateway-gateway-responses"]
    assert {name: one["statusCode"] for name, one in responses.items() if "statusCode" in one} == {
        "BAD_REQUEST_BODY": "422",
        "BAD_REQUEST_PARAMETERS": "422",
    }
    only = RestApp("shop.rest:app", validate_requests=False)
    assert "x-amazon-apigateway-request-validators" not in body(synthesized(lambda stack: shop(stack, code, only, validate_requests=True)))


def test_permissions_come_from_the_declared_uses(template: Template) -> None:
    policies = {name: json.dumps(one) for name, one in template.all("AWS::IAM::Policy").items()}
    rest = next(text for name, text in policies.items() if name.startswith("Rest"))
    socket = next(text for name, text in policies.items() if name.startswith("Socket"))
    assert '["dynamodb:PutItem", "dynamodb:Query"]' in rest
    assert "dynamodb:GetItem" in socket
    assert "dynamodb:Scan" not in rest + socket


def test_synth_imports_no_handler(template: Template) -> None:
    assert template.resources
    assert not {"shop", "shop.rest", "shop.model", "shop.socket"} & set(sys.modules)


def test_a_description_in_a_file_stands_for_the_app(code: HandlerCode, template: Template, tmp_path: Path) -> None:
    from gateleg.cdk.describing import Describing

    [described] = Describing([FunctionSource("shop.rest:app", root=Path(code.root))]).result()
    (tmp_path / "rest.json").write_text(described.to_json())
    kept = synthesized(lambda stack: shop(stack, code, App.from_file(tmp_path / "rest.json")))
    assert body(kept) == body(template)


@pytest.mark.parametrize(
    ("app", "error", "told"),
    [
        ("shop.nowhere:app", AppNotFoundError, "shop.nowhere"),
        ("shop.rest:nothing", AppNotFoundError, "nothing"),
        ("shop.broken:app", AppImportError, "no_such_module"),
        ("shop.loose:app", AuthorizerError, r"GET /health of shop\.loose:health"),
    ],
)
def test_what_is_wrong_with_an_app_is_said_at_synth(app: str, error: type[Exception], told: str, code: HandlerCode) -> None:
    props: dict[str, Any] = {"authorizers": {}} if error is AuthorizerError else {}
    with pytest.raises(error, match=told):
        synthesized(lambda stack: shop(stack, code, app, **props))


def test_two_apps_with_one_route_are_refused(code: HandlerCode) -> None:
    with pytest.raises(RouteError, match=r"shop\.rest:.* and by shop\.loose:"):
        synthesized(lambda stack: shop(stack, code, "shop.rest:app", "shop.loose:app"))
