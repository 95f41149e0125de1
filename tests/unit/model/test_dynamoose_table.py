"""Every example of `docs/dynamoose.md`, run against the model that the page shows."""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gateleg.errors import ItemInvalidError
from gateleg.model import Condition, Query
from gateleg.store import Results

PAGE = (Path(__file__).parents[3] / "docs" / "dynamoose.md").read_text()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]
BODY = [row for row in ROWS if row[0] != "Dynamoose"]
EXAMPLES = [row[2].strip("`") for row in BODY if row[2]]
WITHOUT = [row for row in BODY if not row[2]]


@cache
def model() -> dict[str, Any]:
    """The names that the page's code defines, in a module of its own, as pydantic looks annotations up in modules."""
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    module = ModuleType("dynamoose_page")
    sys.modules[module.__name__] = module
    exec(compile(code, "docs/dynamoose.md", "exec", dont_inherit=True), vars(module))  # noqa: S102 (our own page)
    return {**vars(module), **helpers(vars(module))}


def helpers(names: dict[str, Any]) -> dict[str, Any]:
    def refused(entity: Any, **values: Any) -> bool:
        with pytest.raises(ItemInvalidError):
            entity(**values)
        return True

    def encode(entity: Any) -> Any:
        return entity.__gateleg__.encode(entity)

    def without(item: dict[str, Any], *left_out: str) -> dict[str, Any]:
        return {name: wire for name, wire in item.items() if name not in left_out}

    keys = {name: names["item"][name] for name in ("pk", "sk")}
    return {
        "refused": refused,
        "encode": encode,
        "read": names["Order"].__gateleg__.decode,
        "attr_type": names["Attr"].__class_getitem__,
        "without": without,
        "record": {"eventName": "INSERT", "dynamodb": {"Keys": keys, "NewImage": names["item"]}},
    }


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_holds(example: str) -> None:
    found = eval(compile(example, "docs/dynamoose.md", "eval", dont_inherit=True), model())  # noqa: S307 (our own page)
    # A condition has no truth value: that it could be made is the example.
    assert isinstance(found, (Condition, Query, Results)) or found


def test_what_has_no_example_is_said_not_to_be_there_or_to_be_elsewhere() -> None:
    assert all("not there" in row[1] or "botocore's own" in row[1] for row in WITHOUT)
    assert len(EXAMPLES) > 5 * len(WITHOUT)
