"""What AWS would refuse, drop or open is refused at synth, whichever door it came through; what is only likely is warned of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import Annotations, App, Aws, CfnParameter, Environment, Fn, NestedStack, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_certificatemanager as certificatemanager
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from gateleg.cdk import ApiKeyAuthorizer, DirectRoute, Domain, HandlerCode, HttpGateway, IamAuthorizer, RestGateway, TrustStore, UsagePlan
from gateleg.cdk.rendered import Reader, Rendered
from gateleg.description import Route
from tests.templates.constructs.samples import MOCK, Template, gateway, rest_description, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = "arn:aws:apigateway:eu-west-1:dynamodb:action/GetItem"


def direct(stack: Stack, code: HandlerCode, integration: dict[str, Any], key: str = "GET /direct") -> RestGateway:
    return gateway(stack, code, routes={key: DirectRoute(integration, public="a sample")})


def resource(rest: RestGateway) -> apigateway.CfnRestApi:
    found = rest.api.node.default_child
    assert isinstance(found, apigateway.CfnRestApi)
    return found


class Hooked(RestGateway):
    def _render_body(self, document: dict[str, Any]) -> dict[str, Any]:
        document["components"]["schemas"] = {"Page_Item": {"type": "object"}}
        return document

    def _define_stage(self, **props: Any) -> apigateway.Stage:
        return super()._define_stage(**props, variables={"a": "b c"})


class Opening(RestGateway):
    def _render_body(self, document: dict[str, Any]) -> dict[str, Any]:
        del document["paths"]["/a"]["get"]["security"]
        return document


class OpeningHttp(HttpGateway):
    def _render_body(self, document: dict[str, Any]) -> dict[str, Any]:
        document["paths"]["/a"]["get"]["security"] = []
        return document


@pytest.mark.parametrize("kind", [Opening, OpeningHttp])
def test_a_hook_that_opens_a_route_is_refused(kind: Any, code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        options: Any = {"code": code}
        kind(stack, "Api", apps=[rest_description(Route("GET /a", "h"))], authorizers={"iam": IamAuthorizer()}, function_options=options)

    with pytest.raises(RuntimeError, match=r"GET /a .*anybody may call"):
        synthesized(build)


def hooked(stack: Stack, code: HandlerCode) -> None:
    options: Any = {"code": code}
    Hooked(stack, "Rest", apps=[rest_description(Route("GET /a", "h", public="a sample"))], function_options=options)


def replaced(stack: Stack, code: HandlerCode) -> None:
    resource(gateway(stack, code)).body = {"openapi": "3.1.0", "info": {"title": "Test-Rest", "version": "1"}, "paths": {}}


def compressed(stack: Stack, code: HandlerCode) -> None:
    resource(gateway(stack, code)).minimum_compression_size = -1


def named(stack: Stack, code: HandlerCode) -> None:
    rest = gateway(stack, code, apps=[rest_description(Route("GET /ping", "h"))])
    certificate = certificatemanager.Certificate.from_certificate_arn(stack, "C", "arn:aws:acm:eu-west-1:123456789012:certificate/c")
    rest.api.add_domain_name("Domain", domain_name="a.example", certificate=certificate)


def settled(stack: Stack, code: HandlerCode) -> None:
    stage = gateway(stack, code).stage.node.default_child
    assert isinstance(stage, apigateway.CfnStage)
    stage.method_settings = [apigateway.CfnStage.MethodSettingProperty(resource_path="/docs", http_method="GET", metrics_enabled=True)]


def opened(stack: Stack, code: HandlerCode) -> None:
    resource(gateway(stack, code)).add_property_deletion_override("Body.paths./docs.get.x-gateleg-public")


def renamed(stack: Stack, code: HandlerCode) -> None:
    stage = gateway(stack, code).stage.node.default_child
    assert isinstance(stage, apigateway.CfnStage)
    stage.add_property_override("StageName", "prod")


def bypassed(stack: Stack, code: HandlerCode) -> None:
    certificate = certificatemanager.Certificate.from_certificate_arn(stack, "C", "arn:aws:acm:eu-west-1:123456789012:certificate/c")
    trusted = TrustStore(s3.Bucket.from_bucket_name(stack, "Bucket", "authorities"), "ca.pem")
    rest = gateway(stack, code, domain=Domain("a.example", certificate, trust_store=trusted), default_endpoint=False)
    resource(rest).add_property_override("DisableExecuteApiEndpoint", value=False)


DOORS: dict[str, tuple[Callable[[Stack, HandlerCode], object], str]] = {
    "an integration object": (
        lambda stack, code: direct(stack, code, {"type": "aws", "httpMethod": "POST", "uri": TABLE}),
        r"\[Test/Rest\] GET /direct \(#/paths/~1direct/get/x-amazon-apigateway-integration/responses\): .*write responses: .* \[I8\]",
    ),
    "a hook": (hooked, r"#/components/schemas/Page_Item: .*letters and digits alone \[M1\]"),
    "a hook of the stage": (hooked, r"Variables\.a: .*\[Q10\]"),
    "a body of one's own": (replaced, r"#/openapi: .*3\.1\.0.*\[D1\]"),
    "a property of the L1": (compressed, r"MinimumCompressionSize: .*\[T8\]"),
    "a domain": (named, r"#/paths/~1ping: .*\[D6\]"),
    "the stage's L1": (settled, r"MethodSettings of GET /docs: .*write /~1docs \[Q2\]"),
    "an override": (opened, r"GET /docs .*anybody may call.*\[S13\]"),
    "a stage of another name": (renamed, r"no stage of the template is 'live', .*write stage_name= or add_stage\(\) \(there are prod\)"),
    "a way around mutual TLS": (bypassed, r"a\.example asks clients for certificates, .* write default_endpoint=False \[S14\]"),
    "no route at all": (lambda stack, code: gateway(stack, code, apps=[]), r"#/paths: .*give it a route \[D7\]"),
}


@pytest.mark.parametrize("door", DOORS)
def test_what_aws_would_not_take_is_refused_at_synth(door: str, code: HandlerCode) -> None:
    build, told = DOORS[door]
    with pytest.raises(RuntimeError, match=told):
        synthesized(lambda stack: build(stack, code))


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize("by_name", [False, True])
def test_a_way_around_mutual_tls_is_found_wherever_the_domain_is_made(code: HandlerCode, *, by_name: bool, elsewhere: bool) -> None:
    def build(stack: Stack) -> None:
        place = Stack(cast("App", stack.node.root), "Domains") if elsewhere else stack
        certificate = certificatemanager.Certificate.from_certificate_arn(place, "C", "arn:aws:acm:eu-west-1:123456789012:certificate/c")
        trusted = apigatewayv2.MTLSConfig(bucket=s3.Bucket.from_bucket_name(place, "Bucket", "authorities"), key="ca.pem")
        domain: Any = apigatewayv2.DomainName(place, "Domain", domain_name="a.example", certificate=certificate, mtls=trusted)
        rest = gateway(stack, code)
        name = "a.example" if by_name else domain.name
        apigatewayv2.CfnApiMapping(stack, "Mapping", api_id=rest.api.rest_api_id, domain_name=name, stage="live")

    with pytest.raises(RuntimeError, match=r"a\.example asks clients for certificates, .* \[S14\]"):
        synthesized(build)


def test_a_domain_of_the_same_name_in_another_region_is_another_one(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        place = Stack(cast("App", stack.node.root), "Domains", env=Environment(account="111111111111", region="us-east-1"))
        certificate = certificatemanager.Certificate.from_certificate_arn(place, "C", "arn:aws:acm:us-east-1:123456789012:certificate/c")
        trusted = apigatewayv2.MTLSConfig(bucket=s3.Bucket.from_bucket_name(place, "Bucket", "authorities"), key="ca.pem")
        apigatewayv2.DomainName(place, "Domain", domain_name="a.example", certificate=certificate, mtls=trusted)
        here = certificatemanager.Certificate.from_certificate_arn(stack, "C", "arn:aws:acm:eu-west-1:123456789012:certificate/c")
        gateway(stack, code, domain=Domain("a.example", here))

    assert synthesized(build, account="111111111111", region="eu-west-1").one("AWS::ApiGatewayV2::DomainName")


def warned(template: Template) -> list[str]:
    return [message for message in template.messages if "[ack: gateleg:I5]" in message]


def test_what_is_likely_is_warned_of_until_it_is_acknowledged(code: HandlerCode) -> None:
    slow = {"type": "aws", "httpMethod": "POST", "uri": TABLE, "timeoutInMillis": 60_000, "responses": {"default": {"statusCode": "200"}}}

    def acknowledged(stack: Stack) -> None:
        Annotations.of(direct(stack, code, slow)).acknowledge_warning("gateleg:I5")

    [warning] = warned(synthesized(lambda stack: direct(stack, code, slow)))
    assert "60000 ms are above the quota of 29000" in warning
    assert warned(synthesized(acknowledged)) == []


def test_what_cloudformation_makes_is_no_fault(code: HandlerCode) -> None:
    made = {
        "type": "http_proxy",
        "httpMethod": "GET",
        "uri": Fn.import_value("Elsewhere"),
        "requestParameters": {"integration.request.header.X": Fn.join("", ["'", Fn.ref("AWS::StackName"), "'"])},
    }
    assert synthesized(lambda stack: direct(stack, code, made)).resources


def test_overrides_and_aspects_are_judged_and_what_a_token_stands_for() -> None:
    stack = Stack(App(), "Test")
    made = CfnParameter(stack, "Given", type="Number")
    found = apigateway.CfnStage(stack, "Stage", rest_api_id="a", variables={"a": made.value_as_string}, tracing_enabled=True)
    found.add_property_override("Variables.b", made.value_as_string)
    found.add_property_deletion_override("TracingEnabled")
    other = apigateway.CfnStage(stack, "Other", rest_api_id="b")
    reader = Reader()
    assert reader.properties(found) == {"RestApiId": "a", "Variables": {"a": {"Ref": "Given"}, "b": {"Ref": "Given"}}}
    assert reader.properties(other) == {"RestApiId": "b"}


def test_a_plan_that_is_overridden_is_judged_as_it_stands_in_the_template(code: HandlerCode) -> None:
    routes = {f"GET /direct/{number}": DirectRoute(MOCK, authorizer="key") for number in range(21)}
    throttles = {f"/direct/{number}/GET": {"RateLimit": 1, "BurstLimit": 1} for number in range(21)}

    def build(stack: Stack, throttled: dict[str, Any]) -> None:
        authorizers = {"key": ApiKeyAuthorizer()}
        rest = gateway(stack, code, apps=[], routes=routes, authorizers=authorizers, usage_plans={"partners": UsagePlan(["acme"])})
        plan = rest.usage_plans["partners"].node.default_child
        assert isinstance(plan, apigateway.CfnUsagePlan)
        plan.add_property_override("ApiStages.0.Throttle", throttled)

    [warning] = [message for message in synthesized(lambda stack: build(stack, throttles)).messages if "gateleg:Q3" in message]
    assert "a plan throttles 21 methods, and the quota is 20 a stage unless raised" in warning
    with pytest.raises(RuntimeError, match=r"throttle /direct/GET: the API has no GET /direct; write a route of it.*\[Q3\]"):
        synthesized(lambda stack: build(stack, {"/direct/GET": throttles["/direct/1/GET"]}))


def test_a_document_is_judged_as_the_template_has_it() -> None:
    stack = Stack(App(), "Test")
    text, number, several = (
        CfnParameter(stack, kind.title().replace("<", "").replace(">", ""), type=kind) for kind in ("String", "Number", "List<Number>")
    )
    made: dict[str, Any] = {
        "text": text.value_as_string,
        "within": [f"a {text.value_as_string} of {Aws.REGION}", 5, -1.5, True, "plain", [], {}],
        "number": number.value_as_number,
        "several": several.value_as_list,
        "object": Fn.get_att("Other", "Arn"),
        "written": {"Fn::Sub": ["${A}", {"A": text.value_as_string}]},
        "nothing": None,
    }
    rendered = Rendered(lambda: made)
    in_template = stack.resolve(rendered.token)
    assert in_template["number"] == {"Ref": "Number"}
    api, reader = apigateway.CfnRestApi(stack, "Api", body=rendered.token), Reader()
    assert rendered.read_in(api, reader) == {"Body": in_template}
    api.add_property_override("Body.within", 5)
    assert rendered.read_in(api, reader) == {"Body": in_template | {"within": 5}}
    api.add_property_deletion_override("Body.written.Fn::Sub")
    assert "written" not in rendered.read_in(api, reader)["Body"]
    other = apigateway.CfnRestApi(stack, "Another", body={"of": text.value_as_string})
    assert rendered.read_in(other, reader) == {"Body": {"of": {"Ref": "String"}}}
    other.body = Rendered(lambda: {"other": 1}).token
    assert rendered.read_in(other, reader) == {"Body": {"other": 1}}


def test_permissions_are_counted(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        rest = gateway(stack, code)
        function = rest.functions["svc.rest:app"].function
        for number in range(51):
            function.add_permission(
                f"P{number}",
                principal=cast("Any", iam.ServicePrincipal("apigateway.amazonaws.com")),
                source_arn=rest.api.arn_for_execute_api("GET", f"/{number}"),
            )

    with pytest.raises(RuntimeError, match=r"AWS::Lambda::Permission of .*: 52 permissions .*\[T10\]"):
        synthesized(build)


def test_a_stage_in_another_stack_is_of_the_api(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        rest = gateway(stack, code)
        for other in (Stack(cast("App", stack.node.root), "Beside"), NestedStack(stack, "Nested")):
            deployment = apigateway.Deployment(other, "Deployment", api=rest.api)
            apigateway.Stage(other, "Stage", deployment=deployment, stage_name="more", variables={other.node.id: "b c"})

    with pytest.raises(RuntimeError, match=r"(?s)Variables\.Beside.*Variables\.Nested|Variables\.Nested.*Variables\.Beside"):
        synthesized(build)


def test_gateways_of_one_name_in_two_stacks_are_told_apart(code: HandlerCode) -> None:
    """Their logical ids are the same, as those of a stack that is there for tests and for customers are."""
    read = {"type": "http_proxy", "httpMethod": "GET"}

    def build(stack: Stack, *, without: bool = False) -> None:
        for name, each in (("a", stack), ("b", Stack(cast("App", stack.node.root), "Other"))):
            routes: dict[str, Any] = {"GET /direct": DirectRoute(read | {"uri": f"https://${{stageVariables.{name}}}/"}, public="a sample")}
            gateway(each, code, routes=routes, variables={} if without else {name: "prices.example.com"})

    assert synthesized(build).all("AWS::ApiGateway::Stage")
    with pytest.raises(RuntimeError) as told:
        synthesized(lambda stack: build(stack, without=True))
    assert [line.split("]")[0].strip(" [") for line in str(told.value).splitlines()[1:]] == ["Test/Rest", "Other/Rest"]


def test_a_stage_of_an_api_in_a_nested_stack_is_of_the_api(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        rest = gateway(NestedStack(stack, "Nested"), code)
        apigateway.CfnStage(stack, "More", rest_api_id=rest.api.rest_api_id, stage_name="more", variables={"outside": "b c"})

    with pytest.raises(RuntimeError, match=r"Variables\.outside"):
        synthesized(build)


def test_what_stands_beside_another_api_is_not_this_ones(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        resource(direct(stack, code, MOCK)).override_logical_id("Api")
        other = apigateway.RestApi(stack, "Other", cloud_watch_role=False)
        other.root.add_method("GET")
        plan = apigateway.UsagePlan(stack, "Plan", api_stages=[apigateway.UsagePlanPerApiStage(api=other, stage=other.deployment_stage)])
        assert plan

    assert not [message for message in synthesized(build).messages if "[Q4]" in message]
