"""Parts of mapping templates: what stands in them for a value, escaped for the place where it stands.

Velocity does not look into the values that it puts in: `$` and `#` of a value are nothing but text. Quotes, backslashes and separators are
something to what reads the result, and are escaped.
Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

BODY = "$input.body"
"""The body as it was sent."""

_LATER = re.compile(r"([$#]\{Token\[[^\]]*\]\})")
"""What CDK puts a value in the place of."""
_READ = re.compile(r"[$#]|\\(?=\\*(?:[$#]|\Z))")
"""What Velocity reads; a backslash takes the meaning of what comes after it."""
_MARKED = {"$": "${dollar}", "#": "${hash}", "\\": "${slash}"}
_CONTEXT = re.compile(r"context(\.[A-Za-z_][A-Za-z0-9_-]*)+")


def formal(reference: str) -> str:
    """A reference whose end is marked, so that no text after it is read as part of it: `${name}`."""
    return f"${{{reference[1:]}}}"


def in_json(reference: str) -> str:
    """A reference between the quotes of JSON; `escapeJavaScript` writes apostrophes in a way that JSON does not know."""
    return formal(f'$util.escapeJavaScript({reference}).replaceAll("\\\\\'","\'")')


def json_text(reference: str) -> str:
    """A reference as a text of JSON."""
    return f'"{in_json(reference)}"'


def in_form(reference: str) -> str:
    """A reference as a value of a form body."""
    return formal(f"$util.urlEncode({reference})")


def parameter(name: str, variables: list[str]) -> str:
    """The reference to a parameter: of the path, or of the query where the path has none of the name."""
    return f"$input.params('{name}')" if name in variables else f"$input.params().querystring.get('{name}')"


def literal(text: str) -> str:
    """A text as it stands in a template that begins with `MARKS`, of which Velocity reads nothing; what CDK makes later, names of AWS, stays."""
    parts = _LATER.split(text)
    return "".join(part if number % 2 else _READ.sub(lambda found: _MARKED[found[0]], part) for number, part in enumerate(parts))


def literal_in_json(text: str) -> str:
    """A text between the quotes of JSON, as it stands in a template that begins with `MARKS`."""
    return literal(json.dumps(text)[1:-1])


MARKS = "#set($dollar='$')#set($hash='#')#set($slash=$util.urlDecode('%5C'))"
"""What stands for the characters that Velocity reads."""


def is_context(value: str) -> bool:
    """Whether a text names something of the request's context: `context.authorizer.claims.sub`."""
    return _CONTEXT.fullmatch(value) is not None


def as_json(value: Mapping[str, str]) -> str:
    """An object of JSON whose values are templates of JSON."""
    return "{" + ",".join(f"{json.dumps(name)}:{template}" for name, template in value.items()) + "}"
