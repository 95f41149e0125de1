"""Items as DynamoDB JSON: each value beside its type, bytes as base64.

The lines are those of DynamoDB's own exports to S3, `{"Item": {...}}`, and of what it imports. Follows
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Format.html.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, cast

from gateleg.errors import DataError, ItemInvalidError
from gateleg.model.names import LONGEST_NAME
from gateleg.model.values.annotations import class_of
from gateleg.model.values.wire import number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateleg.model.values.wire import WireValue

_WRITTEN = '{"S": "text"}, {"N": "1"}, {"B": "base64"}, {"BOOL": true}, {"NULL": true}, {"SS": [...]}, {"NS": [...]}, {"BS": [...]}, {"L": [...]} or {"M": {...}}'


def to_json(item: Mapping[str, WireValue]) -> dict[str, Any]:
    """An item as DynamoDB JSON, for `json.dumps`."""
    return {name: _value_to_json(wire) for name, wire in item.items()}


def from_json(given: Any) -> dict[str, WireValue]:
    """The item of DynamoDB JSON that `json.loads` gave.

    Raises:
        DataError: It is not DynamoDB JSON; the message names the attribute.
    """
    if not isinstance(given, dict):
        raise DataError('an item is an object of attributes, as {"pk": {"S": "a"}}; ' + f"{_kind(given)} was given", code="data.item")
    return {_name(name): _value(wire, name) for name, wire in cast("dict[str, Any]", given).items()}


def _value_to_json(wire: WireValue) -> dict[str, Any]:
    [(kind, content)] = wire.items()
    match kind:
        case "B":
            return {"B": b64encode(bytes(content)).decode()}
        case "BS":
            return {"BS": [b64encode(bytes(part)).decode() for part in content]}
        case "M":
            return {"M": to_json(content)}
        case "L":
            return {"L": [_value_to_json(part) for part in content]}
        case _:
            return {kind: content}


def _value(given: Any, path: str) -> WireValue:
    parts: dict[str, Any] = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    kind, content = next(iter(parts.items()), ("", None))
    read = _READ.get(kind)
    if len(parts) != 1 or read is None:
        shown = f"the types {', '.join(map(repr, parts))}" if parts else _kind(given)
        raise DataError(f"{path!r} has {shown}; write one of {_WRITTEN}", path=path, code="data.item")
    return {kind: read(content, path)}


def _text(given: Any, path: str) -> str:
    if not isinstance(given, str):
        raise _refused(path, given, "text")
    if not _is_utf8(given):
        message = f"{path!r} holds text with half of a surrogate pair, which no UTF-8 has, and DynamoDB does not take; mend the escape \\ud800 to \\udfff in it"
        raise DataError(message, path=path, code="data.item")
    return given


def _name(given: str) -> str:
    if not _is_utf8(given):
        raise DataError(
            f"the name {given!r} has half of a surrogate pair, which DynamoDB does not take; mend it", path=repr(given), code="data.item"
        )
    size = len(given.encode())
    if not 1 <= size <= LONGEST_NAME:
        raise DataError(
            f"the item has a name of {size} bytes; DynamoDB takes 1 to {LONGEST_NAME}: give it another", path=given[:80], code="data.item"
        )
    return given


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _number(given: Any, path: str) -> str:
    try:
        return number(Decimal(_text(given, path)))
    except InvalidOperation:
        raise _refused(path, given, 'the digits of a number as text, as "1.5"') from None
    except ItemInvalidError as error:
        raise DataError(f"{path!r}: {error.message}", path=path, code="data.item") from None


def _bytes(given: Any, path: str) -> bytes:
    try:
        return b64decode(_text(given, path), validate=True)
    except binascii.Error:
        raise _refused(path, given, "base64") from None


def _flag(given: Any, path: str) -> bool:
    if not isinstance(given, bool):
        raise _refused(path, given, "true or false")
    return given


def _null(given: Any, path: str) -> bool:
    if given is not True:
        raise _refused(path, given, "true")
    return True


def _list(given: Any, path: str) -> list[Any]:
    if not isinstance(given, list):
        raise _refused(path, given, "a list")
    return list(_any(given))


def _several(read: Callable[[Any, str], Any]) -> Callable[[Any, str], list[Any]]:
    def elements(given: Any, path: str) -> list[Any]:
        found = [read(part, f"{path}[{place}]") for place, part in enumerate(_list(given, path))]
        if not found or len({Decimal(part) if read is _number else part for part in found}) != len(found):
            raise _refused(path, given, "elements of which no two are the same, and one at least")
        return found

    return elements


def _any(given: Any) -> Any:
    """The same, of which a check of its class has left type checkers with parts that they do not know."""
    return given


def _map(given: Any, path: str) -> dict[str, WireValue]:
    if not isinstance(given, dict):
        raise _refused(path, given, "an object")
    return {_name(name): _value(part, f"{path}.{name}") for name, part in cast("dict[str, Any]", given).items()}


def _parts(given: Any, path: str) -> list[WireValue]:
    return [_value(part, f"{path}[{place}]") for place, part in enumerate(_list(given, path))]


def _refused(path: str, given: Any, wanted: str) -> DataError:
    return DataError(f"{path!r} holds {_kind(given)}; write {wanted}", path=path, code="data.item")


def _kind(given: Any) -> str:
    """What JSON gave, without its content, which may be secret."""
    names: dict[type[Any], str] = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(class_of(given), "a number")


_READ: dict[str, Callable[[Any, str], Any]] = {
    "S": _text,
    "N": _number,
    "B": _bytes,
    "BOOL": _flag,
    "NULL": _null,
    "SS": _several(_text),
    "NS": _several(_number),
    "BS": _several(_bytes),
    "L": _parts,
    "M": _map,
}
