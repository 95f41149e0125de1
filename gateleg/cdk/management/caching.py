"""Answers that a stage keeps for a while, each for those alone who would be answered alike."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration

from gateleg.cdk.arguments import a, check, duration, filled, listing, mapping, optional
from gateleg.cdk.authorizers import ApiKeyAuthorizer, CognitoAuthorizer, RequestAuthorizer, TokenAuthorizer, ttl_seconds
from gateleg.errors import DeclarationError, RouteError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gateleg.cdk.authorizers import AnyAuthorizer
    from gateleg.cdk.plan import PlannedRoute

_SIZES = (0.5, 1.6, 6.1, 13.5, 28.4, 58.2, 118, 237)
_MAX_TTL, _DEFAULT_TTL = 3_600, 300
_NEAR = 0.85
"""How like a declared parameter a key is that is a slip."""
_KEY = re.compile(r"(query|header)\.([^.\s]+)")
_PLACES = {"query": "querystring", "header": "header", "path": "path"}


@dataclass(frozen=True)
class CachedRoute:
    """How the answers of one route are kept.

    An answer is kept by the path's variables, by the query parameters and headers that the handler declares, by what identifies the caller where the
    route has an authorizer, and by `Origin` and `Accept-Encoding` where answers depend on them.

    Args:
        ttl: For how long an answer is kept, from a second to an hour; five minutes unless given.
        keys: `query.NAME` and `header.NAME` that answers depend on, in place of what the handler declares. They must be said where nothing else does:
            for routes beside the apps, and for apps that do not validate requests. A query parameter that the handler of an app that does has not
            declared is refused, and a header that is nearly one that it has.
        shared: Why all callers of a guarded route are answered alike; each caller is answered from a cache of its own unless given. The authorizer is
            asked all the same.

    Raises:
        DeclarationError: An argument is not what it must be.
    """

    ttl: Duration | None = None
    keys: Sequence[str] | None = None
    shared: str | None = None

    def __post_init__(self) -> None:
        check(
            "CachedRoute",
            ttl=(self.ttl, optional(duration)),
            keys=(self.keys, optional(listing(_key))),
            shared=(self.shared, optional(filled)),
        )
        if not 1 <= self.seconds <= _MAX_TTL:
            message = f"CachedRoute(ttl=...) keeps an answer for 1 to {_MAX_TTL} seconds, got {self.seconds}; write ttl=Duration.minutes(5), or leave the route out"
            raise DeclarationError(message, path="CachedRoute.ttl", value=self.seconds)

    @property
    def seconds(self) -> int:
        """For how long an answer is kept."""
        return _DEFAULT_TTL if self.ttl is None or self.ttl.is_unresolved() else int(self.ttl.to_seconds())


@dataclass(frozen=True)
class Cache:
    """A cache of a stage, which costs by the hour as long as it is there. What it holds is encrypted, by a key of AWS.

    Follows https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html.

    Args:
        routes: By route key, how answers are kept; no others are.
        size: GB: 0.5, 1.6, 6.1, 13.5, 28.4, 58.2, 118 or 237.

    Raises:
        DeclarationError: An argument is not what it must be, or there is no route.
    """

    routes: Mapping[str, CachedRoute] = field(default_factory=dict[str, CachedRoute])
    size: float = 0.5

    def __post_init__(self) -> None:
        check(
            "Cache",
            routes=(self.routes, mapping(a("a CachedRoute, such as CachedRoute()", CachedRoute))),
            size=(self.size, _size),
        )
        if not self.routes:
            message = "a cache without routes costs and keeps nothing; write Cache({'GET /rooms': CachedRoute()}), or leave it out"
            raise DeclarationError(message, path="Cache.routes", value={})

    @property
    def cluster(self) -> str:
        """The size as CloudFormation writes it."""
        return f"{self.size:g}"

    def settings(self, key: str) -> dict[str, Any]:
        """The settings of a method: `MethodDeploymentOptions`."""
        route = self.routes.get(key)
        if route is None:
            return {"caching_enabled": False}
        return {"caching_enabled": True, "cache_data_encrypted": True, "cache_ttl": route.ttl or Duration.seconds(_DEFAULT_TTL)}


def cache_keys(
    planned: PlannedRoute, cached: CachedRoute, authorizers: Mapping[str, AnyAuthorizer], *, declares: bool
) -> list[tuple[str, str]]:
    """Where in a request stands what its answer depends on, as `path`, `query` or `header` and a name.

    Args:
        planned: The route.
        cached: How its answers are kept.
        authorizers: By name.
        declares: Whether the handler's declaration tells of every parameter that it reads.

    Raises:
        RouteError: The route changes something, nothing says what its answers depend on, or a key is of no parameter.
    """
    method, path = planned.key.split(" ", 1)
    if method != "GET":
        message = f"the cache has {planned.key}, and an answer to {method} depends on a body that no key holds; cache GET routes alone"
        raise RouteError(message, path=planned.key, value=method)
    _check_unlisted(planned, cached)
    if declares and cached.keys is not None:
        _check_declared(planned, cached.keys)
    found = {("path", name): None for name in re.findall(r"\{([^}+]+)\+?\}", path)}
    found |= dict.fromkeys(_told(planned, declares=declares) if cached.keys is None else map(_parsed, cached.keys))
    if cached.shared is None:
        found |= dict.fromkeys(_callers(planned, authorizers))
    if any(source.cors for source in planned.sources):
        found["header", "Origin"] = None
    if any(source.binary for source in planned.sources):
        found["header", "Accept-Encoding"] = None
    return list(found)


def key_by(document: Mapping[str, Any], key: str, places: list[tuple[str, str]]) -> None:
    """Let API Gateway keep the answers of a route by places in its requests; what is not declared yet is declared.

    Args:
        document: The OpenAPI document, which is changed.
        key: The route.
        places: The places.
    """
    method, path = key.split(" ", 1)
    operation = document["paths"][path][method.lower()]
    declared = {(said["in"], str(said["name"]).lower()): said["name"] for said in operation.get("parameters", ())}
    names: list[str] = []
    for where, name in places:
        if (where, name.lower()) not in declared:
            said = {"name": name, "in": where, "required": False, "schema": {"type": "string"}}
            operation["parameters"] = [*operation.get("parameters", ()), said]
        names.append(f"method.request.{_PLACES[where]}.{declared.get((where, name.lower()), name)}")
    integration = operation["x-amazon-apigateway-integration"]
    operation["x-amazon-apigateway-integration"] = integration | {"cacheKeyParameters": sorted(names)}


def _told(planned: PlannedRoute, *, declares: bool) -> Iterator[tuple[str, str]]:
    """The parameters that the handler declares."""
    operation = next((route.operation for route in planned.sources if route.operation), None)
    if not declares or operation is None or len(planned.sources) > 1:
        message = (
            f"the cache has {planned.key}, and nothing declares which parameters its answers depend on: a caller would be given the answer to another "
            "question; write CachedRoute(keys=['query.limit', 'header.Accept-Language']), or keys=[] where there are none"
        )
        raise RouteError(message, path=planned.key, value=None)
    for said in operation.get("parameters", ()):
        if said.get("in") == "cookie":  # API Gateway knows cookies as one header
            yield "header", "Cookie"
            continue
        if said.get("in") not in {"query", "header"}:
            continue
        if _is_list(said.get("schema", {})):
            message = (
                f"the cache has {planned.key}, whose {said['name']!r} may come several times, and API Gateway keeps an answer by one of its values; "
                "leave the route out, or let one value hold them all"
            )
            raise RouteError(message, path=planned.key, value=said["name"])
        yield said["in"], said["name"]


def _check_unlisted(planned: PlannedRoute, cached: CachedRoute) -> None:
    """Refuse what a handler reads and its operation does not list: no key would hold it."""
    unlisted = {name for source in planned.sources for name in source.unlisted}
    if "body" in unlisted:
        message = f"the cache has {planned.key}, whose handler takes a body that no key holds; take query parameters in its place, or leave the route out"
        raise RouteError(message, path=planned.key, value="body")
    if unlisted and cached.keys is None:
        message = (
            f"the cache has {planned.key}, whose handler reads {' and '.join(sorted(unlisted))}, and its operation does not list that: a caller would be "
            "given the answer to another question; write CachedRoute(keys=[...]) with all that the answer depends on, or let the operation list it"
        )
        raise RouteError(message, path=planned.key, value=sorted(unlisted))


def _check_declared(planned: PlannedRoute, keys: Sequence[str]) -> None:
    """Refuse a key that no request has: one letter wrong, and a caller is given the answer to another question.

    A query parameter is declared by who reads it. Headers are read by others too, so that one is refused that is nearly one that is declared.
    """
    operation = next((route.operation for route in planned.sources if route.operation), None)
    unlisted = {name for source in planned.sources for name in source.unlisted}
    if operation is None or len(planned.sources) > 1 or "anything" in unlisted:
        return
    listed = {f"{said.get('in')}.{said['name']}" for said in operation.get("parameters", ())}
    read = {f"header.{name}" for source in planned.sources for name in source.headers}
    known = sorted(filter(_KEY.fullmatch, {*listed, *unlisted, *read}))
    for key in keys:
        where, name = _parsed(key)
        near = difflib.get_close_matches(key.lower(), [one.lower() for one in known if one.startswith(where)], n=3, cutoff=_NEAR)
        is_taken = key in known if where == "query" else key.lower() in near or not near
        if not is_taken:
            like = [one for one in known if one.lower() in near]
            instead = f"write {' or '.join(map(repr, like))}" if like else "leave it out"
            declared = f", or declare it: {_parameter(name)}" if where == "query" else ""
            message = f"the cache keeps {planned.key} by {key!r}, and its handler declares no such parameter; {instead}{declared}"
            raise RouteError(message, path=planned.key, value=key)


def _parameter(name: str) -> str:
    """A query parameter as a handler declares it."""
    own, said = (name, "") if name.isidentifier() else ("name", f"alias={name!r}")
    return f"{own}: Annotated[str | None, Query({said})] = None"


def _callers(planned: PlannedRoute, authorizers: Mapping[str, AnyAuthorizer]) -> Iterator[tuple[str, str]]:
    """What identifies the caller of a guarded route."""
    for name, _ in planned.access.asks:
        match authorizers[name]:
            case TokenAuthorizer(header=header) | CognitoAuthorizer(header=header):
                yield "header", header
            case ApiKeyAuthorizer():
                yield "header", "x-api-key"
            case RequestAuthorizer() as judge if ttl_seconds(judge.ttl) != 0 and all(map(_SOURCE.fullmatch, judge.identity_sources)):
                sources = [source.removeprefix(_WHOLE) for source in judge.identity_sources]
                yield from (_parsed(source.replace("querystring.", "query.", 1)) for source in sources)
            case judge:
                message = (
                    f"the cache has {planned.key}, guarded by {name!r}, a {type(judge).__name__} whose requests hold nothing by which one caller is told "
                    "from another: one would be given the answer to another; leave the route out, or write CachedRoute(shared='why all are answered alike')"
                )
                raise RouteError(message, path=planned.key, value=name)


_WHOLE = "method.request."
_SOURCE = re.compile(r"(method\.request\.)?(header|querystring)\.[^.\s]+")


def _parsed(key: str) -> tuple[str, str]:
    where, name = key.split(".", 1)
    return where, name


def _is_list(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "array" or any(_is_list(branch) for word in ("anyOf", "oneOf", "allOf") for branch in schema.get(word, ()))


def _key(value: Any) -> str | None:
    return None if isinstance(value, str) and _KEY.fullmatch(value) else "'query.NAME' or 'header.NAME'"


def _size(value: Any) -> str | None:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and value in _SIZES
    return None if fits else f"one of {', '.join(map(str, _SIZES))} GB"
