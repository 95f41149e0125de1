"""What lets anybody call by a role that anybody may take on, as templates have it."""

from __future__ import annotations

from typing import Any

import pytest

from gateleg.cdk.template_roles import open_roles
from gateleg.cdk.written_templates import Templates
from tests.unit.cdk.test_template_rules import resource

ARN: Any = {"Fn::GetAtt": ["Own", "Arn"]}
GUARDED = {("a.json", "Own"): "GET /secret of h"}
IAM = {"type": "apiKey", "x-amazon-apigateway-authtype": "awsSigv4"}
PATHS: dict[str, Any] = {
    "/secret": {"get": {"security": [{"iam": []}]}, "post": {"security": [{"key": []}]}},
    "/rooms/{room}": {"get": {"security": [{"iam": []}]}},
    "/open": {"get": {"security": []}},
}
BODY: dict[str, Any] = {"paths": PATHS, "components": {"securitySchemes": {"iam": IAM, "key": {"type": "apiKey"}}}}
API = {"Api": resource("ApiGateway::RestApi", Name="rest", Body=BODY), "Other": resource("ApiGateway::RestApi", Name="other", Body=BODY)}
GUESTS = {"ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"}}
PEOPLE = {"ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"}}
POOL = {"StringEquals": {"cognito-identity.amazonaws.com:aud": {"Ref": "Pool"}}}


def trusting(principal: Any, condition: Any = None, action: str = "sts:AssumeRoleWithWebIdentity", **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action} | ({} if condition is None else {"Condition": condition})
    return resource("IAM::Role", AssumeRolePolicyDocument={"Statement": [statement]}, **more)


def cognito(condition: Any) -> dict[str, Any]:
    return trusting({"Federated": "cognito-identity.amazonaws.com"}, POOL | condition)


