"""What a browser needs to show a reference: Swagger UI, the document, and the page that joins them."""

from __future__ import annotations

import json
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateleg.cdk.reference_socket import socket_pages

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{folder}/swagger-ui.min.css">
</head>
<body>
{socket}<main id="swagger-ui"></main>
<script src="{folder}/swagger-ui-bundle.min.js"></script>
<script src="{folder}/start.js"></script>
</body>
</html>
"""


def pages(
    document: Mapping[str, Any], path: str, socket: Mapping[str, Any] | None = None, client: Mapping[str, str] | None = None
) -> dict[str, bytes]:
    """The files, by their names.

    Args:
        document: The OpenAPI document.
        path: Where the page is served, `/docs`; the files are beside it, `/docs/openapi.json`.
        socket: The AsyncAPI document of a WebSocket API that is told of, too.
        client: The files of its client.
    """
    folder = path.rsplit("/", 1)[1]
    start = {"url": f"{folder}/openapi.json", "dom_id": "#swagger-ui", "deepLinking": True, "displayRequestDuration": True, "filter": True}
    link = "" if socket is None else f'<p style="margin: 1em auto; width: 90%"><a href="{folder}/socket.html">The WebSocket API</a></p>\n'
    page = _PAGE.format(title=escape(document["info"]["title"]), folder=folder, socket=link)
    return {
        "index.html": page.encode(),
        "start.js": f"SwaggerUIBundle({json.dumps(start)});\n".encode(),
        "openapi.json": json.dumps(document, ensure_ascii=False).encode(),
        **({} if socket is None else socket_pages(socket, client or {})),
        **_swagger_ui(),
    }


def _swagger_ui() -> dict[str, bytes]:
    """Swagger UI as Powertools brings it, found without importing that."""
    spec = find_spec("aws_lambda_powertools")
    (package,) = (spec and spec.submodule_search_locations) or [""]
    folder = Path(package, "event_handler", "openapi", "swagger_ui")
    return {name: (folder / name).read_bytes() for name in ("swagger-ui-bundle.min.js", "swagger-ui.min.css")}
