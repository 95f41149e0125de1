"""Parameters and mappings.

G is https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import Finding, is_made, listing, mapping, pointer, text, variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateleg.cdk.body_rules.reading import Operation, RestApi

_SAID = frozenset({"name", "in", "required", "description", "schema", "$ref"})
_TYPED = frozenset({"type", "items"})
_PLACES = frozenset({"path", "query", "header"})
_NAME = re.compile(r"[a-zA-Z0-9._$-]+")
_PARAMETER = re.compile(r"method\.request\.(path|querystring|header|multivaluequerystring|multivalueheader)\.(.+)")
_STATIC = re.compile(r"'[^']*'", re.DOTALL)
_ELSEWHERE = r"stageVariables\..+|context\..+"
_REQUEST_VALUE = re.compile(rf"{_PARAMETER.pattern}|method\.request\.body(\..+)?|{_ELSEWHERE}")
_RESPONSE_VALUE = re.compile(rf"integration\.response\.(header|multivalueheader)\..+|integration\.response\.body(\..+)?|{_ELSEWHERE}")
_REQUEST_KEY = re.compile(r"integration\.request\.(path|querystring|header)\..+")
_RESPONSE_KEY = re.compile(r"method\.response\.header\..+")
_VALIDATOR = "x-amazon-apigateway-request-validator"


def keywords(api: RestApi) -> Iterator[Finding]:
    """Of a parameter only `name`, `in`, `required`, its type and its description are kept.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html.
    """
    for operation in api.operations:
        for parameter in operation.parameters:
            ignored = {name for name in parameter.keys() - _SAID if not name.startswith("x-")} | mapping(
                parameter.get("schema")
            ).keys() - _TYPED
            if ignored:
                listed = ", ".join(sorted(map(str, ignored)))
                said = f"API Gateway ignores {listed} of the parameter {parameter.get('name')!r}; leave that to the handler"
                yield Finding(operation.at("parameters"), said)


def cookies(api: RestApi) -> Iterator[Finding]:
    """Parameters are in the path, the query or a header. Source: G; inferred of cookies."""
    for operation in api.operations:
        for parameter in operation.parameters:
            if isinstance(where := parameter.get("in"), str) and where not in _PLACES:
                said = f"API Gateway knows no parameters in {where!r}, {parameter.get('name')!r} is lost; leave it out, handlers get every cookie"
                yield Finding(operation.at("parameters"), said, "warning")


def unique(api: RestApi) -> Iterator[Finding]:
    """A name stands in one place: `Parameter names must be unique across querystring, header and path`.

    localstack, test_method_request_parameters.
    """
    for operation in api.operations:
        places: dict[Any, set[Any]] = {}
        for parameter in operation.parameters:
            places.setdefault(str(parameter.get("name")), set()).add(str(parameter.get("in")))
        for name, found in places.items():
            if len(found) > 1:
                said = f"the parameter {name!r} is in {' and in '.join(sorted(found))}, and API Gateway takes a name once; leave one of them out"
                yield Finding(operation.at("parameters"), said)


def names(api: RestApi) -> Iterator[Finding]:
    """A parameter's name matches `^[a-zA-Z0-9._$-]+$`. Source: G."""
    for operation in api.operations:
        for parameter in operation.parameters:
            if isinstance(name := parameter.get("name"), str) and not _NAME.fullmatch(name):
                said = f"API Gateway refuses the parameter name {name!r}; leave it out, or name it with letters, digits and . _ $ -"
                yield Finding(operation.at("parameters"), said)


def declared(api: RestApi) -> Iterator[Finding]:
    """What is mapped from a request is declared: `Invalid mapping expression parameter specified: ..`. Source: G."""
    for operation in api.operations:
        known = {("path", name) for name in variables(operation.path)}
        known |= {(str(parameter.get("in")), str(parameter.get("name"))) for parameter in operation.parameters}
        for source in _sources(operation):
            match = _PARAMETER.fullmatch(source)
            where = match and match[1].removeprefix("multivalue").replace("querystring", "query")
            if match and (where, match[2]) not in known:
                said = f"{source} is mapped and not declared, which API Gateway refuses; add {{'name': {match[2]!r}, 'in': {where!r}}} to the parameters"
                yield Finding(operation.at("x-amazon-apigateway-integration"), said)


