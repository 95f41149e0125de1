"""Whatever is stored comes back from a line of JSON, and from a row of Parquet, as it was; so does the item of a rewritten item."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from gateleg.data.columns import REST, columns_of, item_of, row
from gateleg.data.item_json import from_json, to_json
from gateleg.data.parquet import ParquetFile, read_rows
from gateleg.model.items.rewritten import rewritten
from gateleg.model.values.stored import same_stored
from gateleg.model.values.wire import number, to_wire
from tests.integration.data.things import THINGS, Thing

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
NAMES = TEXTS.filter(bool)
NUMBERS = (
    st.integers(-(10**38) + 1, 10**38 - 1)
    | st.decimals(-(10**20), 10**20, places=10)
    | st.decimals(allow_nan=False, allow_infinity=False).filter(
        lambda value: -120 < value.adjusted() < 120 and len(value.as_tuple().digits) <= 38
    )
).map(number)
SCALARS = st.one_of(
    TEXTS.map(lambda value: {"S": value}),
    NUMBERS.map(lambda value: {"N": value}),
    st.binary(max_size=4).map(lambda value: {"B": value}),
    st.booleans().map(lambda value: {"BOOL": value}),
    st.just({"NULL": True}),
    st.lists(TEXTS, min_size=1, max_size=3, unique=True).map(lambda value: {"SS": value}),
    st.lists(NUMBERS, min_size=1, max_size=3, unique=True).map(lambda value: {"NS": value}),
    st.lists(st.binary(max_size=3), min_size=1, max_size=3, unique=True).map(lambda value: {"BS": value}),
)
WIRES: st.SearchStrategy[dict[str, Any]] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda value: {"L": value})
        | st.dictionaries(NAMES, inner, max_size=3).map(lambda value: {"M": value})
    ),
    max_leaves=6,
)
COLUMNS = {column.name: column for column in columns_of(Thing.__gateleg__)}
FITTING = st.fixed_dictionaries(
    {},
    optional={
        "whole": st.integers().map(to_wire).filter(lambda wire: len(wire["N"]) < 38),
        "moment": st.datetimes(timezones=st.timezones()).map(to_wire),
        "day": st.dates().map(to_wire),
        "names": st.sets(TEXTS, min_size=1).map(to_wire),
        "mapped": st.dictionaries(NAMES, st.decimals(-1000, 1000, places=3)).map(to_wire),
        "listed": st.lists(st.integers(-(2**64), 2**64)).map(to_wire),
    },
)
OTHERS = st.dictionaries(TEXTS.filter(lambda name: name and name != REST and name not in COLUMNS), WIRES, max_size=3)


def together(*parts: dict[str, Any]) -> dict[str, Any]:
    return {name: wire for part in parts for name, wire in part.items()}


ITEMS = st.builds(
    together,
    OTHERS,
    st.dictionaries(st.sampled_from(sorted(COLUMNS)), WIRES, max_size=5),
    FITTING,
)


@given(st.dictionaries(NAMES, WIRES, max_size=5))
def test_lines_hold_what_is_stored(item: dict[str, Any]) -> None:
    assert from_json(json.loads(json.dumps(to_json(item)))) == item


@given(ITEMS)
def test_cells_hold_what_is_stored(item: dict[str, Any]) -> None:
    assert same_stored(item_of(COLUMNS, row(list(COLUMNS.values()), item)), item)


@given(st.lists(ITEMS, min_size=1, max_size=20))
def test_files_of_parquet_hold_what_is_stored(tmp_path_factory: pytest.TempPathFactory, items: list[dict[str, Any]]) -> None:
    path: Path = tmp_path_factory.mktemp("parquet") / "things.parquet"
    typed = [{**item, "_type": {"S": "Thing"}} for item in items]
    file = ParquetFile(path, Thing.__gateleg__)
    file.write(typed)
    file.close()

    read = list(read_rows(path, THINGS))

    assert [one.error for one in read] == [None] * len(items)
    assert all(same_stored(one.item or {}, item) for one, item in zip(read, typed, strict=True))


@given(FITTING, OTHERS)
def test_what_is_rewritten_is_not_rewritten_again(fitting: dict[str, Any], others: dict[str, Any]) -> None:
    layout, times = Thing.__gateleg__, {"made": {"S": "2024-01-01T00:00:00.000000Z"}, "changed": {"S": "2024-01-02T00:00:00.000000Z"}}
    beside = {name: wire for name, wire in others.items() if name not in THINGS.all_key_names}
    stored = {**beside, **fitting, **times, "_type": {"S": "Thing"}, "tenant": {"S": "t"}, "thing_id": {"N": "1"}}

    once = rewritten(layout, stored)

    assert same_stored(rewritten(layout, once), once)
    assert layout.read(once) == layout.read(stored)
    assert same_stored({name: once[name] for name in stored}, stored)
