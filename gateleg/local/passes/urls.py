"""An API of the embedded AWS answers under a path of the loopback address, not under a host name of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateleg.local.template import Json, Target, is_array, is_object, rewrite

if TYPE_CHECKING:
    from collections.abc import Callable

_PART = r"(?:\x00\d+\x00|[\w$-]+)"
_SUFFIX = rf"(?:\x00\d+\x00|{_PART}(?:\.[\w-]+)+)"
_URL = re.compile(rf"(?P<scheme>https?|wss?)://(?P<api>{_PART})\.execute-api\.{_PART}\.{_SUFFIX}(?![\w.-])")
_PLAIN = {"https": "http", "http": "http", "wss": "ws", "ws": "ws"}


def rewrite_api_urls(template: Json, target: Target) -> Json:
    """Turn every `https://{api}.execute-api.{region}.{suffix}` into the local one, wherever it stands; `wss://` alike.

    Texts are read in a plain string, in `Fn::Join` with an empty delimiter and in `Fn::Sub`, and so is the attribute
    `ApiEndpoint` of an `AWS::ApiGatewayV2::Api`.
    """
    kinds = {
        name: "ws" if resource.get("Properties", {}).get("ProtocolType") == "WEBSOCKET" else "http"
        for name, resource in template.get("Resources", {}).items()
        if resource.get("Type") == "AWS::ApiGatewayV2::Api"
    }

    def change(node: Any) -> Any:
        if isinstance(node, str):
            return _localised(node, target)
        if not is_object(node) or len(node) != 1:
            return node
        return _endpoint(node, kinds, target) or _joined(node, target) or _substituted(node, target) or node

    adapted: Json = rewrite(template, change)
    return adapted


def local_url(scheme: str, api: str, target: Target) -> str:
    """Return the local form of `{scheme}://{api}.execute-api…`, without the stage."""
    return f"{_PLAIN[scheme]}://127.0.0.1:{target.port}/_aws/execute-api/{api}"


def _localised(text: str, target: Target) -> str:
    return _URL.sub(lambda match: local_url(match["scheme"], match["api"], target), text)


def _endpoint(node: Json, kinds: dict[str, str], target: Target) -> Json | None:
    named = node.get("Fn::GetAtt")
    if not is_array(named) or len(named) != 2 or named[1] != "ApiEndpoint" or named[0] not in kinds:  # noqa: PLR2004 - a pair
        return None
    return {"Fn::Join": ["", [local_url(kinds[named[0]], "", target), {"Ref": named[0]}]]}


def _joined(node: Json, target: Target) -> Json | None:
    given = node.get("Fn::Join")
    if not is_array(given) or given[0] != "" or not is_array(given[1]):
        return None
    return {"Fn::Join": ["", _through(given[1], lambda text: _localised(text, target))]}


def _substituted(node: Json, target: Target) -> Json | None:
    given = node.get("Fn::Sub")
    text = given[0] if is_array(given) else given
    if not isinstance(text, str):
        return None
    parts: list[Any] = [{"part": part} if part.startswith("${") else part for part in re.split(r"(\$\{[^}]+\})", text)]
    changed = "".join(part if isinstance(part, str) else part["part"] for part in _through(parts, lambda flat: _localised(flat, target)))
    return {"Fn::Sub": [changed, *given[1:]] if is_array(given) else changed}


def _through(parts: list[Any], change: Callable[[str], str]) -> list[Any]:
    """Apply a change to the text of joined parts; what is not text stands for itself."""
    flat = "".join(part if isinstance(part, str) else f"\x00{index}\x00" for index, part in enumerate(parts))
    pieces = re.split(r"\x00(\d+)\x00", change(flat))
    return [parts[int(piece)] if index % 2 else piece for index, piece in enumerate(pieces) if index % 2 or piece]
