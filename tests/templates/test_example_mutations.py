"""Whatever weakens the templates of the access and HTTP examples is found by the shipped matchers, without any snapshot."""

from __future__ import annotations

import contextlib
import copy
from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import TemplateMismatchError
from gateleg.testing import TemplateView
from tests.templates.test_examples import EXAMPLES, stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.testing import Synth

Json = dict[str, Any]
TELEMETRY = {"logs:CreateLogStream", "logs:PutLogEvents"}, {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}


def check_access(view: TemplateView) -> None:
    access = view.access()
    [signed_in] = access.grants
    roles = view.only("AWS::Cognito::IdentityPoolRoleAttachment").properties["Roles"]
    [plan], acl = access.usage_plans.values(), access.web_acl

    assert access.routes == {
        "GET /profile": "people",
        "GET /orders/{order_id}": "people [orders/read]",
        "GET /prices": "key",
        "GET /me": "aws",
        "GET /stock": "aws",
        "GET /health": "anyone: a load balancer carries no token",
    }
    assert access.grants == {signed_in: {"live/GET/me"}}
    assert [set(access.callers(key)) for key in ("GET /me", "GET /stock")] == [{signed_in}, set()]
    assert view.text(roles["authenticated"]) == f"${{{view.resource(signed_in).logical_id}.Arn}}"
    assert view.only("AWS::Cognito::IdentityPool").properties["AllowUnauthenticatedIdentities"] is False
    assert (plan.rate_limit, plan.burst_limit, plan.quota, len(plan.keys)) == (10, 5, (10_000, "MONTH"), 1)
    assert view.only("AWS::ApiGateway::ApiKey").properties.get("Value") is None
    assert acl is not None
    assert (acl.default, acl.logged, acl.redacted >= {"authorization", "x-api-key"}, len(acl.rules)) == ("Allow", True, True, 4)
    assert view.authorizer("people").providers == (f"${{{view.only('AWS::Cognito::UserPool').logical_id}.Arn}}",)
    assert (access.endpoint, access.comes_from) == ("REGIONAL", {})
    check_functions(view, {"orders.app"}, "live/*/*")


def check_http(view: TemplateView) -> None:
    pool, client = view.only("AWS::Cognito::UserPool").logical_id, view.only("AWS::Cognito::UserPoolClient").logical_id
    people, partners, api = view.authorizer("people"), view.authorizer("partners"), view.only("AWS::ApiGatewayV2::Api")
    stage = view.only("AWS::ApiGatewayV2::Stage").properties

    assert view.access().routes == {
        "GET /paints": "anyone: the catalogue is for everyone",
        "GET /orders/{order_id}": "people",
        "POST /orders": "partners",
        "GET /report": "aws",
        "GET /rooms/{room}": "anyone: rooms are public",
        "GET /mine": "people",
    }
    assert {route.key: route.payload_version for route in view.routes() if route.payload_version != "2.0"} == {
        "GET /rooms/{room}": "1.0",
        "GET /mine": "1.0",
    }
    handlers = {route.key: route.function.handler for route in view.routes() if route.function is not None}
    assert [key for key, handler in handlers.items() if handler != "orders.app"] == ["GET /mine", "GET /rooms/{room}"]
    assert len(handlers) == len(view.routes())
    assert people.issuer == f"https://cognito-idp.${{AWS::Region}}.amazonaws.com/${{{pool}}}"
    assert (people.audience, people.identity_sources) == ((f"${{{client}}}",), ("$request.header.Authorization",))
    assert partners.function == view.function("judge-handler")
    assert (partners.ttl, partners.identity_sources) == (300, ("$request.header.X-Partner-Key", "$context.routeKey"))
    assert api.properties["Body"]["x-amazon-apigateway-cors"]["allowOrigins"] == ["https://shop.example.com"]
    assert stage["RouteSettings"] == {
        "POST /orders": {"ThrottlingBurstLimit": 5, "ThrottlingRateLimit": 10, "DetailedMetricsEnabled": True}
    }
    assert (stage["DefaultRouteSettings"]["ThrottlingRateLimit"], stage["DefaultRouteSettings"]["ThrottlingBurstLimit"]) == (100, 50)
    assert not {"authorization", "body", "querystring"} & set(stage["AccessLogSettings"]["Format"].lower().split('"'))
    check_functions(view, {"orders.app", "moved.app", "judge.handler"}, "$default/*/*", "authorizers/*")


def check_functions(view: TemplateView, handlers: set[str], *parts: str) -> None:
    """Functions that may log and be traced and no more, and that this API alone invokes."""
    assert {function.handler for function in view.functions()} == handlers
    for function in view.functions():
        logs, everything = TELEMETRY
        assert set(function.permissions["*"]) == everything
        assert [set(actions) for resource, actions in function.permissions.items() if resource != "*"] == [logs]
    sources = [permission.source_arn or "" for permission in view.permissions()]
    assert {permission.principal for permission in view.permissions()} == {"apigateway.amazonaws.com"}
    assert {source.partition("/")[2] for source in sources} == set(parts)
    assert all(source.startswith("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${") for source in sources)
    assert all(group.properties["RetentionInDays"] > 0 for group in view.resources("AWS::Logs::LogGroup"))


