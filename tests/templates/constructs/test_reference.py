"""The reference that a REST gateway serves: what it says, and that the function in the assembly answers with it."""

from __future__ import annotations

import importlib.util
import io
import json
import zipfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, Aws, Duration, Stack, Stage
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_lambda as lambda_
from jsonschema_rs import Draft7Validator, Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from gateleg.cdk import (
    ApiKeyAuthorizer,
    CognitoAuthorizer,
    DirectRoute,
    HandlerCode,
    IamAuthorizer,
    RequestAuthorizer,
    RestGateway,
    TokenAuthorizer,
    WebSocketGateway,
)
from gateleg.description import App as DescribedApp
from gateleg.description import Route
from gateleg.errors import AuthorizerError, DeclarationError, RouteError
from tests.templates.constructs.samples import function, rest_description

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateleg.cdk import FunctionOptions

PUBLIC = "it holds no data"
ASYNCAPI = Path(__file__).parents[3] / "node_modules/@asyncapi/specs/schemas/3.0.0.json"
OK = {"responses": {"200": {"description": "Successful Response"}}}
NOTE = {"type": "object", "properties": {"text": {"type": "string"}}}


def told(key: str, **said: Any) -> Route:
    """A route that Powertools described."""
    return Route(key, "svc.rest:it", public="a sample", operation={**OK, **said})


def reading(schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"responses": {"200": {"description": "Successful Response", "content": content}}}


@pytest.fixture
def files(tmp_path: Path, code: HandlerCode) -> Callable[..., Mapping[str, str]]:
    """The files that the function in the assembly consists of."""

    def made(
        *apps: Any,
        guards: Callable[[Stack], Any] = lambda _: None,
        then: Callable[[RestGateway], object] = lambda _: None,
        path: str = "/docs",
        socket: Callable[[RestGateway], Any] = lambda _: None,
        **props: Any,
    ) -> dict[str, str]:
        app = App(outdir=str(tmp_path / "out"))
        stack = Stack(Stage(app, "Prod"), "Test")
        given: dict[str, Any] = {"apps": list(apps), "function_options": {"code": code}, "api_name": "things", **props}
        gateway = RestGateway(stack, "Rest", authorizers=guards(stack), **given)
        gateway.add_reference(path, public=PUBLIC, socket=socket(gateway))
        then(gateway)
        folder = Path(app.synth().get_nested_assembly("assembly-Prod").directory)
        manifest = json.loads(next(folder.glob("*.assets.json")).read_text())
        template = json.loads(next(folder.glob("*.template.json")).read_text())
        [resource] = [one for one in template["Resources"].values() if one["Properties"].get("Handler") == "reference.handler"]
        key = resource["Properties"]["Code"]["S3Key"]
        [asset] = [one for one in manifest["files"].values() if any(to["objectKey"] == key for to in one["destinations"].values())]
        with zipfile.ZipFile(io.BytesIO((folder / asset["source"]["path"]).read_bytes())) as archive:
            return {name: archive.read(name).decode() for name in archive.namelist()}

    return made


