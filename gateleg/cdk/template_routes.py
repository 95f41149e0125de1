"""Routes that answer anybody, as templates have them, whichever construct made their API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.policy_callers import lets_everybody_in
from gateleg.cdk.body_rules.policy_reach import policies
from gateleg.cdk.body_rules.reading import INTEGRATION, STAGES, RestApi, is_made, listing, mapping, stage_values
from gateleg.cdk.template_sockets import is_open

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.cdk.written_templates import Place, Templates

APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")


@dataclass(frozen=True)
class OpenRoute:
    """A route that answers anybody.

    Attributes:
        place: The resource.
        api: Its API, as `Templates.read` reads a reference to that.
        key: `GET /rooms`.
        template: The template that what it calls stands in.
        uri: The URI or ARN of that.
        called: All that is said of it.
        is_own: Whether a gateway made the route.
    """

    place: Place
    api: str
    key: str
    template: str
    uri: Any
    called: Mapping[str, Any]
    is_own: bool = False


def open_routes(templates: Templates) -> Iterator[OpenRoute]:
    """The routes of REST and HTTP APIs that ask nobody.

    Args:
        templates: The templates.
    """
    apis = {templates.read(name, {"Ref": found}): (name, found, api) for name, found, api in templates.each(*APIS) if not is_closed(api)}
    for ref, (name, found, api) in apis.items():
        for key, called in _of_body(api):
            yield OpenRoute((name, found), ref, key, name, called.get("uri"), called, ref in templates.apis)
        if "Target" in api:
            yield OpenRoute((name, found), ref, "$default", name, api["Target"], {})
    for name, found, method in templates.each("AWS::ApiGateway::Method"):
        if (ref := templates.read(name, method.get("RestApiId"))) in apis and is_open(method) and method.get("ApiKeyRequired") is not True:
            integration = mapping(method.get("Integration"))
            yield OpenRoute((name, found), ref, f"its {method.get('HttpMethod')}", name, integration.get("Uri"), integration)
    for name, found, route in templates.each("AWS::ApiGatewayV2::Route"):
        if (ref := templates.read(name, route.get("ApiId"))) in apis and is_open(route):
            for where, target in templates.named(templates.read(name, route.get("Target"))):
                given = templates.resources(where)[target].get("Properties", {})
                called = {**given, "subtype": given.get("IntegrationSubtype")}
                yield OpenRoute((name, found), ref, str(route.get("RouteKey")), where, given.get("IntegrationUri"), called)


def _of_body(api: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for operation in RestApi(api).operations:
        listed = any(map(mapping, listing(operation.raw.get("security"))))
        if not listed and mapping(operation.raw.get("x-amazon-apigateway-auth")).get("type", "NONE") == "NONE":
            method = "ANY" if operation.member.startswith("x-") else operation.member.upper()
            integration = operation.raw.get(INTEGRATION)
            yield f"{method} {operation.path}", {**mapping(integration), "subtype": mapping(integration).get("integrationSubtype")}


def variables(templates: Templates, route: OpenRoute, uri: str) -> dict[str, list[str]]:
    """By the stage variables in what a route calls, their values, each as `Templates.read` reads it.

    Args:
        templates: The templates.
        route: The route.
        uri: What it calls, read.
    """
    if "stageVariables." not in uri:
        return {}
    every = ((name, stage) for name, _, stage in templates.each(*STAGES))
    own = [(name, stage) for name, stage in every if templates.read(name, stage.get("RestApiId", stage.get("ApiId"))) == route.api]
    found = [(name, stage_values(uri, [stage])) for name, stage in own]
    return {
        variable: [templates.read(name, value) for name, values in found for value in values[variable]]
        for variable in stage_values(uri, [])
    }


def with_variables(templates: Templates, route: OpenRoute, uri: str) -> str:
    """What a route calls, with the values that stages give the variables in it.

    Args:
        templates: The templates.
        route: The route.
        uri: What it calls, read.
    """
    values = [value for each in variables(templates, route, uri).values() for value in each]
    return " ".join([uri, *(f":{value}" for value in values)])


def is_closed(api: Mapping[str, Any]) -> bool:
    """Whether an API has a policy that says who may call, or one that CloudFormation makes, answers in a VPC alone, or sends events of WebSockets."""
    private = "PRIVATE" in listing(mapping(api.get("EndpointConfiguration")).get("Types"))
    told = is_made(api.get("Policy")) or any(not lets_everybody_in(policy) for _, policy in policies(RestApi(api)))
    return told or private or api.get("ProtocolType") == "WEBSOCKET"
