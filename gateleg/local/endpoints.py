"""The URLs of a deployed assembly that somebody would open or call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateleg.local.openapi.document import Document
from gateleg.local.template import is_object, references, resources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gateleg.local.assembly import Stack
    from gateleg.local.template import Json

_KINDS: Final = ("rest", "http", "websocket", "docs")
_DOCS: Final = ("/docs", "/swagger")
_LOCAL: Final = re.compile(r"^(?P<scheme>http|ws)://[^/]+/_aws/execute-api/[^/]+/")


@dataclass(frozen=True)
class Endpoint:
    """One URL of the local run.

    Attributes:
        kind: `rest`, `http`, `websocket` or `docs`.
        name: `<stack>.<output>` that it came from.
        url: The URL.
        root: Whether an API answers at the URL itself, and not only below it.
    """

    kind: str
    name: str
    url: str
    root: bool = True


def endpoints(stacks: Iterable[Stack], outputs: Mapping[str, Mapping[str, str]]) -> list[Endpoint]:
    """Return the URLs that the stacks' outputs hold, and the page of API documentation where a REST API routes one.

    Args:
        stacks: The stacks as they were synthesized.
        outputs: Their outputs, with local URLs.
    """
    found: dict[tuple[str, str], Endpoint] = {}
    for stack in stacks:
        for endpoint in _of_stack(stack.name, stack.template, outputs.get(stack.name, {})):
            found.setdefault((endpoint.kind, endpoint.url), endpoint)
    return sorted(found.values(), key=lambda endpoint: (_KINDS.index(endpoint.kind), endpoint.name))


def to_open(found: Sequence[Endpoint]) -> Endpoint | None:
    """What a person looks at: the first REST API, or HTTP API, or its documentation if nothing answers at its root; `None` without either."""
    api = next((endpoint for endpoint in found if endpoint.kind in {"rest", "http"}), None)
    if api is None or api.root:
        return api
    return next((endpoint for endpoint in found if (endpoint.kind, endpoint.name) == ("docs", api.name)), api)


def lines(found: Sequence[Endpoint]) -> Iterator[str]:
    """Yield a line an endpoint, with the output's name where another one is of its kind."""
    kinds = [endpoint.kind for endpoint in found]
    for endpoint in found:
        yield f"{endpoint.kind:<10} {endpoint.url}{f'  {endpoint.name}' if kinds.count(endpoint.kind) > 1 else ''}"


def _of_stack(stack: str, template: Json, outputs: Mapping[str, str]) -> Iterator[Endpoint]:
    apis = dict(resources(template, "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"))
    sockets = {name for name, api in apis.items() if api.get("Properties", {}).get("ProtocolType") == "WEBSOCKET"}
    https = {name for name, api in apis.items() if api["Type"] == "AWS::ApiGatewayV2::Api"} - sockets
    routed = {name: _routed(template, name) for name in apis.keys() - sockets}
    documented = {name: page for name, paths in routed.items() if (page := next((page for page in _DOCS if page in paths), None))}
    for name, output in template.get("Outputs", {}).items():
        url = outputs.get(name, "")
        found = _LOCAL.match(url)
        named = set(references(output["Value"]))
        if found is None or (found["scheme"] == "http" and named & sockets):
            continue
        kind = "websocket" if found["scheme"] == "ws" else "http" if named & https else "rest"
        yield Endpoint(kind, f"{stack}.{name}", url, root=all("/" in routed[api] for api in routed.keys() & named))
        for api in documented.keys() & named:
            yield Endpoint("docs", f"{stack}.{name}", url.rstrip("/") + documented[api])


def _routed(template: Json, api: str) -> set[str]:
    """The paths that can be looked at, as far as they are of one part."""
    body = template["Resources"][api].get("Properties", {}).get("Body")
    if is_object(body):
        return {operation.path for operation in Document(body).operations() if operation.method in {"GET", "ANY"}}
    parts = {
        f"/{resource['Properties'].get('PathPart')}"
        for _, resource in resources(template, "AWS::ApiGateway::Resource")
        if resource["Properties"].get("ParentId") == {"Fn::GetAtt": [api, "RootResourceId"]}
    }
    return {"/", *parts}  # what the root answers is not looked into