def of(template: Json, kind: str, hint: str = "") -> Json:
    """The first resource of a type, of those whose logical id holds a hint."""
    found = (one["Properties"] for name, one in template["Resources"].items() if one["Type"] == f"AWS::{kind}" and hint in name)
    properties: Json = next(found)
    return properties


def body(template: Json) -> Json:
    found: Json = next(one["Properties"]["Body"] for one in template["Resources"].values() if "Body" in one.get("Properties", {}))
    return found


def operation(template: Json, key: str) -> Json:
    method, path = key.split(" ")
    found: Json = body(template)["paths"][path][method.lower()]
    return found


def integration(template: Json, key: str) -> Json:
    """What an operation refers to."""
    name = operation(template, key)["x-amazon-apigateway-integration"]["$ref"].rpartition("/")[2]
    found: Json = body(template)["components"]["x-amazon-apigateway-integrations"][name]
    return found


def scheme(template: Json, name: str) -> Json:
    found: Json = body(template)["components"]["securitySchemes"][name]
    return found


def judge(template: Json, name: str) -> Json:
    found: Json = scheme(template, name)["x-amazon-apigateway-authorizer"]
    return found


def allow(template: Json, hint: str, action: str, resource: str) -> None:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    of(template, "IAM::Role", hint)["Policies"][0]["PolicyDocument"]["Statement"].append(statement)


def removed(template: Json, kind: str) -> None:
    template["Resources"] = {name: one for name, one in template["Resources"].items() if one["Type"] != f"AWS::{kind}"}


