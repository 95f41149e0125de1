"""The API's reference page, served by the API itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateleg.description.marks import public as mark_public

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response


def serve_docs(
    app: APIGatewayRestResolver,
    path: str = "/docs",
    *,
    public: str = "the API's reference holds no data",
    title: str | None = None,
    version: str | None = None,
    description: str | None = None,
) -> None:
    """Serve Swagger UI at `path`, and the OpenAPI document at `path?format=json`, without an authorizer.

    Powertools' own `enable_swagger` answers 500 as soon as one handler has an annotation without a schema; this page
    leaves such a route out. Scripts and styles are part of the page, so nothing is loaded from elsewhere.

    Args:
        app: The resolver whose routes are shown.
        path: The route to serve at.
        public: Why the page may be read by anyone.
        title: The API's title; Powertools' `configure_openapi` gives the default.
        version: The API's version; likewise.
        description: What the API is for; likewise.
    """
    given = {name: value for name, value in {"title": title, "version": version, "description": description}.items() if value}
    # A lambda has no annotations, so that an app that validates does not take the page for JSON.
    app.get(path, include_in_schema=False)(mark_public(public)(lambda: _answer(app, path, given)))


def _answer(app: APIGatewayRestResolver, path: str, given: dict[str, str]) -> Response[str]:
    from aws_lambda_powertools.event_handler import Response, content_types

    document = _document(app, path, given)
    if (app.current_event.query_string_parameters or {}).get("format") == "json":
        return Response(status_code=200, content_type=content_types.APPLICATION_JSON, body=document)
    return Response(status_code=200, content_type=content_types.TEXT_HTML, body=_page(document))


def _document(app: APIGatewayRestResolver, path: str, given: dict[str, str]) -> str:
    from gateleg.rest.openapi import document_of

    content: dict[str, Any] = document_of(app).content
    content["info"] |= given
    content["servers"] = [{"url": _base_url(path)}]
    # A closing tag within a string would end the page's script.
    return json.dumps(content).replace("</", "<\\/")


def _base_url(path: str) -> str:
    """The app's own root as seen from the page, whatever stage, domain or proxy stands before it."""
    return "/".join([".."] * (path.strip("/").count("/"))) or "."


def _page(document: str) -> str:
    from aws_lambda_powertools.event_handler.openapi import swagger_ui

    assets = Path(swagger_ui.__file__).parent
    script, style = ((assets / f"swagger-ui{name}").read_text(encoding="utf-8") for name in ("-bundle.min.js", ".min.css"))
    return swagger_ui.generate_swagger_html(document, script, style, "", None)
