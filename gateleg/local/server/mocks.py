"""Mock integrations: their mapping templates rendered, as API Gateway does."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from gateleg.local.server.request import current
from gateleg.local.server.velocity import Input, rendered

if TYPE_CHECKING:
    from gateleg.local.template import Json

_HEADER: Final = "method.response.header."
_JSON: Final = "application/json"


def mock_answer(integration: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of a mock integration.

    The request template gives the status; the response whose pattern matches it, or the default one, gives headers and body, and
    its template may override both. Follows
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-override-request-response-parameters.html.
    """
    request = current.get()
    given = Input("", {"querystring": dict(request.query), "header": dict(request.as_sent)})
    context: dict[str, Any] = {
        "responseOverride": {"header": {}},
        "httpMethod": request.method,
        "stage": request.stage,
        "apiId": request.api,
    }
    wanted = _status(rendered(_of_type(integration.get("requestTemplates")), given, context))
    responses: Json = integration.get("integrationResponses") or {}
    chosen = _chosen(list(responses.values()), wanted)
    if chosen is None:
        return 500, {"Content-Type": _JSON}, b'{"message": "Internal server error"}'
    parameters: Json = chosen.get("responseParameters") or {}
    headers = {"Content-Type": _JSON} | {
        name.removeprefix(_HEADER): str(value).strip("'") for name, value in parameters.items() if name.startswith(_HEADER)
    }
    body = rendered(_of_type(chosen.get("responseTemplates")), given, context)
    override = context["responseOverride"]
    status = int(override.get("status") or chosen.get("statusCode") or wanted)
    return status, headers | {str(name): str(value) for name, value in override["header"].items()}, body.encode()


def _of_type(templates: Json | None) -> str:
    return str((templates or {}).get(_JSON) or "")


def _status(rendered: str) -> str:
    """Read the status of a rendered request template, whose keys API Gateway takes without quotes too."""
    try:
        return str(json.loads(re.sub(r"(?<![\"'\w])statusCode(?=\s*:)", '"statusCode"', rendered))["statusCode"])
    except (ValueError, KeyError, TypeError):
        return ""


def _chosen(responses: list[dict[str, Any]], status: str) -> dict[str, Any] | None:
    matching = [one for one in responses if one.get("selectionPattern") and re.fullmatch(one["selectionPattern"], status)]
    default = [one for one in responses if not one.get("selectionPattern")]
    return next(iter([*matching, *default]), None)
