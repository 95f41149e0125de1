"""Schemas: API Gateway keeps them as models, in JSON Schema draft 4.

N is https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from gateleg.cdk.body_rules.reading import Finding, contents, listing, mapping, pointer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.cdk.body_rules.reading import RestApi, SchemaPart, Severity

_HOME = "#/components/schemas/"
_PRIMITIVE = frozenset({"string", "number", "integer", "boolean"})
_FORMATS = frozenset({"int32", "int64", "decimal"})
_MODEL_BYTES = 400_000
_NEWER: dict[str, Severity] = {
    "$id": "error",
    "dependentRequired": "error",
    **dict.fromkeys(("const", "examples", "if", "contains", "prefixItems", "$defs", "dependentSchemas", "propertyNames"), "warning"),
}
_UNSUPPORTED = frozenset({"discriminator", "example", "readOnly", "deprecated", "default", "exclusiveMinimum"})


def names(api: RestApi) -> Iterator[Finding]:
    """A model's name is alphanumeric.

    N; `Model name must be alphanumeric: a_b`, then `Reference to model 'a_b' not found. Ignoring.`: awslabs/aws-apigateway-importer#194.
    """
    for name in api.schemas:
        if not re.fullmatch(r"[A-Za-z0-9]+", name):
            said = (
                f"API Gateway makes no model of the schema {name!r}, and ignores what refers to it; name it with letters and digits alone"
            )
            yield Finding(pointer("components", "schemas", name), said)


def draft(api: RestApi) -> Iterator[Finding]:
    """Models speak draft 4; keywords of later drafts are refused: `Invalid model schema specified. Unsupported keyword(s): ["$id"]`.

    https://github.com/aws/aws-cdk/issues/14585; clouddrove/terraform-aws-api-gateway#30; others than `$id` and `dependentRequired` are inferred.
    """
    for part in api.schema_parts:
        for keyword in sorted(_NEWER.keys() & part.schema.keys()):
            yield _unsupported(part, keyword, "is not of JSON Schema draft 4, and API Gateway refuses the model", _NEWER[keyword])
        for keyword in ("exclusiveMinimum", "exclusiveMaximum"):
            if keyword in part.schema and not isinstance(part.schema[keyword], bool):
                yield _unsupported(part, keyword, "is a number, as later drafts than 4 have it", "warning")


def words(api: RestApi) -> Iterator[Finding]:
    """Words that models do not support: `discriminator`, `example`, `readOnly`, `deprecated`, `default`, `exclusiveMinimum`. Source: N."""
    for part in api.schema_parts:
        for keyword in sorted(_UNSUPPORTED & part.schema.keys()):
            yield _unsupported(part, keyword, "is not supported by API Gateway's models, which drop or refuse it")


def null(api: RestApi) -> Iterator[Finding]:
    """Nothing says null: `nullable` is not of draft 4, a null type is not of OpenAPI 3.0.

    Inferred; awslabs/aws-api-gateway-developer-portal#544.
    """
    for part in api.schema_parts:
        kind = part.schema.get("type")
        if "nullable" in part.schema or kind == "null" or isinstance(kind, list):
            said = "a model cannot say null: validation refuses it, or the export of the API fails; leave the type out where null is taken"
            yield Finding(pointer(*part.at), said, "warning")


def counts(api: RestApi) -> Iterator[Finding]:
    """`minItems` and `maxItems` are kept in a model, and not checked. Only where no function checks them itself.

    N; kept in models recorded by localstack, test_import_rest_api_with_circular_models.
    """
    checked = {
        model: operation
        for operation in api.operations
        if "x-amazon-apigateway-request-validator" in operation.raw and not operation.is_lambda_proxy
        for *_, schema in contents(operation)
        for model in [str(mapping(schema).get("$ref", "")).removeprefix(_HOME)]
    }
    for part in api.schema_parts:
        if {"minItems", "maxItems"} & part.schema.keys() and part.at[2] in checked:
            said = f"API Gateway does not check minItems and maxItems, and nothing behind {checked[str(part.at[2])].at()} does; let a function check them"
            yield Finding(pointer(*part.at), said)


def formats(api: RestApi) -> Iterator[Finding]:
    """The formats `int32`, `int64` and `decimal` are not supported. Source: N."""
    for part in api.schema_parts:
        if isinstance(named := part.schema.get("format"), str) and named in _FORMATS:
            yield _unsupported(part, "format", f"{named!r} is not supported by API Gateway's models")


def choices(api: RestApi) -> Iterator[Finding]:
    """`oneOf` is not supported for SDKs and older imports, though seen to validate.

    N; https://github.com/stoplightio/spectral/issues/475. `anyOf` and `allOf` import.
    """
    for part in api.schema_parts:
        if "oneOf" in part.schema:
            said = "API Gateway makes no SDK of 'oneOf', and did not always take it; write anyOf"
            yield Finding(pointer(*part.at, "oneOf"), said, "warning")


def references(api: RestApi) -> Iterator[Finding]:
    """A `$ref` names a model of `components.schemas`; root responses are not followed.

    N; localstack, test_import_rest_api_with_circular_models; `Reference to model 'x' not found. Ignoring.`
    """
    for part in api.schema_parts:
        if "$ref" in part.schema:
            name = str(part.schema["$ref"])
            if not name.startswith(_HOME) or name.removeprefix(_HOME) not in api.schemas:
                said = f"{name!r} is no model of the API, and API Gateway ignores what it cannot find; refer to {_HOME}NAME, and define it there"
                yield Finding(pointer(*part.at), said)
    for operation in api.operations:
        for code, answer in mapping(operation.raw.get("responses")).items():
            if "$ref" in mapping(answer):
                yield Finding(
                    operation.at("responses", code), "API Gateway does not follow references to responses; write the response itself here"
                )


def response_kinds(api: RestApi) -> Iterator[Finding]:
    """The schema of a response is a reference or an object, no primitive. Source: N."""
    for operation in api.operations:
        for *at, schema in contents(operation):
            kind = mapping(schema).get("type")
            if at[0] == "responses" and (kinds := _PRIMITIVE.intersection(map(str, [kind] if isinstance(kind, str) else listing(kind)))):
                said = f"API Gateway takes no primitive ({min(kinds)}) as the schema of a response; define it in components.schemas, and refer to it"
                yield Finding(operation.at(*at), said)


def unnamed(api: RestApi) -> Iterator[Finding]:
    """An inline schema becomes a model with a made-up name, which a later deletion of the API's models stumbles over.

    awslabs/aws-apigateway-importer#90, #113.
    """
    for operation in api.operations:
        for *at, schema in contents(operation):
            if {"properties", "items", "additionalProperties", "anyOf", "allOf"} & mapping(schema).keys():
                said = "an inline schema becomes a model of a made-up name, which blocks later deletions; define it in components.schemas, and refer to it"
                yield Finding(operation.at(*at), said)


def sizes(api: RestApi) -> Iterator[Finding]:
    """A model has at most 400 KB. https://docs.aws.amazon.com/apigateway/latest/api/API_CreateModel.html."""
    for name, schema in api.schemas.items():
        if (size := len(json.dumps(schema, separators=(",", ":")).encode())) > _MODEL_BYTES:
            said = f"the model {name} has {size:,} bytes, and API Gateway takes {_MODEL_BYTES:,}; divide it"
            yield Finding(pointer("components", "schemas", name), said)


def _unsupported(part: SchemaPart, keyword: str, why: str, severity: Severity = "error") -> Finding:
    return Finding(pointer(*part.at, keyword), f"{keyword!r} {why}; leave it out", severity)
