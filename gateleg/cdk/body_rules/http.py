"""What the import of an HTTP API refuses, drops or opens; it reads other extensions than that of a REST API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html names three tiers: what is ignored in silence, such as schemas
and request bodies; what is dropped with a warning; what is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import ENDPOINT, INTEGRATION, Finding, Operation, RestApi, is_made, listing, mapping, pointer, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_AUTHORIZER, _TYPE = "x-amazon-apigateway-authorizer", "x-amazon-apigateway-authtype"
_SHARED = "x-amazon-apigateway-integrations"
_CORS = "x-amazon-apigateway-cors"
_READ = frozenset(
    {
        _CORS,
        "x-amazon-apigateway-importexport-version",
        "x-amazon-apigateway-tag-value",
    }
)
_SUBTYPES: Mapping[str, tuple[str, ...]] = {
    "EventBridge-PutEvents": ("Detail", "DetailType", "Source"),
    "SQS-SendMessage": ("QueueUrl", "MessageBody"),
    "SQS-ReceiveMessage": ("QueueUrl",),
    "SQS-DeleteMessage": ("QueueUrl", "ReceiptHandle"),
    "SQS-PurgeQueue": ("QueueUrl",),
    "AppConfig-GetConfiguration": ("Application", "Environment", "Configuration", "ClientId"),
    "Kinesis-PutRecord": ("StreamName", "Data", "PartitionKey"),
    "StepFunctions-StartExecution": ("StateMachineArn",),
    "StepFunctions-StartSyncExecution": ("StateMachineArn",),
    "StepFunctions-StopExecution": ("ExecutionArn",),
}
"""The services that an integration calls, each with the parameters that it needs."""

_SOURCE = re.compile(r"\$(request\.(header|querystring)\.[^,\s]+|context\.[^,\s]+|stageVariables\.[^,\s]+)")
_ROUTES, _INTEGRATIONS, _AUTHORIZERS, _STAGES = 300, 300, 10, 10
_SCOPES, _AUDIENCES = 10, 50
_MIN_TIMEOUT, _MAX_TIMEOUT = 50, 30_000
_MAX_TTL = 3600
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
        return [(name, scheme, given) for name, scheme in schemes if (given := mapping(scheme.get(_AUTHORIZER)))]

    @cached_property
    def keys(self) -> list[str]:
        """The route keys."""
        return [_key(operation) for operation in self.operations]


def version(api: HttpApi) -> Iterator[Finding]:
    """OpenAPI 3.0 alone is imported. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html."""
    said = str(api.body.get("openapi", ""))
    if not said.startswith("3.0."):
        yield Finding(
            pointer("openapi"), f"an HTTP API is imported from OpenAPI 3.0 alone, not {said or 'another format'!r}; write openapi: 3.0.1"
        )


def types(api: HttpApi) -> Iterator[Finding]:
    """The types `aws`, `http` and `mock` are dropped with a warning, and the route answers nothing. Same page, "warning"."""
    for at, given in api.integrations:
        kind = (text(given.get("type")) or "").lower()
        if kind not in {"aws_proxy", "http_proxy"}:
            yield Finding(at, f"an HTTP API has no integration of type {kind or 'that nobody can say'!r}; write aws_proxy or http_proxy")


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


def payloads(api: HttpApi) -> Iterator[Finding]:
    """An integration names its payload version: 1.0 or 2.0 of a function, 1.0 of anything else.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html.
    """
    for at, given in api.integrations:
        function = (text(given.get("type")) or "").lower() == "aws_proxy" and "integrationSubtype" not in given
        allowed = {"1.0", "2.0"} if function else {"1.0"}
        if not is_made(given.get("payloadFormatVersion")) and str(given.get("payloadFormatVersion")) not in allowed:
            said = f"payloadFormatVersion is {given.get('payloadFormatVersion')!r}; write {' or '.join(sorted(allowed))}"
            yield Finding(at, said)


def paths(api: HttpApi) -> Iterator[Finding]:
    """`Parse issue: attribute paths. Resource $default should start with /`. aws/serverless-application-model#2297."""
    for path in api.paths:
        if not path.startswith("/"):
            said = f"a path begins with /, {path!r} does not; for $default write /$default, with isDefaultRoute: true in its any-method"
            yield Finding(pointer("paths", path), said)


def requirements(api: HttpApi) -> Iterator[Finding]:
    """A route has one of IAM, a function and JWT; several are refused.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html, "error".
    """
    for operation in api.operations:
        asked = _asked(operation)
        if len(asked) > 1 or len(listing(operation.raw.get("security"))) > 1:
            yield Finding(operation.at("security"), f"a route has one authorizer, not {' and '.join(asked)}; name one")


