"""Mapping templates that API Gateway cannot read: blocks that nothing ends, and what `$input` and `$util` have not.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from gateleg.cdk.body_rules.reading import Finding, mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.cdk.body_rules.reading import Operation, RestApi

_KNOWN: Mapping[str, tuple[str, ...]] = {
    "input": ("body", "json", "params", "path"),
    "util": ("base64Decode", "base64Encode", "escapeJavaScript", "parseJson", "urlDecode", "urlEncode"),
}
_UNREAD = re.compile(r"##[^\n]*|#\*.*?\*#|\\[$#]", re.DOTALL)
_NAMED = re.compile(r"\$!?\{?(input|util)\.([A-Za-z_]\w*)")
_BLOCK = re.compile(r"#\{?(if|foreach|macro|define|end)\b")
_ASKING = re.compile(r"#(?:if|elseif|foreach|set)\s*\(")
_IN_PARENS = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|[()]", re.DOTALL)


def readable(api: RestApi) -> Iterator[Finding]:
    """A template that cannot be read is answered 500, and what `$input` and `$util` have not stands there as it is written.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html.
    """
    for operation in api.operations:
        for where, template in _templates(operation):
            if (said := wrong(template)) is not None:
                yield Finding(where, said)


def wrong(template: str) -> str | None:
    """Why a template cannot be read; nothing where it can.

    Args:
        template: The template.
    """
    read = _UNREAD.sub("", template)
    for found in _NAMED.finditer(read):
        who, name = str(found[1]), str(found[2])
        if name not in _KNOWN[who]:
            near = difflib.get_close_matches(name, _KNOWN[who], n=1) or [*_KNOWN[who]]
            return f"${who} has no {name!r}, which stands in the template as it is written; write one of {', '.join(f'${who}.{one}' for one in near)}"
    for asking in _ASKING.finditer(read):
        if not _is_closed(read[asking.end() :]):
            return f"{asking[0]!r} of the template is closed by no ')', and every request is answered 500; write one"
    return _unended(_BLOCK.findall(read))


def _is_closed(rest: str) -> bool:
    depth = 1
    for part in _IN_PARENS.findall(rest):
        depth += (part == "(") - (part == ")")
        if depth == 0:
            return True
    return False


def _unended(blocks: list[str]) -> str | None:
    opened: list[str] = []
    for block in blocks:
        if block != "end":
            opened.append(block)
        elif not opened:
            return "the template has an #end that ends nothing, and every request is answered 500; leave it out"
        else:
            opened.pop()
    return f"#{opened[-1]} of the template is ended by no #end, and every request is answered 500; write one" if opened else None


def _templates(operation: Operation) -> Iterator[tuple[str, str]]:
    parts = [("requestTemplates", operation.integration.get("requestTemplates"))]
    parts += [("responses", mapping(one).get("responseTemplates")) for one in mapping(operation.integration.get("responses")).values()]
    for part, given in parts:
        found = [said for one in mapping(given).values() if (said := text(one)) is not None]
        yield from ((operation.at("x-amazon-apigateway-integration", part), said) for said in found)
