"""The one place that reads what Powertools keeps private: the routes and middlewares of a resolver.

Powertools has no public list of its routes. Should a release keep them elsewhere, everything here fails with one error
that names the release, in place of an API without routes.
"""

from __future__ import annotations

import copy
import importlib
import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from gateleg.description import CorsConfig
from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence

    from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver
    from pydantic.json_schema import GenerateJsonSchema


@dataclass(frozen=True)
class RegisteredRoute:
    """One method of one rule, as Powertools registered it.

    Attributes:
        method: Upper case.
        rule: As written, prefix included: `/rooms/<room>`.
        pattern: What Powertools made of the rule. Rules whose pattern has no group are tried before those that have one.
        openapi_path: The rule with braces, the key of Powertools' own OpenAPI document.
        handler: The registered function.
        in_schema: Whether the route belongs into the OpenAPI document.
        security: The route's own security requirements; `None` where it says nothing.
        cors: Whether its answers carry CORS headers.
        compress: Whether its answers are compressed.
        validates: The route's own setting; `None` follows the resolver.
        middlewares: The route's own middlewares.
        media_types: The content types of the successful answers that it declares.
        source: Powertools' object.
    """

    method: str
    rule: str
    pattern: re.Pattern[str]
    openapi_path: str
    handler: Callable[..., Any]
    in_schema: bool
    security: list[dict[str, list[str]]] | None
    cors: bool
    compress: bool
    validates: bool | None
    middlewares: tuple[Callable[..., Any], ...]
    media_types: tuple[str, ...]
    source: Any


def routes_of(app: ApiGatewayResolver) -> list[RegisteredRoute]:
    """The resolver's routes, in the order of declaration.

    Raises:
        DeclarationError: This release of Powertools keeps its routes elsewhere.
    """
    static = list(_private(app, "_static_routes"))
    dynamic = list(_private(app, "_dynamic_routes"))
    return [_registered(route) for route in _in_order(static, dynamic, _private(app, "_route_keys"))]


def middlewares_of(app: ApiGatewayResolver) -> tuple[Callable[..., Any], ...]:
    """The middlewares that run before every route."""
    return tuple(_private(app, "_router_middlewares"))


def exception_handlers_of(app: ApiGatewayResolver) -> tuple[Callable[..., Any], ...]:
    """What answers for a route that raises, `not_found` included, each once."""
    handlers: Mapping[Any, Callable[..., Any]] = _private(app, "exception_handler_manager").get_registered_handlers()
    return tuple(dict.fromkeys(handlers.values()))


def answers_unknown(app: ApiGatewayResolver) -> bool:
    """Whether the app has a handler of its own for what no route has: `@app.not_found`."""
    from aws_lambda_powertools.event_handler.exceptions import NotFoundError

    return NotFoundError in _private(app, "exception_handler_manager").get_registered_handlers()


def exception_handler_of(app: ApiGatewayResolver, raised: type[Exception]) -> Callable[..., Any] | None:
    """What answers for a route that raises this."""
    found: Callable[..., Any] | None = _private(app, "exception_handler_manager").lookup_exception_handler(raised)
    return found


def deserializer_of(app: ApiGatewayResolver) -> Callable[..., Any] | None:
    """What reads bodies as JSON, where the app gives one."""
    found: Callable[..., Any] | None = _private(app, "_json_body_deserializer")
    return found


def read_bodies_with(app: ApiGatewayResolver, read: Callable[[str], Any]) -> None:
    """Read bodies as JSON with a function, unless the app gives one of its own.

    Args:
        app: The resolver.
        read: Gives the value of a text. Powertools answers a `json.JSONDecodeError` with 422.
    """
    if deserializer_of(app) in {None, json.loads}:
        vars(app)["_json_body_deserializer"] = read


def errors_seen_by(app: ApiGatewayResolver, see: Callable[[Exception], Exception]) -> None:
    """Let a function see what a route raises before any exception handler does.

    Args:
        app: The resolver.
        see: Gives the error that is to be handled in place of the one that was raised; the same, for the most part.
    """
    handled = _private(app, "_call_exception_handler")

    def handle(error: Exception, route: Any) -> Any:
        return handled(see(error), route)

    vars(app)["_call_exception_handler"] = handle


BODY_READERS = {"_parse_multipart_data": "multipart_invalid", "decoded_body": "body_encoding_invalid", "json_body": "json_invalid"}
"""The functions by which Powertools reads a body, and the type of problem that an error of each is."""


def was_raised_in(error: BaseException, functions: Collection[str]) -> str | None:
    """The innermost of these functions of Powertools that an error came through; `None` if it came through none."""
    found, step = None, error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if code.co_name in functions and step.tb_frame.f_globals.get("__name__", "").startswith("aws_lambda_powertools."):
            found = code.co_name
        step = step.tb_next
    return found


def serializer_of(app: ApiGatewayResolver) -> Callable[[Any], str]:
    """What writes answers as JSON."""
    found: Callable[[Any], str] = _private(app, "_serializer")
    return found


def validates(app: ApiGatewayResolver) -> bool:
    """Whether the resolver was made with `enable_validation=True`."""
    return bool(_private(app, "_enable_validation"))


