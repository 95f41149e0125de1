"""What is told of user pools that guard routes, as templates have them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateleg.cdk.template_pools import scopes, sign_ups
from gateleg.cdk.written_templates import Templates, Violation
from gateleg.description.names import CONNECT_VARIABLE
from tests.unit.cdk.test_template_rules import resource

ARN: Any = {"Fn::GetAtt": ["Pool", "Arn"]}
ISSUER: Any = {"Fn::Join": ["", ["https://cognito-idp.", {"Ref": "AWS::Region"}, ".amazonaws.com/", {"Ref": "Pool"}]]}
CLOSED = {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}}
READ = {"ScopeName": "read"}


def pool(**said: Any) -> dict[str, Any]:
    return resource("Cognito::UserPool", **(CLOSED | said))


def server(*names: Any, to: Any = None, identifier: Any = "orders") -> dict[str, Any]:
    given = {"UserPoolId": to or {"Ref": "Pool"}, "Identifier": identifier, "Scopes": [{"ScopeName": name} for name in names]}
    return resource("Cognito::UserPoolResourceServer", **given)


def rest(*arns: Any, scopes: Any = ("orders/read",)) -> dict[str, Any]:
    judge = {"type": "cognito_user_pools", "providerARNs": list(arns)}
    return _api("ApiGateway::RestApi", judge, scopes)


def http(issuer: Any, scopes: Any = ("orders/read",)) -> dict[str, Any]:
    return _api("ApiGatewayV2::Api", {"type": "jwt", "jwtConfiguration": {"issuer": issuer, "audience": ["c"]}}, scopes)


def _api(kind: str, judge: dict[str, Any], scopes: Any) -> dict[str, Any]:
    operation = {"security": [{"people": list(scopes)}]}
    schemes = {"people": {"x-amazon-apigateway-authorizer": judge}}
    return resource(kind, Body={"paths": {"/a": {"get": operation}}, "components": {"securitySchemes": schemes}})


def templates(resources: dict[str, Any]) -> Templates:
    return Templates({"a.json": {"Resources": {"Pool": pool(), **resources}}}, {"${a.json.Api}": "Rest"})


def asked(resources: dict[str, Any]) -> list[Violation]:
    return list(scopes(templates(resources)))


@pytest.mark.parametrize("api", [rest(ARN), http(ISSUER)])
def test_a_scope_that_no_resource_server_offers_is_told_with_the_one_that_is_meant(api: dict[str, Any]) -> None:
    [told] = asked({"Api": api, "Server": server("raed")})
    assert (told.rule, told.resource, told.severity) == ("scope", "Api", "error")
    assert told.said == (
        "GET /a of Api asks for the scope 'orders/read', which no resource server of Pool offers: no token holds it, and everybody is refused; write one of "
        "'orders/raed', or say why it is so: Validations.of(it).acknowledge(Acknowledgment(id='gateleg::scope', reason='...'))"
    )
    assert asked({"Api": api, "Server": server("raed", "read")}) == []


def test_where_nothing_is_like_it_a_resource_server_is_what_to_write() -> None:
    [told] = asked({"Api": rest(ARN)})
    assert (
        "add it, pool.add_resource_server('orders', identifier='orders', scopes=[ResourceServerScope(scope_name='read', "
        "scope_description='...')])" in told.said
    )
    [told] = asked({"Api": rest(ARN, scopes=["read"])})
    assert "write it as tokens have it, 'identifier/read'" in told.said


@pytest.mark.parametrize("scope", ["openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"])
def test_cognito_s_own_scopes_need_no_resource_server(scope: str) -> None:
    assert asked({"Api": rest(ARN, scopes=[scope])}) == []


def test_a_resource_server_of_another_pool_offers_nothing_and_one_of_several_pools_is_enough() -> None:
    other = {"Other": pool(), "Server": server("read", to={"Ref": "Other"})}
    assert len(asked({"Api": rest(ARN), **other})) == 1
    assert asked({"Api": rest(ARN, {"Fn::GetAtt": ["Other", "Arn"]}), **other}) == []


def test_an_identifier_may_be_a_url() -> None:
    api = rest(ARN, scopes=["https://orders.example.com/v1/read"])
    assert asked({"Api": api, "Server": server("read", identifier="https://orders.example.com/v1")}) == []


UNSAYABLE: list[dict[str, Any]] = [
    {"Server": server("write", identifier={"Ref": "Given"})},
    {"Server": server({"Ref": "Given"})},
    {"Server": resource("Cognito::UserPoolResourceServer", UserPoolId={"Ref": "Pool"}, Identifier="orders", Scopes={"Ref": "Given"})},
    {"Pool": pool(LambdaConfig={"PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": "arn"}})},
    {"Pool": pool(LambdaConfig={"Fn::If": ["A", {}, {}]})},
]


@pytest.mark.parametrize("beside", UNSAYABLE)
def test_what_nobody_can_say_is_not_told(beside: dict[str, Any]) -> None:
    assert asked({"Api": rest(ARN), **beside}) == []


def test_the_first_version_of_the_token_trigger_adds_no_scopes() -> None:
    assert len(asked({"Api": rest(ARN), "Pool": pool(LambdaConfig={"PreTokenGeneration": "arn"})})) == 1


@pytest.mark.parametrize(
    "api",
    [
        rest("arn:aws:cognito-idp:eu-west-1:1:userpool/eu-west-1_a"),
        rest(ARN, {"Ref": "Given"}),
        http("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a"),
    ],
)
def test_a_pool_that_no_template_makes_is_noted(api: dict[str, Any]) -> None:
    [told] = asked({"Api": api})
    assert told.severity == "warning"
    assert "no template of the app makes the user pool" in told.said
    assert told.said.endswith("and say so: Validations.of(it).acknowledge(Acknowledgment(id='gateleg::scope', reason='...'))")
    theirs = server("read", to="eu-west-1_a")  # of the app, and of a pool that is not
    assert len(asked({"Api": api, "Server": theirs})) == 1


def test_another_issuer_and_an_api_of_another_construct_are_left_alone() -> None:
    assert asked({"Api": http("https://login.example.com")}) == []
    assert asked({"Other": rest(ARN)}) == []


def connecting(**said: Any) -> dict[str, Any]:
    told = json.dumps({"pools": ["@"], "clients": ["c"], "scopes": [], "source": "querystring.token"} | said).split("@")
    return resource(
        "Lambda::Function", Environment={"Variables": {CONNECT_VARIABLE: {"Fn::Join": ["", [told[0], {"Ref": "Pool"}, told[1]]]}}}
    )


def test_the_scopes_of_connections_are_held_too() -> None:
    judge = connecting(scopes=["chat/write"])
    [told] = asked({"Judge": judge})
    assert "$connect of Judge asks for the scope 'chat/write'" in told.said
    assert asked({"Judge": judge, "Server": server("write", identifier="chat")}) == []


def opened(resources: dict[str, Any]) -> list[Violation]:
    return list(sign_ups(templates(resources)))


OPEN: list[dict[str, Any]] = [{}, {"AdminCreateUserConfig": {}}, {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False}}]


@pytest.mark.parametrize("said", OPEN)
@pytest.mark.parametrize("door", [{"Api": rest(ARN, scopes=[])}, {"Api": http(ISSUER, scopes=[])}, {"Judge": connecting()}])
def test_a_pool_in_which_everybody_signs_up_is_told_where_it_is_all_that_guards(said: Any, door: dict[str, Any]) -> None:
    [told] = opened({"Pool": resource("Cognito::UserPool", **said), **door})
    assert (told.rule, told.resource, told.severity) == ("sign_up", "Pool", "warning")
    assert "Pool is a user pool in which everybody may sign up, and all that guards " in told.said


def test_several_routes_are_told_once() -> None:
    api = rest(ARN, scopes=[])
    api["Properties"]["Body"]["paths"]["/b"] = api["Properties"]["Body"]["paths"]["/a"]
    [told] = opened({"Pool": resource("Cognito::UserPool"), "Api": api})
    assert "guards GET /a of Api and 1 more: whoever likes may call" in told.said


JUDGED: list[dict[str, Any]] = [
    CLOSED,
    {"LambdaConfig": {"PreSignUp": "arn"}},
    {"LambdaConfig": {"Ref": "Given"}},
    {"AdminCreateUserConfig": {"Fn::If": ["A", {}, {}]}},
    {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": {"Ref": "Given"}}},
]


@pytest.mark.parametrize("said", JUDGED)
def test_a_pool_that_judges_who_comes_is_not_told(said: Any) -> None:
    assert opened({"Pool": resource("Cognito::UserPool", **said), "Api": rest(ARN, scopes=[])}) == []


def test_a_route_that_asks_for_a_scope_and_a_pool_that_guards_nothing_are_not_told() -> None:
    assert opened({"Pool": resource("Cognito::UserPool"), "Api": rest(ARN)}) == []
    assert opened({"Pool": resource("Cognito::UserPool")}) == []
