"""The shipped matchers of access see each guard, and each guard that is taken away."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam

from gateleg.cdk import ApiKeyAuthorizer, CognitoAuthorizer, Cors, Domain, IamAuthorizer, Quota, Throttle, UsagePlan, WebAcl
from gateleg.description import CorsConfig, Route
from gateleg.errors import TemplateMismatchError
from gateleg.testing import TemplateView
from tests.templates.constructs.samples import gateway, http_gateway, rest_description, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

    from gateleg.cdk import HandlerCode

PAGE = "https://a.example"
READ: Any = ({"people": ["orders/read", "orders/admin"]},)
BOTH: Any = ({"key": [], "people": []},)
ROUTES = (
    Route("GET /orders/{id}", "h", security=READ, cors=True),
    Route("POST /orders", "h", security=BOTH),
    Route("GET /prices", "h", security=({"key": []},)),
    Route("GET /me", "h"),
    Route("GET /health", "h", public="a load balancer asks"),
)
EXPECTED = {
    "GET /orders/{id}": "people [orders/admin orders/read]",
    "OPTIONS /orders/{id}": "preflights",
    "POST /orders": "key + people",
    "GET /prices": "key",
    "GET /me": "aws",
    "GET /health": "anyone: a load balancer asks",
}
REDACTED = frozenset({"authorization", "cookie", "x-amz-security-token", "x-api-key"})


def build(stack: Stack, code: HandlerCode) -> None:
    account: Any = iam.AccountRootPrincipal()
    pool = cognito.UserPool(stack, "Pool")
    offered = [cognito.ResourceServerScope(scope_name=name, scope_description=name) for name in ("read", "admin")]
    pool.add_resource_server("Orders", identifier="orders", scopes=offered)
    guards: dict[str, Any] = {
        "people": CognitoAuthorizer([pool]),
        "key": ApiKeyAuthorizer(),
        "aws": IamAuthorizer(),
    }
    plan = UsagePlan(["acme"], Throttle(10, 5), Quota(100, "DAY"), {"GET /prices": Throttle(1, 2)})
    app = rest_description(*ROUTES, cors=CorsConfig((PAGE,)))
    rest = gateway(
        stack,
        code,
        apps=[app],
        authorizers=guards,
        default_authorizer="aws",
        cors=Cors([PAGE]),
        usage_plans={"partners": plan},
        web_acl=WebAcl(),
    )
    iam.Role(stack, "Stranger", assumed_by=account)
    rest.grant_invoke(iam.Role(stack, "Caller", assumed_by=account), "GET /me")


@pytest.fixture(scope="module")
def data(code: HandlerCode) -> dict[str, Any]:
    return synthesized(lambda stack: build(stack, code)).data


@pytest.fixture(scope="module")
def view(data: dict[str, Any]) -> TemplateView:
    return TemplateView.from_json(data)


def one(data: dict[str, Any], kind: str) -> dict[str, Any]:
    [found] = [resource["Properties"] for resource in data["Resources"].values() if resource["Type"] == f"AWS::{kind}"]
    properties: dict[str, Any] = found
    return properties


def test_who_may_call_each_route_is_told_in_a_line(view: TemplateView) -> None:
    assert view.access().routes == EXPECTED
    assert view.access().public == {"GET /health": "a load balancer asks"}


def test_a_plan_and_a_web_acl_are_those_of_the_api(view: TemplateView) -> None:
    plan = view.access().usage_plans["partners"]
    assert (plan.rate_limit, plan.burst_limit, plan.quota, plan.throttles) == (10, 5, (100, "DAY"), {"GET /prices": (1, 2)})
    assert ["Keyacme" in key for key in plan.keys] == [True]
    acl = view.access().web_acl
    assert acl is not None
    assert acl.rules == ("Rate", *WebAcl().managed_rules)
    assert (acl.default, acl.logged, acl.redacted) == ("Allow", True, REDACTED)
    assert (acl.counted, acl.rate_limit) == (frozenset(), 2_000)


def test_roles_that_may_call_are_named(view: TemplateView) -> None:
    [caller] = view.access().callers("GET /me")
    assert caller.startswith("Caller")
    assert view.access().grants == {caller: {"live/GET/me"}}


@pytest.mark.parametrize(("key", "told"), [("GET /health", "is for anyone: a load balancer asks"), ("GET /mee", "did you mean 'GET /me'")])
def test_callers_are_asked_of_routes_that_iam_guards(view: TemplateView, key: str, told: str) -> None:
    with pytest.raises(TemplateMismatchError, match=told):
        view.access().callers(key)


def granted(data: dict[str, Any]) -> dict[str, Any]:
    [found] = [
        one["Properties"] for one in data["Resources"].values() if "execute-api:Invoke" in str(one) and one["Type"] == "AWS::IAM::Policy"
    ]
    properties: dict[str, Any] = found
    return properties


def operation(data: dict[str, Any], path: str, method: str = "get") -> dict[str, Any]:
    found: dict[str, Any] = one(data, "ApiGateway::RestApi")["Body"]["paths"][path][method]
    return found


def rate(data: dict[str, Any]) -> dict[str, Any]:
    [found] = [rule for rule in one(data, "WAFv2::WebACL")["Rules"] if "RateBasedStatement" in rule["Statement"]]
    rule: dict[str, Any] = found
    return rule


MUTATIONS: dict[str, Callable[[dict[str, Any]], object]] = {
    "an authorizer dropped": lambda data: operation(data, "/me").update(security=[]),
    "security taken out": lambda data: operation(data, "/me").pop("security"),
    "a scope dropped": lambda data: operation(data, "/orders/{id}").update(security=[{"people": ["orders/read"]}]),
    "all scopes dropped": lambda data: operation(data, "/orders/{id}").update(security=[{"people": []}]),
    "a key no longer asked for": lambda data: operation(data, "/orders", "post").update(security=[{"people": []}]),
    "a key alone no longer asked for": lambda data: operation(data, "/prices").update(security=[]),
    "the person no longer asked for": lambda data: operation(data, "/orders", "post").update(security=[{"key": []}]),
    "a reason gone": lambda data: operation(data, "/health").pop("x-gateleg-public"),
    "a route that is new and open": lambda data: one(data, "ApiGateway::RestApi")["Body"]["paths"].update(
        {"/new": {"get": {"responses": {}}}}
    ),
    "a preflight that calls a function": lambda data: operation(data, "/orders/{id}", "options")["x-amazon-apigateway-integration"].update(
        type="aws_proxy"
    ),
    "another authorizer": lambda data: operation(data, "/me").update(security=[{"people": []}]),
    "the authorizer itself gone": lambda data: one(data, "ApiGateway::RestApi")["Body"]["components"]["securitySchemes"].pop("aws"),
    "the type of an authorizer gone": lambda data: one(data, "ApiGateway::RestApi")["Body"]["components"]["securitySchemes"]["people"].pop(
        "x-amazon-apigateway-authtype"
    ),
    "the API's own URL turned off": lambda data: one(data, "ApiGateway::RestApi").update(DisableExecuteApiEndpoint=True),
    "the plan unbound": lambda data: one(data, "ApiGateway::UsagePlan").update(ApiStages=[]),
    "the plan of another API": lambda data: one(data, "ApiGateway::UsagePlan")["ApiStages"][0].update(ApiId={"Ref": "Other"}),
    "the plan's throttle gone": lambda data: one(data, "ApiGateway::UsagePlan").pop("Throttle"),
    "the quota widened": lambda data: one(data, "ApiGateway::UsagePlan")["Quota"].update(Limit=10_000),
    "the quota gone": lambda data: one(data, "ApiGateway::UsagePlan").pop("Quota"),
    "a route's throttle gone": lambda data: one(data, "ApiGateway::UsagePlan")["ApiStages"][0].pop("Throttle"),
    "the key of no plan": lambda data: one(data, "ApiGateway::UsagePlanKey").update(UsagePlanId="other"),
    "the web ACL unbound": lambda data: one(data, "WAFv2::WebACLAssociation").update(ResourceArn="arn:other"),
    "a rule gone": lambda data: one(data, "WAFv2::WebACL")["Rules"].pop(),
    "a rule that counts": lambda data: one(data, "WAFv2::WebACL")["Rules"][-1].update(OverrideAction={"Count": {}}),
    "the limit that counts": lambda data: rate(data).update(Action={"Count": {}}),
    "the limit raised": lambda data: rate(data)["Statement"]["RateBasedStatement"].update(Limit=2_000_000),
    "the limit for a part": lambda data: rate(data)["Statement"]["RateBasedStatement"].update(ScopeDownStatement={"GeoMatchStatement": {}}),
    "requests blocked by default": lambda data: one(data, "WAFv2::WebACL").update(DefaultAction={"Block": {}}),
    "no longer logged": lambda data: one(data, "WAFv2::LoggingConfiguration").update(ResourceArn="arn:other"),
    "tokens in the logs": lambda data: one(data, "WAFv2::LoggingConfiguration")["RedactedFields"].pop(0),
    "another role may call": lambda data: granted(data)["Roles"].append(
        {"Ref": next(name for name in data["Resources"] if name.startswith("Stranger"))}
    ),
    "the role may call nothing": lambda data: granted(data)["PolicyDocument"].update(Statement=[]),
    "the role may call everything": lambda data: granted(data)["PolicyDocument"]["Statement"][0].update(Resource="*"),
    "the role may call every route": lambda data: granted(data)["PolicyDocument"]["Statement"][0].update(
        Resource="arn:aws:execute-api:*:*:*"
    ),
    "nobody may call": lambda data: one(data, "ApiGateway::Stage").update(StageName="other"),
}


def seen(view: TemplateView) -> list[object]:
    """All that the matchers tell."""
    access = view.access()
    signed = [key for key, who in access.routes.items() if who == "aws"]
    return [
        access.routes,
        access.public,
        access.usage_plans,
        access.web_acl,
        access.default_endpoint,
        access.grants,
        [sorted(access.callers(key)) for key in signed],
    ]


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_guard_that_changes_is_seen(name: str, data: dict[str, Any], view: TemplateView) -> None:
    changed = deepcopy(data)
    MUTATIONS[name](changed)
    assert seen(TemplateView.from_json(changed)) != seen(view)


def test_of_several_apis_one_is_named(code: HandlerCode) -> None:
    def both(stack: Stack) -> None:
        http_gateway(stack, code)
        apigateway.RestApi(stack, "Other").root.add_method("GET")

    view = TemplateView.from_json(synthesized(both).data)
    with pytest.raises(TemplateMismatchError, match="several REST or HTTP APIs 'without a name'; name one"):
        view.access()
    [http] = [found.logical_id for found in view.resources("AWS::ApiGatewayV2::Api")]
    assert view.access(http).routes["GET /docs"] == "anyone: documentation is for everyone"
    [other] = [found.logical_id for found in view.resources("AWS::ApiGateway::RestApi")]
    assert view.access(other).routes == {"GET /": "anyone, without a reason"}
    assert (view.access(other).web_acl, view.access(other).usage_plans, view.access(other).public) == (None, {}, {"GET /": ""})


@pytest.mark.parametrize("default_endpoint", [True, False])
@pytest.mark.parametrize("make", [gateway, http_gateway])
def test_whether_the_own_url_answers_is_told(code: HandlerCode, make: Callable[..., Any], *, default_endpoint: bool) -> None:
    def with_domain(stack: Stack) -> None:
        certificate = acm.Certificate.from_certificate_arn(stack, "Certificate", "arn:aws:acm:eu-west-1:123456789012:certificate/x")
        make(stack, code, domain=Domain("api.example.com", certificate), default_endpoint=default_endpoint)

    assert TemplateView.from_json(synthesized(with_domain).data).access().default_endpoint is default_endpoint
