"""botocore finds the API Gateway management API of the emulator only when told where it is, one WebSocket API at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateleg.local.template import is_object, references, replace_resources, resources

if TYPE_CHECKING:
    from gateleg.local.template import Json, Target

VARIABLE: Final = "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"
"""What botocore reads before it makes an endpoint of its own."""


def set_callback_endpoints(template: Json, target: Target) -> Json:
    """Set the callback URL on every function that belongs to a WebSocket API, or may post to its connections.

    A function that serves an integration of one WebSocket API gets that API's; another gets the one that its environment or its
    role's policies name; where a template has a single WebSocket API, every function gets that. A value that is already there stays.
    """
    stages = _stages(template)
    changed: Json = {}
    for name, function in resources(template, "AWS::Lambda::Function"):
        variables = function.get("Properties", {}).get("Environment", {}).get("Variables", {})
        api = _api_of(name, function, template, stages)
        if api is not None and VARIABLE not in variables:
            changed[name] = _with_variable(function, _url(api, stages[api], target))
    return replace_resources(template, changed) if changed else template


def _stages(template: Json) -> dict[str, Any]:
    """Return the stage name of each WebSocket API."""
    apis = {
        name
        for name, resource in resources(template, "AWS::ApiGatewayV2::Api")
        if resource.get("Properties", {}).get("ProtocolType") == "WEBSOCKET"
    }
    found: dict[str, Any] = {}
    for _, stage in resources(template, "AWS::ApiGatewayV2::Stage"):
        properties = stage.get("Properties", {})
        api = properties.get("ApiId", {})
        if is_object(api) and api.get("Ref") in apis:
            found.setdefault(api["Ref"], properties.get("StageName", "$default"))
    return found


def _api_of(name: str, function: Json, template: Json, stages: dict[str, Any]) -> str | None:
    integrated = {
        integration["Properties"]["ApiId"].get("Ref")
        for _, integration in resources(template, "AWS::ApiGatewayV2::Integration")
        if name in references(integration["Properties"].get("IntegrationUri"))
    }
    named = set(references(function.get("Properties", {}).get("Environment")))
    for candidates in (integrated, named, _granted(function, template), set(stages)):
        found = candidates & set(stages)
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _granted(function: Json, template: Json) -> set[str]:
    """Return what the policies of the function's role name, where they speak of execute-api."""
    roles = set(references(function.get("Properties", {}).get("Role")))
    policies = [
        policy
        for _, policy in resources(template, "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
        if roles & set(references(policy.get("Properties", {}).get("Roles")))
    ]
    return {name for policy in policies if "execute-api" in str(policy) for name in references(policy)}


def _url(api: str, stage: Any, target: Target) -> Json:
    return {"Fn::Join": ["", [f"{target.endpoint_url}/_aws/execute-api/", {"Ref": api}, "/", stage]]}


def _with_variable(function: Json, url: Json) -> Json:
    properties = function["Properties"]
    environment = properties.get("Environment", {})
    variables = {**environment.get("Variables", {}), VARIABLE: url}
    return {**function, "Properties": {**properties, "Environment": {**environment, "Variables": variables}}}
