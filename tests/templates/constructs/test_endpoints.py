"""Where an API answers and who may come at all: endpoint types, resource policies, the stage's certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from gateleg.cdk import Cors, DirectRoute, IamAuthorizer, TokenAuthorizer, allow_only
from gateleg.cdk.integrations import Mock
from gateleg.errors import AuthorizerError, DeclarationError
from gateleg.testing import TemplateView
from tests.templates.constructs.samples import ROUTES, Template, function, gateway, rest_description, synthesized

if TYPE_CHECKING:
    from gateleg.cdk import HandlerCode, RestGateway

API = "AWS::ApiGateway::RestApi"
ENDPOINT = "vpce-0123456789abcdef0"
PRIVATE = apigateway.EndpointType.PRIVATE


def resolved(**given: Any) -> list[dict[str, Any]]:
    found: dict[str, Any] = Stack().resolve(allow_only(**given))
    statements: list[dict[str, Any]] = found["Statement"]
    return statements


def test_an_api_answers_in_its_region_or_at_the_edges_by_one_property(code: HandlerCode) -> None:
    for kind in (apigateway.EndpointType.EDGE, apigateway.EndpointType.REGIONAL):
        template = synthesized(lambda stack: gateway(stack, code, endpoint=kind))  # noqa: B023
        assert template.one(API)["EndpointConfiguration"] == {"Types": [kind.value]}
    assert synthesized(lambda stack: gateway(stack, code)).one(API)["EndpointConfiguration"] == {"Types": ["REGIONAL"]}


def test_a_private_api_without_a_policy_is_refused(code: HandlerCode) -> None:
    with pytest.raises(RuntimeError, match=r"write policy=allow_only\(vpc_endpoints=\[\.\.\.\]\)"):
        synthesized(lambda stack: gateway(stack, code, endpoint=PRIVATE))


def test_a_private_api_answers_to_the_endpoints_that_its_policy_names(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        endpoint = ec2.InterfaceVpcEndpoint.from_interface_vpc_endpoint_attributes(stack, "Vpce", port=443, vpc_endpoint_id=ENDPOINT)
        where = apigateway.EndpointConfiguration(types=[PRIVATE], vpc_endpoints=[endpoint])
        gateway(stack, code, endpoint=where, policy=allow_only(vpc_endpoints=[endpoint]))

    api = synthesized(build).one(API)
    assert api["EndpointConfiguration"] == {"Types": ["PRIVATE"], "VpcEndpointIds": [ENDPOINT]}
    own, unsigned, deny = api["Policy"]["Statement"]
    assert (own["Effect"], "root" in str(own["Principal"]), own.get("Condition")) == ("Allow", True, None)
    assert (unsigned["Effect"], unsigned["Principal"]) == ("Allow", {"AWS": "*"})
    assert unsigned["Condition"] == {"Null": {"aws:PrincipalArn": "true"}}
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"StringNotEquals": {"aws:SourceVpce": [ENDPOINT]}})
    assert {statement["Resource"] for statement in (own, unsigned, deny)} == {"execute-api:/*"}


def test_a_policy_that_takes_the_place_of_iam_is_refused(code: HandlerCode) -> None:
    """Leave for anybody is leave for identities of every account, and IAM is asked no more: tables A and B of the authorization workflow."""

    def build(*statements: iam.PolicyStatement, **given: Any) -> Template:
        policy = iam.PolicyDocument(statements=[*statements])
        return synthesized(lambda stack: signed(stack, code, policy=policy, **given))

    places: list[dict[str, Any]] = [{}, {"endpoint": PRIVATE}]
    for given in places:
        with pytest.raises(RuntimeError, match=r"GET /rooms/{room}/messages .*the policy allows it to anybody.*T15"):
            build(_allowed(iam.AnyPrincipal()), **given)
    unsigned = {"Null": {"aws:PrincipalArn": "true"}}
    build(_allowed(iam.AccountRootPrincipal()), _allowed(iam.AnyPrincipal(), conditions=unsigned))
    synthesized(lambda stack: signed(stack, code, policy=allow_only(addresses=["203.0.113.0/24"])))


def test_an_override_of_a_policy_is_judged_too(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        resource: Any = signed(stack, code).api.node.default_child
        allowed = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
        resource.add_property_override("Policy", {"Version": "2012-10-17", "Statement": [allowed]})

    with pytest.raises(RuntimeError, match="the policy allows it to anybody"):
        synthesized(build)


def test_a_policy_that_cdk_adds_later_is_one_too(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        endpoint = ec2.InterfaceVpcEndpoint.from_interface_vpc_endpoint_attributes(stack, "Vpce", port=443, vpc_endpoint_id=ENDPOINT)
        judges = {"judge": TokenAuthorizer(function(stack, code))}
        gateway(stack, code, authorizers=judges, endpoint=PRIVATE).api.grant_invoke_from_vpc_endpoints_only([endpoint])

    assert synthesized(build).one(API)["Policy"]["Statement"]


def test_who_comes_from_none_of_several_places_is_denied_by_one_statement() -> None:
    *_, deny = resolved(addresses=["203.0.113.0/24", "2001:db8::/32"], vpc_endpoints=[ENDPOINT])
    assert deny["Condition"] == {
        "NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]},
        "StringNotEquals": {"aws:SourceVpce": [ENDPOINT]},
    }


def test_accounts_are_allowed_and_nobody_else() -> None:
    allow, others = resolved(accounts=["123456789012"])
    assert "123456789012" in str(allow["Principal"])
    assert "*" not in str(allow["Principal"])
    assert (others["Effect"], others["Principal"]) == ("Deny", {"AWS": "*"})
    assert others["Condition"] == {"StringNotEquals": {"aws:PrincipalAccount": ["123456789012"]}}
    allow, _, deny = resolved(accounts=["123456789012"], addresses=["203.0.113.7"])
    assert ("123456789012" in str(allow["Principal"]), deny["Principal"]) == (True, {"AWS": "*"})


def signed(stack: Stack, code: HandlerCode, **props: Any) -> RestGateway:
    """A gateway all of whose routes IAM guards."""
    return gateway(stack, code, apps=[rest_description(*ROUTES[:2])], **props)


def test_a_policy_of_accounts_is_refused_beside_routes_that_nobody_signs(code: HandlerCode) -> None:
    accounts = allow_only(accounts=["123456789012"])
    synthesized(lambda stack: signed(stack, code, policy=accounts))
    with pytest.raises(AuthorizerError, match="GET /docs: the policy denies everybody who does not sign"):
        synthesized(lambda stack: gateway(stack, code, policy=accounts))
    health = {"GET /health": DirectRoute(Mock({"status": "ok"}), public="probes carry no token")}
    with pytest.raises(
        AuthorizerError, match=r"GET /health: the policy denies everybody who does not sign.*IamAuthorizer, or let the policy"
    ):
        synthesized(lambda stack: signed(stack, code, policy=accounts, routes=health))
    with pytest.raises(AuthorizerError, match=r"OPTIONS /rooms/{room}/messages: the policy denies everybody.*leave cors out"):
        synthesized(lambda stack: signed(stack, code, policy=accounts, cors=Cors(["https://chat.example.com"])))
    with pytest.raises(AuthorizerError, match="GET /health: "):
        synthesized(lambda stack: signed(stack, code, policy=accounts).add_route("GET /health", health["GET /health"]))
    synthesized(lambda stack: signed(stack, code, policy=allow_only(addresses=["203.0.113.0/24"]), routes=health))
    guarded = {"GET /health": DirectRoute(Mock({"status": "ok"}), "iam")}
    synthesized(lambda stack: signed(stack, code, policy=accounts, routes=guarded))


def test_a_lambda_authorizer_asks_no_policy_that_names_identities(code: HandlerCode) -> None:
    named = iam.PolicyDocument(statements=[_allowed(iam.AccountPrincipal("123456789012"))])

    def build(stack: Stack) -> None:
        judges = {"iam": IamAuthorizer(), "judge": TokenAuthorizer(function(stack, code))}
        routes = {"GET /health": DirectRoute(Mock({"status": "ok"}), "judge")}
        gateway(stack, code, policy=named, authorizers=judges, default_authorizer="iam", routes=routes)

    with pytest.raises(AuthorizerError, match="its Lambda authorizer lets in whom it likes"):
        synthesized(build)


def test_a_statement_about_a_route_that_is_not_there_is_refused(code: HandlerCode) -> None:
    def build(resource: str) -> Template:
        given = allow_only(addresses=["203.0.113.0/24"])
        given.add_statements(_allowed(iam.AnyPrincipal(), resource))
        return synthesized(lambda stack: gateway(stack, code, policy=given))

    with pytest.raises(
        RuntimeError, match=r"'execute-api:/live/GET/doc' is of no stage and route.*write one of 'execute-api:/live/GET/docs'"
    ):
        build("execute-api:/live/GET/doc")
    assert "execute-api:/live/GET/docs" in str(build("execute-api:/live/GET/docs").one(API)["Policy"])


def _allowed(who: Any, resource: str = "execute-api:/*", conditions: dict[str, Any] | None = None) -> iam.PolicyStatement:
    return iam.PolicyStatement(principals=[who], actions=["execute-api:Invoke"], resources=[resource], conditions=conditions)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "allow_only() lets everybody in"),
        ({"addresses": ["203.0.113.1/24"]}, "such as '203.0.113.0/24'"),
        ({"addresses": "203.0.113.0/24"}, "a list of which each is an address"),
        ({"accounts": ["1234"]}, "such as '123456789012'"),
        ({"vpc_endpoints": ["vpc-1"]}, "such as 'vpce-0123456789abcdef0'"),
    ],
)
def test_what_would_let_everybody_in_or_nobody_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(DeclarationError) as raised:
        allow_only(**given)
    assert told in str(raised.value)


def test_where_requests_come_from_is_told_to_tests(code: HandlerCode) -> None:
    given: dict[str, Any] = {"addresses": ["203.0.113.0/24"], "vpc_endpoints": [ENDPOINT]}
    template = synthesized(lambda stack: gateway(stack, code, endpoint=PRIVATE, policy=allow_only(**given)))
    access = TemplateView.from_json(template.data).access()
    assert access.endpoint == "PRIVATE"
    assert access.comes_from == {"aws:SourceIp": frozenset({"203.0.113.0/24"}), "aws:SourceVpce": frozenset({ENDPOINT})}
    [*_, deny] = template.one(API)["Policy"]["Statement"]
    edits: list[dict[str, Any]] = [
        {"Effect": "Allow"},
        {"Resource": "execute-api:/live/GET/docs"},
        {"Principal": {"AWS": "arn:one"}},
        {"Condition": {}},
    ]
    for edit in edits:
        kept = dict(deny)
        deny.update(edit)
        assert TemplateView.from_json(template.data).access().comes_from == {}
        deny.update(kept)
    plain = TemplateView.from_json(synthesized(lambda stack: gateway(stack, code)).data).access()
    assert (plain.endpoint, plain.comes_from) == ("REGIONAL", {})


def deployment(template: Template) -> str:
    return template.id_of("AWS::ApiGateway::Deployment")


def test_another_policy_is_another_deployment(code: HandlerCode) -> None:
    """A policy that is changed holds only once the API is deployed again."""
    first, second = (
        synthesized(lambda stack: gateway(stack, code, policy=allow_only(addresses=[one])))  # noqa: B023
        for one in ("203.0.113.0/24", "198.51.100.0/24")
    )
    assert deployment(first) != deployment(second)


def test_the_stage_shows_a_certificate_to_its_backends(code: HandlerCode) -> None:
    template = synthesized(lambda stack: gateway(stack, code, client_certificate=True))
    made = template.id_of("AWS::ApiGateway::ClientCertificate")
    assert template.one("AWS::ApiGateway::Stage")["ClientCertificateId"] == {"Ref": made}
    assert synthesized(lambda stack: gateway(stack, code)).all("AWS::ApiGateway::ClientCertificate") == {}


def test_a_policy_that_would_deny_everybody_is_refused(code: HandlerCode) -> None:
    addresses, endpoints = allow_only(addresses=["203.0.113.0/24"]), allow_only(vpc_endpoints=[ENDPOINT])
    with pytest.raises(DeclarationError, match=r"a private API sees no public addresses; write allow_only\(vpc_endpoints="):
        synthesized(lambda stack: gateway(stack, code, endpoint=PRIVATE, policy=addresses))
    with pytest.raises(DeclarationError, match=r"to a private API alone; write endpoint=EndpointType.PRIVATE, or allow_only\(addresses="):
        synthesized(lambda stack: gateway(stack, code, policy=endpoints))
    both = allow_only(addresses=["203.0.113.0/24"], vpc_endpoints=[ENDPOINT])
    for given in (
        {"endpoint": PRIVATE, "policy": endpoints},
        {"policy": addresses},
        {"policy": both},
        {"endpoint": PRIVATE, "policy": both},
    ):
        assert synthesized(lambda stack: gateway(stack, code, **given)).one(API)["Policy"]  # noqa: B023


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEqualsIfExists": {"aws:SourceVpce": [ENDPOINT]}},
        {"StringNotLike": {"aws:SourceVpc": ["vpc-1"]}},
        {"NotIpAddress": {"aws:VpcSourceIp": ["10.0.0.0/8"]}, "StringNotEquals": {"aws:SourceVpce": [ENDPOINT]}},
    ],
)
def test_no_denial_of_what_a_public_api_never_sees_is_taken(condition: dict[str, Any], code: HandlerCode) -> None:
    denied = _allowed(iam.AnyPrincipal(), conditions=condition)
    denied.effect = iam.Effect.DENY
    policy = allow_only(addresses=["203.0.113.0/24"])
    policy.add_statements(denied)
    with pytest.raises(DeclarationError, match="policy denies everybody: it asks for aws:"):
        synthesized(lambda stack: gateway(stack, code, policy=policy))


def test_a_policy_whose_words_mean_nothing_is_refused(code: HandlerCode) -> None:
    def build(condition: dict[str, Any]) -> Template:
        denied = _allowed(iam.AnyPrincipal(), conditions=condition)
        denied.effect = iam.Effect.DENY
        policy = allow_only(addresses=["203.0.113.0/24"])
        policy.add_statements(denied)
        return synthesized(lambda stack: gateway(stack, code, policy=policy))

    for operator, key, told in (
        ("NotIpAdress", "aws:SourceIp", r"there is no operator 'NotIpAdress'.*write one of NotIpAddress"),
        ("NotIpAddress", "aws:SourceIpp", r"no 'aws:SourceIpp', so that the condition holds of every request; write one of aws:SourceIp"),
        ("StringNotEquals", "aws:SourceIp", r"StringNotEquals does not fit aws:SourceIp, .* holds of every request; write NotIpAddress"),
    ):
        with pytest.raises(RuntimeError, match=told):
            build({operator: {key: ["198.51.100.0/24"]}})
    build({"NotIpAddress": {"aws:SourceIp": ["198.51.100.0/24"]}})


def test_a_policy_about_everything_but_calls_lets_nobody_in(code: HandlerCode) -> None:
    def policy(*left_out: str) -> iam.PolicyDocument:
        everybody: Any = iam.AnyPrincipal()
        return iam.PolicyDocument(
            statements=[iam.PolicyStatement(principals=[everybody], not_actions=[*left_out], resources=["execute-api:/*"])]
        )

    with pytest.raises(DeclarationError, match="policy denies everybody: it allows nothing"):
        synthesized(lambda stack: gateway(stack, code, policy=policy("execute-api:Invoke")))
    judged = policy("execute-api:ManageConnections")
    assert synthesized(lambda stack: gateway(stack, code, authorizers={"judge": TokenAuthorizer(function(stack, code))}, policy=judged))


def test_an_endpoint_without_a_type_is_refused(code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match="an EndpointConfiguration that names a type"):
        synthesized(lambda stack: gateway(stack, code, endpoint=apigateway.EndpointConfiguration(types=[])))
