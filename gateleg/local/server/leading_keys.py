"""What conditions of policies ask of a request to DynamoDB, and of the session that sends it: leading keys, and variables for its tags.

Follows https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html.
"""

from __future__ import annotations

import json
import re
from functools import wraps
from typing import TYPE_CHECKING, Any

from gateleg.local.server import inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ASKED = re.compile(r"(\S+)\s*=\s*(:\w+)")
_VARIABLE = re.compile(r"\$\{([^}]+)\}")
_LITERAL = frozenset("*?$")


def with_leading_keys(original: Callable[[bytes], dict[str, Any]]) -> Callable[[bytes], dict[str, Any]]:
    """Wrap what tells the condition keys of a request to DynamoDB: with the values of the partition keys that it names.

    Args:
        original: The emulator's own.
    """

    @wraps(original)
    def told(body: bytes) -> dict[str, Any]:
        context = original(body)
        try:
            asked: Any = json.loads(body or b"{}")
        except ValueError:
            return context
        keys = [*leading_keys(asked, inside.partition_key_of)] if isinstance(asked, dict) else []
        return {**context, "dynamodb:LeadingKeys": keys} if keys else context

    return told


def leading_keys(asked: Any, partition_key_of: Callable[[str, str | None], str | None]) -> Iterator[str]:
    """Yield the values of the partition keys that a request names.

    Args:
        asked: The request.
        partition_key_of: Gives the attribute by the names of a table and an index.
    """
    for part in _parts(asked):
        name = partition_key_of(str(part.get("TableName", "")), part.get("IndexName"))
        if name is not None:
            item: dict[str, Any] = part.get("Key") or part.get("Item") or _queried(part)
            yield from (str(content) for content in item.get(name, {}).values())


def _parts(asked: Any) -> Iterator[Any]:
    """Yield the requests for single items that a request is made of, and itself."""
    yield asked
    for item in asked.get("TransactItems", ()):
        yield from item.values()
    for table, requests in asked.get("RequestItems", {}).items():
        if "Keys" in requests:
            yield from ({"TableName": table, "Key": key} for key in requests["Keys"])
        else:
            yield from ({"TableName": table, **one} for request in requests for one in request.values())


def substituting(
    original: Callable[[dict[str, Any], Any], bool], value_of: Callable[[str, Any], Any]
) -> Callable[[dict[str, Any], Any], bool]:
    """Wrap what decides on the conditions of a statement: with the values of policy variables; without one the statement is of nothing.

    Args:
        original: The emulator's own.
        value_of: The emulator's own, which gives the value of a condition key.
    """

    @wraps(original)
    def met(conditions: dict[str, dict[str, Any]], context: Any) -> bool:
        filled: dict[str, dict[str, Any]] = {}
        for operator, keys in conditions.items():
            filled[operator] = {}
            for key, given in keys.items():
                several: list[Any] = given if given.__class__ is list else [given]
                values = [_filled(str(one), context, value_of) for one in several]
                known = [value for value in values if value is not None]
                if not known:
                    return False
                filled[operator][key] = known
        return original(filled, context)

    return met


def _filled(text: str, context: Any, value_of: Callable[[str, Any], Any]) -> str | None:
    for name in _VARIABLE.findall(text):
        value = name if name in _LITERAL else value_of(name, context)
        if not isinstance(value, str):
            return None
        text = text.replace(f"${{{name}}}", value)
    return text


def _queried(part: Any) -> dict[str, Any]:
    names: dict[str, str] = part.get("ExpressionAttributeNames") or {}
    values: dict[str, Any] = part.get("ExpressionAttributeValues") or {}
    asked: list[tuple[str, str]] = _ASKED.findall(part.get("KeyConditionExpression") or "")
    return {names.get(name, name): values[value] for name, value in asked if value in values}
