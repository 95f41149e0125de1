"""What stands beside the OpenAPI body of an API is dropped by the next import, so it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import CfnResource, ConstructSelector, Mixins, Stack
from constructs import IValidation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_apigateway as apigateway
    from aws_cdk import aws_apigatewayv2 as apigatewayv2
    from constructs import Construct

_REST = "RestGateway(validate_requests=True), or a subclass that overrides _render_body()"
_ROUTES = '{}(routes={{"GET /path": function}}) or add_route("GET /path", function)'
INSTEAD: Mapping[str, str] = {
    "AWS::ApiGateway::Method": _ROUTES.format("RestGateway"),
    "AWS::ApiGateway::Resource": _ROUTES.format("RestGateway"),
    "AWS::ApiGateway::GatewayResponse": 'RestGateway(gateway_responses={"UNAUTHORIZED": GatewayResponse("sign in first")})',
    "AWS::ApiGateway::Model": _REST,
    "AWS::ApiGateway::RequestValidator": _REST,
    "AWS::ApiGateway::Authorizer": 'RestGateway(authorizers={"name": TokenAuthorizer(function)})',
    "AWS::ApiGateway::DocumentationPart": "RestGateway(documentation=True), which has what handlers tell",
    "AWS::ApiGatewayV2::Route": _ROUTES.format("HttpGateway"),
    "AWS::ApiGatewayV2::Integration": _ROUTES.format("HttpGateway"),
    "AWS::ApiGatewayV2::Authorizer": 'HttpGateway(authorizers={"name": JwtAuthorizer(issuer, [audience])})',
}
"""By type what stands beside a body, what to write in its place."""


@jsii.implements(IValidation)
class _NothingBeside:
    def __init__(self, gateway: Construct, api: apigateway.SpecRestApi | apigatewayv2.HttpApi) -> None:
        self._gateway = gateway
        self._api = api

    def validate(self) -> list[str]:
        selector = ConstructSelector.resources_of_type(*INSTEAD)
        parts: list[Any] = Mixins.of(self._gateway.node.root, selector).selected_constructs
        return [
            f"{part.node.path} adds an {part.cfn_resource_type} beside the OpenAPI body of {self._gateway.node.path}, and the next import "
            f"would drop it; write {INSTEAD[part.cfn_resource_type]}"
            for part in parts
            if _is_of(part, self._api)
        ]


def _is_of(part: Any, api: Any) -> bool:
    """Whether a resource names the API, by its token or by a reference that says the same."""
    version2 = part.cfn_resource_type.startswith("AWS::ApiGatewayV2::")
    ours = getattr(api, "api_id" if version2 else "rest_api_id", None)
    if ours is None:
        return False
    if type(part) is CfnResource:  # not by its class: one may name only the type
        named = part._cfn_properties.get("ApiId" if version2 else "RestApiId")  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] (CDK has no other)
    else:
        named = part.api_id if version2 else part.rest_api_id
    stack = Stack.of(api)
    beside = Stack.of(part).node.path == stack.node.path
    return bool(named == ours or (beside and stack.resolve(named) == stack.resolve(ours)))


def refuse_parts_beside(gateway: Construct, api: apigateway.SpecRestApi | apigatewayv2.HttpApi) -> None:
    """Let synth fail where routes, models, validators, authorizers or gateway responses are added to the API, by whichever door.

    Args:
        gateway: Whose API it is.
        api: The API.
    """
    gateway.node.add_validation(_NothingBeside(gateway, api))
