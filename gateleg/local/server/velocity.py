"""Mapping templates, rendered as API Gateway renders them: Velocity by airspeed, with `$input`, `$util` and `$context`.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html.
"""

from __future__ import annotations

import base64
import importlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus, unquote_plus

from gateleg.local.template import is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

_STEP: Final = re.compile(r"\.([A-Za-z_][A-Za-z0-9_-]*)|\[(\d+)\]|\['([^']*)'\]|\[\"([^\"]*)\"\]")
_SHORT: Final = {'"': '\\"', "'": "\\'", "\\": "\\\\", "/": "\\/", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


class TemplateFailedError(Exception):
    """A template that cannot be rendered: API Gateway answers 500."""


class JavaMap(dict[str, Any]):
    """An object of JSON as templates see it: a map of Java."""

    def containsKey(self, name: str) -> bool:  # noqa: N802 (Java's name)
        """Whether it has a member."""
        return name in self

    def keySet(self) -> list[str]:  # noqa: N802 (as above)
        """The names of its members."""
        return list(self)

    def size(self) -> int:
        """How many members it has."""
        return len(self)


@dataclass(frozen=True)
class Input:
    """`$input` of a template.

    Attributes:
        body: The body.
        parameters: `path`, `querystring` and `header`, each by name.
    """

    body: str
    parameters: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Any])

    def params(self, name: str | None = None) -> Any:
        """Return all parameters by where they stand, or one by its name."""
        if name is None:
            return JavaMap({place: JavaMap(self.parameters.get(place, {})) for place in ("path", "querystring", "header")})
        places = (self.parameters.get(place, {}) for place in ("path", "querystring", "header"))
        return next((values[name] for values in places if name in values), "")

    def path(self, path: str) -> Any:
        """Return a part of the body; `None` where it is not there."""
        found: Any = _parsed(self.body)
        for step in _steps(path):
            if isinstance(step, int) and found.__class__ is list and step < len(found):
                found = found[step]
            elif isinstance(step, str) and is_object(found):
                found = found.get(step)
            else:
                return None
        return found

    def json(self, path: str) -> str:
        """Return a part of the body as JSON; two quotes where it is not there."""
        found = self.path(path)
        return '""' if found is None and path != "$" else json.dumps(found, separators=(",", ":"), ensure_ascii=False)


class Util:
    """`$util` of a template."""

    @staticmethod
    def escapeJavaScript(text: Any) -> str:  # noqa: N802 (AWS's name)
        """Return a text as JavaScript has it between quotes, apostrophes and slashes escaped too."""
        return "".join(map(_escaped, _java(text)))

    @staticmethod
    def urlEncode(text: Any) -> str:  # noqa: N802 (as above)
        """Return a text as a value of a form."""
        return quote_plus(_java(text), safe="*", errors="replace").replace("~", "%7E")

    @staticmethod
    def urlDecode(text: Any) -> str:  # noqa: N802 (as above)
        """Return the text of a form's value."""
        return unquote_plus(_java(text))

    @staticmethod
    def base64Encode(text: Any) -> str:  # noqa: N802 (as above)
        """Return the Base64 form of a text."""
        return base64.b64encode(_java(text).encode()).decode()

    @staticmethod
    def base64Decode(text: Any) -> str:  # noqa: N802 (as above)
        """Return the text of a Base64 form; what is none is left out, as Java's decoder leaves it."""
        plain = re.sub(r"[^A-Za-z0-9+/_-]", "", _java(text)).replace("-", "+").replace("_", "/")
        kept = plain[: len(plain) - (len(plain) % 4 == 1)]
        return base64.b64decode(kept + "=" * (-len(kept) % 4)).decode(errors="replace")

    @staticmethod
    def parseJson(text: Any) -> Any:  # noqa: N802 (as above)
        """Return what a text of JSON says."""
        return _parsed(_java(text))


def rendered(template: str, given: Input, context: Mapping[str, Any]) -> str:
    """Render a template.

    Args:
        template: The template.
        given: `$input`.
        context: `$context`, to which templates may write overrides.

    Raises:
        TemplateFailedError: It cannot be rendered.
    """
    if not re.search(r"[$#]", template):
        return template
    # It has no types, and costs a tenth of a second to import.
    airspeed: Any = importlib.import_module("airspeed")
    try:
        text: str = airspeed.Template(template).merge({"input": given, "util": Util(), "context": context})
    except Exception as error:
        raise TemplateFailedError(str(error)) from error
    return text


def _parsed(text: str) -> Any:
    # Without a body there is an empty object.
    try:
        return json.loads(text or "{}", object_hook=JavaMap)
    except ValueError as error:
        raise TemplateFailedError(f"no JSON: {error}") from error


def _steps(path: str) -> list[str | int]:
    if not path.startswith("$"):
        raise TemplateFailedError(f"no JSONPath: {path}")
    steps: list[str | int] = []
    at = 1
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            raise TemplateFailedError(f"a JSONPath that the local run does not read: {path}")
        steps.append(int(match[2]) if match[2] else next(part for part in (match[1], match[3], match[4]) if part is not None))
        at = match.end()
    return steps


def _java(text: Any) -> str:
    return "" if text is None else str(text)


def _escaped(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    if " " <= character <= "\x7f":
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{int.from_bytes(units[at : at + 2], 'big'):04X}" for at in range(0, len(units), 2))
