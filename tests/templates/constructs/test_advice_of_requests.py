"""What is said of requests when an app is synthesized: who may send them by a policy, and what their context has. Whoever follows it gets through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_s3 as s3

from gateleg.cdk import (
    ApiKeyAuthorizer,
    CognitoAuthorizer,
    DirectRoute,
    Domain,
    HttpGateway,
    IamAuthorizer,
    TrustStore,
    WebAcl,
    allow_only,
)
from gateleg.cdk.integrations import Mock
from tests.templates.constructs.samples import synthesized
from tests.templates.constructs.test_advice import ENDPOINT, HERE, PRIVATE, Case, certificate, follow, made, props, rest

if TYPE_CHECKING:
    from gateleg.cdk import HandlerCode
    from tests.templates.constructs.test_advice import Build

pytestmark = pytest.mark.slow

HEADER = "integration.request.header.X"


def mapping(name: str, **given: Any) -> Build:
    """A gateway with a route that maps a name of the context to a header."""

    def build(stack: Stack, code: HandlerCode) -> object:
        integration = {"type": "http", "httpMethod": "GET", "uri": "https://a.example/", "responses": {"default": {"statusCode": "200"}}}
        route = DirectRoute(integration | {"requestParameters": {HEADER: f"context.{name}"}}, "iam")
        return props(routes={"GET /x": route}, **given)(stack, code)

    return build


def mapping_http(name: str, **given: Any) -> Build:
    def build(stack: Stack, _: HandlerCode) -> object:
        integration = {
            "type": "http_proxy",
            "httpMethod": "GET",
            "uri": "https://a.example/",
            "payloadFormatVersion": "1.0",
            "requestParameters": {"append:header.X": f"$context.{name}"},
        }
        arguments: dict[str, Any] = {key: one(stack) if callable(one) else one for key, one in given.items()}
        arguments |= {"routes": {"GET /x": DirectRoute(integration, "iam")}, "authorizers": {"iam": IamAuthorizer()}}
        return HttpGateway(stack, "Http", **arguments)

    return build


def reading(template: str, authorizer: str = "iam") -> Build:
    """A gateway with a route whose template reads the context."""

    def build(stack: Stack, code: HandlerCode) -> object:
        pool = cognito.UserPool.from_user_pool_id(stack, "Pool", "eu-west-1_a")
        authorizers = {"iam": IamAuthorizer(), "key": ApiKeyAuthorizer(), "users": CognitoAuthorizer([pool])}
        integration: dict[str, Any] = {"type": "http", "httpMethod": "GET", "uri": "https://a.example/", "passthroughBehavior": "never"}
        integration |= {"requestTemplates": {"application/json": template}, "responses": {"default": {"statusCode": "200"}}}
        return props(routes={"GET /x": DirectRoute(integration, authorizer)}, authorizers=authorizers)(stack, code)

    return build


def statement(effect: str = "Allow", **said: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"} | said


def under(*statements: dict[str, Any], authorizer: str | None = None) -> Build:
    """A gateway whose policy is written by an override, with a route that is public unless something guards it."""

    def build(stack: Stack, code: HandlerCode) -> object:
        guard: dict[str, Any] = {"public": "probes carry no token"} if authorizer is None else {"authorizer": authorizer}
        given: dict[str, Any] = {
            "apps": [],
            "function_options": None,
            "routes": {"GET /health": DirectRoute(Mock({"status": "ok"}), **guard)},
        }
        api: Any = rest(stack, code, **given).api.node.default_child
        api.add_property_override("Policy", {"Version": "2012-10-17", "Statement": [*statements]})
        return api

    return build


def trusting(stack: Stack) -> Domain:
    store = TrustStore(s3.Bucket.from_bucket_name(stack, "Bucket", "authorities"), "authorities.pem")
    return Domain("api.example.com", certificate(stack), trust_store=store)


CERTIFIED: dict[str, Any] = {"domain": made(trusting), "default_endpoint": False}
WITHIN: dict[str, Any] = {"endpoint": PRIVATE, "policy": made(lambda _: allow_only(vpc_endpoints=[ENDPOINT]))}
THEIRS = {"AWS": "arn:aws:iam::123456789012:root"}
UNSIGNED = {"Null": {"aws:PrincipalArn": "true"}}
PLACES = {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}
SHUT = "guard it by IAM, or let the policy name places .*T13"
CASES: dict[str, Case] = {
    "a policy of identities, where a guard is added": Case(
        under(statement(Principal=THEIRS)), SHUT, under(statement(Principal=THEIRS), authorizer="iam")
    ),
    "a policy of identities, where places are named": Case(under(statement(Principal=THEIRS)), SHUT, under(statement(Condition=PLACES))),
    "a policy that denies all who do not sign": Case(
        under(statement(), statement("Deny", Condition=UNSIGNED)),
        SHUT,
        under(statement(), statement("Deny", Condition={"NotIpAddress": PLACES["IpAddress"]})),
    ),
    "a policy that leaves identities out": Case(
        under({name: one for name, one in statement(NotPrincipal=THEIRS).items() if name != "Principal"}),
        SHUT,
        under(statement(Condition=PLACES)),
    ),
    "a path that is of no route": Case(
        under(statement(), statement("Deny", Resource="execute-api:/live/GET/helth", Condition=PLACES)),
        "'execute-api:/live/GET/helth' is of no stage and route .* write one of 'execute-api:/live/GET/health'.*T14",
        under(statement(), statement("Deny", Resource="execute-api:/live/GET/health", Condition=PLACES)),
    ),
    "a path left out that is of no route": Case(
        under({name: one for name, one in statement(NotResource="execute-api:/prod/*").items() if name != "Resource"}),
        r"'execute-api:/prod/\*' is of no stage and route .* write one of 'execute-api:/live/GET/health'.*T14",
        under(statement(Resource="execute-api:/live/GET/health")),
    ),
    "a name that there is not": Case(
        reading("$context.identity.sourceIP"),
        r"there is no context\.identity\.sourceIP, .* write one of context\.identity\.sourceIp.*P10",
        reading("$context.identity.sourceIp"),
    ),
    "all claims at once": Case(
        reading("$!{context.authorizer.claims}", "users"),
        r"write the claim: context\.authorizer\.claims\.sub.*P10",
        reading("$!{context.authorizer.claims.sub}", "users"),
    ),
    "a certificate that nobody asks for": Case(
        mapping("identity.clientCert.subjectDN"),
        r"a domain of mutual TLS leads to the API \(Domain\(\.\.\., trust_store=TrustStore\(bucket, 'authorities\.pem'\)\), default_endpoint=False\)",
        mapping("identity.clientCert.subjectDN", **CERTIFIED),
    ),
    "a certificate that nobody asks for, of an HTTP API": Case(
        mapping_http("identity.clientCert.subjectDN"),
        "a domain of mutual TLS leads to the API .*H25",
        mapping_http("identity.clientCert.subjectDN", **CERTIFIED),
    ),
    "an answer of a firewall that is not there": Case(
        mapping("wafResponseCode"), r"a web ACL guards the stage \(web_acl=WebAcl\(\)\)", mapping("wafResponseCode", web_acl=WebAcl())
    ),
    "an endpoint of a VPC of an API for everybody": Case(
        mapping("identity.vpceId"),
        r"the API answers within VPCs alone \(endpoint=EndpointType\.PRIVATE\)",
        mapping("identity.vpceId", **WITHIN),
    ),
}


@pytest.fixture(scope="module")
def followed(code: HandlerCode) -> dict[str, Exception]:
    return follow(CASES, code)


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_at_synth_is_what_to_write(name: str, code: HandlerCode, followed: dict[str, Exception]) -> None:
    app = App()
    CASES[name].wrong(Stack(app, "Test", env=HERE), code)
    with pytest.raises(RuntimeError, match=CASES[name].told):
        app.synth()
    assert followed.get(name) is None


LIKELY: dict[str, tuple[str, str, Build]] = {
    "a claim": ("$context.authorizer.claims.sub", "guarded by a CognitoAuthorizer", reading("$context.authorizer.claims.sub", "users")),
    "a key": ("$context.identity.apiKeyId", "guarded by an ApiKeyAuthorizer", reading("$context.identity.apiKeyId", "key")),
    "another name": ("$context.authorizer.principalId", "or write another name", reading("$context.identity.userArn")),
}


@pytest.mark.parametrize("name", LIKELY)
def test_what_is_warned_of_is_silent_once_it_is_written_so(name: str, code: HandlerCode) -> None:
    template, told, right = LIKELY[name]

    def warnings(build: Build) -> list[str]:
        return [one for one in synthesized(lambda stack: build(stack, code)).messages if "P11" in one]

    [warning] = warnings(reading(template))
    assert told in warning
    assert warnings(right) == []
