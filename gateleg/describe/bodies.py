"""What the routes of a Powertools resolver take: bodies, required query parameters, and how they answer what they do not take."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

from gateleg.description import Body
from gateleg.rest.powertools import deserializer_of, exception_handler_of, validates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver
    from aws_lambda_powertools.event_handler.openapi.compat import ModelField

    from gateleg.rest.powertools import RegisteredRoute

Schema = dict[str, Any]

_JSON = "application/json"
_PARAMETER_NAME = re.compile(r"[a-zA-Z0-9._$-]+")
_REFERENCE = re.compile(r'"\$ref": "#/\$defs/([^"]+)"')
_OF_ARRAYS = ("items", "prefixItems", "minItems", "maxItems")


def body_of(resolver: ApiGatewayResolver, route: RegisteredRoute) -> Body | None:
    """What the route takes as a body; `None` where it has none, or one that is not JSON or that nothing is known of.

    Args:
        resolver: The route's resolver.
        route: The route.
    """
    fields = _fields(resolver, route, "body_params")
    if not fields or not _reads_json(resolver) or any(_is_form(field) for field in fields):
        return None
    schemas, definitions = _lax_schemas(fields)
    single = len(fields) == 1 and not getattr(fields[0].field_info, "embed", None)
    schema = _or_first_of(schemas[0], fields[0], definitions) if single else _embedded(fields, schemas, definitions)
    required = any(field.required for field in fields)
    if not required:
        schema = _or_null(schema)
    return Body(
        schema=schema | _reached(schema, definitions),
        required=required,
        media_types=tuple(sorted({str(getattr(field.field_info, "media_type", _JSON)) for field in fields})),
    )


def required_parameters(resolver: ApiGatewayResolver, route: RegisteredRoute) -> tuple[str, ...]:
    """The query parameters without which, or with nothing in which, the route refuses a request.

    API Gateway takes a blank parameter for a missing one, so that one which may be blank is not among them; nor is a model, which
    Powertools makes of parameters with other names.

    Args:
        resolver: The route's resolver.
        route: The route.
    """
    return tuple(
        field.alias
        for field in _fields(resolver, route, "query_params")
        if field.required and _PARAMETER_NAME.fullmatch(field.alias) and _refuses_blank(field)
    )


def unlisted_of(resolver: ApiGatewayResolver, route: RegisteredRoute) -> tuple[str, ...]:
    """What the handler, or what it depends on, reads of a request and its OpenAPI operation does not list.

    Args:
        resolver: The route's resolver.
        route: The route.
    """
    if route.validates is False:
        return ("anything",)
    fields = {kind: _fields(resolver, route, f"{kind}_params", deep=True) for kind in ("query", "header", "cookie")}
    hidden = {f"{kind}.{field.alias}" for kind, found in fields.items() for field in found if not _is_listed(kind, field)}
    body = _fields(resolver, route, "body_params", deep=True)  # which Powertools reads on GET too, and lists for other methods alone
    return tuple(sorted({*hidden, *(("body",) if body else ())}))


def takes_files(resolver: ApiGatewayResolver, route: RegisteredRoute) -> bool:
    """Whether the route takes a form with files.

    Args:
        resolver: The route's resolver.
        route: The route.
    """
    from aws_lambda_powertools.event_handler.openapi.params import File

    return any(isinstance(field.field_info, File) for field in _fields(resolver, route, "body_params", deep=True))


def answers_invalid_itself(resolver: ApiGatewayResolver) -> bool:
    """Whether the app answers invalid requests by an exception handler of its own, and not by Powertools' 422."""
    from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

    return exception_handler_of(resolver, RequestValidationError) is not None


def _fields(resolver: ApiGatewayResolver, route: RegisteredRoute, kind: str, *, deep: bool = False) -> Sequence[ModelField]:
    """The parameters that Powertools checks, deep down those of dependencies too; none where the route or the resolver checks nothing."""
    from aws_lambda_powertools.event_handler.openapi.params import get_flat_dependant

    if not (validates(resolver) if route.validates is None else route.validates):
        return ()
    try:
        fields: Sequence[ModelField] = getattr(get_flat_dependant(route.source.dependant) if deep else route.source.dependant, kind)
    except Exception:  # noqa: BLE001 (annotations raise what they like; the document names the problem)
        return ()
    return fields


def _is_listed(kind: str, field: ModelField) -> bool:
    """Powertools leaves the type of a body out, as OpenAPI says it elsewhere."""
    return bool(getattr(field.field_info, "include_in_schema", True)) and (kind, field.alias.lower()) != ("header", "content-type")


def _reads_json(resolver: ApiGatewayResolver) -> bool:
    """Whether bodies are read as JSON, and not by a deserializer of the app's own."""
    from gateleg.rest.requests import deserialized

    return deserializer_of(resolver) in (None, json.loads, deserialized)


def _is_form(field: ModelField) -> bool:
    from aws_lambda_powertools.event_handler.openapi.params import File, Form

    return isinstance(field.field_info, (File, Form))


def _lax_schemas(fields: Sequence[ModelField]) -> tuple[list[Schema], Schema]:
    from gateleg.describe.lax import LaxSchemas

    cores = [field._type_adapter.core_schema for field in fields]  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] (the validator itself)
    schemas, definitions = LaxSchemas(cores).generate_definitions([(at, "validation", core) for at, core in enumerate(cores)])
    return [schemas[at, "validation"] for at in range(len(cores))], {str(name): schema for name, schema in definitions.items()}


def _reached(schema: Schema, definitions: Schema) -> Schema:
    """The definitions that the schema leads to, as its `$defs`."""
    reached: Schema = {}
    waiting = [schema]
    while waiting:
        for name in _REFERENCE.findall(json.dumps(waiting.pop())):
            if name not in reached:
                reached[name] = definitions[name]
                waiting.append(definitions[name])
    return {"$defs": dict(sorted(reached.items()))} if reached else {}


def _embedded(fields: Sequence[ModelField], schemas: Sequence[Schema], definitions: Schema) -> Schema:
    properties: Schema = {}
    for field, schema in zip(fields, schemas, strict=True):
        taken = _or_first_of(schema, field, definitions)
        properties[field.alias] = taken if field.required else _or_null(taken)
    required = [field.alias for field in fields if field.required]
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def _or_first_of(schema: Schema, field: ModelField, definitions: Schema) -> Schema:
    """The schema, or an array: Powertools takes the first of several values for a field that is not a sequence."""
    from aws_lambda_powertools.event_handler.openapi.compat import field_annotation_is_sequence

    if field_annotation_is_sequence(cast("Any", field.field_info.annotation)):
        return schema
    while "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix("#/$defs/")]
    if "type" not in schema:
        return _or(schema, "array")
    kinds: list[str] = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    kept = {keyword: part for keyword, part in schema.items() if keyword not in _OF_ARRAYS}
    return kept | {"type": sorted({*kinds, "array"})}


def _or_null(schema: Schema) -> Schema:
    return _or(schema, "null")


def _or(schema: Schema, kind: str) -> Schema:
    branches = schema["anyOf"] if set(schema) == {"anyOf"} else [schema]
    return {"anyOf": [*branches, {"type": kind}]} if schema else {}


def _refuses_blank(field: ModelField) -> bool:
    from aws_lambda_powertools.event_handler.openapi.compat import is_scalar_field

    if not is_scalar_field(field):
        return False
    try:
        return all(field.validate(blank)[1] for blank in ("", " "))
    except Exception:  # noqa: BLE001 (a validator of the app raises what it likes)
        return False
