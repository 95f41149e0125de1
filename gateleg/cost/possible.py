"""What a load may say of a resource as its template has it: no other kind's keys, and nothing that AWS would not let happen."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from gateleg.cost.capacity import writes
from gateleg.cost.meter import number
from gateleg.errors import TemplateError
from gateleg.template import rest, routed
from gateleg.template.canonical import mapping
from gateleg.template.function import FUNCTION_TYPE
from gateleg.template.table import TableView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateleg.template.stack_template import Resource

_CALLED: Final = ("requests", "access_log_kb")
_SOCKET: Final = ("messages", "connection_minutes", "received", "access_log_kb")
_LARGEST_KB: Final = Decimal(400)
_LONGEST: Final = 3  # seconds, where a template says nothing
_READS_ONLY: Final = ("consistent",)
_WRITES_ONLY: Final = ("indexes",)
_SINGLE: Final = frozenset({"query", "scan"})


def check_possible(path: str, resource: Resource, given: Mapping[str, Any]) -> None:
    """Check what a load says of a resource.

    Args:
        path: Where in the load it stands.
        resource: The resource.
        given: What is said of it.

    Raises:
        TemplateError: It says what the resource has not, or what cannot be.
    """
    if resource.type in {rest.API_TYPE, routed.API_TYPE}:
        _check_api(path, resource, given)
    elif resource.type == FUNCTION_TYPE:
        _check_function(path, resource, given)
    elif isinstance(resource, TableView):
        for name, pattern in mapping(given.get("patterns")).items():
            _check_pattern(f"{path}.patterns.{name}", resource, pattern)


def _check_api(path: str, api: Resource, given: Mapping[str, Any]) -> None:
    kind = "REST" if api.type == rest.API_TYPE else routed.protocol(api)
    allowed = _SOCKET if kind == "WEBSOCKET" else _CALLED
    if wrong := [key for key in given if key not in allowed]:
        told = {"WEBSOCKET": "a WebSocket", "REST": "a REST"}.get(kind, "an HTTP")
        raise _refused(f"{path} is {told} API and has no {wrong[0]!r}; it has {', '.join(allowed)}", f"{path}.{wrong[0]}", given[wrong[0]])


def _check_function(path: str, function: Resource, given: Mapping[str, Any]) -> None:
    said: Decimal | None = given.get("duration_ms")
    longest = number(function.properties.get("Timeout", _LONGEST))
    if said is not None and longest is not None and said > longest * 1000:
        message = f"{path}.duration_ms is {said:f}, and the function is ended after {longest:f} s; write {longest * 1000:f} or less"
        raise _refused(message, f"{path}.duration_ms", said)


def _check_pattern(path: str, table: TableView, pattern: Mapping[str, Any]) -> None:
    operation: str = pattern["operation"]
    elsewhere = _READS_ONLY if writes(pattern) else _WRITES_ONLY
    if wrong := [key for key in elsewhere if pattern.get(key)]:
        raise _refused(f"{path} has {wrong[0]!r}, which a {operation} has not; leave it out", f"{path}.{wrong[0]}", pattern[wrong[0]])
    if operation in _SINGLE and pattern.get("transactional"):
        message = f"{path} is a {operation}, which no transaction takes; leave 'transactional' out, or write operation = \"get\""
        raise _refused(message, f"{path}.transactional", pattern["transactional"])
    if pattern["item_kb"] > _LARGEST_KB:
        message = (
            f"{path}.item_kb is {pattern['item_kb']:f}, and an item has 400 KB at most; write the size of one item, and how many in items"
        )
        raise _refused(message, f"{path}.item_kb", pattern["item_kb"])
    indexes = Decimal(len(tuple(table.indexes)))
    if (changed := pattern.get("indexes", Decimal(0))) > indexes:
        message = f"{path}.indexes is {changed:f}, and the table has {indexes:f}; write how many of them the write changes"
        raise _refused(message, f"{path}.indexes", changed)


def _refused(message: str, path: str, value: object) -> TemplateError:
    return TemplateError(message, path=path, value=value, code="cost.load")