def served(made: Mapping[str, str], folder: Path) -> Callable[[str | None], dict[str, Any]]:
    """What answers for a file, with the function as it is shipped."""
    folder.mkdir()
    for name, text in made.items():
        (folder / name).write_text(text)
    spec = importlib.util.spec_from_file_location("shipped", folder / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    shipped = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(shipped)

    def get(name: str | None) -> dict[str, Any]:
        answer: dict[str, Any] = shipped.handler({"pathParameters": None if name is None else {"file": name}}, None)
        return answer

    return get


@pytest.fixture
def document(files: Callable[..., Mapping[str, str]]) -> Callable[..., Any]:
    def made(*apps: Any, **given: Any) -> Any:
        found = json.loads(files(*apps, **given)["openapi.json"])
        validate(found, cls=OpenAPIV31SpecValidator)
        return found

    return made


def test_all_apps_are_in_it_with_what_their_handlers_say(document: Callable[..., Any]) -> None:
    found = document(
        rest_description(told("GET /notes", summary="The notes."), app="svc.rest:app"),
        rest_description(told("POST /orders/{order}", description="What is ordered."), app="svc.admin:app", title="Sales"),
    )

    assert found["info"]["title"] == "things"
    assert {path: list(item) for path, item in found["paths"].items()} == {"/notes": ["get"], "/orders/{order}": ["post"]}
    assert found["paths"]["/notes"]["get"]["summary"] == "The notes."
    assert [item[method]["tags"] for item in found["paths"].values() for method in item] == [["svc-rest"], ["Sales"]]
    assert found["paths"]["/orders/{order}"]["post"]["description"] == "What is ordered."


def test_its_own_routes_and_hidden_ones_are_not_in_it_and_undescribed_ones_are(document: Callable[..., Any]) -> None:
    hidden = Route("GET /page", "svc.rest:page", public="a page")
    undescribed = Route("GET /bare/{thing}", "svc.rest:bare", public="a sample", problem="Powertools cannot make its schema")
    found = document(rest_description(hidden, undescribed))

    assert list(found["paths"]) == ["/bare/{thing}"]
    assert [parameter["name"] for parameter in found["paths"]["/bare/{thing}"]["get"]["parameters"]] == ["thing"]


def test_any_route_may_be_refused_in_a_way_that_its_handler_does_not_tell(document: Callable[..., Any]) -> None:
    own = {"responses": {"200": {"description": "x"}, "5XX": {"description": "mine"}}}
    paths = document(rest_description(told("GET /a"), told("GET /b", **own)))["paths"]
    assert set(paths["/a"]["get"]["responses"]) == {"200", "4XX", "5XX", "default"}
    assert paths["/b"]["get"]["responses"]["5XX"] == {"description": "mine"}


def fits(document: Any, schema: Any, value: Any) -> bool:
    """Whether a value is what a schema of the document says."""
    return Draft202012Validator({**schema, "components": document["components"]}).is_valid(value)


def test_refusals_have_the_bodies_that_the_api_the_resolver_and_the_data_answer_with(document: Callable[..., Any]) -> None:
    found = document(rest_description(told("GET /a")))
    schema = found["paths"]["/a"]["get"]["responses"]["4XX"]["content"]["application/json"]["schema"]

    assert fits(found, schema, {"statusCode": 401, "message": "Unauthorized", "requestId": "r"})
    assert fits(found, schema, {"statusCode": 404, "message": "Not found"})
    assert fits(found, schema, {"error": {"code": "store.item_not_found", "message": "there is no such item"}})
    assert not fits(found, schema, {"error": "not found"})
    assert not fits(found, schema, {"statusCode": 500})


def test_values_that_are_refused_are_told_of_as_powertools_and_as_entities_refuse_them(document: Callable[..., Any]) -> None:
    refused = {"422": {"description": "Validation Error", "content": reading("HTTPValidationError")["responses"]["200"]["content"]}}
    invalid = {"type": "object", "properties": {"detail": {"type": "array"}}}
    own = {"responses": {**OK["responses"], "422": {"description": "mine"}}}
    found = document(
        rest_description(
            told("GET /a", responses={**OK["responses"], **refused}), told("GET /b", **own), schemas={"HTTPValidationError": invalid}
        )
    )
    schema = found["paths"]["/a"]["get"]["responses"]["422"]["content"]["application/json"]["schema"]

    assert fits(found, schema, {"statusCode": 422, "detail": [{"loc": ["body", "text"], "type": "missing"}]})
    assert fits(
        found,
        schema,
        {"error": {"code": "item.invalid", "message": "text: too long", "details": [{"loc": ["text", 0], "msg": "m", "type": "t"}]}},
    )
    assert not fits(found, schema, {"detail": []})
    assert found["paths"]["/b"]["get"]["responses"]["422"] == {"description": "mine"}


def test_schemas_of_refusals_leave_their_names_to_those_of_apps(document: Callable[..., Any]) -> None:
    found = document(rest_description(told("GET /a", **reading("Refusal")), schemas={"Refusal": NOTE}))
    assert found["components"]["schemas"]["Refusal"] == NOTE
    assert fits(found, {"$ref": "#/components/schemas/Refusal_"}, {"message": "Unauthorized"})


def test_a_gateway_gives_the_document_with_the_address_that_it_is_told(code: HandlerCode) -> None:
    gateway = RestGateway(
        Stack(),
        "Rest",
        apps=[rest_description(told("GET /a"))],
        routes={"GET /health": DirectRoute({"type": "mock"}, public=PUBLIC)},
        function_options={"code": code},
    )

    assert "servers" not in gateway.openapi()
    assert set(gateway.openapi()["paths"]) == {"/a", "/health"}
    assert gateway.openapi(url="https://api.example.com/v1")["servers"] == [{"url": "https://api.example.com/v1"}]
    with pytest.raises(DeclarationError, match=r"got 'wss://api.example.com'; write https://a1b2c3") as refused:
        gateway.openapi(url="wss://api.example.com")
    advised = str(refused.value.message).rpartition("write ")[2]
    assert gateway.openapi(url=advised)["servers"] == [{"url": advised}]


@pytest.mark.parametrize(("key", "path", "methods"), [("GET /health", "/health", 1), ("ANY /old/{proxy+}", "/old/{proxy}", 7)])
def test_a_route_that_comes_after_it_is_in_it(document: Callable[..., Any], key: str, path: str, methods: int) -> None:
    proxy = {"type": "http_proxy", "httpMethod": "GET", "uri": "https://example.com"}

    def late(gateway: RestGateway) -> None:
        gateway.add_route(key, DirectRoute(proxy, public="a sample"))

    found = document(then=late)

    assert len(found["paths"][path]) == methods


def test_paths_that_differ_in_the_names_of_variables_are_one(document: Callable[..., Any]) -> None:
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    found = document(
        rest_description(told("GET /notes/{note}/lines"), app="svc.rest:app"),
        rest_description(told("PUT /notes/{id}/lines", parameters=[parameter]), app="svc.admin:app"),
    )

    [(path, item)] = found["paths"].items()
    assert path == "/notes/{note}/lines"
    assert item["put"]["parameters"] == [parameter | {"name": "note"}]


def test_a_variable_that_a_pattern_has_and_the_path_has_not_is_left_out(document: Callable[..., Any]) -> None:
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    found = document(rest_description(told("GET /files/{proxy+}", parameters=[parameter])))

    assert [one["name"] for one in found["paths"]["/files/{proxy}"]["get"]["parameters"]] == ["proxy"]


def test_a_name_that_cloudformation_makes_is_not_its_title(document: Callable[..., Any]) -> None:
    found = document(rest_description(told("GET /notes")), api_name=f"{Aws.STACK_NAME}-api")
    assert found["info"]["title"] == "Prod-Test-Rest"


def test_schemas_of_one_name_stay_apart_where_they_differ_and_whatever_holds_them(document: Callable[..., Any]) -> None:
    pages = {"Page": {"type": "object", "properties": {"notes": {"type": "array", "items": {"$ref": "#/components/schemas/Note"}}}}}
    other = {"type": "object", "properties": {"text": {"type": "integer"}}}
    error = {"Error": {"type": "object"}}
    found = document(
        rest_description(told("GET /a", **reading("Page")), app="svc.rest:app", schemas={"Note": NOTE, **pages, **error}),
        rest_description(told("GET /b", **reading("Page")), app="svc.admin:app", schemas={"Note": other, **pages, **error}),
    )

    schemas = found["components"]["schemas"]
    assert set(schemas) == {"Note", "Page", "Error", "svc-admin-Note", "svc-admin-Page", "Refusal", "ErrorAnswer"}
    assert schemas["svc-admin-Note"] == other
    assert schemas["svc-admin-Page"]["properties"]["notes"]["items"] == {"$ref": "#/components/schemas/svc-admin-Note"}
    assert "svc-admin-Page" in json.dumps(found["paths"]["/b"])
    assert "svc-admin-Page" not in json.dumps(found["paths"]["/a"])


def schemes(code: HandlerCode, stack: Stack) -> dict[str, Any]:
    judge = function(stack, code)
    pool = cognito.UserPool(stack, "Pool")
    return {
        "key": ApiKeyAuthorizer(),
        "iam": IamAuthorizer(),
        "users": CognitoAuthorizer([pool]),
        "headed": CognitoAuthorizer([pool], header="X-Token"),
        "token": TokenAuthorizer(judge),
        "one": RequestAuthorizer(judge, ["querystring.token"]),
        "two": RequestAuthorizer(judge, ["header.token", "multivaluequerystring.token", "querystring.of[1]", "context.stage"]),
        "all": RequestAuthorizer(judge, [], ttl=Duration.seconds(0)),
    }


def test_what_a_caller_has_to_send_is_said_of_every_kind_of_authorizer(document: Callable[..., Any], code: HandlerCode) -> None:
    asking = [("key", "users"), ("iam",), ("headed",), ("token",), ("one",), ("two",), ("all",)]
    routes = [
        Route(f"GET /r{number}", "svc.rest:it", security=(dict.fromkeys(names, ["email"] if names[0] == "headed" else []),), operation=OK)
        for number, names in enumerate(asking)
    ]
    found = document(rest_description(*routes), guards=partial(schemes, code))

    sent = {
        name: (one["type"], one.get("in"), one.get("name") or one.get("scheme"))
        for name, one in found["components"]["securitySchemes"].items()
    }
    assert sent == {
        "key": ("apiKey", "header", "x-api-key"),
        "iam": ("apiKey", "header", "Authorization"),
        "users": ("http", None, "bearer"),
        "headed": ("apiKey", "header", "X-Token"),
        "token": ("apiKey", "header", "Authorization"),
        "one": ("apiKey", "query", "token"),
        "two-header-token": ("apiKey", "header", "token"),
        "two-querystring-token": ("apiKey", "query", "token"),
        "two-querystring-of-1-": ("apiKey", "query", "of[1]"),
        "all": ("apiKey", "header", "Authorization"),
    }
    assert [found["paths"][f"/r{number}"]["get"]["security"] for number in range(len(asking))] == [
        [{"key": [], "users": []}],
        [{"iam": []}],
        [{"headed": ["email"]}],
        [{"token": []}],
        [{"one": []}],
        [{"two-header-token": [], "two-querystring-token": [], "two-querystring-of-1-": []}],
        [{"all": []}],
    ]


def test_public_routes_ask_for_nothing(document: Callable[..., Any]) -> None:
    assert document(rest_description(told("GET /notes")))["paths"]["/notes"]["get"]["security"] == []


@pytest.mark.parametrize(("path", "server"), [("/docs", ".."), ("/v1/reference", "../..")])
def test_its_server_is_the_root_of_the_api_as_seen_from_the_document(document: Callable[..., Any], path: str, server: str) -> None:
    assert document(rest_description(told("GET /notes")), path=path)["servers"] == [{"url": server}]


def test_the_function_answers_with_its_files_and_nothing_else(files: Callable[..., Mapping[str, str]], tmp_path: Path) -> None:
    made = files(rest_description(told("GET /notes")), api_name="<things>")
    get = served(made, tmp_path / "function")
    (tmp_path / "secret.json").write_text("{}")
    page = get(None)
    assert page["statusCode"] == 200
    assert "<title>&lt;things&gt;</title>" in page["body"]
    assert 'src="docs/swagger-ui-bundle.min.js"' in page["body"]
    assert "script-src 'self';" in page["headers"]["Content-Security-Policy"]
    for name, kind in {"openapi.json": "application/json", "start.js": "text/javascript", "swagger-ui.min.css": "text/css"}.items():
        assert get(name)["headers"]["Content-Type"] == f"{kind}; charset=utf-8"
        assert get(name)["body"] == made[name]
    for name in ("reference.py", "../secret.json", "..", "missing.json", "", "a/b.json", str(tmp_path / "secret.json")):
        assert get(name)["statusCode"] == 404


def test_it_is_public_or_guarded_like_every_route(code: HandlerCode) -> None:
    stack = Stack()
    gateway = RestGateway(stack, "Rest", function_options={"code": code})
    with pytest.raises(AuthorizerError, match=r"GET /docs .* has no authorizer and is not public"):
        gateway.add_reference()


@pytest.mark.parametrize("path", ["/", "docs", "/docs/", "/{docs}", "/a b", 7])
def test_what_is_no_path_of_its_own_is_refused(code: HandlerCode, path: Any) -> None:
    gateway = RestGateway(Stack(), "Rest", function_options={"code": code})
    with pytest.raises(DeclarationError, match=r"add_reference\(path=\.\.\.\) takes a path of its own without variables, such as '/docs'"):
        gateway.add_reference(path, public=PUBLIC)


def test_a_gateway_has_one_reference_and_it_takes_nobody_s_path(code: HandlerCode) -> None:
    gateway = RestGateway(Stack(), "Rest", function_options={"code": code})
    gateway.add_reference("/docs", public=PUBLIC)
    with pytest.raises(RouteError, match=r"the gateway has a reference at /docs"):
        gateway.add_reference("/reference", public=PUBLIC)
    with pytest.raises(RouteError, match=r"GET /docs is answered by"):
        gateway.add_route("GET /docs", DirectRoute({"type": "mock"}, public="a sample"))


def test_its_function_runs_like_the_others_and_knows_nothing(code: HandlerCode) -> None:
    stack = Stack()
    options: FunctionOptions = {
        "code": code,
        "memory_size": 512,
        "environment": {"SECRET_NAME": "s"},
        "architecture": lambda_.Architecture.X86_64,
    }
    gateway = RestGateway(stack, "Rest", apps=[rest_description(told("GET /notes"))], function_options=options)
    gateway.add_reference(public=PUBLIC)
    from aws_cdk.assertions import Template

    found = Template.from_stack(stack).find_resources("AWS::Lambda::Function", {"Properties": {"Handler": "reference.handler"}})
    [one] = found.values()
    assert one["Properties"]["MemorySize"] == 512
    assert one["Properties"]["Architectures"] == ["x86_64"]
    assert set(one["Properties"]["Environment"]["Variables"]) == {"POWERTOOLS_SERVICE_NAME"}
    assert "Layers" not in one["Properties"]


SOCKET = DescribedApp(
    "svc.socket:app",
    "websocket",
    (Route("send", "svc.socket:send", operation={"summary": "<Say> it", "payload": NOTE}),),
)


def test_a_websocket_api_is_told_of_beside_it(
    files: Callable[..., Mapping[str, str]], code: HandlerCode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def socket(gateway: RestGateway) -> WebSocketGateway:
        return WebSocketGateway(
            Stack.of(gateway),
            "Socket",
            app=SOCKET,
            public="a sample",
            function_options={"code": code},
            routes={"direct": function(Stack.of(gateway), code)},
        )

    made = files(rest_description(told("GET /notes")), socket=socket)
    document = json.loads(made["asyncapi.json"])
    Draft7Validator(json.loads(ASYNCAPI.read_text(encoding="utf-8"))).validate(document)
    assert list(document["operations"]) == ["send", "direct"]
    assert "docs/socket.html" in made["index.html"]
    assert "&lt;Say&gt; it" in made["socket.html"]
    assert "<Say>" not in made["socket.html"]

    answer = served(made, tmp_path / "function")
    monkeypatch.setenv("GATELEG_REFERENCE_SOCKET", "wss://a1.execute-api.eu-west-1.amazonaws.com/live")
    assert answer("socket.html")["headers"]["Content-Type"] == "text/html; charset=utf-8"
    headers = answer("socket.js")["headers"]
    assert (headers["Content-Type"], headers["Cache-Control"]) == ("text/javascript; charset=utf-8", "no-cache")
    assert 'const API = {"action": "action", "ping": null, "repeatable": []};' in answer("socket.js")["body"]
    assert 'href="socket.js"' in made["socket.html"]
    assert json.loads(answer("asyncapi.json")["body"])["servers"]["api"] == {
        "host": "a1.execute-api.eu-west-1.amazonaws.com",
        "protocol": "wss",
        "pathname": "/live",
    }
    assert "socket" not in files(rest_description(told("GET /notes")))["index.html"]


def test_the_function_is_told_where_the_websocket_api_is(code: HandlerCode) -> None:
    stack = Stack()
    socket = WebSocketGateway(stack, "Socket", app=SOCKET, function_options={"code": code}, authorizer=IamAuthorizer())
    function = RestGateway(stack, "Rest", function_options={"code": code}).add_reference(public=PUBLIC, socket=socket)
    from aws_cdk.assertions import Template

    [one] = Template.from_stack(stack).find_resources("AWS::Lambda::Function", {"Properties": {"Handler": "reference.handler"}}).values()
    assert one["Properties"]["Environment"]["Variables"]["GATELEG_REFERENCE_SOCKET"] == stack.resolve(socket.url)
    assert socket.asyncapi()["components"]["securitySchemes"]["connect"]["type"] == "httpApiKey"
    assert function.handler == "reference:handler"


def test_what_is_no_websocket_gateway_is_refused(code: HandlerCode) -> None:
    gateway, given = RestGateway(Stack(), "Rest", function_options={"code": code}), cast("Any", "Socket")
    with pytest.raises(DeclarationError, match=r"add_reference\(socket=\.\.\.\) takes a WebSocketGateway"):
        gateway.add_reference(public=PUBLIC, socket=given)