def tokens(api: HttpApi) -> Iterator[Finding]:
    """A JWT authorizer is a scheme of type `oauth2` with an issuer, audiences and one place of the token.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html; aws/serverless-application-model, apigatewayv2.py.
    """
    for name, scheme, given in api.authorizers:
        if given.get("type") != "jwt":
            continue
        configuration, at = mapping(given.get("jwtConfiguration")), pointer("components", "securitySchemes", name)
        audience = configuration.get("audience")
        source = ",".join(_sources(given))
        if scheme.get("type") not in {"oauth2", "openIdConnect"}:
            yield Finding(at, f"a JWT authorizer is a scheme of type oauth2, not {scheme.get('type')!r}; write type: oauth2")
        if not configuration.get("issuer") and "openIdConnectUrl" not in scheme:
            yield Finding(at, "a JWT authorizer without an issuer is refused; write jwtConfiguration: {issuer: https://...}")
        if not is_made(audience) and not 1 <= len(listing(audience)) <= _AUDIENCES:
            yield Finding(at, f"a JWT authorizer names 1 to {_AUDIENCES} audiences; write jwtConfiguration: {{audience: [client id]}}")
        if not re.fullmatch(r"\$request\.(header|querystring)\.[^,\s]+", source):
            yield Finding(
                at, f"a token is in one header or query parameter, not in {source!r}; write identitySource: $request.header.Authorization"
            )
    yield from _scopes(api)


def _scopes(api: HttpApi) -> Iterator[Finding]:
    for operation in api.operations:
        for requirement in map(mapping, listing(operation.raw.get("security"))):
            for name, scopes in requirement.items():
                if len(listing(scopes)) > _SCOPES:
                    yield Finding(
                        operation.at("security"),
                        f"a route asks {name} for {_SCOPES} scopes at most, not {len(listing(scopes))}; name fewer",
                    )


def judges(api: HttpApi) -> Iterator[Finding]:
    """A Lambda authorizer is a scheme of type `apiKey` in a header, with its payload version.

    A scheme of another type made no authorizer: aws/serverless-application-model#2290.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html.
    """
    for name, scheme, given in api.authorizers:
        if given.get("type") == "jwt":
            continue
        at = pointer("components", "securitySchemes", name)
        payload, simple = str(given.get("authorizerPayloadFormatVersion")), given.get("enableSimpleResponses") is True
        if scheme.get("type") != "apiKey" or scheme.get("in") != "header":
            yield Finding(
                at,
                "a Lambda authorizer is a scheme of type apiKey in a header, and any other leaves routes open; write type: apiKey, in: header",
            )
        if given.get("type") != "request":
            yield Finding(at, f"an HTTP API has no authorizer of type {given.get('type')!r}; write request")
        if payload not in {"1.0", "2.0"}:
            yield Finding(at, f"authorizerPayloadFormatVersion is {payload!r}; write 1.0 or 2.0")
        if simple and payload != "2.0":
            yield Finding(
                at, "simple answers are of payload 2.0 alone; write authorizerPayloadFormatVersion: 2.0, or leave enableSimpleResponses out"
            )
        yield from _remembered(at, given, simple=simple)


def _remembered(at: str, given: Mapping[str, Any], *, simple: bool) -> Iterator[Finding]:
    ttl = given.get("authorizerResultTtlInSeconds", 0)
    sources = _sources(given)
    if isinstance(ttl, (int, float)) and not 0 <= ttl <= _MAX_TTL:
        yield Finding(
            at, f"API Gateway remembers an answer for 0 to {_MAX_TTL} seconds, not {ttl}; write authorizerResultTtlInSeconds within"
        )
    if ttl and not sources:
        yield Finding(at, "answers cannot be remembered by nothing; write identitySource: $request.header.Authorization, or a TTL of 0")
    if wrong := [source for source in sources if not _SOURCE.fullmatch(source)]:
        yield Finding(
            at, f"{wrong[0]} is no identity source of an HTTP API; write $request.header.NAME, $context.NAME or $stageVariables.NAME"
        )
    if ttl and simple and "$context.routeKey" not in sources:
        said = "a simple answer is remembered for every route, and what opens one opens all; add $context.routeKey to identitySource"
        yield Finding(at, said, "warning")


def _sources(given: Mapping[str, Any]) -> list[str]:
    """The identity sources: a text with commas, or a list, as aws/serverless-application-model writes it."""
    said = given.get("identitySource")
    texts = [text(part) or "" for part in listing(said) or [said]]
    return [source.strip() for part in texts for source in part.split(",") if source.strip()]


