"""One function an app, one a route, or one for all: what each may do, and what they share."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack

from gateleg.cdk import HandlerCode, ModelTable, RestApp
from gateleg.description import Needs, Route, Use
from gateleg.errors import DeclarationError, PackagingError, RouteError
from tests.templates.constructs.samples import (
    CHAT,
    CREATE,
    READ,
    Template,
    gateway,
    http_description,
    http_gateway,
    rest_description,
    synthesized,
)

if TYPE_CHECKING:
    from collections.abc import Callable

FUNCTION, GROUP, PERMISSION, ROLE = "AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::Lambda::Permission", "AWS::IAM::Role"
ROUTES = (
    Route("GET /rooms/{room}/messages", "svc.rest:list_messages", (READ,)),
    Route("POST /rooms/{room}/messages", "svc.rest:send", (CREATE,)),
    Route("GET /docs", "svc.rest:docs", public="documentation is for everyone"),
)
ADMIN = (Route("DELETE /rooms/{name}", "svc.admin:close"),)
DESCRIBED = {"rest": rest_description, "http": http_description}
GATEWAYS: dict[str, Callable[..., Any]] = {"rest": gateway, "http": http_gateway}


def apps(kind: str) -> list[Any]:
    return [DESCRIBED[kind](*ROUTES), DESCRIBED[kind](*ADMIN, app="svc.admin:app")]


def made(kind: str, code: HandlerCode, **props: Any) -> Template:
    return synthesized(lambda stack: GATEWAYS[kind](stack, code, **({"apps": apps(kind)} | props)))


def services(template: Template) -> dict[str, dict[str, Any]]:
    found = template.all(FUNCTION).values()
    return {function["Properties"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]: function["Properties"] for function in found}


def actions(template: Template, function: dict[str, Any]) -> set[str]:
    """What a function may do beside logging and being traced."""
    [role, _] = function["Role"]["Fn::GetAtt"]
    found = [statement["Action"] for statement in template.statements(role)]
    return {action for each in found for action in ([each] if isinstance(each, str) else each)}


def called(template: Template, key: str) -> str:
    """The logical id of the function that a route calls."""
    [api] = [*template.all("AWS::ApiGateway::RestApi").values(), *template.all("AWS::ApiGatewayV2::Api").values()]
    body = api["Properties"]["Body"]
    method, path = key.split(" ")
    integration = body["paths"][path][method.lower()]["x-amazon-apigateway-integration"]
    if "$ref" in integration:
        integration = body["components"]["x-amazon-apigateway-integrations"][integration["$ref"].rpartition("/")[2]]
    uri: str = integration["uri"]["Fn::Sub"]
    return uri.rpartition("${")[2].partition(".")[0]


@pytest.mark.parametrize("kind", GATEWAYS)
def test_a_function_of_a_route_may_do_what_that_route_declares(kind: str, code: HandlerCode) -> None:
    template = made(kind, code, functions="route")
    found = services(template)
    assert {name: actions(template, function) for name, function in found.items()} == {
        "svc-rest-get-rooms-by-room-messages": {"dynamodb:Query", "secretsmanager:GetSecretValue"},
        "svc-rest-post-rooms-by-room-messages": {"dynamodb:PutItem"},
        "svc-rest-get-docs": set(),
        "svc-admin-delete-rooms-by-name": set(),
    }
    variables = {name: function["Environment"]["Variables"] for name, function in found.items()}
    assert [name for name, given in variables.items() if "GATELEG_CURSOR_SECRET_CHAT" in given] == ["svc-rest-get-rooms-by-room-messages"]
    groups = {json.dumps(function["LoggingConfig"]["LogGroup"]) for function in found.values()}
    assert len(groups) == len({json.dumps(function["Role"]) for function in found.values()}) == len(found) == 4
    assert {function["Handler"] for function in found.values()} == {"svc.rest.app", "svc.admin.app"}


@pytest.mark.parametrize("kind", GATEWAYS)
def test_each_route_calls_its_own_function_which_nothing_else_may_call(kind: str, code: HandlerCode) -> None:
    template = made(kind, code, functions="route")
    by_id = {name: function["Properties"]["Description"] for name, function in template.all(FUNCTION).items()}
    keys = ["GET /rooms/{room}/messages", "POST /rooms/{room}/messages", "GET /docs"]
    assert [by_id[called(template, key)] for key in keys] == [f"{key} of svc.rest:app" for key in keys]
    permissions = template.all(PERMISSION).values()
    sources = {
        permission["Properties"]["FunctionName"]["Fn::GetAtt"][0]: permission["Properties"]["SourceArn"]["Fn::Join"][1][-1].partition("/")[
            2
        ]
        for permission in permissions
    }
    stage = "live" if kind == "rest" else "$default"
    assert sources[called(template, keys[0])] == f"{stage}/GET/rooms/*/messages"
    assert sources[called(template, keys[2])] == f"{stage}/GET/docs"


@pytest.mark.parametrize("kind", GATEWAYS)
def test_one_function_for_all_may_do_what_all_declare(kind: str, code: HandlerCode) -> None:
    template = made(kind, code, functions="all")
    [(service, function)] = services(template).items()
    assert service == kind
    assert actions(template, function) == {"dynamodb:Query", "dynamodb:PutItem", "secretsmanager:GetSecretValue"}
    assert function["Handler"] == "gateleg.rest.dispatcher.handler"
    assert function["Description"] == "svc.rest:app, svc.admin:app"
    assert called(template, "GET /docs") == called(template, "GET /rooms/{room}/messages") == template.id_of(FUNCTION)
    assert [name for name in template.all(GROUP) if "FunctionLogs" in name] == [function["LoggingConfig"]["LogGroup"]["Ref"]]
    assert len(template.all(PERMISSION)) == 1


@pytest.mark.parametrize("grouping", ["app", "route", "all"])
def test_each_app_of_an_http_api_is_sent_the_payload_that_it_reads(grouping: str, code: HandlerCode) -> None:
    given = [rest_description(*ROUTES), http_description(*ADMIN, app="svc.admin:app")]
    body = made("http", code, functions=grouping, apps=given).one("AWS::ApiGatewayV2::Api")["Body"]

    def payload(path: str, method: str) -> str:
        name = body["paths"][path][method]["x-amazon-apigateway-integration"]["$ref"].rpartition("/")[2]
        found: str = body["components"]["x-amazon-apigateway-integrations"][name]["payloadFormatVersion"]
        return found

    assert [payload("/docs", "get"), payload("/rooms/{room}/messages", "post"), payload("/rooms/{room}", "delete")] == ["1.0", "1.0", "2.0"]


def assets(build: Callable[[Stack], object]) -> dict[str, dict[str, bytes]]:
    """The code assets of a stack, by their path: their files."""
    app = App()
    stack = Stack(app, "Test")
    build(stack)
    assembly = app.synth()
    keys = {
        resource["Properties"]["Code"]["S3Key"].partition(".")[0]
        for resource in assembly.get_stack_by_name("Test").template["Resources"].values()
        if resource["Type"] == FUNCTION
    }
    found: dict[str, dict[str, bytes]] = {}
    for path in Path(assembly.directory).glob("asset.*.zip"):
        if path.name.split(".")[1] in keys:
            with zipfile.ZipFile(path) as archive:
                found[path.name] = {name: archive.read(name) for name in archive.namelist()}
    return found


def test_an_app_is_described_once_whatever_the_number_of_its_functions(tmp_path: Path) -> None:
    lines = ["from aws_lambda_powertools.event_handler import APIGatewayRestResolver", "app = APIGatewayRestResolver()"]
    lines += [f"app.get('/r{number}')(lambda: {{}})" for number in range(5)]
    (tmp_path / "svc.py").write_text("\n".join(lines))
    template = made("rest", HandlerCode(tmp_path, provided=["aws-lambda-powertools"]), functions="route", apps=["svc:app"], tables=[])
    assert len(template.all(FUNCTION)) == 5
    assert len(list(tmp_path.glob(".gateleg/descriptions/*.json"))) == 1


def test_functions_of_routes_are_packed_once(code: HandlerCode) -> None:
    stack = Stack(App(), "Test")
    gateway(stack, code, functions="route", apps=apps("rest")[:1])
    packed = [construct.node.path for construct in stack.node.find_all() if construct.node.id == "Code"]
    assert len([path for path in packed if path.startswith("Test/Rest/")]) == 1
    assert len(packed) == 2, "the other one is the layer"


def test_functions_of_routes_share_one_asset(code: HandlerCode) -> None:
    assert len(assets(lambda stack: gateway(stack, code, functions="route", apps=[rest_description(*ROUTES)]))) == 1


def test_the_one_function_has_the_code_of_all_apps_and_knows_their_routes(code: HandlerCode) -> None:
    [files] = assets(lambda stack: gateway(stack, code, functions="all", apps=apps("rest"))).values()
    assert {"svc/rest.py", "svc/admin.py"} <= files.keys()
    assert json.loads(files["gateleg_routes.json"]) == {
        "handlers": ["svc.rest:app", "svc.admin:app"],
        "routes": {"GET /rooms/{}/messages": 0, "POST /rooms/{}/messages": 0, "GET /docs": 0, "DELETE /rooms/{}": 1},
    }


def test_the_one_function_ships_what_any_of_its_apps_needs(code: HandlerCode) -> None:
    lacking = rest_description(*ADMIN, app="svc.admin:app", needs=Needs(distributions=("a-distribution-nobody-has",)))
    with pytest.raises(PackagingError, match="a-distribution-nobody-has"):
        made("rest", code, functions="all", apps=[rest_description(*ROUTES), lacking])


def test_a_route_that_may_be_answered_by_another_one_may_do_what_that_one_does(code: HandlerCode) -> None:
    wide = (Route("GET /a/{x}", "svc.rest:wide", (READ,), also=("GET /b/{x}",)), Route("GET /b/{x}", "svc.rest:narrow", (CREATE,)))
    template = made("rest", code, functions="route", apps=[rest_description(*wide)])
    found = {name: actions(template, function) for name, function in services(template).items()}
    assert found["svc-rest-get-a-by-x"] >= {"dynamodb:Query", "dynamodb:PutItem"}
    assert found["svc-rest-get-b-by-x"] == {"dynamodb:PutItem"}


def test_what_an_app_uses_beside_its_routes_any_of_its_functions_may_do(code: HandlerCode) -> None:
    given = RestApp(rest_description(*ROUTES), uses=[Use("chat", "Message", "delete")])
    template = made("rest", code, functions="route", apps=[given])
    assert all("dynamodb:DeleteItem" in actions(template, function) for function in services(template).values())


def test_who_sends_to_connections_must_be_told_of_them_in_each_grouping(code: HandlerCode) -> None:
    sending = Route("POST /say", "svc.rest:say", publishes=True)
    for grouping in ("app", "route", "all"):
        with pytest.raises(RuntimeError, match=r"POST /say of svc.rest:say sends to WebSocket connections"):
            made("rest", code, functions=grouping, apps=[rest_description(*ROUTES, sending)])


def test_rules_of_one_path_are_one_function(code: HandlerCode) -> None:
    rules = (Route("GET /a/{number}", "svc.rest:number", (READ,)), Route("GET /a/{word}", "svc.rest:word", (CREATE,)))
    template = made("rest", code, functions="route", apps=[rest_description(*rules)])
    [found] = services(template).values()
    assert actions(template, found) >= {"dynamodb:Query", "dynamodb:PutItem"}


def test_functions_are_found_by_route_by_app_and_by_any_app(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        by_route = gateway(Stack(stack, "A"), code, functions="route", apps=apps("rest")).functions
        assert list(by_route) == [route.key for route in (*ROUTES, *ADMIN)]
        for_all = gateway(Stack(stack, "B"), code, functions="all", apps=apps("rest")).functions
        assert for_all["svc.rest:app"] is for_all["svc.admin:app"]
        assert list(gateway(Stack(stack, "C"), code, apps=apps("rest")).functions) == ["svc.rest:app", "svc.admin:app"]

    build(Stack(App(), "Test"))


def test_paths_that_differ_in_their_punctuation_have_functions_of_their_own(code: HandlerCode) -> None:
    routes = (Route("GET /a.b", "svc.rest:one"), Route("GET /a-b", "svc.rest:two"), Route("GET /{proxy+}", "svc.rest:rest"))
    names = set(services(made("rest", code, functions="route", apps=[rest_description(*routes)])))
    assert len(names) == 3
    assert "svc-rest-get-by-proxy" in names


def test_a_service_name_that_was_given_stays(code: HandlerCode) -> None:
    for grouping in ("route", "all"):
        options = {"code": code, "environment": {"POWERTOOLS_SERVICE_NAME": "orders"}}
        template = made("rest", code, functions=grouping, function_options=options)
        assert set(services(template)) == {"orders"}


def test_one_function_has_what_one_of_its_apps_asks_for(code: HandlerCode) -> None:
    given = [
        RestApp(apps("rest")[0], options={"memory_size": 512, "environment": {"AA": "1"}}),
        RestApp(apps("rest")[1], options={"environment": {"BB": "2"}}),
    ]
    [function] = services(made("rest", code, functions="all", apps=given)).values()
    assert function["MemorySize"] == 512
    assert function["Environment"]["Variables"].keys() >= {"AA", "BB"}


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ({"options": {"memory_size": 512}}, {"options": {"memory_size": 1024}}, "memory_size=1024 where that of svc.rest:app says 512"),
        (
            {"options": {"environment": {"AA": "1"}}},
            {"options": {"environment": {"AA": "2"}}},
            "AA='2' where that of svc.rest:app says '1'",
        ),
        ({}, {"id": "Admin"}, r"names its function \(id='Admin'\)"),
    ],
)
def test_what_one_function_cannot_be_is_refused(first: Any, second: Any, said: str, code: HandlerCode) -> None:
    given = [RestApp(app, **props) for app, props in zip(apps("rest"), (first, second), strict=True)]
    with pytest.raises(DeclarationError, match=said):
        made("rest", code, functions="all", apps=given)


def test_requirements_in_two_files_are_refused_and_one_file_is_taken(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text("def app(event, context): ...\n")
        (tmp_path / name / "requirements.txt").write_text("")
    given = [rest_description(*ROUTES, app="one.app:app"), rest_description(*ADMIN, app="two.app:app")]
    with pytest.raises(PackagingError, match="one file for all") as caught:
        made("rest", HandlerCode(tmp_path), functions="all", apps=given)
    assert "one/requirements.txt for one.app:app" in str(caught.value)
    (tmp_path / "requirements.txt").write_text("")
    assert made("rest", HandlerCode(tmp_path, requirements=tmp_path / "requirements.txt"), functions="all", apps=given)


def test_a_route_beside_the_apps_cannot_call_the_function_of_all(code: HandlerCode) -> None:
    stack = Stack(App(), "Test")
    rest = gateway(stack, code, functions="all", apps=apps("rest"))
    with pytest.raises(RouteError, match="cannot tell whose route it is"):
        rest.add_route("GET /health", rest.functions["svc.rest:app"])
    with pytest.raises(RouteError, match="cannot tell whose route it is"):
        rest.add_route("GET /health", rest.functions["svc.admin:app"].function)
    by_route = gateway(Stack(App(), "Other"), code, functions="route", apps=apps("rest"))
    by_route.add_route("GET /health", by_route.functions["GET /docs"])


@pytest.mark.parametrize("kind", GATEWAYS)
@pytest.mark.parametrize("given", ["apps", None, 1, ["all"]])
def test_another_grouping_is_refused(kind: str, given: Any, code: HandlerCode) -> None:
    stack = Stack(App(), "Test")
    with pytest.raises(DeclarationError, match=r"functions=\.\.\.\) takes 'app', 'route' or 'all'"):
        GATEWAYS[kind](stack, code, functions=given, tables=[ModelTable(stack, "Other", table=CHAT)])


def test_what_is_told_of_routes_is_the_same_in_each_grouping(code: HandlerCode) -> None:
    told: list[Any] = []
    operation = {
        "responses": {"200": {"description": "A", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewMessage"}}}}}
    }
    for grouping in ("app", "route", "all"):
        app = rest_description(Route("GET /a", "svc.rest:a", operation=operation))
        body = made("rest", code, functions=grouping, apps=[app]).one("AWS::ApiGateway::RestApi")["Body"]
        body["paths"]["/a"]["get"].pop("x-amazon-apigateway-integration")
        told.append(body)
    assert told[0] == told[1] == told[2]
    assert told[0]["components"]["schemas"]
