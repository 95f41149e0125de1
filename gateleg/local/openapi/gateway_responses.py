"""Gateway responses of an OpenAPI body, and the settings of the API itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateleg.local.template import logical_id

if TYPE_CHECKING:
    from gateleg.local.openapi.document import Document
    from gateleg.local.template import Json

_SETTINGS = {
    "binary-media-types": "BinaryMediaTypes",
    "api-key-source": "ApiKeySourceType",
    "minimum-compression-size": "MinimumCompressionSize",
    "policy": "Policy",
}
_PROPERTIES = {"statusCode": "StatusCode", "responseParameters": "ResponseParameters"}


def gateway_responses(api: str, document: Document) -> Json:
    """Return one `AWS::ApiGateway::GatewayResponse` for each response type that the body words."""
    return {
        logical_id(api, "GatewayResponse", kind): {
            "Type": "AWS::ApiGateway::GatewayResponse",
            "Properties": {
                "RestApiId": {"Ref": api},
                "ResponseType": kind,
                **{theirs: given[ours] for ours, theirs in _PROPERTIES.items() if ours in given},
                **_templates(given),
            },
        }
        for kind, given in document.extension("gateway-responses", {}).items()
    }


def api_settings(document: Document) -> Json:
    """Return the properties of `AWS::ApiGateway::RestApi` that the body sets."""
    info = document.body.get("info", {})
    settings: Json = {theirs: info[ours] for ours, theirs in (("title", "Name"), ("description", "Description")) if info.get(ours)}
    given = {theirs: document.extension(ours) for ours, theirs in _SETTINGS.items()}
    return settings | {name: value for name, value in given.items() if value is not None}


def _templates(given: Json) -> Json:
    """The emulator leaves `validationErrorString` as it stands; what it says of the same errors is in `message`."""
    templates: Json = given.get("responseTemplates", {})
    said = {kind: text.replace("$context.error.validationErrorString", "$context.error.message") for kind, text in templates.items()}
    return {"ResponseTemplates": said} if said else {}
