"""What would be added to an API beside its OpenAPI body is refused, whichever door it comes through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, CfnResource, Fn, Stack
from aws_cdk import aws_apigateway as apigateway

from tests.templates.constructs.samples import gateway, synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.cdk import HandlerCode, RestGateway

pytestmark = pytest.mark.slow

DOORS: dict[str, Callable[[RestGateway], object]] = {
    "a method by its type's name": lambda rest: CfnResource(
        Stack.of(rest), "M", type="AWS::ApiGateway::Method", properties={"RestApiId": rest.api.rest_api_id, "HttpMethod": "GET"}
    ),
    "a method by the API's logical id": lambda rest: apigateway.CfnMethod(
        Stack.of(rest),
        "M",
        rest_api_id=Fn.ref(Stack.of(rest).get_logical_id(cast("Any", rest.api.node.default_child))),
        resource_id="r",
        http_method="GET",
    ),
    "a method of the root": lambda rest: rest.api.root.add_method("GET", apigateway.MockIntegration()),
    "a resource": lambda rest: rest.api.root.add_resource("x"),
    "a proxy": lambda rest: rest.api.root.add_proxy(default_integration=apigateway.MockIntegration()),
    "a gateway response": lambda rest: rest.api.add_gateway_response("Gone", type=apigateway.ResponseType.DEFAULT_4_XX),
    "a gateway response of the stack": lambda rest: apigateway.GatewayResponse(
        Stack.of(rest), "Gone", rest_api=rest.api, type=apigateway.ResponseType.DEFAULT_4_XX
    ),
    "a model": lambda rest: apigateway.Model(Stack.of(rest), "Model", rest_api=rest.api, schema=apigateway.JsonSchema()),
    "a validator": lambda rest: apigateway.RequestValidator(Stack.of(rest), "Check", rest_api=rest.api),
    "an L1 method": lambda rest: apigateway.CfnMethod(
        Stack.of(rest), "M", rest_api_id=rest.api.rest_api_id, resource_id=rest.api.rest_api_root_resource_id, http_method="GET"
    ),
    "an L1 authorizer": lambda rest: apigateway.CfnAuthorizer(
        Stack.of(rest), "A", rest_api_id=rest.api.rest_api_id, name="a", type="TOKEN"
    ),
    "a documentation part": lambda rest: apigateway.CfnDocumentationPart(
        Stack.of(rest), "D", rest_api_id=rest.api.rest_api_id, location={"type": "API"}, properties="{}"
    ),
    "a method of another stack": lambda rest: apigateway.CfnMethod(
        Stack(cast("App", rest.node.root), "Other"), "M", rest_api_id=rest.api.rest_api_id, resource_id="r", http_method="GET"
    ),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS.keys())
def test_parts_beside_the_body_are_refused_through_every_door(door: Callable[[RestGateway], object], code: HandlerCode) -> None:
    with pytest.raises(RuntimeError, match=r"beside the OpenAPI body of Test/Rest, and the next import would drop it; write .*RestGateway"):
        synthesized(lambda stack: door(gateway(stack, code)))


def test_parts_of_other_apis_are_left_alone(code: HandlerCode) -> None:
    def build(stack: Stack) -> None:
        gateway(stack, code)
        apigateway.RestApi(stack, "Own", cloud_watch_role=False).root.add_method("GET", apigateway.MockIntegration())

    assert len(synthesized(build).all("AWS::ApiGateway::RestApi")) == 2