ACCESS: dict[str, Callable[[Json], object]] = {
    "a scope is no longer asked for": lambda it: operation(it, "GET /orders/{order_id}").update(security=[{"people": []}]),
    "a key is no longer asked for": lambda it: operation(it, "GET /prices").update(security=[]),
    "people may call what identities sign": lambda it: operation(it, "GET /me").update(security=[{"people": []}]),
    "a route is signed or open": lambda it: operation(it, "GET /stock")["security"].append({}),
    "IAM is asked by a header that nobody checks": lambda it: scheme(it, "aws").pop("x-amazon-apigateway-authtype"),
    "tokens of another pool are taken": lambda it: judge(it, "people").update(providerARNs=["arn:aws:cognito-idp:eu-west-1:1:userpool/x"]),
    "tokens of more pools are taken": lambda it: judge(it, "people")["providerARNs"].append("arn:aws:cognito-idp:eu-west-1:1:userpool/x"),
    "identities may call every route": lambda it: of(it, "IAM::Policy")["PolicyDocument"]["Statement"][0].update(Resource="*"),
    "identities may call one route more": lambda it: of(it, "IAM::Policy")["PolicyDocument"]["Statement"].append(
        {"Effect": "Allow", "Action": "execute-api:*", "Resource": "arn:aws:execute-api:*:*:*/live/GET/stock"}
    ),
    "who did not sign in may call": lambda it: of(it, "IAM::Policy")["Roles"].append(
        {"Ref": next(name for name in it["Resources"] if "UnauthenticatedRole" in name)}
    ),
    "whoever signed in has another role": lambda it: of(it, "Cognito::IdentityPoolRoleAttachment")["Roles"].update(authenticated="arn:x"),
    "anybody has an identity": lambda it: of(it, "Cognito::IdentityPool").update(AllowUnauthenticatedIdentities=True),
    "the plan has no throttle": lambda it: of(it, "ApiGateway::UsagePlan").pop("Throttle"),
    "the plan has no quota": lambda it: of(it, "ApiGateway::UsagePlan").pop("Quota"),
    "the quota is of a day": lambda it: of(it, "ApiGateway::UsagePlan")["Quota"].update(Period="DAY"),
    "the plan is unbound": lambda it: of(it, "ApiGateway::UsagePlan").update(ApiStages=[]),
    "the key is of no plan": lambda it: removed(it, "ApiGateway::UsagePlanKey"),
    "the key's value is written down": lambda it: of(it, "ApiGateway::ApiKey").update(Value="k" * 40),
    "the web ACL is unbound": lambda it: removed(it, "WAFv2::WebACLAssociation"),
    "the web ACL is another's": lambda it: of(it, "WAFv2::WebACLAssociation").update(WebACLArn="arn:aws:wafv2:eu-west-1:1:x"),
    "the web ACL loses a rule": lambda it: of(it, "WAFv2::WebACL")["Rules"].pop(),
    "the web ACL logs nothing": lambda it: removed(it, "WAFv2::LoggingConfiguration"),
    "the web ACL logs tokens": lambda it: of(it, "WAFv2::LoggingConfiguration").pop("RedactedFields"),
    "the API is an edge one": lambda it: of(it, "ApiGateway::RestApi").update(EndpointConfiguration={"Types": ["EDGE"]}),
    "another API may invoke": lambda it: of(it, "Lambda::Permission").update(SourceArn="arn:aws:execute-api:eu-west-1:1:other/live/*/*"),
    "a function may read parameters": lambda it: allow(it, "RestOrders", "ssm:GetParameter", "*"),
}
HTTP: dict[str, Callable[[Json], object]] = {
    "a route loses its authorizer": lambda it: operation(it, "GET /orders/{order_id}").update(security=[]),
    "a route says nothing of security": lambda it: operation(it, "GET /mine").pop("security"),
    "a partner's route is for people": lambda it: operation(it, "POST /orders").update(security=[{"people": []}]),
    "IAM is not asked": lambda it: (
        operation(it, "GET /report").pop("x-amazon-apigateway-auth", None) or operation(it, "GET /report").pop("security", None)
    ),
    "a reason goes": lambda it: operation(it, "GET /paints").pop("x-gateleg-public"),
    "tokens for every client are taken": lambda it: judge(it, "people")["jwtConfiguration"].update(audience=["*"]),
    "another issuer signs": lambda it: judge(it, "people")["jwtConfiguration"].update(issuer="https://login.example.com/"),
    "tokens come in the query": lambda it: judge(it, "people").update(identitySource="$request.querystring.token"),
    "another function judges": lambda it: judge(it, "partners").update(authorizerUri=integration(it, "GET /mine")["uri"]),
    "what is judged is kept for an hour": lambda it: judge(it, "partners").update(authorizerResultTtlInSeconds=3_600),
    "what is judged is kept for every route": lambda it: judge(it, "partners").update(identitySource="$request.header.X-Partner-Key"),
    "pages of everybody may call": lambda it: body(it)["x-amazon-apigateway-cors"].update(allowOrigins=["*"]),
    "a throttle goes": lambda it: of(it, "ApiGatewayV2::Stage").update(RouteSettings={}),
    "a throttle is of another route": lambda it: of(it, "ApiGatewayV2::Stage").update(
        RouteSettings={"GET /orders": of(it, "ApiGatewayV2::Stage")["RouteSettings"]["POST /orders"]}
    ),
    "the stage takes any number": lambda it: of(it, "ApiGatewayV2::Stage")["DefaultRouteSettings"].pop("ThrottlingRateLimit"),
    "an app of a REST API reads the other payload": lambda it: integration(it, "GET /mine").update(payloadFormatVersion="2.0"),
    "a route calls another app": lambda it: operation(it, "GET /mine").update(
        {"x-amazon-apigateway-integration": operation(it, "GET /paints")["x-amazon-apigateway-integration"]}
    ),
    "a route goes to somebody's server": lambda it: operation(it, "GET /report").update(
        {"x-amazon-apigateway-integration": {"type": "http_proxy", "httpMethod": "GET", "uri": "https://a.example"}}
    ),
    "a route comes": lambda it: body(it)["paths"].update({"/new": {"get": operation(it, "GET /paints")}}),
    "everything that is not named is served": lambda it: body(it)["paths"].update({"$default": {"x-amazon-apigateway-any-method": {}}}),
    "anybody may invoke": lambda it: of(it, "Lambda::Permission").update(Principal="*"),
    "any API may invoke": lambda it: of(it, "Lambda::Permission").pop("SourceArn"),
    "a function may invoke others": lambda it: allow(it, "Judge", "lambda:InvokeFunction", "*"),
    "logs are kept for ever": lambda it: of(it, "Logs::LogGroup").pop("RetentionInDays"),
}
EXAMPLE = {"access": ("Access", check_access, ACCESS), "http": ("Orders", check_http, HTTP)}


@pytest.fixture(scope="module")
def templates(synth: Synth) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for project, (name, *_) in EXAMPLE.items():
        with contextlib.chdir(EXAMPLES / project):
            found[project] = copy.deepcopy(dict(synth(stack(project, name)).json))
    return found


@pytest.mark.parametrize("project", EXAMPLE)
def test_the_template_itself_passes(templates: dict[str, Json], project: str) -> None:
    EXAMPLE[project][1](TemplateView.from_json(templates[project]))


@pytest.mark.parametrize(("project", "mutation"), [(project, name) for project, (*_, each) in EXAMPLE.items() for name in each])
def test_a_weaker_template_is_found(templates: dict[str, Json], project: str, mutation: str) -> None:
    _, check, mutations = EXAMPLE[project]
    weaker = copy.deepcopy(templates[project])
    mutations[mutation](weaker)
    assert weaker != templates[project]
    with pytest.raises((AssertionError, TemplateMismatchError, LookupError, ValueError)):
        check(TemplateView.from_json(weaker))
