"""Domains of REST APIs: one property, its certificate, its alias, and who may go around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3
from constructs import Construct

from gateleg.cdk import (
    Domain,
    RestGateway,
    TrustStore,
)
from gateleg.description import Route
from gateleg.errors import DeclarationError
from tests.templates.constructs.samples import Template, gateway, http_gateway, rest_description, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode

pytestmark = pytest.mark.slow

API, STAGE, DEPLOYMENT = "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage", "AWS::ApiGateway::Deployment"
NAME, MAPPING = "AWS::ApiGatewayV2::DomainName", "AWS::ApiGatewayV2::ApiMapping"
MINE = Route("GET /mine", "svc.rest:mine")


def shop(stack: Stack, code: HandlerCode, **props: Any) -> RestGateway:
    described = rest_description(MINE, **props.pop("facts", {}))
    return gateway(stack, code, **({"apps": [described], "tables": []} | props))


def certificate(stack: Stack) -> acm.ICertificate:
    return acm.Certificate.from_certificate_arn(stack, "Certificate", "arn:aws:acm:eu-west-1:123456789012:certificate/x")


def test_a_domain_is_one_property(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        zone = route53.HostedZone.from_hosted_zone_attributes(stack, "Zone", hosted_zone_id="Z1", zone_name="example.com")
        domain = Domain("api.example.com", certificate(stack), "shop/v1", zone)
        shop(stack, code, domain=domain, default_endpoint=False, facts={"prefixes": ("/shop/v1",)})

    template = synthesized(build)
    [configuration] = template.one(NAME)["DomainNameConfigurations"]
    assert (configuration["SecurityPolicy"], configuration["EndpointType"]) == ("TLS_1_2", "REGIONAL")
    assert template.one(MAPPING) == {
        "ApiId": {"Ref": template.id_of(API)},
        "ApiMappingKey": "shop/v1",
        "DomainName": {"Ref": template.id_of(NAME)},
        "Stage": {"Ref": template.id_of(STAGE)},
    }
    assert template.one("AWS::Route53::RecordSet")["AliasTarget"]["DNSName"] == {"Fn::GetAtt": [template.id_of(NAME), "RegionalDomainName"]}
    assert template.one(API)["DisableExecuteApiEndpoint"] is True
    [url] = [output["Value"] for name, output in template.data["Outputs"].items() if "Url" in name]
    assert url == "https://api.example.com/shop/v1/"


def test_turning_the_default_endpoint_off_is_deployed(code: HandlerCode) -> None:
    """AWS: the API must be deployed again."""

    def deployed(**props: Any) -> str:
        return synthesized(lambda stack: shop(stack, code, domain=Domain("api.example.com", certificate(stack)), **props)).id_of(DEPLOYMENT)

    assert deployed() != deployed(default_endpoint=False)
    assert deployed() == synthesized(lambda stack: shop(stack, code)).id_of(DEPLOYMENT)


def test_mutual_tls_is_the_trust_store_of_a_domain(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        store = TrustStore(s3.Bucket.from_bucket_name(stack, "Bucket", "authorities"), "ca.pem", "v7")
        shop(stack, code, domain=Domain("api.example.com", certificate(stack), trust_store=store), default_endpoint=False)

    authentication = synthesized(build).one(NAME)["MutualTlsAuthentication"]
    assert authentication == {"TruststoreUri": "s3://authorities/ca.pem", "TruststoreVersion": "v7"}


@pytest.mark.parametrize("make", [shop, http_gateway])
def test_mutual_tls_with_a_way_around_it_is_refused(make: Callable[..., Any], code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        store = TrustStore(s3.Bucket.from_bucket_name(stack, "Bucket", "authorities"), "ca.pem")
        make(stack, code, domain=Domain("api.example.com", certificate(stack), trust_store=store))

    with pytest.raises(DeclarationError, match=r"its own URL asks nobody; write default_endpoint=False"):
        synthesized(build)


def test_a_trust_store_beside_a_domain_name_is_refused() -> None:
    stack = Stack()
    name = apigatewayv2.DomainName(stack, "Name", domain_name="api.example.com", certificate=certificate(stack))
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "authorities")
    with pytest.raises(DeclarationError, match="leave trust_store out"):
        Domain(name, trust_store=TrustStore(bucket, "ca.pem"))


@pytest.mark.parametrize("make", [shop, http_gateway])
def test_an_api_that_nobody_could_reach_is_refused(make: Callable[..., Any], code: HandlerCode) -> None:
    with pytest.raises(RuntimeError, match=r"default_endpoint=False turns .*; give it domain=Domain\(\.\.\.\), or map a domain"):
        synthesized(lambda stack: make(stack, code, default_endpoint=False))


@pytest.mark.parametrize("make", [shop, http_gateway])
@pytest.mark.parametrize("elsewhere", [True, False])
def test_an_api_is_reached_by_a_mapping_of_somebody_else(make: Callable[..., Any], code: HandlerCode, *, elsewhere: bool) -> None:
    def build(stack: Stack, stage: str | None = None) -> None:
        api: Any = make(stack, code, default_endpoint=False)
        place = Stack(cast("App", stack.node.root), "Domains") if elsewhere else stack
        name = apigatewayv2.DomainName(place, "Name", domain_name="api.example.com", certificate=certificate(place))
        api_id = api.api.rest_api_id if make is shop else api.api.api_id
        apigatewayv2.CfnApiMapping(place, "Mapping", api_id=api_id, domain_name=name.name, stage=stage or api.stage.stage_name)

    assert "answers nobody" in str(synthesized(build).data["Outputs"])
    with pytest.raises(RuntimeError, match=r"map a domain to it by a CfnApiMapping"):
        synthesized(lambda stack: build(stack, "other"))


@pytest.mark.parametrize("make", [shop, http_gateway])
def test_an_app_that_leaves_the_mapping_key_in_its_paths_is_refused(make: Callable[..., Any], code: HandlerCode) -> None:
    def build(*prefixes: str | None) -> Template:
        apps = [rest_description(MINE, prefixes=prefixes)]
        domain: Callable[[Stack], Domain] = lambda stack: Domain("api.example.com", certificate(stack), "v1")  # noqa: E731
        return synthesized(lambda stack: make(stack, code, apps=apps, tables=[], domain=domain(stack)))

    with pytest.raises(DeclarationError, match=r"write strip_prefixes=\['/v1'\] in its resolver"):
        build("/v2")
    assert build("/v2", "/v1").all(MAPPING)
    assert build(None).all(MAPPING)  # a pattern


@pytest.mark.parametrize("key", ["", "/v1", "v1/", "a//b", "ä"])
def test_a_mapping_key_is_a_path(key: str) -> None:
    with pytest.raises(DeclarationError, match="such as 'v1' or 'orders/v1'"):
        Domain("api.example.com", certificate(Stack()), key)


@pytest.mark.parametrize("make", [shop, http_gateway])
def test_the_mutual_tls_of_a_domain_name_has_no_way_around_it_either(make: Callable[..., Any], code: HandlerCode) -> None:
    def build(stack: Stack, **props: Any) -> None:
        mtls = apigatewayv2.MTLSConfig(bucket=s3.Bucket.from_bucket_name(stack, "Bucket", "authorities"), key="ca.pem")
        name = apigatewayv2.DomainName(stack, "Name", domain_name="b.example.com", certificate=certificate(stack), mtls=mtls)
        make(stack, code, domain=Domain(name), **props)

    with pytest.raises(DeclarationError, match=r"clients of b\.example\.com .* write default_endpoint=False"):
        synthesized(build)
    assert synthesized(lambda stack: build(stack, default_endpoint=False)).all(NAME)


def test_a_domain_that_takes_less_than_the_api_is_refused_and_one_of_its_own_is_taken(code: HandlerCode) -> None:
    policy = "SecurityPolicy_TLS13_1_3_2025_09"

    def build(stack: Stack) -> None:
        made = apigateway.CfnDomainName(
            stack,
            "Name",
            domain_name="b.example.com",
            regional_certificate_arn=certificate(stack).certificate_arn,
            endpoint_configuration=apigateway.CfnDomainName.EndpointConfigurationProperty(types=["REGIONAL"]),
            security_policy=policy,
            endpoint_access_mode="BASIC",
        )
        name = apigatewayv2.DomainName.from_domain_name_attributes(
            stack,
            "Known",
            name=made.ref,
            regional_domain_name=made.attr_regional_domain_name,
            regional_hosted_zone_id=made.attr_regional_hosted_zone_id,
        )
        shop(stack, code, security_policy=policy, domain=Domain(name))

    stack = Stack()
    with pytest.raises(DeclarationError, match=r"write Domain\(DomainName\.from_domain_name_attributes"):
        shop(stack, code, security_policy=policy, domain=Domain("b.example.com", certificate(stack)))
    assert synthesized(build).all(MAPPING)


def test_what_a_stack_has_already_is_refused(code: HandlerCode) -> None:
    def twice(stack: Stack) -> None:
        domain = Domain("b.example.com", certificate(stack))
        shop(stack, code, domain=domain).add_stage("beta", domain=domain)

    def shared(stack: Stack, *keys: str) -> None:
        name = apigatewayv2.DomainName(stack, "Name", domain_name="b.example.com", certificate=certificate(stack))
        rest = shop(stack, code, facts={"prefixes": (None,)})
        for number, key in enumerate(keys):
            rest.add_stage(f"of{number}", domain=Domain(name, mapping_key=key))

    with pytest.raises(DeclarationError, match=r"write Domain\(domain_name, mapping_key='v1'\) for each"):
        synthesized(twice)
    with pytest.raises(DeclarationError, match=r"is at b\.example\.com/v1 already; write another mapping_key"):
        synthesized(lambda stack: shared(stack, "v1", "v1"))
    assert len(synthesized(lambda stack: shared(stack, "v1", "v2")).all(MAPPING)) == 2


@pytest.mark.parametrize("name", ["https://api.example.com", "api.example.com/", "api", "api.example.com:443", "a b.example.com"])
def test_a_domain_is_a_name_alone(name: str) -> None:
    with pytest.raises(DeclarationError, match=r"such as 'api\.example\.com', without scheme"):
        Domain(name, certificate(Stack()))
    assert Domain("*.example.com", certificate(Stack())).name


def test_gateways_that_share_a_domain_give_a_zone_one_alias(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        name = apigatewayv2.DomainName(stack, "Name", domain_name="api.example.com", certificate=certificate(stack))
        zone = route53.HostedZone.from_hosted_zone_attributes(stack, "Zone", hosted_zone_id="Z1", zone_name="example.com")
        apps = [rest_description(MINE, prefixes=["/a", "/b"])]
        for make, key in ((shop, "a"), (http_gateway, "b")):
            within: Any = Construct(stack, key)
            make(within, code, apps=apps, tables=[], domain=Domain(name, mapping_key=key, zone=zone))

    template = synthesized(build)
    assert (len(template.all(MAPPING)), len(template.all("AWS::Route53::RecordSet"))) == (2, 1)


def test_a_record_of_the_name_that_leads_elsewhere_is_refused_unless_the_gateway_leaves_the_zone_alone(code: HandlerCode) -> None:
    def build(stack: Stack, *, given: bool) -> None:
        zone = route53.HostedZone.from_hosted_zone_attributes(stack, "Zone", hosted_zone_id="Z1", zone_name="example.com")
        target = route53.RecordTarget.from_ip_addresses("203.0.113.7")
        route53.ARecord(stack, "Taken", zone=zone, record_name="api", target=target)
        shop(stack, code, domain=Domain("api.example.com", certificate(stack), zone=zone if given else None))

    with pytest.raises(
        DeclarationError, match="Test/Taken/Resource is a record of the domain's name in the zone, and leads elsewhere; leave zone out"
    ):
        synthesized(lambda stack: build(stack, given=True))
    assert synthesized(lambda stack: build(stack, given=False)).one("AWS::Route53::RecordSet")


def test_a_zone_of_another_name_is_refused() -> None:
    stack = Stack()
    zone = route53.HostedZone.from_hosted_zone_attributes(stack, "Zone", hosted_zone_id="Z1", zone_name="ample.com")
    with pytest.raises(DeclarationError, match=r"give Domain the zone that 'api\.example\.com' is in"):
        Domain("api.example.com", certificate(stack), zone=zone)
