"""Whatever function of an app stands behind whatever path: what the app answers there is guarded as its routes are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import Acknowledgment, App, CfnOutput, Fn, NestedStack, Stack, Validations
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2_integrations as http_integrations
from aws_cdk import aws_lambda as lambda_
from jsii._kernel.providers.process import _NodeProcess  # pyright: ignore[reportPrivateUsage] (nothing else counts)

from gateleg import description as said
from gateleg.cdk import DirectRoute, HttpGateway, IamAuthorizer, RestApp, RestGateway, ServiceFunction
from gateleg.description import Route
from gateleg.errors import AuthorizerError, DeclarationError, RouteError
from tests.templates.constructs.samples import function, gateway, http_gateway, rest_description, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode

SECRET, OPEN = Route("GET /secret", "svc.rest:secret"), Route("GET /open", "svc.rest:open_", public="prices are public")
REST = rest_description(SECRET, OPEN)
GREEDY = "ANY /{proxy+}"
REFUSED = r"takes for ANY /\{proxy\+\} of .* \(public\) may be answered by GET /secret \(guarded by iam\), .*; guard both alike"


def of_the_app(stack: Stack, code: HandlerCode, app: said.App = REST, **options: Any) -> ServiceFunction:
    return ServiceFunction(stack, "Second", handler=app.name, described=app, code=code, **options)


def proxy(function: ServiceFunction, **options: Any) -> dict[str, Any]:
    return proxy_of(function.function.function_arn, **options)


def proxy_of(arn: str, **options: Any) -> dict[str, Any]:
    uri = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    return {"type": "aws_proxy", "httpMethod": "POST", "uri": uri} | options


def wrapped(stack: Stack, code: HandlerCode) -> ServiceFunction:
    return of_the_app(stack, code, said.App("svc.rest:handler", "function", apps=(REST,)))


def of_another_gateway(stack: Stack, code: HandlerCode, **options: Any) -> ServiceFunction:
    options = {"authorizers": {"iam": IamAuthorizer()}, "apps": [REST], "function_options": {"code": code}} | options
    return next(iter(RestGateway(stack, "First", **options).functions.values()))


def plain(stack: Stack, code: HandlerCode) -> lambda_.Function:
    asset = lambda_.Code.from_asset(str(code.root))
    return lambda_.Function(stack, "Second", handler="svc.rest.app", code=asset, runtime=lambda_.Runtime.PYTHON_3_13)


class Named(ServiceFunction):
    def _define_function(self, **props: Any) -> lambda_.Function:
        return super()._define_function(**props, function_name="shop")


def by_name(stack: Stack, code: HandlerCode) -> Any:
    Named(stack, "Second", handler=REST.name, described=REST, code=code)
    return lambda_.Function.from_function_name(stack, "Again", "shop")


DOORS: dict[str, Callable[[Stack, HandlerCode], Any]] = {
    "a second function": of_the_app,
    "a handler that calls the app": wrapped,
    "an alias": lambda stack, code: of_the_app(stack, code).function.add_alias("live"),
    "a function of CDK": plain,
    "another gateway": of_another_gateway,
    "another gateway's function of a route": lambda stack, code: of_another_gateway(stack, code, functions="route"),
    "another gateway's one function": lambda stack, code: of_another_gateway(stack, code, functions="all"),
}
NAMED: dict[str, Callable[[Stack, HandlerCode], Any]] = {
    "an imported function": lambda stack, code: lambda_.Function.from_function_arn(
        stack, "Again", of_the_app(stack, code).function.function_arn
    ),
    "an imported alias": lambda stack, code: lambda_.Function.from_function_arn(
        stack, "Again", f"{of_the_app(stack, code).function.function_arn}:live"
    ),
    "a function by its name": by_name,
    "an integration object": lambda stack, code: proxy(of_the_app(stack, code)),
}
REST_NAMED: dict[str, Callable[[Stack, HandlerCode], Any]] = {
    "an integration of CDK": lambda stack, code: apigateway.LambdaIntegration(cast("Any", of_the_app(stack, code).function)),
}
HTTP_NAMED: dict[str, Callable[[Stack, HandlerCode], Any]] = {
    "an integration of CDK for HTTP": lambda stack, code: http_integrations.HttpLambdaIntegration(
        "I", cast("Any", of_the_app(stack, code).function)
    ),
}
NAMERS: list[tuple[Any, str, Any]] = [
    *((gateway, name, door) for name, door in (NAMED | REST_NAMED).items()),
    *((http_gateway, name, door) for name, door in (NAMED | HTTP_NAMED).items()),
]


@pytest.mark.parametrize("make", [gateway, http_gateway])
@pytest.mark.parametrize("name", DOORS)
def test_no_function_of_an_app_opens_what_its_routes_guard(make: Any, name: str, code: HandlerCode) -> None:
    stack = Stack(App(), "Test")
    api = make(stack, code, apps=[REST])
    target = DOORS[name](stack, code)
    with pytest.raises(AuthorizerError, match=REFUSED):
        api.add_route(GREEDY, DirectRoute(target, public="its own 404"))
    assert api.add_route(GREEDY, DirectRoute(target, authorizer="iam"))


@pytest.mark.parametrize(("make", "name", "door"), NAMERS, ids=[f"{make.__name__} {name}" for make, name, _ in NAMERS])
def test_nothing_that_names_a_function_of_an_app_opens_what_its_routes_guard(make: Any, name: str, door: Any, code: HandlerCode) -> None:
    del name

    def build(stack: Stack, **guard: Any) -> None:
        api = make(stack, code, apps=[REST])
        api.add_route(GREEDY, DirectRoute(door(stack, code), **guard))

    with pytest.raises(RuntimeError, match=rf"test_reached\.py:\d+: a request that API Gateway {REFUSED}"):
        synthesized(lambda stack: build(stack, public="its own 404"))
    assert synthesized(lambda stack: build(stack, authorizer="iam"))


@pytest.mark.parametrize("kind", [RestGateway, HttpGateway])
def test_an_app_of_which_the_gateway_knows_nothing_is_guarded_by_somebody(kind: Any, code: HandlerCode) -> None:
    """None of its routes is in this API, so nobody but the app says who may call them."""
    stack = Stack(App(), "Test")
    admin = rest_description(Route("GET /secret", "h", security=({"admin": []},)), Route("GET /own", "h"), OPEN)
    options: Any = {"routes": {"GET /health": DirectRoute(function(stack, code), public="a load balancer asks")}}
    api = kind(stack, "Api", authorizers={"iam": IamAuthorizer(), "other": IamAuthorizer()}, **options)
    second = of_the_app(stack, code, admin)
    for key, told in {"ANY /secret": r"GET /secret \(guarded by admin\)", "GET /{x}": "GET /secret"}.items():
        for guard in ({"public": "why"}, {"authorizer": "iam"}):
            with pytest.raises(AuthorizerError, match=told):
                api.add_route(key, DirectRoute(second, **guard))
    with pytest.raises(AuthorizerError, match=r"GET /own \(guarded by an authorizer\)"):
        api.add_route("ANY /own", DirectRoute(second, public="why"))
    assert api.add_route("ANY /own", DirectRoute(second, authorizer="other"))
    assert api.add_route("GET /open", DirectRoute(second, public="prices are public"))


def test_a_route_by_its_own_key_is_decided_where_it_is_added(code: HandlerCode) -> None:
    stack = Stack(App(), "Test")
    rest = gateway(stack, code, apps=[RestApp(REST, only=["GET /open"])])
    second = of_the_app(stack, code)
    with pytest.raises(AuthorizerError, match=r"ANY /secret .* may be answered by GET /secret"):
        rest.add_route("ANY /secret", DirectRoute(second, public="why"))
    assert rest.add_route("GET /secret", DirectRoute(second, public="a copy that holds nothing"))


def test_what_other_methods_of_a_route_answer_is_nothing_of_it(code: HandlerCode) -> None:
    stack = Stack(App(), "Test")
    rest = gateway(stack, code, apps=[REST])
    assert rest.add_route("ANY /secret", DirectRoute(of_the_app(stack, code), public="its own 404"))


@pytest.mark.parametrize(("prefix", "key"), [("/v1", "ANY /v1/{proxy+}"), (None, "ANY /x/{proxy+}"), (None, "GET /x/secret")])
def test_a_prefix_that_an_app_takes_off_leads_to_its_routes(prefix: str | None, key: str, code: HandlerCode) -> None:
    stack = Stack(App(), "Test")
    rest = gateway(stack, code)
    second = of_the_app(stack, code, rest_description(SECRET, OPEN, prefixes=(prefix,)))
    with pytest.raises(AuthorizerError, match=r"may be answered by GET /secret"):
        rest.add_route(key, DirectRoute(second, public="why"))
    assert rest.add_route("GET /v2", DirectRoute(second, public="no path of the app"))


ANSWER: dict[str, Any] = {"responses": {"default": {"statusCode": "200"}}}
WRITING: list[tuple[Any, dict[str, Any]]] = [
    (http_gateway, {"requestParameters": {"overwrite:path": "/secret"}, "payloadFormatVersion": "1.0"}),
    (gateway, {"type": "aws", "requestTemplates": {"application/json": '{"path": "/secret"}'}, **ANSWER}),
]


@pytest.mark.parametrize(("make", "written"), WRITING, ids=["http", "rest"])
def test_an_integration_that_writes_the_event_reaches_every_route(make: Any, written: dict[str, Any], code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        make(stack, code).add_route("GET /x", DirectRoute(proxy(of_the_app(stack, code), **written), public="why"))

    with pytest.raises(RuntimeError, match=r"may be answered by GET /secret"):
        synthesized(build)


def test_a_named_function_answers_nobody_whom_its_app_does_not_know(code: HandlerCode) -> None:
    """Not the public alone: one authorizer knows whom another one refuses."""
    admin = rest_description(Route("GET /secret", "h", security=({"admin": []},)))

    def build(stack: Stack, key: str) -> None:
        api = http_gateway(stack, code, authorizers={name: IamAuthorizer() for name in ("iam", "admin")}, default_authorizer="iam")
        api.add_route(key, DirectRoute(proxy(of_the_app(stack, code, admin)), authorizer="iam"))

    with pytest.raises(RuntimeError, match=r"ANY /secret of .* \(guarded by iam\) may be answered by GET /secret \(guarded by admin\)"):
        synthesized(lambda stack: build(stack, "ANY /secret"))
    assert synthesized(lambda stack: build(stack, "ANY /other"))


def test_functions_of_no_app_are_as_open_as_their_routes_say(code: HandlerCode) -> None:
    stack = Stack(App(), "Test")
    rest = gateway(stack, code, apps=[REST])
    other = of_the_app(stack, code, said.App("svc.auth:handler", "function"))
    assert rest.add_route(GREEDY, DirectRoute(other, public="its own 404"))
    socket = said.App("svc.socket:app", "websocket", (Route("send", "h"),))
    assert rest.add_route("GET /s", DirectRoute(function(stack, code, "Socket", described=socket), public="why"))


IMPORTING = said.App("svc.auth:handler", "function", beside=(REST,))


@pytest.mark.parametrize("make", [gateway, http_gateway])
def test_a_handler_may_call_any_app_that_its_modules_import(make: Any, code: HandlerCode) -> None:
    stack = Stack(App(), "Test")
    api = make(stack, code)
    importing = of_the_app(stack, code, IMPORTING)
    assert importing.payload == "2.0"
    told = r"GET /secret \(guarded by .*\), whose app the function's modules import; .* ServiceFunction\(..., calls_no_app='it reads a constant of admin'\)"
    with pytest.raises(AuthorizerError, match=told):
        api.add_route(GREEDY, DirectRoute(importing, public="why"))
    with pytest.raises(RuntimeError, match=told):
        synthesized(lambda stack: make(stack, code).add_route(GREEDY, DirectRoute(proxy(of_the_app(stack, code, IMPORTING)), public="why")))
    assert api.add_route("GET /health", DirectRoute(importing, public="no path of the app"))
    assert api.add_route(GREEDY, DirectRoute(importing, authorizer="iam"))


def test_a_handler_that_calls_no_app_says_why(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        reason = "it reads a constant of admin"
        gateway(stack, code).add_route(GREEDY, DirectRoute(of_the_app(stack, code, IMPORTING, calls_no_app=reason), public="why"))

    functions = synthesized(build).all("AWS::Lambda::Function").values()
    assert "it reads a constant of admin" in [one["Metadata"].get("gateleg:calls-no-app") for one in functions]
    with pytest.raises(DeclarationError, match="calls_no_app"):
        of_the_app(Stack(App(), "Other"), code, IMPORTING, calls_no_app=" ")
    calling = said.App("svc.auth:handler", "function", apps=(REST,))
    stack = Stack(App(), "Third")
    with pytest.raises(AuthorizerError, match="may be answered by GET /secret"):
        gateway(stack, code).add_route(GREEDY, DirectRoute(of_the_app(stack, code, calling, calls_no_app="it does"), public="why"))


def test_a_function_is_behind_an_api_that_its_app_reads(code: HandlerCode) -> None:
    stack = Stack(App(), "Test")
    wrapping = wrapped(stack, code)
    assert wrapping.payload == "1.0"
    staged = http_gateway(stack, code, stage_name="live")
    with pytest.raises(DeclarationError, match=r"svc\.rest:app is an APIGatewayRestResolver, .*; leave the stage out"):
        staged.add_route("GET /own", DirectRoute(wrapping, authorizer="iam"))
    http = function(stack, code, "Payload2", described=replace(REST, kind="http"))
    with pytest.raises(RouteError, match=r"reads payload 2\.0, and a REST API sends 1\.0 alone"):
        gateway(Stack(App(), "Other"), code).add_route("GET /own", DirectRoute(http, authorizer="iam"))
    assert staged.add_route("GET /own", DirectRoute(http, authorizer="iam"))


class HookedRest(RestGateway):
    def _render_body(self, document: dict[str, Any]) -> dict[str, Any]:
        return _with_open_route(document, "/{proxy+}", document["paths"]["/secret"]["get"], authorizer=None)


class HookedHttp(HttpGateway):
    def _render_body(self, document: dict[str, Any]) -> dict[str, Any]:
        return _with_open_route(document, "/$default", document["paths"]["/secret"]["get"], isDefaultRoute=True)


def _with_open_route(document: dict[str, Any], path: str, like: dict[str, Any], **more: Any) -> dict[str, Any]:
    operation = {name: part for name, part in like.items() if name not in {"security", "operationId"}}
    operation |= {"x-gateleg-public": "why", "security": [], **{name: part for name, part in more.items() if part is not None}}
    document["paths"][path] = {"x-amazon-apigateway-any-method": operation}
    return document


@pytest.mark.parametrize("kind", [HookedRest, HookedHttp])
def test_a_hook_opens_nothing_of_an_app(kind: Any, code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        options: Any = {"function_options": {"code": code}, "authorizers": {"iam": IamAuthorizer()}}
        kind(stack, "Api", apps=[rest_description(SECRET, OPEN)], **options)

    with pytest.raises(RuntimeError, match=r"of the body lets anybody reach GET /secret of svc\.rest:secret \(guarded by iam\)"):
        synthesized(build)


def invoking(function: Any, path: str = "") -> Any:
    """The URI of a function as an override writes it."""
    name = Stack.of(function).get_logical_id(function.function.node.default_child)
    return {
        "Fn::Sub": f"arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/{path or f'${{{name}.Arn}}'}/invocations"
    }


def opened(kind: Any, stack: Stack, code: HandlerCode, key: str = GREEDY, **options: Any) -> Any:
    probe = DirectRoute(function(stack, code, "Probe"), public="a probe")
    return kind(stack, "Open", routes={key: probe}, **options)


OVERRIDDEN = r"of the body lets anybody reach GET /secret of svc\.rest:secret \(guarded by an authorizer\)"


@pytest.mark.parametrize("kind", [RestGateway, HttpGateway])
@pytest.mark.parametrize(
    ("key", "path", "member"), [(GREEDY, "/{proxy+}", "x-amazon-apigateway-any-method"), ("GET /secret", "/secret", "get")]
)
def test_an_override_gives_no_public_route_to_an_app(kind: Any, key: str, path: str, member: str, code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        api = opened(kind, stack, code, key)
        uri = f"Body.paths.{path}.{member}.x-amazon-apigateway-integration.uri"
        api.api.node.default_child.add_property_override(uri, invoking(of_the_app(stack, code)))

    with pytest.raises(RuntimeError, match=OVERRIDDEN):
        synthesized(build)


@pytest.mark.parametrize("kind", [RestGateway, HttpGateway])
def test_an_override_opens_no_guarded_route_that_names_an_app(kind: Any, code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        guarded = DirectRoute(proxy(of_the_app(stack, code)), authorizer="iam")
        api = kind(stack, "Open", routes={GREEDY: guarded}, authorizers={"iam": IamAuthorizer()})
        changes: dict[str, Any] = {"security": [], "x-gateleg-public": "why"}
        for name, value in changes.items():
            path = f"Body.paths./{{proxy+}}.x-amazon-apigateway-any-method.{name}"
            api.api.node.default_child.add_property_override(path, value)

    with pytest.raises(RuntimeError, match=r"of the body lets anybody reach GET /secret of svc\.rest:secret \(guarded by iam\)"):
        synthesized(build)


def overridden(function: ServiceFunction, handler: str) -> None:
    cast("Any", function.function.node.default_child).add_property_override("Handler", handler)


def assigned(function: ServiceFunction, handler: str) -> None:
    cast("Any", function.function.node.default_child).handler = handler


@pytest.mark.parametrize("change", [overridden, assigned])
@pytest.mark.parametrize("kind", [RestGateway, HttpGateway])
def test_a_function_of_a_public_route_keeps_its_handler(kind: Any, change: Any, code: HandlerCode) -> None:
    def build(stack: Stack, handler: str) -> None:
        opened(kind, stack, code)
        change(stack.node.find_child("Probe"), handler)

    told = r"is open and calls Test/Probe, whose Handler in the template is 'svc\.rest\.app', and 'svc\.auth:handler' was described; write handler="
    with pytest.raises(RuntimeError, match=told):
        synthesized(lambda stack: build(stack, "svc.rest.app"))
    assert synthesized(lambda stack: build(stack, "datadog_lambda.handler.handler"))


@pytest.mark.parametrize("named", [True, False])
def test_a_stage_variable_gives_no_public_route_to_an_app(named: bool, code: HandlerCode) -> None:  # noqa: FBT001 (a parameter of the test)
    def build(stack: Stack) -> None:
        secret = (Named if named else ServiceFunction)(stack, "Second", handler=REST.name, described=REST, code=code)
        uri = invoking(secret, "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${!stageVariables.fn}")
        integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}
        variables = {"fn": "shop" if named else secret.function.function_name}
        RestGateway(stack, "Open", routes={GREEDY: DirectRoute(integration, public="a probe")}, variables=variables)

    with pytest.raises(RuntimeError, match=OVERRIDDEN):
        synthesized(build)


def again(stack: Stack, arn: str) -> Any:
    return lambda_.Function.from_function_arn(stack, "Again", arn)


def exported(stack: Stack, code: HandlerCode) -> Any:
    other = Stack(cast("Any", stack.node.root), "Other")
    CfnOutput(other, "Out", value=of_the_app(other, code).function.add_alias("live").function_arn, export_name="shop")
    return again(stack, Fn.import_value("shop"))


def run_again(stack: Stack, code: HandlerCode) -> Any:
    """A function of CDK that runs the app of another one in the end."""
    of_the_app(stack, code)
    asset = lambda_.Code.from_asset(str(code.root))
    own = lambda_.Function(stack, "Again", handler="svc.auth.handler", code=asset, runtime=lambda_.Runtime.PYTHON_3_13)
    cast("Any", own.node.default_child).add_property_override("Handler", "svc.rest.app")
    return own


LATE: dict[str, Callable[[Stack, HandlerCode], Any]] = {
    "an imported alias": lambda stack, code: again(stack, of_the_app(stack, code).function.add_alias("live").function_arn),
    "an integration object of an alias": lambda stack, code: proxy_of(of_the_app(stack, code).function.add_alias("live").function_arn),
    "an export": exported,
    "a function of a nested stack": lambda stack, code: again(
        stack, of_the_app(cast("Any", NestedStack(stack, "Nested")), code).function.add_alias("live").function_arn
    ),
    "a function of CDK with another handler": run_again,
}


@pytest.mark.parametrize("kind", [RestGateway, HttpGateway])
@pytest.mark.parametrize("name", LATE)
def test_what_only_the_template_says_opens_nothing_of_an_app(name: str, kind: Any, code: HandlerCode) -> None:
    def build(stack: Stack, key: str, **guard: Any) -> None:
        kind(stack, "Open", routes={key: DirectRoute(LATE[name](stack, code), **guard)}, authorizers={"iam": IamAuthorizer()})

    told = rf"Test/Open: .*test_reached\.py:\d+: a request that API Gateway {REFUSED}"
    with pytest.raises(RuntimeError, match=told):
        synthesized(lambda stack: build(stack, GREEDY, public="why"))
    assert synthesized(lambda stack: build(stack, GREEDY, authorizer="iam"))
    assert synthesized(lambda stack: build(stack, "GET /open", public="prices are public"))
    assert synthesized(lambda stack: build(stack, "GET /secret", public="a copy that holds nothing"))


def test_nobody_acknowledges_what_a_body_opens(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        target = run_again(stack, code)
        RestGateway(stack, "Open", routes={GREEDY: DirectRoute(target, public="why")})
        Validations.of(stack).acknowledge(Acknowledgment(id="gateleg::open", reason="why"))

    with pytest.raises(RuntimeError, match="may be answered by GET /secret"):
        synthesized(build)


def test_a_route_to_a_server_is_none_to_a_function(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        url = of_the_app(stack, code).function.add_function_url(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM).url
        integration = {"type": "http_proxy", "httpMethod": "ANY", "uri": f"{url}{{proxy}}"}
        integration["requestParameters"] = {"integration.request.path.proxy": "method.request.path.proxy"}  # type: ignore[assignment]
        RestGateway(stack, "Open", routes={GREEDY: DirectRoute(integration, public="the server asks")})

    assert synthesized(build)


def test_what_the_routes_of_one_api_tell_apart_stays_open(code: HandlerCode) -> None:
    anything = Route("GET /{page}", "svc.rest:page", public="pages are public")

    def build(stack: Stack) -> None:
        api = gateway(stack, code, apps=[rest_description(SECRET, anything)])
        api.add_route("ANY /secret", DirectRoute(of_the_app(stack, code), public="its own 404"))

    assert synthesized(build)


def questions(stack_of: Callable[[Stack], None], monkeypatch: pytest.MonkeyPatch) -> int:
    """How often the process that runs CDK is asked for something."""
    asked = 0
    send = _NodeProcess.send

    def counting(self: Any, *given: Any) -> Any:
        nonlocal asked
        asked += 1
        return send(self, *given)

    with monkeypatch.context() as patched:
        patched.setattr(_NodeProcess, "send", counting)
        synthesized(stack_of)
    return asked


def test_what_a_route_that_names_a_function_costs_is_the_same_beside_many_functions(
    code: HandlerCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def more_for_routes(functions: int) -> int:
        def build(stack: Stack, routes: int) -> None:
            every = [function(stack, code, f"F{number}", handler=REST.name, described=REST) for number in range(functions)]
            targets = {f"GET /r{number}": DirectRoute(proxy(every[0]), public="why") for number in range(routes)}
            RestGateway(stack, "Open", routes=targets)

        one, many = (questions(lambda stack, routes=routes: build(stack, routes), monkeypatch) for routes in (1, 6))  # type: ignore[misc]
        return many - one

    assert more_for_routes(2) == more_for_routes(12)
