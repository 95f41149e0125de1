"""What a template cannot hold is refused where it is given, and what CDK knows later stands where it was put."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnParameter, Duration, Fn, Stack
from aws_cdk import aws_events as events

from gateleg.cdk import DirectRoute, GatewayResponse, IamAuthorizer, RequestAuthorizer, RestGateway
from gateleg.cdk.integrations import EventBridgePut, HttpProxy, Mock
from gateleg.description import Route
from gateleg.errors import AuthorizerError, DeclarationError, GatelegError, RouteError
from tests.templates.constructs.rendering import integration, text
from tests.templates.constructs.samples import function, gateway, rest_description, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode

LONE, CONTROL, NONE = "a\ud800", "a\x00", "a\uffff"
URL = {"type": "http_proxy", "httpMethod": "GET", "uri": "https://prices.example.com"}
GIVEN: dict[str, Callable[[str], object]] = {
    "the body of a mock": Mock,
    "a key within it": lambda odd: Mock({"a": [{odd: 1}]}),
    "a header of a mock": lambda odd: Mock(headers={"X-A": odd}),
    "a URL": lambda odd: HttpProxy(f"https://prices.example.com/{odd}"),
    "a text of an event": lambda odd: EventBridgePut(events.EventBus(Stack(App(), "S"), "B"), source=odd, detail_type="x"),
    "a reason": lambda odd: DirectRoute(Mock(), public=odd),
    "a message": GatewayResponse,
    "the key of an integration object": lambda odd: DirectRoute(URL | {"requestTemplates": {odd: ""}}),
    "a value of an integration object": lambda odd: DirectRoute(URL | {"requestTemplates": {"a/b": odd}}),
}


@pytest.mark.parametrize("odd", [LONE, CONTROL, NONE])
@pytest.mark.parametrize("what", GIVEN)
def test_what_no_template_can_hold_is_refused_where_it_is_given(what: str, odd: str) -> None:
    with pytest.raises(GatelegError):
        GIVEN[what](odd)
    GIVEN[what]("é😀")


def test_what_an_app_tells_is_refused_with_its_route(code: HandlerCode) -> None:
    told = rest_description(Route("GET /a", "svc.rest:a", operation={"summary": "é", "description": LONE, "responses": {}}))
    with pytest.raises(RouteError, match=r"svc\.rest:app tells of GET /a with '\\ud800', a lone surrogate, .* leave it out"):
        gateway(Stack(App(), "Test"), code, apps=[told])


def test_numbers_that_are_not_known_yet_stand_where_they_were_put(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        later = CfnParameter(stack, "Later", type="Number").value_as_number
        routes = {
            "GET /mock": DirectRoute(Mock({"most": later, "list": [later]}), public="x"),
            "GET /waits": DirectRoute(HttpProxy("https://prices.example.com", timeout=Duration.millis(later)), public="x"),
        }
        judge = RequestAuthorizer(function(stack, code), ["method.request.header.X"], ttl=Duration.seconds(later))
        RestGateway(stack, "Rest", routes=routes, authorizers={"judge": judge})

    template = synthesized(build)
    answer: dict[str, Any] = integration(template, "GET /mock")["responses"]["default"]["responseTemplates"]
    assert text(answer["application/json"]) == '{"most": Later, "list": [Later]}'
    assert integration(template, "GET /waits")["timeoutInMillis"] == {"Ref": "Later"}
    schemes = template.one("AWS::ApiGateway::RestApi")["Body"]["components"]["securitySchemes"]
    assert schemes["judge"]["x-amazon-apigateway-authorizer"]["authorizerResultTtlInSeconds"] == {"Ref": "Later"}


def test_a_time_that_is_not_known_yet_may_be_one_for_which_answers_are_remembered(code: HandlerCode) -> None:
    stack = Stack(App(), "Test")
    later = Duration.seconds(CfnParameter(stack, "Later", type="Number").value_as_number)
    with pytest.raises(AuthorizerError, match=r"name one, or pass ttl=Duration\.seconds\(0\)"):
        RequestAuthorizer(function(stack, code), [], ttl=later)
    assert RequestAuthorizer(function(stack, code, "None"), [], ttl=Duration.seconds(0))


def test_a_list_that_is_not_known_yet_is_no_json_and_its_join_is() -> None:
    def build(stack: Stack) -> None:
        several = CfnParameter(stack, "Several", type="CommaDelimitedList").value_as_list
        with pytest.raises(DeclarationError, match=r"write Fn\.join\(',', the_list\)"):
            Mock({"hosts": several})
        RestGateway(stack, "Rest", routes={"GET /a": Mock({"hosts": Fn.join(",", several)})}, authorizers={"iam": IamAuthorizer()})

    assert "Several" in str(integration(synthesized(build), "GET /a"))
