"""Reads JSON and YAML files as plain data, and refuses what their readers would pass over."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gateleg.cdk.contract_shape import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class _TwiceError(Exception):
    """A member stands twice in one object: the last would win, and the others be gone without a word."""


def plain(given: Any, source: str) -> Any:
    """What was read, as JSON has it: YAML knows numbers as names, and dates.

    Args:
        given: What was read.
        source: Where it is from, for messages.

    Raises:
        DeclarationError: It is not plain data.
    """
    try:
        return json.loads(json.dumps(given, default=str))
    except (ValueError, RecursionError) as error:
        raise refusal(
            f"{source} holds itself, or is nested too deep ({error}); end it: an anchor may not stand within itself", source
        ) from error
    except TypeError as error:
        raise refusal(f"{source} is no plain data ({error}); pass what json.load or yaml.safe_load gives", given) from error


def parsed(path: Path) -> Any:
    """What a file holds: YAML by its suffix, else JSON.

    Raises:
        DeclarationError: There is no such file, it is not what its suffix says, or a member stands twice in one object of it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise refusal(f"there is no document {path} ({error.strerror}); name the file, or pass what was read from it", str(path)) from None
    except ValueError as error:
        raise refusal(f"{path} is no text in UTF-8: {error}; save it as that", str(path)) from error
    try:
        return _yaml(path, text) if path.suffix in {".yaml", ".yml"} else _json(path, text)
    except _TwiceError as error:
        raise refusal(f"{path} has {error} twice in one object; leave one of them out, or make one of both", str(path)) from None


def _json(path: Path, text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise refusal(f"{path} is not JSON: {error}; write JSON, or call a YAML file .yaml", str(path)) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _check_once(name for name, _ in pairs)
    return dict(pairs)


def _check_once(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise _TwiceError(repr(name))
        seen.add(name)


def _yaml(path: Path, text: str) -> Any:
    try:
        yaml: Any = import_module("yaml")
    except ModuleNotFoundError:
        raise refusal(f"{path} is YAML, and PyYAML is not installed; run: pip install pyyaml, or write it as JSON", str(path)) from None
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        _check_nodes(node)
        read = None if node is None else loader.construct_document(node)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise refusal(f"{path} is not YAML: {error}", str(path)) from error
    return plain(read, str(path))


def _check_nodes(first: Any) -> None:
    """Look at each mapping once: one that an anchor names may hold itself."""
    waiting, seen = [first], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if getattr(node, "id", None) == "mapping":
            _check_once(str(key.value) for key, _ in node.value if key.id == "scalar")
            waiting.extend(value for _, value in node.value)
        elif getattr(node, "id", None) == "sequence":
            waiting.extend(node.value)
