"""API keys and usage plans: who has a key is declared once, what a key may ask is held by AWS, and no key's value is in the template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack, Tags
from aws_cdk import aws_apigateway as apigateway

from gateleg.cdk import ApiKeyAuthorizer, IamAuthorizer, Quota, RestGateway, Throttle, UsagePlan
from gateleg.description import Route
from gateleg.errors import DeclarationError, RouteError
from tests.templates.constructs.samples import Template, gateway, rest_description, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode

PLAN, KEY, PLAN_KEY = "AWS::ApiGateway::UsagePlan", "AWS::ApiGateway::ApiKey", "AWS::ApiGateway::UsagePlanKey"
YEAR: Any = "YEAR"
FIVE: Any = 5
KEYED = (Route("GET /orders/{id}", "svc.rest:order", security=({"key": []},)), Route("GET /me", "svc.rest:me"))
PARTNERS = UsagePlan(["acme", "globex"], Throttle(10, 5), Quota(10_000, "MONTH"), {"GET /orders/{id}": Throttle(1, 2)})


def keyed(stack: Stack, code: HandlerCode, **props: Any) -> RestGateway:
    given: dict[str, Any] = {
        "apps": [rest_description(*KEYED)],
        "authorizers": {"key": ApiKeyAuthorizer(), "iam": IamAuthorizer()},
        "default_authorizer": "iam",
        "usage_plans": {"partners": PARTNERS},
    }
    return gateway(stack, code, **given | props)


@pytest.fixture(scope="module")
def partners(code: HandlerCode) -> Template:
    return synthesized(lambda stack: keyed(stack, code))


def test_a_plan_holds_the_stage_what_a_key_may_ask_and_the_routes_that_it_throttles(partners: Template) -> None:
    plan = partners.one(PLAN)
    assert (plan["UsagePlanName"], plan["Throttle"]) == ("partners", {"RateLimit": 10, "BurstLimit": 5})
    assert plan["Quota"] == {"Limit": 10_000, "Period": "MONTH"}
    [stage] = plan["ApiStages"]
    assert stage == {
        "ApiId": {"Ref": partners.id_of("AWS::ApiGateway::RestApi")},
        "Stage": {"Ref": partners.id_of("AWS::ApiGateway::Stage")},
        "Throttle": {"/orders/{id}/GET": {"RateLimit": 1, "BurstLimit": 2}},
    }


def test_each_key_is_made_without_a_value_and_belongs_to_its_plan(partners: Template) -> None:
    keys = partners.all(KEY)
    assert [key["Properties"].keys() & {"Value", "Name"} for key in keys.values()] == [set(), set()]
    joined = [key["Properties"] for key in partners.all(PLAN_KEY).values()]
    assert [key["KeyId"] for key in joined] == [{"Ref": name} for name in keys]
    assert {(str(key["UsagePlanId"]), key["KeyType"]) for key in joined} == {(str({"Ref": partners.id_of(PLAN)}), "API_KEY")}


def test_only_the_route_that_asks_for_a_key_needs_one(partners: Template) -> None:
    paths = partners.one("AWS::ApiGateway::RestApi")["Body"]["paths"]
    assert paths["/orders/{id}"]["get"]["security"] == [{"key": []}]
    assert paths["/me"]["get"]["security"] == [{"iam": []}]


def test_the_order_of_keys_changes_no_logical_id(code: HandlerCode, partners: Template) -> None:
    turned = synthesized(lambda stack: keyed(stack, code, usage_plans={"partners": UsagePlan(["globex", "acme"])}))
    assert set(turned.all(KEY)) | set(turned.all(PLAN_KEY)) == set(partners.all(KEY)) | set(partners.all(PLAN_KEY))


def test_plans_and_keys_are_at_hand_and_given_keys_are_taken(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        own = apigateway.ApiKey(stack, "Own")
        there = apigateway.ApiKey.from_api_key_id(stack, "There", "abc123")
        rest = keyed(stack, code, usage_plans={"partners": UsagePlan([own, there, "acme"]), "trial": UsagePlan(quota=Quota(5, "DAY"))})
        Tags.of(rest.usage_plans["trial"]).add("cost", "none")
        assert rest.api_keys["acme"].key_id

    template = synthesized(build)
    assert {str(key["Properties"]["KeyId"]) for key in template.all(PLAN_KEY).values()} >= {"abc123"}
    assert len(template.all(PLAN_KEY)) == 3
    [trial] = [plan["Properties"] for plan in template.all(PLAN).values() if plan["Properties"]["UsagePlanName"] == "trial"]
    assert (trial["Tags"], trial["Quota"]) == ([{"Key": "cost", "Value": "none"}], {"Limit": 5, "Period": "DAY"})


def test_a_key_whose_value_is_written_down_is_refused_and_one_of_a_token_is_not() -> None:
    stack = Stack(App(), "Test")
    with pytest.raises(DeclarationError, match="the value of the key Test/Own would stand in the template; leave value out"):
        UsagePlan([apigateway.ApiKey(stack, "Own", value="k" * 30)])
    assert UsagePlan([apigateway.ApiKey(stack, "Given", value=stack.stack_id)]).keys
    assert UsagePlan([apigateway.ApiKey(stack, "Made")]).keys


@pytest.mark.parametrize(
    ("plans", "told"),
    [
        ({"a": UsagePlan(["acme", "acme"])}, r"the key 'acme' is twice, .* leave it out once, or make another key"),
        ({"a": UsagePlan(["acme"]), "b": UsagePlan(["acme"])}, "the key 'acme' is in the usage plans 'a' and 'b'"),
    ],
)
def test_a_key_has_one_plan_of_a_stage(code: HandlerCode, plans: Any, told: str) -> None:
    with pytest.raises(DeclarationError, match=told):
        synthesized(lambda stack: keyed(stack, code, usage_plans=plans))


def test_a_plan_throttles_routes_that_are_there(code: HandlerCode) -> None:
    plan = UsagePlan(throttles={"GET /order/{id}": Throttle(1, 1)})
    with pytest.raises(RouteError, match=r"usage plan 'p' throttles 'GET /order/\{id\}', .* write one of 'GET /orders/\{id\}'"):
        synthesized(lambda stack: keyed(stack, code, usage_plans={"p": plan}))


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: UsagePlan(["my key"]), "UsagePlan(keys=...) takes a list of which each is a name"),
        (lambda: Quota(0), "a whole number from 1"),
        (lambda: Quota(1, YEAR), "'DAY', 'WEEK' or 'MONTH'"),
        (lambda: UsagePlan(throttles={"GET /x": FIVE}), "a Throttle, such as Throttle(10, 5)"),
    ],
)
def test_what_is_no_plan_is_told_with_what_to_write(make: Callable[[], object], told: str) -> None:
    with pytest.raises(DeclarationError) as raised:
        make()
    assert told in str(raised.value)


def test_a_plan_is_named_as_a_construct_can_be(code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match=r"usage_plans=\.\.\.\) takes a dictionary of usage plans by names"):
        synthesized(lambda stack: keyed(stack, code, usage_plans={"our partners": UsagePlan()}))


def test_routes_that_ask_for_a_key_without_a_plan_are_warned_of(code: HandlerCode, partners: Template) -> None:
    without = synthesized(lambda stack: keyed(stack, code, usage_plans=None))
    assert [
        message for message in without.messages if "answered 403" in message and "usage_plans={'partners': UsagePlan(['acme'])}" in message
    ]
    assert not [message for message in partners.messages if "answered 403" in message]


def test_a_throttle_that_holds_nobody_is_refused(code: HandlerCode) -> None:
    plans = {"partners": UsagePlan(["acme"], throttles={"GET /me": Throttle(1, 1)})}
    with pytest.raises(RouteError, match=r"throttles 'GET /me', which asks for no key, .* or write RestGateway\(throttles=\.\.\.\)"):
        synthesized(lambda stack: keyed(stack, code, usage_plans=plans))
    assert synthesized(lambda stack: keyed(stack, code, usage_plans=plans, default_authorizer="key")).one(PLAN)
    assert synthesized(lambda stack: keyed(stack, code, throttles={"GET /me": Throttle(1, 1)})).one(PLAN)


def test_a_plan_that_is_named_as_the_construct_of_a_key_is_refused(code: HandlerCode) -> None:
    with pytest.raises(DeclarationError, match=r"'Key-acme' is named as the construct of the key 'acme'; name one of them otherwise"):
        synthesized(lambda stack: keyed(stack, code, usage_plans={"Key-acme": UsagePlan(), "p": UsagePlan(["acme"])}))
