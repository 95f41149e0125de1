"""What an app may say without validation: routers, dynamic and greedy paths, raw requests, answers of every kind, errors."""

import gzip
import json
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, APIGatewayRestResolver, CORSConfig, Response, content_types
from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver, Router
from aws_lambda_powertools.event_handler.exceptions import (
    BadRequestError,
    InternalServerError,
    NotFoundError,
    ServiceError,
    UnauthorizedError,
)
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.shared.cookies import Cookie, SameSite

from gateleg.rest import public

PAGE = "https://shop.example.com"
TRIED = public("anyone may try it")


class TornError(Exception):
    """An error of the app's own."""


def as_text(value: Any) -> str:
    """JSON with sorted keys, and texts of what JSON does not know."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=lambda other: f"<{type(other).__name__}>")


def timed(app: ApiGatewayResolver, next_middleware: NextMiddleware) -> Response[Any]:
    """Tell what came before in a header, and answer in the handler's place where a client is tired."""
    if app.current_event.headers.get("x-tired") == "yes":
        return Response(503, content_types.APPLICATION_JSON, '{"tired": true}', headers={"Retry-After": "9"})
    answer: Response[Any] = next_middleware(app)
    answer.headers["X-Passed"] = f"{app.context.get('passed', 0)}"
    return answer


def counted(app: ApiGatewayResolver, next_middleware: NextMiddleware) -> Response[Any]:
    """Count the middlewares of a request."""
    app.append_context(passed=app.context.get("passed", 0) + 1)
    return next_middleware(app)


def rooms() -> Router:
    """A part of the app, under a prefix."""
    router = Router()

    @router.get("/")
    @TRIED
    def every() -> dict[str, Any]:
        return {"rooms": [], "asked": router.current_event.query_string_parameters}

    @router.get("/<room>/chairs/<chair>", middlewares=[counted, timed])
    @TRIED
    def chair(room: str, chair: str) -> dict[str, str]:
        return {"room": room, "chair": chair}

    @router.route("/<room>", method=["PUT", "PATCH", "DELETE"])
    @TRIED
    def changed(room: str) -> tuple[dict[str, Any], int]:
        return {"room": room, "by": router.current_event.http_method, "body": router.current_event.body}, 202

    return router


def made(resolver: Callable[..., ApiGatewayResolver]) -> ApiGatewayResolver:  # noqa: C901 (one app, whose routes are short)
    """The app, as an API of one kind or the other has it."""
    app = resolver(
        cors=CORSConfig(PAGE, extra_origins=["https://other.example.com"], allow_headers=["X-Who"], max_age=300), serializer=as_text
    )
    app.include_router(rooms(), prefix="/rooms")

    @app.exception_handler(TornError)
    def torn(error: TornError) -> Response[str]:
        return Response(418, content_types.TEXT_HTML, f"<p>torn: {error}</p>", headers={"X-Torn": "yes"})

    @app.not_found
    def nowhere(_: NotFoundError) -> Response[str]:
        return Response(404, content_types.APPLICATION_JSON, '{"nowhere": true}', headers={"X-Nowhere": "yes"})

    @app.get("/request")
    @TRIED
    def request() -> dict[str, Any]:
        """What the handler sees."""
        event = app.current_event
        return {
            "query": event.query_string_parameters,
            "every": event.resolved_query_string_parameters,
            "who": event.headers.get("x-who"),
            "cookies": event.resolved_cookies_field,
            "path": event.path,
            "method": event.http_method,
        }

    @app.post("/request")
    @TRIED
    def sent() -> dict[str, Any]:
        event = app.current_event
        return {
            "body": event.body,
            "decoded": event.decoded_body,
            "encoded": event.is_base64_encoded,
            "kind": event.headers.get("content-type"),
        }

    @app.post("/json")
    @TRIED
    def json_body() -> Any:
        return {"read": app.current_event.json_body}

    @app.get("/files/.+")
    @TRIED
    def file() -> dict[str, str]:
        return {"file": app.current_event.path}

    @app.get("/errors/<kind>")
    @TRIED
    def failed(kind: str) -> None:
        errors: dict[str, Exception] = {
            "bad": BadRequestError("bad, “very”"),
            "unknown": UnauthorizedError("who?"),
            "none": NotFoundError("none here"),
            "failed": InternalServerError("failed"),
            "gone": ServiceError(410, {"gone": ["for", "good"]}),
            "torn": TornError(kind),
        }
        if kind in errors:
            raise errors[kind]

    @app.get("/crash")
    @TRIED
    def crash() -> None:
        raise KeyError("nobody catches it")

    @app.get("/answers/<kind>")
    @TRIED
    def answer(kind: str) -> Response[Any]:
        cookies = [Cookie("a", "1", secure=True), Cookie("b", "2", path="/", same_site=SameSite.STRICT_MODE, http_only=True)]
        answers: dict[str, Response[Any]] = {
            "cookies": Response(200, content_types.TEXT_PLAIN, "sweet", cookies=cookies),
            "many": Response(200, content_types.TEXT_PLAIN, "several", headers={"Link": ["<a>", "<b>"], "X-Odd": "é ü"}),
            "moved": Response(307, headers={"Location": "https://example.com/there?x=1&y=%20"}),
            "nothing": Response(204),
            "empty": Response(200, content_types.TEXT_PLAIN, ""),
            "html": Response(201, "text/html; charset=utf-8", "<p>é 😀</p>"),
            "xml": Response(200, "application/xml", "<a/>"),
            "object": Response(200, content_types.APPLICATION_JSON, {"object": {"z": 1, "a": object}}),
        }
        return answers[kind]

    @app.get("/cached", cache_control="max-age=60", status_code=203)
    @TRIED
    def cached() -> list[int]:
        return [1, 2]

    @app.get("/uncors", cors=False) if resolver is APIGatewayRestResolver else app.get("/uncors")
    @TRIED
    def uncors() -> str:
        return "for no page"

    @app.head("/head")
    @TRIED
    def head() -> Response[str]:
        return Response(200, content_types.TEXT_PLAIN, "", headers={"X-Length": "7"})

    return app


def made_binary(resolver: Callable[..., ApiGatewayResolver]) -> ApiGatewayResolver:
    """An app of which the answers are bytes, or are compressed for who asks for it."""
    app = resolver()

    @app.get("/bytes/<name>")
    @TRIED
    def picture(name: str) -> Response[bytes]:
        return Response(200, "image/png", bytes(range(256)) + name.encode(), headers={"ETag": '"1"'})

    @app.get("/bytes", compress=True)
    @TRIED
    def compressed() -> dict[str, str]:
        return {"long": "x" * 400}

    @app.get("/bytes/<name>/text", compress=True)
    @TRIED
    def text(name: str) -> Response[str]:
        return Response(200, content_types.TEXT_PLAIN, f"{name} é" * 9)

    @app.put("/bytes/<name>")
    @TRIED
    def stored(name: str) -> dict[str, Any]:
        event = app.current_event
        raw = event.decoded_body or ""
        return {"name": name, "encoded": event.is_base64_encoded, "body": event.body, "length": len(raw)}

    @app.get("/zipped")
    @TRIED
    def zipped() -> Response[bytes]:
        return Response(200, content_types.TEXT_PLAIN, gzip.compress(b"zipped by hand", mtime=0), headers={"Content-Encoding": "gzip"})

    return app


rest = made(APIGatewayRestResolver)
http = made(APIGatewayHttpResolver)
rest_bytes = made_binary(APIGatewayRestResolver)
http_bytes = made_binary(APIGatewayHttpResolver)
