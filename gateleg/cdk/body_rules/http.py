"""What the import of an HTTP API refuses, drops or opens; it reads other extensions than that of a REST API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html names three tiers: what is ignored in silence, such as schemas
and request bodies; what is dropped with a warning; what is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import ENDPOINT, INTEGRATION, Finding, Operation, RestApi, listing, mapping, pointer, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

AUTHORIZER = "x-amazon-apigateway-authorizer"
_SHARED = "x-amazon-apigateway-integrations"
CORS = "x-amazon-apigateway-cors"
_READ = frozenset(
    {
        CORS,
        "x-amazon-apigateway-importexport-version",
        "x-amazon-apigateway-tag-value",
    }
)
_ROUTES, _INTEGRATIONS, _AUTHORIZERS, _STAGES = 300, 300, 10, 10
_MAX_FORMAT = 3 * 1024


@dataclass(frozen=True)
class HttpApi(RestApi):
    """An HTTP API as its template has it: the properties of the `AWS::ApiGatewayV2::Api`, and the resources that name it."""

    @cached_property
    def integrations(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Where each integration stands, and the integration: the shared ones, and those of operations that have their own."""
        shared = mapping(mapping(self.body.get("components")).get(_SHARED))
        found = [(pointer("components", _SHARED, name), mapping(given)) for name, given in shared.items()]
        own = [operation for operation in self.operations if operation.integration and "$ref" not in operation.integration]
        return [*found, *((operation.at(INTEGRATION), operation.integration) for operation in own)]

    @cached_property
    def authorizers(self) -> list[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
        """The schemes that make authorizers: name, scheme, settings."""
        schemes = [(name, mapping(scheme)) for name, scheme in self.schemes.items()]
        return [(name, scheme, given) for name, scheme in schemes if (given := mapping(scheme.get(AUTHORIZER)))]

    @cached_property
    def keys(self) -> list[str]:
        """The route keys."""
        return [route_key(operation) for operation in self.operations]


def version(api: HttpApi) -> Iterator[Finding]:
    """OpenAPI 3.0 alone is imported. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html."""
    said = str(api.body.get("openapi", ""))
    if not said.startswith("3.0."):
        yield Finding(
            pointer("openapi"), f"an HTTP API is imported from OpenAPI 3.0 alone, not {said or 'another format'!r}; write openapi: 3.0.1"
        )


def extensions(api: HttpApi) -> Iterator[Finding]:
    """Validators, gateway responses, policies and the like of REST APIs do nothing.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html and the pages of the extensions.
    """
    for name in api.body:
        if name == ENDPOINT:
            yield Finding(pointer(name), "an OpenAPI 3.0 import does not read it here; write it within servers")
        elif name.startswith("x-amazon-apigateway-") and name not in _READ:
            yield Finding(pointer(name), f"an HTTP API does not read {name}; leave it out, or use a REST API")
    for operation in api.operations:
        for name in operation.raw:
            if name.startswith("x-amazon-apigateway-") and name != INTEGRATION:
                yield Finding(operation.at(name), f"an HTTP API does not read {name}; leave it out, or use a REST API")


def paths(api: HttpApi) -> Iterator[Finding]:
    """`Parse issue: attribute paths. Resource $default should start with /`. aws/serverless-application-model#2297."""
    for path in api.paths:
        if not path.startswith("/"):
            said = f"a path begins with /, {path!r} does not; for $default write /$default, with isDefaultRoute: true in its any-method"
            yield Finding(pointer("paths", path), said)


def redundant(api: HttpApi) -> Iterator[Finding]:
    """`Redundant fields [name, protocolType, corsConfiguration] provided when either Body or BodyS3Location is not empty`.

    https://github.com/aws/aws-cdk/issues/15754.
    """
    allowed = {"Body", "BodyS3Location", "BasePath", "FailOnWarnings", "Tags"}
    if redundant := sorted(name for name, value in api.properties.items() if name not in allowed and value is not None):
        yield Finding(
            "the API",
            f"{', '.join(redundant)} beside Body is refused; write it into the body: info, and the extensions for CORS and the endpoint",
        )


def route_settings(api: HttpApi) -> Iterator[Finding]:
    """`Unable to find Route by key GET /x within the provided RouteSettings`. terraform-aws-modules/terraform-aws-apigateway-v2#80."""
    for stage in api.of_type("AWS::ApiGatewayV2::Stage"):
        for key in mapping(stage.get("RouteSettings")):
            if key not in api.keys:
                yield Finding("the stage", f"RouteSettings names {key!r}, and the API has no such route; write one of its route keys")


def deployed(api: HttpApi) -> Iterator[Finding]:
    """A stage without AutoDeploy and without a deployment serves nothing.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-stage.html.
    """
    for stage in api.of_type("AWS::ApiGatewayV2::Stage"):
        if not stage.get("AutoDeploy") and not stage.get("DeploymentId"):
            yield Finding("the stage", "a stage without AutoDeploy and without DeploymentId serves nothing; write one of them")


def quotas(api: HttpApi) -> Iterator[Finding]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html; that of integrations cannot be raised."""
    counted = {
        "routes": (len(api.operations), _ROUTES),
        "authorizers": (len(api.authorizers), _AUTHORIZERS),
        "stages": (len(api.of_type("AWS::ApiGatewayV2::Stage")), _STAGES),
    }
    for what, (count, most) in counted.items():
        if count > most:
            yield Finding("the API", f"it has {count} {what}, and an account allows {most} unless its quota was raised", "warning")
    if (count := len(api.integrations)) > _INTEGRATIONS:
        yield Finding("the API", f"it has {count} integrations, and {_INTEGRATIONS} are the most; share them by components/{_SHARED}")
    for stage in api.of_type("AWS::ApiGatewayV2::Stage"):
        size = len((text(mapping(stage.get("AccessLogSettings")).get("Format")) or "").encode())
        if size > _MAX_FORMAT:
            yield Finding("the stage", f"the format of its access log has {size} bytes, and {_MAX_FORMAT} are the most; log less")


def base_path(api: HttpApi) -> Iterator[Finding]:
    """The path of a server is ignored. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-api.html, `BasePath`."""
    for server in map(mapping, listing(api.body.get("servers"))):
        path = re.sub(r"^[a-z]+://[^/]*", "", text(server.get("url")) or "").strip("/")
        if path and api.properties.get("BasePath", "ignore") == "ignore":
            yield Finding(
                pointer("servers"), f"the path {path!r} of a server is ignored; write it into the paths, or leave it out", "warning"
            )


def route_key(operation: Operation) -> str:
    """The key of the route that an operation makes."""
    if not operation.member.startswith("x-"):
        return f"{operation.member.upper()} {operation.path}"
    return "$default" if operation.raw.get("isDefaultRoute") is True else f"ANY {operation.path}"
