"""The emulator imports little of an OpenAPI body, and a changed body gives the API a new id; resources of their own do neither."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateleg.local.openapi.document import Document
from gateleg.local.openapi.gateway_responses import api_settings, gateway_responses
from gateleg.local.openapi.methods import methods
from gateleg.local.openapi.methods import resources as path_resources
from gateleg.local.openapi.models import models
from gateleg.local.openapi.security import authorizers
from gateleg.local.template import is_object, replace_resources, resources

if TYPE_CHECKING:
    from gateleg.local.template import Json, Target

_BODY_PROPERTIES = frozenset({"Body", "FailOnWarnings", "Mode"})


def expand_rest_bodies(template: Json, target: Target) -> Json:
    """Replace every OpenAPI body by the resources that API Gateway's import would make of it."""
    del target
    for api, resource in list(resources(template, "AWS::ApiGateway::RestApi")):
        body = resource.get("Properties", {}).get("Body")
        if is_object(body) and "paths" in body:
            template = _expand(template, api, resource, Document(body))
    return template


def _expand(template: Json, api: str, resource: Json, document: Document) -> Json:
    made: Json = {
        **path_resources(api, document),
        **authorizers(api, document),
        **models(api, document),
        **gateway_responses(api, document),
        **methods(api, document),
    }
    given = {name: value for name, value in resource["Properties"].items() if name not in _BODY_PROPERTIES}
    changed: Json = {api: {**resource, "Properties": {**api_settings(document), **given}}, **made}
    for name, deployment in resources(template, "AWS::ApiGateway::Deployment"):
        if deployment.get("Properties", {}).get("RestApiId") == {"Ref": api}:
            changed[name] = {**deployment, "DependsOn": sorted({*_listed(deployment.get("DependsOn")), *made})}
    return replace_resources(template, changed)


def _listed(depends_on: Any) -> list[str]:
    if depends_on is None:
        return []
    return [depends_on] if isinstance(depends_on, str) else list(depends_on)