def _sources(operation: Operation) -> Iterator[str]:
    yield from filter(None, map(text, mapping(operation.integration.get("requestParameters")).values()))
    yield from filter(None, map(text, listing(operation.integration.get("cacheKeyParameters"))))


def expressions(api: RestApi) -> Iterator[Finding]:
    """A mapping is an expression that API Gateway knows, or a text in single quotes.

    `Invalid mapping expression specified: *`; `Invalid format for 'requestParameters'. Expected type string ..`: localstack, base_path_oas30.
    """
    for operation in api.operations:
        at = "x-amazon-apigateway-integration"
        parts: list[tuple[tuple[str, ...], Any, re.Pattern[str], re.Pattern[str]]] = [
            (("requestParameters",), operation.integration.get("requestParameters"), _REQUEST_KEY, _REQUEST_VALUE)
        ]
        for pattern, answer in mapping(operation.integration.get("responses")).items():
            parts.append(
                (("responses", pattern, "responseParameters"), mapping(answer).get("responseParameters"), _RESPONSE_KEY, _RESPONSE_VALUE)
            )
        for way, mapped, key, value in parts:
            for name, expression in mapping(mapped).items():
                if problem := _problem(name, expression, key, value):
                    yield Finding(operation.at(at, *way, name), problem)
    for name, answer in mapping(api.body.get("x-amazon-apigateway-gateway-responses")).items():
        for header, expression in mapping(mapping(answer).get("responseParameters")).items():
            said = text(expression)
            if not is_made(expression) and not (
                said and (_STATIC.fullmatch(said) or said.startswith(("method.request.", "context.", "stageVariables.")))
            ):
                where = pointer("x-amazon-apigateway-gateway-responses", name, "responseParameters", header)
                yield Finding(where, f"API Gateway takes {expression!r} for a mapping; write a text in single quotes: \"'{expression}'\"")


def _problem(name: str, expression: Any, key: re.Pattern[str], value: re.Pattern[str]) -> str | None:
    if not key.fullmatch(name):
        return f"API Gateway knows no {name!r} to map to; write {key.pattern.split('.(')[0].replace(chr(92), '')}.…"
    if is_made(expression) and text(expression) is None:
        return None
    said = text(expression)
    if said is None:
        return f"{expression!r} is no text, and the import drops it; write it in single quotes within the text: \"'{expression}'\""
    if _STATIC.fullmatch(said) or value.fullmatch(said):
        return None
    return f"API Gateway takes {said!r} for an expression, which it does not know; write a text in single quotes: \"'{said}'\""


def validators(api: RestApi) -> Iterator[Finding]:
    """A validator that is named is there, and a body with a model that nothing behind the gateway checks has one.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-request-validator.html;
    `Invalid Request Validator identifier specified`: localstack, test_put_method_validation.
    """
    known = mapping(api.body.get("x-amazon-apigateway-request-validators"))
    default = api.body.get(_VALIDATOR)
    if default is not None and not is_made(default) and str(default) not in known:
        yield Finding(pointer(_VALIDATOR), _unknown(default, list(known)))
    for operation in api.operations:
        own = operation.raw.get(_VALIDATOR)
        if own is not None and not is_made(own) and str(own) not in known:
            yield Finding(operation.at(_VALIDATOR), _unknown(own, list(known)))
        elif "requestBody" in operation.raw and (own or default) is None and not operation.is_lambda_proxy:
            said = f"the body has a model and no validator, and nothing behind the gateway checks it; name one in {_VALIDATOR}"
            yield Finding(operation.at("requestBody"), said)


def _unknown(name: Any, known: list[str]) -> str:
    return f"there is no request validator {name!r}, which API Gateway refuses; define it in x-amazon-apigateway-request-validators (there: {', '.join(known) or 'none'})"
