"""Leave to call exactly the routes that are named, of those that IAM guards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Aws, Environment, Stack
from aws_cdk import aws_iam as iam

from gateleg.cdk import ApiKeyAuthorizer, HttpGateway, IamAuthorizer, JwtAuthorizer, RestGateway, allow_only
from gateleg.description import Route
from gateleg.errors import AuthorizerError, DeclarationError, RouteError
from tests.templates.constructs.samples import Template, function, gateway, http_description, http_gateway, rest_description, synthesized

if TYPE_CHECKING:
    from gateleg.cdk import HandlerCode

OTHER: tuple[dict[str, list[str]], ...] = ({"other": []},)
ROUTES = (
    Route("GET /me", "h"),
    Route("POST /me", "h"),
    Route("GET /rooms/{room}", "h"),
    Route("GET /rooms/{room}/messages", "h"),
    Route("GET /halls/{hall}", "h"),
    Route("GET /halls/{hall}/seats", "h", security=OTHER),
    Route("PUT /halls/{hall}", "h"),
    Route("ANY /files/{path+}", "h"),
    Route("GET /files", "h"),
    Route("GET /docs/{page}", "h"),
    Route("ANY /docs/{page}/source", "h"),
    Route("GET /trees/oak/{leaf}", "h"),
    Route("GET /trees/{path+}", "h"),
    Route("GET /open", "h", public="why"),
)


def rest(stack: Stack, code: HandlerCode) -> RestGateway:
    guards: dict[str, Any] = {"iam": IamAuthorizer(), "other": ApiKeyAuthorizer()}
    return gateway(stack, code, apps=[rest_description(*ROUTES)], authorizers=guards, default_authorizer="iam")


def http(stack: Stack, code: HandlerCode) -> HttpGateway:
    guards: dict[str, Any] = {"iam": IamAuthorizer(), "other": JwtAuthorizer("https://login.example.com/", ["shop"])}
    return http_gateway(stack, code, apps=[http_description(*ROUTES)], authorizers=guards, default_authorizer="iam")


def granted(template: Template) -> list[str]:
    """What the role may invoke, behind the API's id."""
    [role] = [name for name in template.all("AWS::IAM::Role") if name.startswith("Caller")]
    found: list[str] = []
    for statement in template.statements(role):
        assert statement["Action"] == "execute-api:Invoke"
        resources: Any = statement["Resource"]
        found += [resource["Fn::Join"][1][-1] for resource in (resources if "Fn::Join" not in resources else [resources])]
    return found


def with_role(build: Any, code: HandlerCode, *routes: str) -> Template:
    def made(stack: Stack) -> None:
        principal: Any = iam.AccountRootPrincipal()
        assert build(stack, code).grant_invoke(iam.Role(stack, "Caller", assumed_by=principal), *routes).success

    return synthesized(made)


def test_a_role_may_call_the_routes_that_are_named_and_no_others(code: HandlerCode) -> None:
    assert granted(with_role(rest, code, "GET /me", "GET /halls/{hall}")) == ["/live/GET/me", "/live/GET/halls/*"]
    assert granted(with_role(http, code, "GET /me")) == ["/$default/GET/me"]
    assert granted(with_role(rest, code, "ANY /files/{path+}")) == ["/live/*/files/*"]


