from __future__ import annotations

from typing import Any

import pytest

from gateleg.errors import ItemInvalidError
from gateleg.expressions.sizes import MAX_ITEM_BYTES, check_item_size, item_size, surely_fits


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "abc"}, 3),
        ({"S": "å"}, 2),
        ({"B": b"abc"}, 3),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"N": "0"}, 1),
        ({"N": "1200"}, 2),
        ({"N": "-12.345"}, 4),
        ({"N": "9" * 38}, 20),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"N": "1"}]}, 9),
        ({"M": {"k": {"S": "ab"}}}, 7),
        ({"SS": ["a", "bc"]}, 3),
        ({"NS": ["1", "12"]}, 4),
        ({"BS": [b"a"]}, 1),
    ],
)
def test_each_value_has_its_size_beside_its_name(value: dict[str, Any], size: int) -> None:
    assert item_size({"nåme": value}) == 5 + size
    assert surely_fits({"nåme": value})
    many = {"a": {"L": [value] * (MAX_ITEM_BYTES // (size + 1) + 1)}}
    assert item_size(many) > MAX_ITEM_BYTES
    assert not surely_fits(many)


@pytest.mark.parametrize("name", ["a", "å", "\U0001f600"])
def test_names_count_too(name: str) -> None:
    many = {"a": {"M": {name * count: {"BOOL": True} for count in range(1, 1000)}}}
    assert item_size(many) > MAX_ITEM_BYTES
    assert not surely_fits(many)


def test_an_item_of_exactly_400_kilobytes_is_taken_and_one_byte_more_is_not() -> None:
    check_item_size({"a": {"S": "x" * 409_599}}, "put it")
    with pytest.raises(ItemInvalidError, match=r"put it has 409601 bytes.*largest attribute is 'a'"):
        check_item_size({"a": {"S": "x" * 409_600}}, "put it")