def shows_tracebacks(app: ApiGatewayResolver) -> bool:
    """Whether the resolver was made with `debug=True`; `POWERTOOLS_DEV` is another matter."""
    from aws_lambda_powertools.shared.functions import powertools_dev_is_set

    return bool(_private(app, "_debug")) and not powertools_dev_is_set()


def prefixes_of(app: ApiGatewayResolver) -> list[str | None]:
    """What the resolver takes off a request's path before it looks for a route; `None` stands for a pattern."""
    return [prefix if isinstance(prefix, str) else None for prefix in _private(app, "_strip_prefixes") or ()]


def cors_of(app: ApiGatewayResolver) -> CorsConfig | None:
    """What the resolver was given as `cors=CORSConfig(...)`; what Powertools takes in its place where only routes say `cors=True`."""
    config = _private(app, "_cors")
    if config is None and any(route.cors for route in routes_of(app)):
        from aws_lambda_powertools.event_handler.api_gateway import CORSConfig

        config = CORSConfig()
    if config is None:
        return None
    return CorsConfig(
        allow_origins=tuple(_private(config, "_allowed_origins")),
        allow_headers=tuple(sorted(_header_names(config.allow_headers))),
        expose_headers=tuple(_header_names(config.expose_headers)),
        max_age=config.max_age,
        allow_credentials=config.allow_credentials,
    )


def _header_names(given: Iterable[str]) -> dict[str, None]:
    """Each name once; a text may hold several with commas between, for Powertools joins them by commas and browsers then read the same."""
    return dict.fromkeys(name.strip() for text in given for name in text.split(",") if name.strip())


def gateway_of(app: ApiGatewayResolver) -> Literal["rest", "http"] | None:
    """Which API's events the resolver reads: payload version 1.0, which REST APIs send, or 2.0; `None` where it reads another service's."""
    kinds: Mapping[str, Literal["rest", "http"]] = {"APIGatewayProxyEvent": "rest", "APIGatewayProxyEventV2": "http"}
    return kinds.get(_private(app, "_proxy_type").name)


def with_routes(app: ApiGatewayResolver, routes: Sequence[RegisteredRoute]) -> ApiGatewayResolver:
    """A shallow copy of the resolver that has only these routes; the resolver itself stays as it is."""
    twin = copy.copy(app)
    vars(twin).update(_static_routes=[route.source for route in routes], _dynamic_routes=[])
    return twin


@contextmanager
def schemas_made_by(generator: type[GenerateJsonSchema]) -> Generator[None]:
    """Inside it, Powertools makes its documents with this generator of pydantic's, of which it offers no choice.

    Raises:
        DeclarationError: This release of Powertools makes them elsewhere.
    """
    compat: Any = importlib.import_module("aws_lambda_powertools.event_handler.openapi.compat")
    if (own := getattr(compat, "get_definitions", None)) is None:
        raise _unknown_release("openapi.compat.get_definitions")

    def get_definitions(*, schema_generator: GenerateJsonSchema, **given: Any) -> Any:
        return own(schema_generator=generator(ref_template=schema_generator.ref_template), **given)

    compat.get_definitions = get_definitions
    try:
        yield
    finally:
        compat.get_definitions = own


def _in_order(static: list[Any], dynamic: list[Any], keys: list[str]) -> list[Any]:
    """Merge the two lists by the keys that Powertools notes at each registration (`GET/rooms/<room>`)."""
    ordered: list[Any] = []
    for key in keys:
        for routes in (static, dynamic):
            if routes and key.upper() in {(routes[0].method + path).upper() for path in (routes[0].path, "")}:
                ordered.append(routes.pop(0))
                break
    return [*ordered, *static, *dynamic]


def _registered(route: Any) -> RegisteredRoute:
    try:
        return RegisteredRoute(
            method=route.method,
            rule=route.path,
            pattern=route.rule,
            openapi_path=route.openapi_path,
            handler=route.func,
            in_schema=bool(route.include_in_schema),
            security=None if route.security is None else [dict(requirement) for requirement in route.security],
            cors=bool(route.cors),
            compress=bool(route.compress),
            validates=route.enable_validation,
            middlewares=tuple(route.middlewares),
            media_types=_media_types(route.responses or {}),
            source=route,
        )
    except AttributeError as error:
        raise _unknown_release(str(error)) from error


def _media_types(responses: Mapping[int | str, Any]) -> tuple[str, ...]:
    answers = [answer for status, answer in responses.items() if str(status)[:1] in {"1", "2"}]  # 200, or 2XX
    return tuple(dict.fromkeys(name for answer in answers for name in answer.get("content", {})))


def _private(app: Any, name: str) -> Any:
    try:
        return getattr(app, name)
    except AttributeError as error:
        raise _unknown_release(f"{type(app).__name__} has no {name}") from error


def _unknown_release(what: str) -> DeclarationError:
    from importlib.metadata import version

    release = version("aws-lambda-powertools")
    return DeclarationError(
        f"aws-lambda-powertools {release} keeps its routes in another form ({what}); install a release that gateleg was tested with: 3.37",
        code="declaration.powertools",
        value=release,
    )