def test_a_function_of_the_same_stack_may_too(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        rest(stack, code).grant_invoke(function(stack, code, "Caller"), "GET /me")

    assert "execute-api:Invoke" in str(synthesized(build).all("AWS::IAM::Policy"))


@pytest.mark.parametrize(
    ("routes", "error", "told"),
    [
        ((), RouteError, r"was given no route; name some of .*'ANY /files/\{path\+\}', 'GET /docs/"),
        (("GET /mee",), RouteError, r"names 'GET /mee', which is no route of the gateway; write one of 'GET /me'"),
        (("GET /open",), AuthorizerError, r"GET /open is public, and IAM policies decide nothing there; .* leave it out of grant_invoke"),
        (
            ("GET /halls/{hall}/seats",),
            AuthorizerError,
            "guarded by other, and IAM policies decide nothing there; guard it by an IamAuthorizer",
        ),
        (("GET /rooms/{room}",), AuthorizerError, r"is leave for GET /rooms/\{room\}/messages too, .* name both in grant_invoke"),
        (("GET /docs/{page}",), AuthorizerError, r"is leave for ANY /docs/\{page\}/source too"),
        (("GET /trees/oak/{leaf}",), AuthorizerError, r"is leave for GET /trees/\{path\+\} too"),
    ],
)
def test_leave_for_what_is_not_guarded_or_not_named_is_refused(code: HandlerCode, routes: Any, error: Any, told: str) -> None:
    with pytest.raises(error, match=told):
        with_role(rest, code, *routes)


def test_what_the_refusal_advises_is_taken(code: HandlerCode) -> None:
    both = ("GET /rooms/{room}", "GET /rooms/{room}/messages")
    assert granted(with_role(rest, code, *both)) == ["/live/GET/rooms/*", "/live/GET/rooms/*/messages"]
    assert granted(with_role(rest, code, "PUT /halls/{hall}")) == ["/live/PUT/halls/*"]


def test_whoever_cannot_be_granted_is_told(code: HandlerCode) -> None:
    anybody: Any = "arn:aws:iam::123456789012:role/caller"
    with pytest.raises(DeclarationError, match=r"grant_invoke\(grantee=\.\.\.\) takes a role, a user or a function of CDK"):
        synthesized(lambda stack: rest(stack, code).grant_invoke(anybody, "GET /me"))


@pytest.mark.parametrize("build", [rest, http])
def test_a_grantee_that_takes_no_policy_is_refused(code: HandlerCode, build: Any) -> None:
    """CDK would say nothing, and add nothing."""
    account: Any = iam.AccountPrincipal("999999999999")
    service: Any = iam.ServicePrincipal("events.amazonaws.com")
    with pytest.raises(AuthorizerError, match="an identity of the account 999999999999, to which this stack can attach nothing"):
        synthesized(lambda stack: build(stack, code).grant_invoke(account, "GET /me"))
    with pytest.raises(AuthorizerError, match="a grantee that takes no policy"):
        synthesized(lambda stack: build(stack, code).grant_invoke(service, "GET /me"))


def test_an_imported_role_of_another_account_is_refused_with_the_resource_policy_to_write(code: HandlerCode) -> None:
    def build(*, policy: Any = None, grant: bool = True) -> dict[str, Any]:
        app = App()
        stack = Stack(app, "Here", env=Environment(account="123456789012", region="eu-central-1"))
        made = RestGateway(
            stack,
            "Rest",
            apps=[rest_description(*ROUTES[:2])],
            authorizers={"iam": IamAuthorizer()},
            function_options={"code": code},
            policy=policy,
        )
        if grant:
            made.grant_invoke(iam.Role.from_role_arn(stack, "Theirs", "arn:aws:iam::999999999999:role/x"), "GET /me")
        found: dict[str, Any] = app.synth().get_stack_by_name("Here").template
        return found

    with pytest.raises(AuthorizerError, match=r"policy=allow_only\(accounts=\['999999999999', Aws\.ACCOUNT_ID\]\)"):
        build()
    assert "999999999999" in str(build(policy=allow_only(accounts=["999999999999", Aws.ACCOUNT_ID]), grant=False))


def test_leave_holds_on_stages_that_are_added_before_and_after(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        principal: Any = iam.AccountRootPrincipal()
        made = rest(stack, code)
        made.add_stage("before")
        made.grant_invoke(iam.Role(stack, "Caller", assumed_by=principal), "GET /me")
        made.add_stage("after")

    assert sorted(granted(synthesized(build))) == ["/after/GET/me", "/before/GET/me", "/live/GET/me"]