def unguarded(api: HttpApi) -> Iterator[Finding]:
    """A scheme that makes no authorizer leaves the route open; so is it for REST APIs, awslabs/aws-apigateway-importer#187."""
    for operation in api.operations:
        for name in _asked(operation):
            scheme = mapping(api.schemes.get(name))
            if not mapping(scheme.get(_AUTHORIZER)) and scheme.get(_TYPE) != "awsSigv4":
                said = f"the scheme {name!r} makes no authorizer, and anybody may call; give it {_AUTHORIZER}, or {_TYPE}: awsSigv4"
                yield Finding(operation.at("security"), said)


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


def preflights(api: HttpApi) -> Iterator[Finding]:
    """A guarded route that takes every method takes preflights, which carry no credentials.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html.
    """
    open_routes = {_key(operation) for operation in api.operations if not _asked(operation)}
    for operation in api.operations if api.body.get(_CORS) else ():
        key = _key(operation)
        method, _, path = key.partition(" ")
        instead = "OPTIONS /{proxy+}" if key == "$default" else f"OPTIONS {path}"
        if _asked(operation) and method in {"ANY", "OPTIONS", "$default"} and instead not in open_routes:
            yield Finding(operation.at("security"), f"pages' preflights are answered 401 here; add an open {instead}")


def credentials(api: HttpApi) -> Iterator[Finding]:
    """`allow-credentials is not supported if 'allow-origin' is *`; of `https://*` pages of every site read what a person may.

    https://github.com/aws/aws-cdk/issues/9076.
    """
    cors = mapping(api.body.get(_CORS))
    wide = [one for one in map(text, listing(cors.get("allowOrigins"))) if one in {"*", "https://*", "http://*"}]
    if wide and cors.get("allowCredentials") is True:
        said = (
            f"allowOrigins has {wide[0]!r} beside allowCredentials, and every site may act for whoever is signed in; name the origins, as in "
            "Cors(['https://app.example.com'], allow_credentials=True)"
        )
        yield Finding(pointer(_CORS, "allowOrigins"), said)


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


def services(api: HttpApi) -> Iterator[Finding]:
    """A call of a service is one of ten, with its parameters and a role.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html.
    """
    for at, given in api.integrations:
        if "integrationSubtype" not in given:
            continue
        subtype, parameters = str(given["integrationSubtype"]), mapping(given.get("requestParameters"))
        if subtype not in _SUBTYPES:
            yield Finding(at, f"an HTTP API calls no {subtype!r}; write one of {', '.join(_SUBTYPES)}")
        elif missing := [name for name in _SUBTYPES[subtype] if name not in parameters]:
            yield Finding(
                at, f"{subtype} needs {', '.join(missing)}; write requestParameters: {{{missing[0]}: $request.body.{missing[0]}}}"
            )
        if not given.get("credentials"):
            yield Finding(at, f"{subtype} is called with a role; write credentials: its ARN")


def links(api: HttpApi) -> Iterator[Finding]:
    """A VPC link leads to a listener or a Cloud Map service, by an HTTP proxy.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-integration.html.
    """
    for at, given in api.integrations:
        if given.get("connectionType") != "VPC_LINK":
            continue
        if (text(given.get("type")) or "").lower() != "http_proxy":
            yield Finding(at, "a VPC link is for http_proxy alone; write type: http_proxy")
        if not given.get("connectionId"):
            yield Finding(at, "a VPC link is named by connectionId; write the id of the AWS::ApiGatewayV2::VpcLink")
        if (text(given.get("uri")) or "arn:").startswith("http"):
            yield Finding(at, "behind a VPC link uri is the ARN of a listener or of a Cloud Map service; write that")


def timeouts(api: HttpApi) -> Iterator[Finding]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html."""
    for at, given in api.integrations:
        timeout = given.get("timeoutInMillis")
        if isinstance(timeout, (int, float)) and not _MIN_TIMEOUT <= timeout <= _MAX_TIMEOUT:
            yield Finding(at, f"an HTTP API waits {_MIN_TIMEOUT} to {_MAX_TIMEOUT} ms, not {timeout}; write timeoutInMillis within")


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


def _key(operation: Operation) -> str:
    if not operation.member.startswith("x-"):
        return f"{operation.member.upper()} {operation.path}"
    return "$default" if operation.raw.get("isDefaultRoute") is True else f"ANY {operation.path}"


def _asked(operation: Operation) -> list[str]:
    return list(dict.fromkeys(name for one in listing(operation.raw.get("security")) for name in mapping(one)))
