"""Reads a REST API: from the OpenAPI body of its `RestApi`, and from `Method` resources."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gateleg.errors import TemplateMismatchError
from gateleg.template.canonical import canonical, listing, mapping
from gateleg.template.routes import AuthorizerView, RouteView, asked_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.template.stack_template import Resource, StackTemplate

API_TYPE = "AWS::ApiGateway::RestApi"
METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace", "x-amazon-apigateway-any-method"})
PUBLIC = "x-gateleg-public"
_AUTH = "x-amazon-apigateway-auth"


def routes(view: StackTemplate, api: Resource) -> Iterator[RouteView]:
    """The routes of one REST API, those of its body first."""
    if body := open_api(view, api):
        yield from _body_routes(view, api, body)
    for method in view.of_type("AWS::ApiGateway::Method"):
        if method.text("RestApiId") == f"${{{api.logical_id}}}":
            yield _method_route(view, api, method)


def authorizers(view: StackTemplate, api: Resource) -> Iterator[AuthorizerView]:
    """The authorizers of one REST API."""
    schemes = mapping(mapping(open_api(view, api).get("components")).get("securitySchemes"))
    for name, scheme in schemes.items():
        if (found := _scheme(view, api, name, mapping(scheme))) is not None:
            yield found
    for resource in view.of_type("AWS::ApiGateway::Authorizer"):
        if resource.text("RestApiId") == f"${{{api.logical_id}}}":
            yield _authorizer(view, api, resource)


def open_api(view: StackTemplate, api: Resource) -> Mapping[str, Any]:
    """The OpenAPI body of a REST or HTTP API, from the template or from its asset; empty where the API has none.

    Raises:
        TemplateMismatchError: The body is somewhere else, so that its routes cannot be told.
    """
    __tracebackhide__ = True
    body, location = api.properties.get("Body"), mapping(api.properties.get("BodyS3Location"))
    if location:
        key = canonical(location.get("Key"), view.bindings)
        if (asset := view.assets.get(key)) is None:
            raise _elsewhere(api, f"the S3 object {key}")
        return mapping(json.loads(asset.read_text(encoding="utf-8")))
    if body is not None and "paths" not in mapping(body):
        raise _elsewhere(api, canonical(body, view.bindings)[:80])
    return mapping(body)


def _elsewhere(api: Resource, where: str) -> TemplateMismatchError:
    message = f"the body of {api} is {where}, which cannot be read here, so its routes cannot be told; synthesize the stack with `synth`"
    return TemplateMismatchError(message, path=api.logical_id, code="template.body_elsewhere")


def _body_routes(view: StackTemplate, api: Resource, body: Mapping[str, Any]) -> Iterator[RouteView]:
    schemes = {found.name: found for found in authorizers(view, api)}
    for path, item in mapping(body.get("paths")).items():
        for method, raw in mapping(item).items():
            if method in METHODS:
                verb = "ANY" if method.startswith("x-") else method.upper()
                yield _operation(schemes, body, mapping(raw), RouteView(view, api.logical_id, f"{verb} {path}"))


def _operation(schemes: Mapping[str, AuthorizerView], body: Mapping[str, Any], raw: Mapping[str, Any], bare: RouteView) -> RouteView:
    asked = asked_by(raw.get("security", body.get("security")))
    authorizer = next((schemes[name] for name, _ in asked if name in schemes), None)
    integration = mapping(raw.get("x-amazon-apigateway-integration"))
    # `AWS_IAM` or `NONE`, which takes no scheme beside it.
    kind = mapping(raw.get(_AUTH, body.get(_AUTH))).get("type", "NONE")
    alone = str(kind) if kind != "NONE" else None
    return replace(
        bare,
        authorizer=authorizer.name if authorizer else alone,
        authorizer_type=authorizer.type if authorizer else alone,
        scopes=tuple(str(scope) for name, scopes in asked if authorizer and name == authorizer.name for scope in listing(scopes)),
        api_key=any(_is_api_key(body, name) for name, _ in asked),
        integration_type=_upper(integration.get("type")),
        integration_uri=canonical(integration.get("uri", ""), bare.view.bindings),
        public_reason=raw.get(PUBLIC),
        definition=raw,
        **_validation(body, raw),
    )


def _validation(body: Mapping[str, Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    name = raw.get("x-amazon-apigateway-request-validator", body.get("x-amazon-apigateway-request-validator"))
    validator = mapping(mapping(body.get("x-amazon-apigateway-request-validators")).get(str(name)))
    content = mapping(mapping(raw.get("requestBody")).get("content"))
    schemas = {media: mapping(mapping(kind).get("schema")) for media, kind in content.items()}
    return {
        "validates_body": validator.get("validateRequestBody") is True and bool(schemas),
        "validates_parameters": validator.get("validateRequestParameters") is True,
        "models": {media: str(schema.get("$ref", "inline")).rpartition("/")[2] for media, schema in schemas.items()},
    }


def _is_api_key(body: Mapping[str, Any], name: str) -> bool:
    scheme = mapping(mapping(mapping(body.get("components")).get("securitySchemes")).get(name))
    return scheme.get("type") == "apiKey" and "x-amazon-apigateway-authtype" not in scheme and scheme.get("name") == "x-api-key"


def _scheme(view: StackTemplate, api: Resource, name: str, scheme: Mapping[str, Any]) -> AuthorizerView | None:
    kind, settings = scheme.get("x-amazon-apigateway-authtype"), mapping(scheme.get("x-amazon-apigateway-authorizer"))
    if kind == "awsSigv4":
        return AuthorizerView(view, api.logical_id, name, "AWS_IAM", definition=scheme)
    if not settings or not kind:  # without an authtype AWS deploys the API with its operations open
        return None
    sources = str(settings.get("identitySource", f"method.request.header.{scheme.get('name', 'Authorization')}"))
    return AuthorizerView(
        view,
        api.logical_id,
        name,
        str(_upper(settings.get("type"))),
        ttl=settings.get("authorizerResultTtlInSeconds"),
        identity_sources=tuple(source.strip() for source in sources.split(",")),
        uri=canonical(settings.get("authorizerUri", ""), view.bindings),
        providers=tuple(canonical(item, view.bindings) for item in listing(settings.get("providerARNs"))),
        definition=scheme,
    )


def _authorizer(view: StackTemplate, api: Resource, resource: Resource) -> AuthorizerView:
    given = resource.properties
    return AuthorizerView(
        view,
        api.logical_id,
        canonical(given.get("Name", resource.logical_id), view.bindings),
        str(given.get("Type")),
        ttl=given.get("AuthorizerResultTtlInSeconds"),
        identity_sources=tuple(source.strip() for source in canonical(given.get("IdentitySource", ""), view.bindings).split(",") if source),
        uri=canonical(given.get("AuthorizerUri", ""), view.bindings),
        providers=tuple(canonical(item, view.bindings) for item in listing(given.get("ProviderARNs"))),
        definition=resource.definition,
    )


def _method_route(view: StackTemplate, api: Resource, method: Resource) -> RouteView:
    given, integration = method.properties, mapping(method.properties.get("Integration"))
    authorizer = next(
        (found for found in view.of_type("AWS::ApiGateway::Authorizer") if given.get("AuthorizerId") == {"Ref": found.logical_id}), None
    )
    kind = str(given.get("AuthorizationType", "NONE"))
    named = _authorizer(view, api, authorizer) if authorizer else None
    validator = _referenced(view, given.get("RequestValidatorId"))
    return RouteView(
        view,
        api.logical_id,
        f"{given.get('HttpMethod')} {_path(view, given.get('ResourceId'))}",
        authorizer=named.name if named else kind if kind != "NONE" else None,
        authorizer_type=named.type if named else kind if kind != "NONE" else None,
        scopes=tuple(str(scope) for scope in listing(given.get("AuthorizationScopes"))),
        api_key=given.get("ApiKeyRequired") is True,
        integration_type=integration.get("Type"),
        integration_uri=canonical(integration.get("Uri", ""), view.bindings),
        validates_body=validator.get("ValidateRequestBody") is True and bool(given.get("RequestModels")),
        validates_parameters=validator.get("ValidateRequestParameters") is True,
        models={media: _model_name(view, model) for media, model in mapping(given.get("RequestModels")).items()},
        definition=method.definition,
    )


def _model_name(view: StackTemplate, model: object) -> str:
    return str(_referenced(view, model).get("Name", canonical(model, view.bindings).strip("${}")))


def _path(view: StackTemplate, resource_id: object) -> str:
    """The path of a `Resource`, joined up to the root."""
    found = _referenced(view, resource_id)
    if "PathPart" not in found:
        return "/"
    return f"{_path(view, found.get('ParentId')).rstrip('/')}/{found['PathPart']}"


def _referenced(view: StackTemplate, value: object) -> Mapping[str, Any]:
    found = view.referenced(value)
    return {} if found is None else found.properties


def _upper(value: object) -> str | None:
    return None if value is None else str(value).upper()
