"""Reads an OpenAPI body and the resources about it: plain data, in which anything may stand where something else should.

What CloudFormation makes (`Ref`, `Fn::*`) is opaque: nothing is said of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "x-amazon-apigateway-any-method")
DOMAINS = ("AWS::ApiGatewayV2::DomainName", "AWS::ApiGateway::DomainName")
MAPPINGS = ("AWS::ApiGateway::BasePathMapping", "AWS::ApiGateway::BasePathMappingV2", "AWS::ApiGatewayV2::ApiMapping")
"""What lets a domain lead to an API."""
INTEGRATION = "x-amazon-apigateway-integration"
ENDPOINT = "x-amazon-apigateway-endpoint-configuration"
MADE = "${}"
"""What stands in a text for a part that CloudFormation makes."""

_ONE_INSIDE = frozenset({"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"})
_LISTED_INSIDE = frozenset({"anyOf", "allOf", "oneOf", "prefixItems", "items"})
_NAMED_INSIDE = frozenset({"properties", "patternProperties", "definitions", "$defs", "dependentSchemas"})
_SUBSTITUTED = re.compile(r"\$\{(?!stageVariables\.)[^}]*\}")
_SERVICE = re.compile(r"arn:[^:]*:apigateway:[^:]*:([A-Za-z0-9.$_{}-]+):(path|action)/", re.DOTALL)

_VARIABLE = re.compile(r"\$\{!?stageVariables\.(\w+)\}")
STAGES = ("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage")

Severity = Literal["error", "warning"]
Guard = Literal["iam", "lambda", "pool", "jwt", "key"]
"""What judges who asks: IAM, a Lambda authorizer, a user pool of a REST API, an issuer of tokens, an API key beside them."""


@dataclass(frozen=True)
class Finding:
    """What a rule finds.

    Attributes:
        where: The method and path or the part, and a JSON pointer into the body.
        said: What is wrong, what AWS does with it, what to write instead.
        severity: `error` where AWS refuses it, drops it or leaves something open without a word, by its documentation, recordings or reports;
            `warning` where that is inferred, and where a quota can be raised.
        rule: The rule's id; set by whoever asks the rule.
    """

    where: str
    said: str
    severity: Severity = "error"
    rule: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.said} [{self.rule}]"


@dataclass(frozen=True)
class Operation:
    """A method of a path.

    Attributes:
        path: `/rooms/{room}`.
        member: Its key in the path item: `get`, `x-amazon-apigateway-any-method`.
        raw: The operation object.
        parameters: Those of the path item and its own.
    """

    path: str
    member: str
    raw: Mapping[str, Any]
    parameters: Sequence[Mapping[str, Any]]

    @cached_property
    def integration(self) -> Mapping[str, Any]:
        """The integration object; empty where there is none."""
        return mapping(self.raw.get(INTEGRATION))

    @cached_property
    def kind(self) -> str:
        """The integration's type, lower case; empty where nobody can say."""
        return (text(self.integration.get("type")) or "").lower()

    @cached_property
    def service(self) -> str | None:
        """The AWS service that the integration calls: `lambda`; `None` where it calls none, or nobody can say."""
        match = _SERVICE.match(text(self.integration.get("uri")) or "")
        return match[1] if match else None

    @property
    def is_proxy(self) -> bool:
        """Whether answers pass as they are."""
        return self.kind in {"aws_proxy", "http_proxy"}

    @property
    def is_lambda_proxy(self) -> bool:
        """Whether a function answers, which checks for itself what it is sent."""
        return self.kind == "aws_proxy" and self.service in {"lambda", None}

    def at(self, *parts: str | int) -> str:
        """The method, the path and a pointer to a part of the operation."""
        method = "ANY" if self.member.startswith("x-") else self.member.upper()
        return f"{method} {self.path} ({pointer('paths', self.path, self.member, *parts)})"


@dataclass(frozen=True)
class SchemaPart:
    """A schema, of a component or inside another.

    Attributes:
        at: The way to it.
        schema: The schema.
    """

    at: tuple[str | int, ...]
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class RestApi:
    """A REST API as its template has it.

    Attributes:
        properties: The properties of the `AWS::ApiGateway::RestApi`, its body among them.
        beside: The resources of the template that name it, each with its `Type` and `Properties`.
    """

    properties: Mapping[str, Any]
    beside: Sequence[Mapping[str, Any]] = field(default_factory=list[Any])

    @cached_property
    def body(self) -> Mapping[str, Any]:
        """The OpenAPI document."""
        return mapping(self.properties.get("Body"))

    @cached_property
    def paths(self) -> Mapping[str, Any]:
        """The path items by path."""
        return mapping(self.body.get("paths"))

    @cached_property
    def operations(self) -> list[Operation]:
        """Every method of every path."""
        return [
            Operation(
                path,
                member,
                mapping(raw),
                [*map(mapping, listing(item.get("parameters"))), *map(mapping, listing(mapping(raw).get("parameters")))],
            )
            for path, item in ((path, mapping(item)) for path, item in self.paths.items())
            for member, raw in item.items()
            if member in METHODS
        ]

    @cached_property
    def schemas(self) -> Mapping[str, Any]:
        """The models by name."""
        return mapping(mapping(self.body.get("components")).get("schemas"))

    @cached_property
    def schema_parts(self) -> list[SchemaPart]:
        """Every schema in the components and in the contents of requests and answers, each with those inside it."""
        found = [part for name, schema in self.schemas.items() for part in _schema_parts(schema, "components", "schemas", name)]
        for operation in self.operations:
            for *at, schema in contents(operation):
                found += _schema_parts(schema, "paths", operation.path, operation.member, *at)
        return found

    @cached_property
    def schemes(self) -> Mapping[str, Any]:
        """The security schemes by name."""
        return mapping(mapping(self.body.get("components")).get("securitySchemes"))

    @cached_property
    def endpoint_types(self) -> list[Any]:
        """`EDGE`, `REGIONAL`, `PRIVATE`; what is not said is `EDGE`."""
        return listing(mapping(self.properties.get("EndpointConfiguration")).get("Types")) or ["EDGE"]

    def of_type(self, kind: str) -> list[Mapping[str, Any]]:
        """The properties of the resources of a type that name the API."""
        return [mapping(resource.get("Properties")) for resource in map(mapping, self.beside) if resource.get("Type") == kind]


