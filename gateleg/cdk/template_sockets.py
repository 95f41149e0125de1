"""WebSocket APIs as templates have them: whether anybody may connect, and which functions take the messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateleg.cdk.body_rules.reading import mapping
from gateleg.description.names import PUBLIC_EXTENSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateleg.cdk.written_templates import Place, Templates

_CONNECT = "$connect"


@dataclass(frozen=True)
class SocketApi:
    """A WebSocket API.

    Attributes:
        place: The resource.
        functions: What its routes call.
        called: The integrations of its routes, each with its template.
        is_open: Whether nobody is asked who connects.
        is_own: Whether a gateway made it.
        is_public: Whether its gateway says why anybody may connect.
    """

    place: Place
    functions: frozenset[Place]
    called: tuple[tuple[str, Mapping[str, Any]], ...]
    is_open: bool
    is_own: bool
    is_public: bool


def socket_apis(templates: Templates) -> Iterator[SocketApi]:
    """The WebSocket APIs of an app. Without a `$connect` route anybody connects.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html.

    Args:
        templates: The templates.
    """
    apis = {
        templates.read(name, {"Ref": found}): (name, found)
        for name, found, api in templates.each("AWS::ApiGatewayV2::Api")
        if _is_socket(api)
    }
    routes = [
        (templates.read(name, route.get("ApiId")), name, found, route)
        for name, found, route in (templates.each("AWS::ApiGatewayV2::Route") if apis else ())
    ]
    for ref, place in apis.items():
        own = [(name, found, route) for of, name, found, route in routes if of == ref]
        connecting = [(templates.resources(name)[found], route) for name, found, route in own if route.get("RouteKey") == _CONNECT]
        called = tuple(one for name, _, route in own for one in _called(templates, name, route))
        functions = frozenset(
            one for name, given in called for one in templates.functions(templates.read(name, given.get("IntegrationUri")))
        )
        asks_nobody = not connecting or any(is_open(route) for _, route in connecting)
        says_why = any(PUBLIC_EXTENSION in mapping(resource.get("Metadata")) for resource, _ in connecting)
        yield SocketApi(place, functions, called, asks_nobody, ref in templates.apis, says_why)


def is_open(route: Mapping[str, Any]) -> bool:
    """Whether a route or a method asks nobody."""
    kind = route.get("AuthorizationType", "NONE")
    return kind == "NONE" or not isinstance(kind, str)


def _is_socket(api: Mapping[str, Any]) -> bool:
    return api.get("ProtocolType") == "WEBSOCKET"


def _called(templates: Templates, name: str, route: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for where, target in templates.named(templates.read(name, route.get("Target"))):
        yield where, templates.resources(where)[target].get("Properties", {})
