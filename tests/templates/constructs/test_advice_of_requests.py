"""What is said of requests when an app is synthesized: who may send them by a policy, and what their context has. Whoever follows it gets through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_s3 as s3

from gateleg.cdk import DirectRoute, Domain, HttpGateway, IamAuthorizer, TrustStore, WebAcl, allow_only
from tests.templates.constructs.test_advice import ENDPOINT, HERE, PRIVATE, Case, certificate, follow, made, props

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


def trusting(stack: Stack) -> Domain:
    store = TrustStore(s3.Bucket.from_bucket_name(stack, "Bucket", "authorities"), "authorities.pem")
    return Domain("api.example.com", certificate(stack), trust_store=store)


CERTIFIED: dict[str, Any] = {"domain": made(trusting), "default_endpoint": False}
WITHIN: dict[str, Any] = {"endpoint": PRIVATE, "policy": made(lambda _: allow_only(vpc_endpoints=[ENDPOINT]))}
CASES: dict[str, Case] = {
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
