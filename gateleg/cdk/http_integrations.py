"""What answers a route of an HTTP API beside functions: integration objects, and CDK's own integrations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import Stack
from aws_cdk import aws_apigatewayv2 as apigatewayv2

from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct, Node

_MEMBERS = frozenset(
    {
        "type",
        "httpMethod",
        "uri",
        "payloadFormatVersion",
        "connectionType",
        "connectionId",
        "credentials",
        "timeoutInMillis",
        "integrationSubtype",
        "requestParameters",
        "responseParameters",
        "tlsConfig",
    }
)


def http_integration(key: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """An `x-amazon-apigateway-integration` object as the import of an HTTP API reads it.

    Args:
        key: The route.
        given: What the gateway was given.

    Raises:
        DeclarationError: An HTTP API has no such integration, or drops a part of it.
    """
    kind = str(given.get("type")).lower()
    if kind not in {"aws_proxy", "http_proxy"}:
        problem = (
            f"of type {given.get('type')!r}, and an HTTP API has aws_proxy and http_proxy alone; write one of them, or use RestGateway"
        )
    elif dropped := sorted(given.keys() - _MEMBERS):
        problem = f"with {', '.join(dropped)}, which an HTTP API drops; leave it out, or use RestGateway"
    elif given.get("connectionType") == "VPC_LINK" and not given.get("connectionId"):
        problem = "with connectionType VPC_LINK and no connectionId; write connectionId: link.vpc_link_id"
    else:
        version = "2.0" if kind == "aws_proxy" and "integrationSubtype" not in given else "1.0"
        return {"payloadFormatVersion": version} | dict(given)
    message = f"{key} has an integration object {problem}"
    raise DeclarationError(message, path=key, value=dict(given), code="declaration.integration")


def bound(integration: apigatewayv2.HttpRouteIntegration, api: apigatewayv2.HttpApi, scope: Construct) -> dict[str, Any]:
    """The integration object of an integration of CDK, such as `HttpAlbIntegration`.

    Args:
        integration: The integration.
        api: The API.
        scope: Where resources go that it makes.
    """
    config = integration.bind(route=cast("apigatewayv2.IHttpRoute", _Route(api)), scope=scope)
    mapped = config.parameter_mapping
    found = {
        "type": config.type.value.lower(),
        "httpMethod": config.method and config.method.value,
        "uri": config.uri,
        "payloadFormatVersion": config.payload_format_version.version,
        "connectionType": config.connection_type and config.connection_type.value,
        "connectionId": config.connection_id,
        "credentials": config.credentials and config.credentials.credentials_arn,
        "timeoutInMillis": config.timeout and config.timeout.to_milliseconds(),
        "integrationSubtype": config.subtype and _subtype(config.subtype),
        "requestParameters": mapped and dict(mapped.mappings),
        "tlsConfig": config.secure_server_name and {"serverNameToVerify": config.secure_server_name},
    }
    return {name: value for name, value in found.items() if value}


def _subtype(subtype: apigatewayv2.HttpIntegrationSubtype) -> str:
    """`EventBridge-PutEvents`, as CloudFormation has it."""
    service, action = subtype.name.split("_", 1)
    return f"{_SERVICES[service]}-{''.join(word.title() for word in action.split('_'))}"


_SERVICES = {"EVENTBRIDGE": "EventBridge", "SQS": "SQS", "APPCONFIG": "AppConfig", "KINESIS": "Kinesis", "STEPFUNCTIONS": "StepFunctions"}


@jsii.implements(apigatewayv2.IHttpRoute)
class _Route:
    """Stands for a route in the body, of which an integration of CDK asks for its API."""

    def __init__(self, api: apigatewayv2.HttpApi) -> None:
        self._api = api

    @property
    def http_api(self) -> apigatewayv2.HttpApi:
        return self._api

    @property
    def node(self) -> Node:
        return self._api.node

    @property
    def stack(self) -> Stack:
        return Stack.of(self._api)

    @property
    def env(self) -> Any:
        return self._api.env