def is_made(value: Any) -> bool:
    """Whether CloudFormation makes the value."""
    return value.__class__ is dict and len(value) == 1 and ((name := next(iter(value))) == "Ref" or name.startswith("Fn::"))


def mapping(value: Any) -> Mapping[str, Any]:
    """The value, or nothing where it is not an object or CloudFormation makes it."""
    return value if value.__class__ is dict and not is_made(value) else {}


def listing(value: Any) -> list[Any]:
    """The value, or nothing where it is not an array."""
    return value if value.__class__ is list else []


def text(value: Any) -> str | None:
    """A text, with `MADE` for each part that CloudFormation makes; `None` where it is none, or nothing of it is known."""
    if isinstance(value, str):
        return value
    match value:
        case {"Fn::Sub": str(template) | [str(template), *_]}:
            return _SUBSTITUTED.sub(MADE, template)
        case {"Fn::Join": [str(delimiter), list(parts)]}:  # pyright: ignore[reportUnknownVariableType] (JSON)
            return delimiter.join(MADE if (said := text(part)) is None else said for part in parts)  # pyright: ignore[reportUnknownVariableType] (JSON)
        case _:
            return None


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901) into the body."""
    return "#/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def variables(path: str) -> list[str]:
    """The names of a path's variables."""
    return re.findall(r"\{([^{}+]+)\+?\}", path)


def contents(operation: Operation) -> Iterator[tuple[Any, ...]]:
    """The way to each schema of a body, of the request and of the answers, from the operation on, and the schema."""
    for media, kind in mapping(mapping(operation.raw.get("requestBody")).get("content")).items():
        if "schema" in mapping(kind):
            yield "requestBody", "content", media, "schema", kind["schema"]
    for code, answer in mapping(operation.raw.get("responses")).items():
        for media, kind in mapping(mapping(answer).get("content")).items():
            if "schema" in mapping(kind):
                yield "responses", code, "content", media, "schema", kind["schema"]


def stage_values(said: str, stages: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """By the stage variables that a text names, `${stageVariables.fn}`, the values that stages give them, those of canaries too.

    Args:
        said: The text.
        stages: The properties of the stages.
    """
    told = [mapping(stage.get(part)) for stage in stages for part in ("Variables", "StageVariables")]
    told += [mapping(mapping(stage.get("CanarySetting")).get("StageVariableOverrides")) for stage in stages]
    names = dict.fromkeys(_VARIABLE.findall(said))
    return {name: [variables[name] for variables in told if name in variables] for name in names}


def guards_of(api: RestApi, operation: Operation) -> frozenset[Guard]:
    """What guards an operation.

    Args:
        api: The API.
        operation: One of its operations.
    """
    asked = {name for one in listing(operation.raw.get("security")) for name in mapping(one)}
    return frozenset(_guard(mapping(api.schemes.get(name))) for name in asked)


def _guard(scheme: Mapping[str, Any]) -> Guard:
    if scheme.get("x-amazon-apigateway-authtype") == "awsSigv4":
        return "iam"
    if not (authorizer := mapping(scheme.get("x-amazon-apigateway-authorizer"))):
        return "key"
    kinds: Mapping[str, Guard] = {"cognito_user_pools": "pool", "jwt": "jwt"}
    return kinds.get(str(authorizer.get("type")), "lambda")


def _schema_parts(schema: Any, *at: str | int) -> Iterator[SchemaPart]:
    if not (said := mapping(schema)):
        return
    yield SchemaPart(at, said)
    for keyword, inside in said.items():
        if keyword in _ONE_INSIDE:
            yield from _schema_parts(inside, *at, keyword)
        if keyword in _LISTED_INSIDE:
            for number, part in enumerate(listing(inside)):
                yield from _schema_parts(part, *at, keyword, number)
        if keyword in _NAMED_INSIDE:
            for name, part in mapping(inside).items():
                yield from _schema_parts(part, *at, keyword, name)
