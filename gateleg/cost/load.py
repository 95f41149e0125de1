"""A load: what a month brings, read from a file in TOML or JSON. What it does not know is refused."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gateleg.errors import TemplateError
from gateleg.template.canonical import is_object, mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

NUMBER: Final = "a number that is not negative"
PATTERN: Final[Mapping[str, str]] = {
    "operation": "get, query, scan, put, update or delete",
    "count": NUMBER,
    "items": NUMBER,
    "item_kb": NUMBER,
    "indexes": NUMBER,
    "consistent": "true or false",
    "transactional": "true or false",
}
SECTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "apis": dict.fromkeys(("requests", "messages", "connection_minutes", "received", "access_log_kb"), NUMBER),
    "functions": dict.fromkeys(("invocations", "duration_ms", "log_kb"), NUMBER),
    "tables": {"storage_gb": NUMBER, "patterns": "a table of access patterns"},
    "secrets": {"calls": NUMBER},
    "keys": {"calls": NUMBER},
    "web_acls": {"requests": NUMBER},
    "queues": {"requests": NUMBER},
    "topics": {"requests": NUMBER},
    "buses": {"events": NUMBER},
    "event_apis": {"operations": NUMBER, "connection_minutes": NUMBER},
}
"""What may be said of each resource of a section. Everything is a month's."""
OPERATIONS: Final = ("get", "query", "scan", "put", "update", "delete")


@dataclass(frozen=True)
class Load:
    """What a month brings.

    Attributes:
        region: The region.
        sections: Section to name of a resource to what is said of it; numbers are `Decimal`.
        transfer_gb: How much leaves for the internet; `None` where nothing is said.
    """

    region: str = "us-east-1"
    sections: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict[str, "Mapping[str, Mapping[str, Any]]"])
    transfer_gb: Decimal | None = None


def load(path: Path | str) -> Load:
    """Read a load file.

    Raises:
        TemplateError: It cannot be read, or says something that is not known.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
        read = json.loads(text, parse_float=Decimal) if file.suffix == ".json" else tomllib.loads(text, parse_float=Decimal)
    except OSError as error:
        raise _refused(f"{file} cannot be read ({error.strerror}); give a load file, such as load.toml", str(file), path) from None
    except ValueError as error:
        kind = "JSON" if file.suffix == ".json" else "TOML"
        message = f"{file} is no {kind} ({error}); write TOML, or JSON into a file that ends with .json"
        raise _refused(message, str(file), path) from None
    return load_of(read)


def load_of(read: object) -> Load:
    """A load from what a file says.

    Raises:
        TemplateError: It says something that is not known.
    """
    given = _table("the load", read)
    _known("the load", given, ["region", "transfer_gb", *SECTIONS])
    region = given.get("region", "us-east-1")
    if not isinstance(region, str):
        raise _refused(f"region is {region!r}; write the name of one, such as us-east-1", "region", region)
    sections = {name: _section(name, given[name]) for name in SECTIONS if name in given}
    return Load(region, sections, _number("transfer_gb", given["transfer_gb"]) if "transfer_gb" in given else None)


def _section(name: str, given: object) -> dict[str, dict[str, Any]]:
    return {key: _entry(f"{name}.{key}", SECTIONS[name], one) for key, one in _table(name, given).items()}


def _entry(path: str, allowed: Mapping[str, str], given: object) -> dict[str, Any]:
    entry = _table(path, given)
    _known(path, entry, allowed)
    return {key: _value(f"{path}.{key}", allowed[key], value) for key, value in entry.items()}


def _value(path: str, wanted: str, value: object) -> Any:
    if wanted == NUMBER:
        return _number(path, value)
    if wanted == SECTIONS["tables"]["patterns"]:
        return {name: _pattern(f"{path}.{name}", one) for name, one in _table(path, value).items()}
    accepted = value in OPERATIONS if wanted == PATTERN["operation"] else isinstance(value, bool)
    if not accepted:
        raise _refused(f"{path} is {value!r}; write {wanted}", path, value)
    return value


def _pattern(path: str, given: object) -> dict[str, Any]:
    pattern = _entry(path, PATTERN, given)
    if missing := [key for key in ("operation", "count", "item_kb") if key not in pattern]:
        raise _refused(f"{path} has no {' and no '.join(missing)}; a pattern says its operation, count and item_kb", path, given)
    return pattern


def _table(path: str, given: object) -> Mapping[str, Any]:
    if not is_object(given):
        raise _refused(f"{path} is {given!r}; write a table with names", path, given)
    return mapping(given)


def _number(path: str, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite() or value < 0:
        raise _refused(f"{path} is {value!r}; write {NUMBER}", path, value)
    return Decimal(value)


def _known(path: str, given: Mapping[str, Any], allowed: Any) -> None:
    if unknown := [key for key in given if key not in allowed]:
        raise _refused(f"{path} has no {unknown[0]!r}; it has {', '.join(allowed)}", f"{path}.{unknown[0]}", given[unknown[0]])


def _refused(message: str, path: str, value: object) -> TemplateError:
    return TemplateError(message, path=path, value=value, code="cost.load")
