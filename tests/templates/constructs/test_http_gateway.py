"""An HTTP API from descriptions: one body, deny by default, and what only REST APIs have refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_apigatewayv2_integrations import HttpAlbIntegration, HttpSqsIntegration, HttpUrlIntegration

from gateleg.cdk import (
    Cors,
    DirectRoute,
    Domain,
    HandlerCode,
    HttpGateway,
    RestApp,
    RestGateway,
    Throttle,
)
from gateleg.description import Route
from gateleg.errors import AuthorizerError, DeclarationError, RouteError
from tests.templates.constructs.samples import (
    ROUTES,
    Template,
    gateway,
    http_description,
    http_gateway,
    inline,
    rest_description,
    synthesized,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg import description as said

API, STAGE, DEPLOYMENT, PERMISSION = (
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Stage",
    "AWS::ApiGatewayV2::Deployment",
    "AWS::Lambda::Permission",
)
PAGE = "https://shop.example.com"


def body(template: Template) -> dict[str, Any]:
    found: dict[str, Any] = template.one(API)["Body"]
    return found


def integration(template: Template, path: str, method: str = "get") -> dict[str, Any]:
    """The integration of a route, its reference followed."""
    reference = body(template)["paths"][path][method]["x-amazon-apigateway-integration"]["$ref"]
    found: dict[str, Any] = body(template)["components"]["x-amazon-apigateway-integrations"][reference.rpartition("/")[2]]
    return found


@pytest.fixture(scope="module")
def http(code: HandlerCode) -> Template:
    return synthesized(lambda stack: http_gateway(stack, code, cors=Cors([PAGE]), throttles={"GET /docs": Throttle(2, 1)}))


def test_resources_do_not_grow_with_routes(http: Template, code: HandlerCode) -> None:
    many = http_description(*ROUTES, *(Route(f"GET /x/y{number}", "h") for number in range(290)))
    more = synthesized(lambda stack: http_gateway(stack, code, apps=[many], cors=Cors([PAGE]), throttles={"GET /docs": Throttle(2, 1)}))
    assert {name[:12] for name in more.resources} == {name[:12] for name in http.resources}
    assert len(body(more)["components"]["x-amazon-apigateway-integrations"]) == 1


def test_the_body_stands_alone_because_aws_refuses_name_and_protocol_beside_it(http: Template) -> None:
    assert set(http.one(API)) == {"Body"}
    assert body(http)["info"]["title"] == "Test-Http"


@pytest.mark.parametrize(("app", "payload"), [(http_description(*ROUTES), "2.0"), (rest_description(*ROUTES), "1.0")])
def test_each_resolver_is_sent_the_payload_that_it_reads(code: HandlerCode, app: Any, payload: str) -> None:
    template = synthesized(lambda stack: http_gateway(stack, code, apps=[app]))
    found = integration(template, "/docs")
    assert (found["type"], found["httpMethod"], found["payloadFormatVersion"]) == ("aws_proxy", "POST", payload)
    assert template.id_of("AWS::Lambda::Function") in json.dumps(found["uri"])


def test_security_stands_on_each_operation(http: Template) -> None:
    asked = {f"{method} {path}": operation["security"] for path, item in body(http)["paths"].items() for method, operation in item.items()}
    assert asked == {"get /rooms/{room}/messages": [{"iam": []}], "post /rooms/{room}/messages": [{"iam": []}], "get /docs": []}
    assert "security" not in body(http)
    assert body(http)["paths"]["/docs"]["get"]["x-gateleg-public"] == "documentation is for everyone"
    assert any("anyone may call GET /docs (documentation is for everyone)" in message for message in http.messages)


def test_without_an_authorizer_every_route_must_say_why_it_is_public(code: HandlerCode) -> None:
    with pytest.raises(AuthorizerError, match=r"GET /rooms/\{room\}/messages of svc\.rest:list_messages"):
        synthesized(lambda stack: http_gateway(stack, code, authorizers={}))


def test_what_the_import_ignores_is_not_in_the_body(http: Template) -> None:
    text = json.dumps(body(http))
    assert "requestBody" not in text
    assert "schemas" not in body(http)["components"]
    assert "request-validator" not in text


def test_operations_keep_their_names_and_words(code: HandlerCode) -> None:
    told = {"operationId": "docs_get", "summary": "The docs", "responses": {"200": {"description": "x"}}}
    apps = [
        http_description(Route("GET /a", "h", operation=told)),
        http_description(Route("GET /b", "h", operation=told), app="svc.auth:app"),
    ]
    paths = body(synthesized(lambda stack: http_gateway(stack, code, apps=apps)))["paths"]
    assert [paths[path]["get"]["operationId"] for path in ("/a", "/b")] == ["docs_get", "docs_get_2"]
    assert paths["/a"]["get"]["summary"] == "The docs"


def test_one_permission_lets_the_stage_invoke_the_function(http: Template) -> None:
    permission = http.one(PERMISSION)
    assert permission["SourceArn"]["Fn::Join"][1][-1] == "/$default/*/*"
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}


# -- what moves and what does not --------------------------------------------------------------------------------------------------


def test_an_http_resolver_behind_a_rest_api_is_refused_with_what_to_write(code: HandlerCode) -> None:
    message = r"reads payload 2\.0, and a REST API sends 1\.0 alone: give it to HttpGateway\(apps=\[\.\.\.\]\), or make it an APIGatewayRestResolver"
    with pytest.raises(RouteError, match=message):
        synthesized(lambda stack: gateway(stack, code, apps=[http_description(*ROUTES)]))


def test_a_rest_app_moves_by_the_name_of_the_gateway_alone(code: HandlerCode) -> None:
    def build(kind: type[RestGateway | HttpGateway]) -> Callable[[Stack], object]:
        given: dict[str, Any] = {"apps": [rest_description(*ROUTES[2:])], "function_options": {"code": code}}
        return lambda stack: kind(stack, "Api", **given)

    rest, http = (synthesized(build(kind)) for kind in (RestGateway, HttpGateway))
    assert set(rest.one("AWS::ApiGateway::RestApi")["Body"]["paths"]) == set(body(http)["paths"])
    assert rest.one("AWS::Lambda::Function")["Handler"] == http.one("AWS::Lambda::Function")["Handler"]


def test_a_rest_resolver_finds_no_route_behind_a_named_stage(code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match="leave the stage out, make it an APIGatewayHttpResolver, or write strip_prefixes="):
        synthesized(lambda stack: http_gateway(stack, code, apps=[rest_description(*ROUTES)], stage_name="v1"))


@pytest.mark.parametrize("prefix", ["/v1", None])
def test_a_rest_resolver_that_takes_the_stage_off_finds_its_routes(prefix: str | None, code: HandlerCode) -> None:
    app = rest_description(*ROUTES, prefixes=("/other", prefix))
    synthesized(lambda stack: http_gateway(stack, code, apps=[app], stage_name="v1"))
    synthesized(lambda stack: http_gateway(stack, code, apps=[app]).add_stage("v1"))
    if prefix is not None:
        with pytest.raises(DeclarationError, match=r"of the stage 'beta' does; .* strip_prefixes=\['/beta'\] in it"):
            synthesized(lambda stack: http_gateway(stack, code, apps=[app]).add_stage("beta"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"web_acl": "arn:aws:wafv2:x"}, "put CloudFront before it, or use RestGateway"),
        ({"policy": object()}, r"has no resource policy; write IamAuthorizer\(\)"),
        ({"endpoint": "PRIVATE"}, "answers in its region alone; leave it out, or use RestGateway"),
        ({"usage_plans": {}}, r"has no keys and no usage plans; write throttles=\{'GET /orders': Throttle\(10, 5\)\}"),
        ({"client_certificate": True}, "shows its backends no certificate"),
        ({"binary_media_types": ["*/*"]}, "by each answer's isBase64Encoded; leave it out"),
        ({"validate_requests": True}, "checks no requests; leave it out"),
        ({"security_policy": "TLS_1_2"}, r"write domain=Domain\(name, certificate\)"),
    ],
)
def test_what_only_rest_apis_have_is_refused_with_what_to_do(code: HandlerCode, given: dict[str, Any], message: str) -> None:
    with pytest.raises(DeclarationError, match=message) as raised:
        synthesized(lambda stack: http_gateway(stack, code, **given))
    assert raised.value.code == "declaration.rest_only"


def test_what_asks_for_nothing_moves_with_the_rest(http: Template, code: HandlerCode) -> None:
    given: dict[str, Any] = {"validate_requests": False, "web_acl": None}
    template = synthesized(lambda stack: http_gateway(stack, code, cors=Cors([PAGE]), throttles={"GET /docs": Throttle(2, 1)}, **given))
    assert body(template) == body(http)


def test_an_unknown_argument_is_one(code: HandlerCode) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'cord'"):
        synthesized(lambda stack: http_gateway(stack, code, cord=1))


def test_an_app_whose_requests_shall_be_checked_is_refused(code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match=r"RestApp of svc\.rest:app says validate_requests=True, and an HTTP API checks no requests"):
        synthesized(lambda stack: http_gateway(stack, code, apps=[RestApp(http_description(*ROUTES), validate_requests=True)]))


# -- integrations ------------------------------------------------------------------------------------------------------------------


def test_functions_beside_the_apps_read_payload_2(code: HandlerCode) -> None:
    template = synthesized(
        lambda stack: http_gateway(stack, code, routes={"GET /health": DirectRoute(inline(stack, "Health"), public="probe")})
    )
    assert integration(template, "/health")["payloadFormatVersion"] == "2.0"
    assert [one["Properties"]["SourceArn"]["Fn::Join"][1][-1] for one in template.all(PERMISSION).values()] == ["/$default/*/*"] * 2


@pytest.mark.parametrize(("describe", "payload"), [(rest_description, "1.0"), (http_description, "2.0")])
@pytest.mark.parametrize("functions", ["app", "route"])
def test_the_function_of_an_app_reads_its_payload_beside_the_app_too(
    code: HandlerCode, describe: Any, payload: str, functions: Any
) -> None:
    app = describe(Route("GET /docs", "svc.rest:docs", public="for all"))

    def build(stack: Stack) -> None:
        made = http_gateway(stack, code, apps=[app], functions=functions)
        [own] = made.functions.values()
        made.add_route("GET /alias", DirectRoute(own, public="for all"))
        made.add_route("GET /plain", DirectRoute(own.function, public="for all"))
        made.add_route("GET /version", DirectRoute(own.function.current_version, public="for all"))
        made.add_route("GET /named", DirectRoute(own.function.add_alias("live"), public="for all"))

    template = synthesized(build)
    paths = ("/docs", "/alias", "/plain", "/version", "/named")
    assert {integration(template, path)["payloadFormatVersion"] for path in paths} == {payload}
    assert len(template.all("AWS::Lambda::Permission")) == 3


def test_a_function_of_a_rest_gateway_reads_payload_1(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        other = RestGateway(
            stack, "Rest", apps=[rest_description(Route("GET /docs", "h", public="for all"))], function_options={"code": code}
        )
        http_gateway(stack, code, apps=[], routes={"GET /alias": DirectRoute(other.functions["svc.rest:app"], public="for all")})

    assert integration(synthesized(build), "/alias")["payloadFormatVersion"] == "1.0"


class Renamed(HttpGateway):
    """A gateway whose hook names the stage."""

    def _define_stage(self, **props: Any) -> apigatewayv2.HttpStage:
        return super()._define_stage(**{**props, "stage_name": "v9"})


def test_a_hook_does_not_rename_the_stage(code: HandlerCode) -> None:
    def build(stack: Stack, kind: type[HttpGateway], **props: Any) -> HttpGateway:
        return kind(stack, "Http", apps=[http_description(*ROUTES[2:])], function_options={"code": code}, **props)

    with pytest.raises(DeclarationError, match=r"makes the stage 'v9', and permissions, .*pass stage_name='v9' to HttpGateway"):
        synthesized(lambda stack: build(stack, Renamed))
    assert synthesized(lambda stack: build(stack, HttpGateway, stage_name="v9")).one(STAGE)["StageName"] == "v9"


def test_a_vpc_link_is_called_through_its_listener(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0)
        balancer = elb.ApplicationLoadBalancer(stack, "Balancer", vpc=vpc)
        listener = balancer.add_listener("Listener", port=80, default_action=elb.ListenerAction.fixed_response(200))
        link = apigatewayv2.VpcLink(stack, "Link", vpc=vpc, subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC))
        http_gateway(stack, code, routes={"ANY /orders/{proxy+}": HttpAlbIntegration("Orders", listener, vpc_link=link)})

    template = synthesized(build)
    assert integration(template, "/orders/{proxy+}", "x-amazon-apigateway-any-method") == {
        "type": "http_proxy",
        "httpMethod": "ANY",
        "uri": {"Ref": template.id_of("AWS::ElasticLoadBalancingV2::Listener")},
        "payloadFormatVersion": "1.0",
        "connectionType": "VPC_LINK",
        "connectionId": {"Ref": template.id_of("AWS::ApiGatewayV2::VpcLink")},
    }


def test_integrations_of_cdk_are_taken(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        queue = sqs.Queue(stack, "Queue")
        routes = {
            "GET /status": HttpUrlIntegration("Status", "https://status.example.com"),
            "POST /jobs": HttpSqsIntegration("Jobs", queue=queue),
        }
        http_gateway(stack, code, routes=routes)

    template = synthesized(build)
    assert integration(template, "/status")["uri"] == "https://status.example.com"
    jobs = integration(template, "/jobs", "post")
    assert (jobs["type"], jobs["integrationSubtype"], jobs["payloadFormatVersion"]) == ("aws_proxy", "SQS-SendMessage", "1.0")
    assert jobs["requestParameters"]["MessageBody"] == "$request.body.MessageBody"
    assert "credentials" in jobs


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"type": "mock"}, "of type 'mock', and an HTTP API has aws_proxy and http_proxy alone"),
        ({"type": "http", "httpMethod": "GET", "uri": "https://x.example.com"}, "of type 'http'"),
        (
            {"type": "http_proxy", "httpMethod": "GET", "uri": "https://x.example.com", "requestTemplates": {}, "cacheNamespace": "x"},
            "with cacheNamespace, requestTemplates, which an HTTP API drops",
        ),
        (
            {"type": "http_proxy", "httpMethod": "GET", "uri": "arn:x", "connectionType": "VPC_LINK"},
            ".*write connectionId: link.vpc_link_id",
        ),
    ],
)
def test_integration_objects_that_an_http_api_has_not_are_refused(code: HandlerCode, given: dict[str, Any], message: str) -> None:
    with pytest.raises(DeclarationError, match=f"GET /x has an integration object {message}"):
        synthesized(lambda stack: http_gateway(stack, code, routes={"GET /x": given}))


def test_a_service_of_an_http_api_is_refused_by_a_rest_api(code: HandlerCode) -> None:
    given = {"type": "aws_proxy", "integrationSubtype": "SQS-SendMessage", "credentials": "arn:x"}
    with pytest.raises(DeclarationError, match="integrationSubtype, which is for HTTP APIs; write type: aws and uri, or use HttpGateway"):
        synthesized(lambda stack: gateway(stack, code, routes={"POST /jobs": given}))


def test_an_integration_of_an_http_api_is_refused_by_a_rest_api(code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match="which this API cannot call; pass a function, or an integration object"):
        synthesized(lambda stack: gateway(stack, code, routes={"GET /x": HttpUrlIntegration("X", "https://x.example.com")}))


# -- the stage ---------------------------------------------------------------------------------------------------------------------


def test_throttles_stand_on_the_stage_which_the_import_would_drop(http: Template) -> None:
    stage = http.one(STAGE)
    assert stage["DefaultRouteSettings"] == {"DetailedMetricsEnabled": True, "ThrottlingBurstLimit": 50, "ThrottlingRateLimit": 100}
    # What is left out of a route's settings is AWS's default, not the stage's.
    assert stage["RouteSettings"] == {"GET /docs": {"ThrottlingRateLimit": 2, "ThrottlingBurstLimit": 1, "DetailedMetricsEnabled": True}}
    assert "throttl" not in json.dumps(body(http)).lower()


def test_a_throttle_of_no_route_is_refused(code: HandlerCode) -> None:
    with pytest.raises(RouteError, match=r"throttles=\{'GET /doc': \.\.\.\} names no route of the gateway; write one of 'GET /docs'"):
        synthesized(lambda stack: http_gateway(stack, code, throttles={"GET /doc": Throttle(1, 1)}))


def test_the_stage_is_deployed_by_what_is_rendered(http: Template, code: HandlerCode) -> None:
    stage = http.one(STAGE)
    assert (stage["StageName"], stage["AutoDeploy"]) == ("$default", False)
    assert stage["DeploymentId"] == {"Ref": http.id_of(DEPLOYMENT)}
    same, other = (
        synthesized(lambda stack, routes=routes: http_gateway(stack, code, apps=[http_description(*routes)]))  # type: ignore[misc]
        for routes in (ROUTES, (*ROUTES, Route("GET /new", "h")))
    )
    assert same.id_of(DEPLOYMENT) != other.id_of(DEPLOYMENT)


def test_a_named_stage_is_the_first_segment(code: HandlerCode) -> None:
    template = synthesized(lambda stack: http_gateway(stack, code, stage_name="v1"))
    assert template.one(STAGE)["StageName"] == "v1"
    assert template.data["Outputs"]["HttpUrlEF4F1CA1"]["Value"]["Fn::Join"][1][-1] == "/v1/"
    assert template.one(PERMISSION)["SourceArn"]["Fn::Join"][1][-1] == "/v1/*/*"


def test_access_is_logged_as_json_without_a_role_of_the_account(http: Template, code: HandlerCode) -> None:
    settings = http.one(STAGE)["AccessLogSettings"]
    [group] = [name for name in http.all("AWS::Logs::LogGroup") if "AccessLogs" in name]
    assert settings["DestinationArn"] == {"Fn::GetAtt": [group, "Arn"]}
    assert json.loads(settings["Format"])["routeKey"] == "$context.routeKey"
    assert "DependsOn" not in next(iter(http.all(STAGE).values()))
    silent = synthesized(lambda stack: http_gateway(stack, code, access_log_retention=None))
    assert "AccessLogSettings" not in silent.one(STAGE)


def behind(prefix: str) -> list[said.App]:
    return [http_description(*ROUTES, prefixes=(prefix,))]


def test_a_domain_is_one_property(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        certificate = acm.Certificate.from_certificate_arn(stack, "Certificate", "arn:aws:acm:eu-west-1:123456789012:certificate/x")
        zone = route53.HostedZone.from_hosted_zone_attributes(stack, "Zone", hosted_zone_id="Z1", zone_name="example.com")
        http_gateway(stack, code, apps=behind("/v1"), domain=Domain("api.example.com", certificate, "v1", zone), default_endpoint=False)

    template = synthesized(build)
    [configuration] = template.one("AWS::ApiGatewayV2::DomainName")["DomainNameConfigurations"]
    assert configuration["SecurityPolicy"] == "TLS_1_2"
    mapping = template.one("AWS::ApiGatewayV2::ApiMapping")
    assert (mapping["ApiMappingKey"], mapping["Stage"]) == ("v1", "$default")
    record = template.one("AWS::Route53::RecordSet")
    name = template.id_of("AWS::ApiGatewayV2::DomainName")
    assert record["Name"] == {"Fn::Join": ["", [{"Ref": name}, "."]]}
    assert record["AliasTarget"]["DNSName"] == {"Fn::GetAtt": [name, "RegionalDomainName"]}
    # Where an import of OpenAPI 3.0 reads it: at the top it says nothing.
    [server] = body(template)["servers"]
    assert server == {"url": "/", "x-amazon-apigateway-endpoint-configuration": {"disableExecuteApiEndpoint": True}}
    assert "x-amazon-apigateway-endpoint-configuration" not in body(template)
    assert template.data["Outputs"]["HttpUrlEF4F1CA1"]["Value"] == "https://api.example.com/v1/"


def test_several_apis_share_a_domain(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        certificate = acm.Certificate.from_certificate_arn(stack, "Certificate", "arn:aws:acm:eu-west-1:123456789012:certificate/x")
        name = apigatewayv2.DomainName(stack, "Name", domain_name="api.example.com", certificate=certificate)
        http_gateway(stack, code, apps=behind("/v1"), domain=Domain(name, mapping_key="v1"))

    template = synthesized(build)
    assert len(template.all("AWS::ApiGatewayV2::DomainName")) == len(template.all("AWS::ApiGatewayV2::ApiMapping")) == 1
    assert "endpoint-configuration" not in json.dumps(body(template))


def test_a_domain_without_a_certificate_is_refused() -> None:
    with pytest.raises(DeclarationError, match=r"write Domain\('api\.example\.com', certificate\)"):
        Domain("api.example.com")


def test_routes_beside_the_body_are_refused(code: HandlerCode) -> None:
    app = App()
    stack = Stack(app, "Test")
    http = http_gateway(stack, code)
    http.api.add_routes(path="/late", integration=HttpUrlIntegration("Late", "https://late.example.com"))
    with pytest.raises(
        RuntimeError, match=r"adds an AWS::ApiGatewayV2::Route beside the OpenAPI body of Test/Http.*write HttpGateway\(routes="
    ):
        app.synth()


def test_a_reference_is_served_to_browsers_that_sign(code: HandlerCode) -> None:
    template = synthesized(lambda stack: http_gateway(stack, code, apps=[]).add_reference(public="for all"))
    assert integration(template, "/docs")["payloadFormatVersion"] == "2.0"
    assert "/docs/{file}" in body(template)["paths"]
