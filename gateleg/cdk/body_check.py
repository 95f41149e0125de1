"""What stands beside the OpenAPI body of an API is dropped by the next import, so it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import CfnResource, ConstructSelector, Mixins, Stack
from aws_cdk import aws_apigateway as apigateway
from constructs import IValidation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import Construct

_INSTEAD: dict[Any, str] = {
    apigateway.CfnMethod: 'RestGateway(routes={"GET /path": function}) or add_route("GET /path", function)',
    apigateway.CfnResource: 'RestGateway(routes={"GET /path": function}) or add_route("GET /path", function)',
    apigateway.CfnGatewayResponse: "a subclass of RestGateway that overrides _render_body()",
    apigateway.CfnModel: "RestGateway(validate_requests=True), or a subclass that overrides _render_body()",
    apigateway.CfnRequestValidator: "RestGateway(validate_requests=True), or a subclass that overrides _render_body()",
    apigateway.CfnAuthorizer: 'RestGateway(authorizers={"name": TokenAuthorizer(function)})',
    apigateway.CfnDocumentationPart: "a subclass of RestGateway that overrides _render_body()",
}


@jsii.implements(IValidation)
class _NothingBeside:
    def __init__(self, gateway: Construct, api: apigateway.SpecRestApi) -> None:
        self._gateway = gateway
        self._api = api

    def validate(self) -> list[str]:
        return [
            f"{part.node.path} adds an {part.cfn_resource_type} beside the OpenAPI body of {self._gateway.node.path}, and the next import "
            f"would drop it; write {instead}"
            for part, instead in self._parts()
            if _is_of(part, self._api)
        ]

    def _parts(self) -> Iterator[tuple[Any, str]]:
        selector = ConstructSelector.resources_of_type(*(kind.CFN_RESOURCE_TYPE_NAME for kind in _INSTEAD))
        parts: list[Any] = Mixins.of(self._gateway.node.root, selector).selected_constructs
        for part in parts:
            # Not by its class: one may name only the type.
            yield part, next(text for kind, text in _INSTEAD.items() if part.cfn_resource_type == kind.CFN_RESOURCE_TYPE_NAME)


def _is_of(part: Any, api: apigateway.SpecRestApi) -> bool:
    """Whether a resource names the API, by its token or by a reference that says the same."""
    named = part._cfn_properties.get("RestApiId") if type(part) is CfnResource else part.rest_api_id  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] (CDK has no other)
    stack = Stack.of(api)
    beside = Stack.of(part).node.path == stack.node.path
    return bool(named == api.rest_api_id or (beside and stack.resolve(named) == stack.resolve(api.rest_api_id)))


def refuse_parts_beside(gateway: Construct, api: apigateway.SpecRestApi) -> None:
    """Let synth fail where methods, models, validators, authorizers or gateway responses are added to the API, by whichever door.

    Args:
        gateway: Whose API it is.
        api: The API.
    """
    gateway.node.add_validation(_NothingBeside(gateway, api))
