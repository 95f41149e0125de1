"""A shortener of URLs: what is short leads on by a redirection; a counter, and a QR code in SVG. It validates nothing."""

import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, APIGatewayRestResolver, Response, content_types
from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver
from aws_lambda_powertools.event_handler.exceptions import BadRequestError, NotFoundError

from gateleg.rest import public

SHORT = public("a short link is for everyone")


def made(resolver: Callable[..., ApiGatewayResolver]) -> ApiGatewayResolver:
    """The shortener, as an API of one kind or the other has it; it forgets everything as its process ends."""
    app = resolver()
    links: dict[str, str] = {}
    calls: dict[str, int] = {}

    def known(code: str) -> str:
        if code not in links:
            raise NotFoundError(f"{code} leads nowhere")
        return links[code]

    @app.post("/links")
    @SHORT
    def shorten() -> Response[Any]:
        try:
            url = app.current_event.json_body["url"]
        except (ValueError, TypeError, KeyError) as error:
            raise BadRequestError('write {"url": ...}') from error
        if urlsplit(str(url)).scheme not in {"http", "https"}:
            raise BadRequestError(f"no URL: {url}")
        code = hashlib.sha256(url.encode()).hexdigest()[:7]
        status = 200 if code in links else 201
        links[code] = url
        return Response(status, content_types.APPLICATION_JSON, {"code": code, "url": url}, headers={"Location": f"/{code}"})

    @app.get("/links/<code>/stats")
    @SHORT
    def stats(code: str) -> dict[str, Any]:
        return {"code": code, "url": known(code), "calls": calls.get(code, 0)}

    @app.get("/links/<code>/qr.svg")
    @SHORT
    def code(code: str) -> Response[str]:
        return Response(
            200, "image/svg+xml", f"<svg><title>{known(code)}</title></svg>", headers={"Cache-Control": "public, max-age=86400"}
        )

    @app.delete("/links/<code>")
    @SHORT
    def forget(code: str) -> Response[None]:
        del links[known(code) and code]
        return Response(204)

    @app.get("/<code>")
    @SHORT
    def follow(code: str) -> Response[None]:
        calls[code] = calls.get(code, 0) + 1
        return Response(301, headers={"Location": known(code), "Cache-Control": "no-store"})

    return app


rest = made(APIGatewayRestResolver)
http = made(APIGatewayHttpResolver)
