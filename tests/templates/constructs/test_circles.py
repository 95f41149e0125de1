"""Nothing waits for what waits for it: within a stack synth says so, and between stacks that stand apart there is no circle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from gateleg.cdk import HandlerCode, RestGateway, TokenAuthorizer
from gateleg.cdk.template_rules import circle
from tests.templates.constructs.samples import function, gateway, judged, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

APP = "svc.rest:app"


def invoking(arn: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=["execute-api:Invoke"], resources=[arn])


CIRCLES: dict[str, Callable[[RestGateway, lambda_.Function], object]] = {
    "its URL": lambda rest, one: one.add_environment("SELF", rest.url_output.value),
    "its stage": lambda rest, one: one.add_environment("STAGE", rest.stage.stage_name),
    "an ARN of it": lambda rest, one: one.add_to_role_policy(invoking(rest.api.arn_for_execute_api())),
}


@pytest.mark.parametrize("tell", CIRCLES.values(), ids=CIRCLES)
@pytest.mark.parametrize("called", ["the app's", "a route's", "an authorizer's"])
def test_a_function_that_an_api_calls_is_not_told_of_it(
    tell: Callable[[RestGateway, lambda_.Function], object], called: str, code: HandlerCode
) -> None:
    def build(stack: Stack) -> None:
        direct, judge = function(stack, code, "Direct"), function(stack, code, "Judge")
        rest = gateway(stack, code, routes={"GET /direct": direct}, authorizers={"token": TokenAuthorizer(judge)})
        tell(rest, {"the app's": rest.functions[APP], "a route's": direct, "an authorizer's": judge}[called].function)

    told = judged(build, refused=True)
    assert "waits for Rest" in told
    assert "finds the address in the request (app.current_event.request_context.domain_name)" in told


def test_other_functions_are_told_and_a_policy_names_the_api_by_a_star(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        rest = gateway(stack, code)
        function(stack, code, "Other").function.add_environment("API", rest.url_output.value)
        rest.functions[APP].function.add_to_role_policy(invoking("arn:aws:execute-api:*:*:*/live/GET/x"))

    assert len(synthesized(build).all("AWS::Lambda::Function")) == 2


WAITING: list[Any] = [
    {"Properties": {"A": {"Ref": "Other"}}},
    {"Properties": {"A": [{"Fn::GetAtt": ["Other", "Arn"]}]}},
    {"Properties": {"A": {"Fn::Sub": "x-${AWS::Region}-${Other}"}}},
    {"Properties": {"A": {"Fn::Sub": ["${Other.Arn}", {}]}}},
    {"Properties": {"A": {"Fn::Sub": ["${It}", {"It": {"Ref": "Other"}}]}}},
    {"DependsOn": "Other"},
    {"DependsOn": ["Other"]},
]


@pytest.mark.parametrize("waiting", WAITING)
def test_every_way_to_wait_counts(waiting: dict[str, Any]) -> None:
    assert set(circle({"One": waiting, "Other": {"DependsOn": ["One"]}, "Third": {"DependsOn": ["One"]}})) == {"One", "Other"}
    assert circle({"One": waiting, "Other": {}, "Third": {"DependsOn": ["One", "Other"]}}) == []
    assert circle({"One": waiting}) == []


def test_a_circle_is_told_in_the_order_of_waiting() -> None:
    found = circle({"A": {"DependsOn": "B"}, "B": {"DependsOn": "C"}, "C": {"DependsOn": "A"}})
    start = found.index("A")
    assert found[start:] + found[:start] == ["A", "B", "C"]
