"""An Event API of the embedded AWS answers under a path of the loopback address, not under the host names that AppSync gives it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from gateleg.local.template import is_array, is_object, rewrite

if TYPE_CHECKING:
    from gateleg.local.template import Json, Target

_HOSTS: Final = {("https://", "Dns.Http"): ("http", "appsync-api"), ("wss://", "Dns.Realtime"): ("ws", "appsync-realtime-api")}


def rewrite_event_urls(template: Json, target: Target) -> Json:
    """Turn `https://` and `wss://` before the host names of an Event API into the local URL, where they are joined."""

    def change(node: Any) -> Any:
        given = node.get("Fn::Join") if is_object(node) and len(node) == 1 else None
        if not is_array(given) or given[0] != "" or not is_array(given[1]):
            return node
        return {"Fn::Join": ["", _local(given[1], target)]}

    adapted: Json = rewrite(template, change)
    return adapted


def _local(parts: list[Any], target: Target) -> list[Any]:
    changed = list(parts)
    for index, (before, part) in enumerate(pairwise(parts)):
        named = part.get("Fn::GetAtt") if is_object(part) else None
        if is_array(named) and isinstance(before, str) and (found := _HOSTS.get((before, named[1]))) is not None:
            scheme, segment = found
            changed[index] = f"{scheme}://127.0.0.1:{target.port}/_aws/{segment}/"
            changed[index + 1] = {"Fn::GetAtt": [named[0], "ApiId"]}
    return changed
