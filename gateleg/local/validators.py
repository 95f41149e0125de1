"""The emulator's CloudFormation forgets request validators; its API Gateway API knows them, so they are attached after a deploy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.local.clients import client
from gateleg.local.openapi.document import Document
from gateleg.local.template import is_object, resources

if TYPE_CHECKING:
    from gateleg.local.template import Json, Target


def attach_validators(stack: str, template: Json, target: Target) -> None:
    """Give every method of a deployed stack the request validator that its template names.

    An API that was not deployed, for its stack was not chosen or its condition is false, is passed over.

    Args:
        stack: The stack's name.
        template: Its template as it was synthesized.
        target: The embedded AWS.
    """
    wanted = {api: methods for api in _apis(template) if (methods := validated_methods(template, api))}
    if not wanted:
        return
    gateway = client("apigateway", target)
    formation = client("cloudformation", target)
    for api, methods in wanted.items():
        try:
            detail = formation.describe_stack_resource(StackName=stack, LogicalResourceId=api)["StackResourceDetail"]
        except formation.exceptions.ClientError:
            continue
        _attach(gateway, detail["PhysicalResourceId"], methods)


def validated_methods(template: Json, api: str) -> dict[tuple[str, str], tuple[bool, bool]]:
    """Return whether body and parameters are validated, for each (path, method) of an API that has a validator."""
    found = dict(_of_body(template["Resources"][api].get("Properties", {}).get("Body")))
    validators = dict(resources(template, "AWS::ApiGateway::RequestValidator"))
    for _, method in resources(template, "AWS::ApiGateway::Method"):
        properties = method["Properties"]
        named = properties.get("RequestValidatorId")
        if properties.get("RestApiId") == {"Ref": api} and is_object(named) and named.get("Ref") in validators:
            given = validators[str(named["Ref"])].get("Properties", {})
            path = _path(template, properties.get("ResourceId"))
            found[path, properties["HttpMethod"]] = _checks(given.get("ValidateRequestBody"), given.get("ValidateRequestParameters"))
    return found


def _of_body(body: Any) -> list[tuple[tuple[str, str], tuple[bool, bool]]]:
    if not is_object(body):
        return []
    document = Document(body)
    return [
        (
            ("/" + "/".join(operation.segments), operation.method),
            _checks(given.get("validateRequestBody"), given.get("validateRequestParameters")),
        )
        for operation in document.operations()
        if (given := document.validators.get(operation.validator or ""))
    ]


def _checks(body: Any, parameters: Any) -> tuple[bool, bool]:
    return body in (True, "true"), parameters in (True, "true")


def _path(template: Json, reference: Any) -> str:
    name = reference.get("Ref") if is_object(reference) else None
    resource = template["Resources"].get(name or "")
    if resource is None:
        return "/"
    properties = resource["Properties"]
    return _path(template, properties.get("ParentId")).rstrip("/") + "/" + str(properties["PathPart"])


def _apis(template: Json) -> list[str]:
    return [name for name, _ in resources(template, "AWS::ApiGateway::RestApi")]


def _attach(gateway: Any, api: str, methods: dict[tuple[str, str], tuple[bool, bool]]) -> None:
    ids = {
        checks: gateway.create_request_validator(
            restApiId=api,
            name=f"body-{checks[0]}-parameters-{checks[1]}",
            validateRequestBody=checks[0],
            validateRequestParameters=checks[1],
        )["id"]
        for checks in set(methods.values())
    }
    paths = {item["path"]: item["id"] for page in gateway.get_paginator("get_resources").paginate(restApiId=api) for item in page["items"]}
    for (path, method), checks in methods.items():
        change = [{"op": "replace", "path": "/requestValidatorId", "value": ids[checks]}]
        gateway.update_method(restApiId=api, resourceId=paths[path], httpMethod=method, patchOperations=change)
