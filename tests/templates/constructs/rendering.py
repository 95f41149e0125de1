"""Renders the mapping templates of a synthesized body with a real Velocity engine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateleg.local.server.velocity import Input, rendered

if TYPE_CHECKING:
    from tests.templates.constructs.samples import Template

JSON = "application/json"
HOSTILE = (
    "plain",
    "it's",
    '"quoted"',
    "back\\slash",
    "\\'",
    "\\\\'\"",
    "a\nb\r\tc\x00\x1f\x7f",
    "é 😀 \u2028 \ufffe",
    "$input.body ${x} $!y #set($z = 1) #if(true) #end ## #* *#",
    "a&b=c;d=e+f%20g",
    '","MessageBody":"injected',
    '"},{"x":{"S":"y"}}',
    "</Message>",
    "{}",
    "' + '",
)


def body(template: Template) -> dict[str, Any]:
    """The OpenAPI document."""
    found: dict[str, Any] = template.one("AWS::ApiGateway::RestApi")["Body"]
    return found


def integration(template: Template, key: str) -> dict[str, Any]:
    """The integration object of a route."""
    method, path = key.split(" ", 1)
    found: dict[str, Any] = body(template)["paths"][path][method.lower()]["x-amazon-apigateway-integration"]
    return found


def text(value: Any) -> str:
    """A text in which what CloudFormation makes has its logical id."""
    match value:
        case str():
            return value
        case {"Fn::Join": [str(delimiter), parts]}:
            return delimiter.join(text(part) for part in parts)
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return name
        case {"Fn::Sub": str(template)}:
            return re.sub(r"\$\{([^}]*)\}", r"\1", template)
        case _:
            raise AssertionError(value)


def request(template: Template, key: str, sent: str = "", context: dict[str, Any] | None = None, **parameters: dict[str, str]) -> str:
    """What a request becomes on its way to the service."""
    given = text(integration(template, key)["requestTemplates"][JSON])
    return rendered(given, Input(sent, parameters), context or {})


def answer(template: Template, key: str, pattern: str, received: str) -> tuple[int, str]:
    """The status and the body that an answer of the service becomes."""
    response = integration(template, key)["responses"][pattern]
    context: dict[str, Any] = {"responseOverride": {"header": {}}}
    made = rendered(text(response["responseTemplates"][JSON]), Input(received), context)
    return int(context["responseOverride"].get("status", response["statusCode"])), made


_DIRECTIVE = re.compile(r"#(?:set|if|elseif|foreach)(?=\()|\$(?=\{)")


def bare_references(template: str) -> list[str]:
    """References outside of directives whose end is not marked: text after them may be read as part of them."""
    found, at = list[str](), 0
    while at < len(template):
        if match := _DIRECTIVE.match(template, at):
            at = _closed(template, match.end())
            continue
        if template[at] == "$" or (template[at] == "\\" and template[at + 1 : at + 2] in {"$", "#"}):
            found.append(template[at : at + 20])
        at += 1
    return found


def _closed(template: str, at: int) -> int:
    """Where what is opened there has been closed."""
    depth, quote = 0, ""
    while True:
        one = template[at]
        if quote:
            quote = "" if one == quote else quote
        elif one in "'\"":
            quote = one
        elif one in "({":
            depth += 1
        elif one in ")}":
            depth -= 1
        at += 1
        if not depth:
            return at