def leave(target: Any, action: Any = "execute-api:Invoke", **more: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": action, "Resource": target, **more}]}


def route(path: str, api: str = "Api") -> Any:
    return {
        "Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":execute-api:", {"Ref": "AWS::Region"}, ":1:", {"Ref": api}, f"/live/{path}"]]
    }


def told(role: dict[str, Any], document: dict[str, Any] | None = None, **resources: Any) -> list[str]:
    """What is told of a role that has a policy."""
    policy = {} if document is None else {"Policy": resource("IAM::Policy", Roles=[{"Ref": "Role"}], PolicyDocument=document)}
    written = {"Own": resource("Lambda::Function"), **API, "Role": role, **policy, **resources}
    templates = Templates({"a.json": {"Resources": written}}, {"${a.json.Api}": "Test/Rest"})
    return [
        one.said for one in open_roles(templates, lambda: GUARDED) if (one.rule, one.resource, one.severity) == ("door", "Role", "error")
    ]


def test_a_role_of_guests_is_told_with_the_route_and_what_to_write() -> None:
    [said] = told(cognito(GUESTS), leave(route("GET/secret")))
    assert said == (
        "Role is a role that a guest of an identity pool may take on, and it may call GET /secret of Test/Rest, which IAM guards: it is open to anybody; give "
        "leave to a role that asks who it is (the identity pool's authenticated_role), make the route public with its reason (@public('why')), or say why it "
        "is so: Validations.of(it).acknowledge(Acknowledgment(id='gateleg::door', reason='...'))"
    )


@pytest.mark.parametrize(
    ("role", "who"),
    [
        (cognito(GUESTS), "a guest of an identity pool"),
        (cognito({}), "a guest of an identity pool"),
        (trusting({"AWS": "*"}, action="sts:AssumeRole"), "every identity of AWS"),
        (trusting("*", action="sts:AssumeRole"), "every identity of AWS"),
        (trusting({"Federated": "arn:aws:iam::1:oidc-provider/x"}), "whoever has a token of its provider"),
        (cognito(PEOPLE), None),
        (trusting({"AWS": "*"}, {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, action="sts:AssumeRole"), None),
        (trusting({"AWS": "arn:aws:iam::1:root"}, action="sts:AssumeRole"), None),
        (trusting({"Service": "lambda.amazonaws.com"}, action="sts:AssumeRole"), None),
        (trusting({"Federated": "arn:aws:iam::1:oidc-provider/x"}, {"StringEquals": {"x:sub": "me"}}), None),
        (trusting({"Federated": "arn:aws:iam::1:saml-provider/x"}, action="sts:AssumeRoleWithSAML"), None),
    ],
)
def test_whoever_must_be_somebody_is_not_anybody(role: dict[str, Any], who: str | None) -> None:
    said = told(role, leave(route("GET/secret")))
    assert len(said) == (who is not None)
    assert all(f"a role that {who} may take on" in one for one in said)


@pytest.mark.parametrize(
    ("document", "routes"),
    [
        (leave(route("GET/secret")), ["GET /secret"]),
        (leave(route("*")), ["GET /secret", "GET /rooms/{room}"]),
        (leave(route("GET/rooms/*"), "execute-api:*"), ["GET /rooms/{room}"]),
        (leave("*", "*"), ["GET /secret", "GET /rooms/{room}"]),
        (leave("arn:aws:execute-api:*:*:*"), ["GET /secret", "GET /rooms/{room}"]),
        (leave(route("POST/secret")), []),
        (leave(route("GET/open")), []),
        (leave(route("GET/secret", "Other")), []),
        (leave(route("GET/secret"), "execute-api:InvalidateCache"), []),
        (leave(route("GET/secret"), Effect="Deny"), []),
    ],
)
def test_leave_is_for_what_a_policy_names_and_iam_guards(document: dict[str, Any], routes: list[str]) -> None:
    calls = [one for one in told(cognito(GUESTS), document) if "which IAM guards" in one]
    assert [one.partition("it may call ")[2].partition(" of Test/Rest")[0] for one in calls] == routes


def test_connections_that_iam_guards_are_routes_too() -> None:
    connect = resource("ApiGatewayV2::Route", ApiId={"Ref": "Api"}, RouteKey="$connect", AuthorizationType="AWS_IAM")
    socket = {"Api": resource("ApiGatewayV2::Api", ProtocolType="WEBSOCKET"), "Route": connect}
    [said] = told(cognito(GUESTS), leave(route("*")), **socket)
    assert "it may call $connect of Test/Rest" in said


@pytest.mark.parametrize("target", [ARN, [ARN, {"Fn::Join": ["", [ARN, ":*"]]}], "*", "arn:aws:lambda:eu-west-1:1:function:*"])
def test_a_function_that_may_be_invoked_is_its_routes(target: Any) -> None:
    [said] = told(cognito(GUESTS), leave(target, "lambda:InvokeFunction"))
    assert "it may invoke Own, whose app guards GET /secret of h: it is open to anybody" in said
    assert told(cognito(GUESTS), leave(target, "lambda:GetFunction")) == told(cognito(PEOPLE), leave(target, "lambda:InvokeFunction")) == []


def test_leave_is_found_wherever_a_role_has_it() -> None:
    document = leave(route("GET/secret"))
    own, managed = cognito(GUESTS), cognito(GUESTS)
    own["Properties"]["Policies"] = [{"PolicyName": "p", "PolicyDocument": document}]
    managed["Properties"]["ManagedPolicyArns"] = [{"Ref": "Managed"}]
    assert len(told(own)) == 1
    assert len(told(managed, Managed=resource("IAM::ManagedPolicy", PolicyDocument=document))) == 1
    assert len(told(cognito(GUESTS), More=resource("IAM::ManagedPolicy", Roles=[{"Ref": "Role"}], PolicyDocument=document))) == 1
    assert len(told(cognito(GUESTS), More=resource("IAM::RolePolicy", RoleName={"Ref": "Role"}, PolicyDocument=document))) == 1


ASSUMES = leave({"Fn::GetAtt": ["Next", "Arn"]}, "sts:AssumeRole")
ROOT = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}


def chained(trust: Any, document: Any = ASSUMES, **more: Any) -> list[str]:
    """What is told of a role that one of guests may take on."""
    policies = [{"PolicyName": "p", "PolicyDocument": leave(route("GET/secret"))}]
    beside = {
        "Next": trusting(trust, action="sts:AssumeRole", Policies=policies),
        "First": resource("IAM::Policy", Roles=[{"Ref": "Role"}], PolicyDocument=document),
    }
    written = {**API, "Role": cognito(GUESTS), **beside, **more}
    found = open_roles(Templates({"a.json": {"Resources": written}}, {"${a.json.Api}": "Test/Rest"}), dict)
    return [one.said for one in found if one.resource != "Role"]


@pytest.mark.parametrize("trust", [ROOT, {"AWS": {"Fn::GetAtt": ["Role", "Arn"]}}, {"AWS": "123456789012"}])
def test_a_role_that_one_of_guests_may_take_on_is_told_with_the_way(trust: Any) -> None:
    [said] = chained(trust)
    assert said.startswith(
        "Next is a role that a guest of an identity pool, by Role, may take on, and it may call GET /secret of Test/Rest"
    )
    assert len(chained(trust, leave("*", "sts:*"))) == 1


def test_a_chain_needs_leave_and_trust() -> None:
    assert chained({"AWS": "arn:aws:iam::123456789012:role/other"}) == []
    assert chained({"Service": "lambda.amazonaws.com"}) == []
    assert chained(ROOT, leave({"Fn::GetAtt": ["Elsewhere", "Arn"]}, "sts:AssumeRole")) == []
    assert chained(ROOT, leave("*", "s3:GetObject")) == []
    assert chained(ROOT, leave("*", "sts:AssumeRole", Effect="Deny")) == []
    worker = {
        "Worker": trusting({"Service": "lambda.amazonaws.com"}),
        "Leave": resource("IAM::Policy", Roles=[{"Ref": "Worker"}], PolicyDocument=ASSUMES),
    }
    assert chained(ROOT, leave("*", "s3:GetObject"), **worker) == []


def test_chains_may_be_long_and_lead_back() -> None:
    last = trusting(ROOT, action="sts:AssumeRole", Policies=[{"PolicyName": "p", "PolicyDocument": leave(route("GET/secret"))}])
    between = resource("IAM::Policy", Roles=[{"Ref": "Next"}], PolicyDocument=leave("*", "sts:AssumeRole"))
    told = chained(ROOT, Last=last, Between=between)
    assert any(said.startswith("Last is a role that a guest of an identity pool, by Role") for said in told)
