"""What API Gateway maps of a request to an integration, and of its answer to the client.

Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateleg.local.server.velocity import Input, rendered
from gateleg.local.template import is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.local.template import Json

_JSON: Final = "application/json"
_PLACES: Final = {"path": "path", "querystring": "querystring", "header": "header"}
_METHOD: Final = re.compile(r"method\.request\.(?:multivalue)?(path|querystring|header)\.(.+)")
_INTEGRATION: Final = re.compile(r"integration\.request\.(path|querystring|header)\.(.+)")
_HEADER: Final = "method.response.header."
_ANSWERED: Final = "integration.response.header."


@dataclass(frozen=True)
class Sent:
    """A request as API Gateway has it.

    Attributes:
        body: Its body.
        parameters: `path`, `querystring` and `header`, each by name.
        context: `$context`.
        stage_variables: The stage's variables.
    """

    body: bytes
    parameters: Mapping[str, Mapping[str, str]]
    context: Json
    stage_variables: Json

    @property
    def content_type(self) -> str:
        """Its media type; JSON where it does not say."""
        headers = {name.lower(): value for name, value in self.parameters.get("header", {}).items()}
        return headers.get("content-type", _JSON).partition(";")[0].strip().lower()

    def template_of(self, templates: Json | None) -> str | None:
        """The template for its media type; `None` where there is none."""
        return {name.partition(";")[0].strip().lower(): text for name, text in (templates or {}).items()}.get(self.content_type)

    def body_for(self, integration: Json) -> bytes:
        """The body that the integration is sent.

        Raises:
            TemplateFailedError: The template cannot be rendered.
        """
        template = self.template_of(integration.get("requestTemplates"))
        if template is None:
            return self.body
        return rendered(template, Input(self.body.decode(errors="replace"), self.parameters), self.context).encode()

    def mapped(self, integration: Json) -> dict[str, dict[str, str]]:
        """What is mapped to `path`, `querystring` and `header` of the request to the integration, by name."""
        found: dict[str, dict[str, str]] = {place: {} for place in _PLACES}
        parameters: Json = integration.get("requestParameters") or {}
        for target, source in parameters.items():
            match = _INTEGRATION.fullmatch(target)
            value = self._value(str(source))
            if match and value is not None:
                found[match[1]][match[2]] = value
        return found

    def _value(self, source: str) -> str | None:
        if source.startswith("'"):
            return source[1:-1]
        if match := _METHOD.fullmatch(source):
            given = self.parameters.get(match[1], {})
            named = {name.lower(): value for name, value in given.items()} if match[1] == "header" else given
            return named.get(match[2].lower() if match[1] == "header" else match[2])
        root, _, path = source.partition(".")
        found: Any = {"context": self.context, "stageVariables": self.stage_variables}.get(root)
        for step in path.split("."):
            found = found.get(step) if is_object(found) else None
        return None if found is None else str(found)


@dataclass(frozen=True)
class Received:
    """What an integration answered.

    Attributes:
        status: The status.
        headers: The headers, by names in lower case.
        body: The body.
        text: The body as templates read it, where that is another.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    text: str | None = None


def answered(integration: Json, sent: Sent, received: Received) -> tuple[int, dict[str, str], bytes]:
    """The answer of an API to what an integration answered.

    Args:
        integration: The integration, whose responses are chosen by their patterns.
        sent: The request.
        received: What the integration answered.

    Raises:
        TemplateFailedError: The response's template cannot be rendered.
    """
    status, headers, body = received.status, received.headers, received.body
    responses: Json = integration.get("integrationResponses") or {}
    chosen = _chosen(list(responses.values()), str(status))
    if chosen is None:
        return 500, {"Content-Type": _JSON}, b'{"message": "Internal server error"}'
    context: Json = {**sent.context, "responseOverride": {"header": {}}}
    found = {"Content-Type": _JSON}
    parameters: dict[str, str] = chosen.get("responseParameters") or {}
    for target, source in parameters.items():
        value = source[1:-1] if source.startswith("'") else headers.get(source.removeprefix(_ANSWERED).lower())
        if value is not None:
            found[target.removeprefix(_HEADER)] = value
    templates: Json = chosen.get("responseTemplates") or {}
    if _JSON in templates:
        body = rendered(templates[_JSON], Input(received.text or body.decode(errors="replace"), sent.parameters), context).encode()
    override: Json = context["responseOverride"]
    found |= {str(name): str(value) for name, value in override["header"].items()}
    return int(override.get("status") or chosen.get("statusCode") or status), found, body


def _chosen(responses: list[Json], status: str) -> Json | None:
    matching = [one for one in responses if one.get("selectionPattern") and re.fullmatch(one["selectionPattern"], status)]
    default = [one for one in responses if not one.get("selectionPattern")]
    return next(iter([*matching, *default]), None)
