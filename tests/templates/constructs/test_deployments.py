"""A new deployment for every edit of what is rendered, and for nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from gateleg.cdk import (
    ApiKeyAuthorizer,
    CognitoAuthorizer,
    Cors,
    DirectRoute,
    IamAuthorizer,
    RequestAuthorizer,
    RestGateway,
    TokenAuthorizer,
)
from gateleg.description import Route
from tests.templates.constructs.samples import BODY, MODEL, ROUTES, function, gateway, rest_description, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode

DEPLOYMENT = "AWS::ApiGateway::Deployment"
Edit = dict[str, Any]
NEW_ROUTE = Route("DELETE /rooms/{room}", "svc.rest:drop")


def deployment(build: Callable[[Stack], object]) -> str:
    return synthesized(build).id_of(DEPLOYMENT)


def full(stack: Stack, code: HandlerCode, **edit: Any) -> RestGateway:
    auth, other = function(stack, code), function(stack, code, "Other")
    defaults: Edit = {"ttl": 60, "judge": auth, "header": "Authorization", "pattern": None, "health": auth, "memory": 128, "props": {}}
    settings = defaults | edit
    judge: Any = other if settings["judge"] == "other" else auth
    health: Any = other if settings["health"] == "other" else auth
    token = TokenAuthorizer(judge, header=settings["header"], ttl=Duration.seconds(settings["ttl"]), pattern=settings["pattern"])
    props: Edit = {
        "apps": [rest_description(*ROUTES)],
        "authorizers": {"token": token, "iam": IamAuthorizer()},
        "default_authorizer": "token",
        "routes": {"GET /health": health},
        "cors": Cors(["https://a.example"]),
        "function_options": {"code": code, "memory_size": settings["memory"]},
    }
    return gateway(stack, code, **(props | settings["props"]))


EDITS: dict[str, Edit] = {
    "a new route": {"props": {"apps": [rest_description(*ROUTES, NEW_ROUTE)]}},
    "a route less": {"props": {"apps": [rest_description(*ROUTES[1:])]}},
    "another method": {"props": {"apps": [rest_description(replace(ROUTES[0], key="PUT /rooms/{room}/messages"), *ROUTES[1:])]}},
    "another path": {"props": {"apps": [rest_description(replace(ROUTES[0], key="GET /halls"), *ROUTES[1:])]}},
    "a route made public": {"props": {"apps": [rest_description(replace(ROUTES[0], public="why"), *ROUTES[1:])]}},
    "another authorizer on a route": {
        "props": {"apps": [rest_description(replace(ROUTES[0], operation={"security": [{"iam": []}]}), *ROUTES[1:])]}
    },
    "another model": {"props": {"apps": [rest_description(*ROUTES, NewMessage=MODEL | {"required": []})]}},
    "no validation": {"props": {"apps": [rest_description(*ROUTES, validates=False)]}},
    "a required parameter": {
        "props": {
            "apps": [
                rest_description(
                    ROUTES[0],
                    replace(
                        ROUTES[1],
                        operation=BODY | {"parameters": [{"name": "n", "in": "query", "required": True, "schema": {"type": "integer"}}]},
                    ),
                    ROUTES[2],
                )
            ]
        }
    },
    "the authorizer's time to live": {"ttl": 61},
    "the authorizer's function": {"judge": "other"},
    "the authorizer's header": {"header": "X-Token"},
    "the authorizer's pattern": {"pattern": "^x$"},
    "another default authorizer": {"props": {"default_authorizer": "iam"}},
    "one more authorizer": {"props": {"default_authorizer": "iam", "authorizers": {"iam": IamAuthorizer(), "key": ApiKeyAuthorizer()}}},
    "a direct route's function": {"health": "other"},
    "a direct route's reason": {"props": {"routes": {"GET /health": DirectRoute({"type": "mock"}, public="why")}}},
    "an origin": {"props": {"cors": Cors(["https://b.example"])}},
    "one more origin": {"props": {"cors": Cors(["https://a.example", "https://b.example"])}},
    "the age of preflights": {"props": {"cors": Cors(["https://a.example"], max_age=1)}},
    "allowed headers": {"props": {"cors": Cors(["https://a.example"], allow_headers=["X-A"])}},
    "no cors": {"props": {"cors": None}},
    "binary bodies": {"props": {"binary_media_types": ["image/png"]}},
    "the policy": {
        "props": {"policy": iam.PolicyDocument(statements=[iam.PolicyStatement(actions=["execute-api:Invoke"], resources=["*"])])}
    },
    "the tls policy": {"props": {"security_policy": "SecurityPolicy_TLS13_1_3_2025_09"}},
}
OTHER_EDITS: dict[str, Edit] = {
    "throttling": {"props": {"throttling_rate_limit": 1}},
    "logs": {"props": {"access_log_retention": None}},
    "memory": {"memory": 256},
}


@pytest.fixture(scope="module")
def before(code: HandlerCode) -> str:
    return deployment(lambda stack: full(stack, code))


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_an_edit_of_the_api_is_deployed(edit: Edit, code: HandlerCode, before: str) -> None:
    assert deployment(lambda stack: full(stack, code, **edit)) != before


@pytest.mark.parametrize("edit", OTHER_EDITS.values(), ids=OTHER_EDITS.keys())
def test_an_edit_elsewhere_is_not(edit: Edit, code: HandlerCode, before: str) -> None:
    assert deployment(lambda stack: full(stack, code, **edit)) == before


def test_other_constructs_made_first_change_no_deployment(code: HandlerCode) -> None:
    """Tokens are numbered in the order of their making; the hash must not see the numbers."""

    def late(stack: Stack) -> None:
        for number in range(5):
            lambda_.Function(
                stack, f"F{number}", code=lambda_.Code.from_inline("x"), handler="index.x", runtime=lambda_.Runtime.PYTHON_3_14
            ).add_environment("ARN", stack.format_arn(service="x", resource=f"y{number}"))
        build(stack)

    def build(stack: Stack) -> None:
        far = Stack(stack, "Far")
        judge = function(far, code)
        authorizers = {"pool": CognitoAuthorizer([cognito.UserPool(stack, "Pool")]), "far": RequestAuthorizer(judge)}
        gateway(stack, code, authorizers=authorizers, default_authorizer="pool")

    assert deployment(build) == deployment(late)


def test_an_override_of_the_body_is_deployed(code: HandlerCode, before: str) -> None:
    def build(stack: Stack) -> None:
        full(stack, code).api.resource.add_property_override("Body.info.description", "by hand")

    def removed(stack: Stack) -> None:
        full(stack, code).api.resource.add_property_deletion_override("Body.info")

    assert len({deployment(build), deployment(removed), before}) == 3
    assert synthesized(build).one("AWS::ApiGateway::RestApi")["Body"]["info"]["description"] == "by hand"


def test_a_route_added_later_is_deployed(code: HandlerCode, before: str) -> None:
    assert deployment(lambda stack: full(stack, code).add_route("GET /late", DirectRoute({"type": "mock"}, public="why"))) != before


def test_the_stage_points_to_the_deployment(code: HandlerCode) -> None:
    template = synthesized(lambda stack: gateway(stack, code))
    assert template.one("AWS::ApiGateway::Stage")["DeploymentId"] == {"Ref": template.id_of(DEPLOYMENT)}
