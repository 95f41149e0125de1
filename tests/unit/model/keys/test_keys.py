# pyright: reportUnusedClass=false
# (declaring a class is what is tested)
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateleg.errors import AttributeUnknownError, ItemInvalidError, KeyTemplateError
from gateleg.model import Attr, Entity, Index, Key, Table, attr, index_key, key
from gateleg.model.keys.template import Field, Template

TABLE = Table("keys", partition_key="pk", sort_key="sk", indexes=[Index("by_b", partition_key="gpk", sort_key="gsk")])


class Pair(Entity, table=TABLE):
    a: Attr[str]
    b: Attr[str]
    n: Attr[int] = attr(default=0)
    at: Attr[datetime | None] = attr(default=None)

    key = key("A#{a}-{b}", "N#{n:06d}/{a}_")
    by_b_key = index_key("by_b", "B#{b}", "{at}")


class Loud(Entity, table=TABLE):
    word: Attr[str] = attr(save=str.upper)
    day: Attr[date]

    key = key("WORD#{word}", "{day}")


texts = st.text(st.characters(codec="utf-8"), max_size=8) | st.text("ab#-%_/25", max_size=6)


@given(one=st.tuples(texts, texts), other=st.tuples(texts, texts))
def test_two_pairs_of_values_never_make_one_key(one: tuple[str, str], other: tuple[str, str]) -> None:
    keys = [Pair.key(a=a, b=b, n=0).wire["pk"] for a, b in (one, other)]
    assert (keys[0] == keys[1]) == (one == other)


@given(numbers=st.tuples(st.integers(0, 999_999), st.integers(0, 999_999)))
def test_padded_numbers_sort_as_text_as_they_do_as_numbers(numbers: tuple[int, int]) -> None:
    keys = [Pair.key(a="a", b="b", n=number).wire["sk"]["S"] for number in numbers]
    assert (keys[0] < keys[1]) == (numbers[0] < numbers[1])


@given(times=st.tuples(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(timezone(timedelta(hours=-7))))))
def test_datetimes_sort_as_text_as_they_do_in_time(times: tuple[datetime, datetime]) -> None:
    try:
        keys = [Pair(a="a", b="b", at=time).__gateleg__.indexes["by_b"].wire({"b": "b", "at": time})["gsk"]["S"] for time in times]
    except OverflowError:
        return  # a time within a day of the calendar's end has no UTC
    assert (keys[0] < keys[1]) == (times[0] < times[1])


def test_a_key_is_made_of_transformed_values_and_knows_its_entity() -> None:
    made = Loud.key(word="hej", day=date(2026, 11, 22))
    assert made.wire == {"pk": {"S": "WORD#HEJ"}, "sk": {"S": "2026-11-22"}}
    assert repr(made) == "Loud.key(word='hej', day=datetime.date(2026, 11, 22))"


def test_keys_of_the_same_item_are_equal_and_of_another_entity_are_not() -> None:
    one, same = Loud.key(word="a", day=date(2026, 1, 1)), Loud(word="A", day=date(2026, 1, 1)).key
    assert one == same
    assert len({one, same}) == 1
    other: object = Key(Pair, one.wire, {})
    assert one != other


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"a": "1", "b": "2"}, KeyTemplateError, r"lacks n; write Pair.key\(a=, b=, n=\)"),
        ({"a": "1", "b": "2", "n": 1, "c": 3}, AttributeUnknownError, "'c' is not a part of the key"),
        ({"a": "1", "b": "2", "n": "1"}, ItemInvalidError, "Pair.n cannot be '1'"),
        ({"a": "1", "b": None, "n": 1}, ItemInvalidError, "Pair.b cannot be None"),
        ({"a": "1", "b": "2", "n": 1_000_000}, ItemInvalidError, "cannot hold; widen the format"),
        ({"a": "1", "b": "2", "n": -1}, ItemInvalidError, "sorts from 0 on; declare ge=0"),
        ({"a": "1" * 2048, "b": "2", "n": 1}, ItemInvalidError, "2052 bytes; DynamoDB takes 1 to 2048"),
        ({"a": "\ud800", "b": "2", "n": 1}, ItemInvalidError, "lone surrogate"),
    ],
)
def test_a_wrong_key_is_refused_with_what_to_write(arguments: dict[str, Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        Pair.key(**arguments)


class Priced(Entity, table=TABLE):
    price: Attr[Decimal]
    at: Attr[datetime]
    key = key("PRICE#{price}", "AT#{at}")
    by_b_key = index_key("by_b", "ON#{at:%Y-%m-%d}", "{price}")


@pytest.mark.parametrize("price", ["1.50", "1E+2", "-0.0", "0.00000001", "1E+30"])
def test_an_entity_that_was_read_has_the_key_under_which_it_was_written(price: str) -> None:
    written = Priced(price=Decimal(price), at=datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2))))
    stored = Priced.__gateleg__.encode(written)
    read = Priced.__gateleg__.decode(stored)
    assert read.key == written.key
    assert stored == Priced.__gateleg__.encode(read)
    assert stored["gpk"] == {"S": "ON#2025-12-31"}


def test_a_decimal_stands_in_a_key_without_exponent_and_closing_zeros() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert [Priced.key(price=Decimal(price), at=at).wire["pk"]["S"] for price in ("1.50", "1E+2")] == ["PRICE#1.5", "PRICE#100"]


def test_a_key_takes_no_arguments_without_names() -> None:
    with pytest.raises(KeyTemplateError, match="keywords only"):
        Pair.key("1", "2", 3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("A#{}", "a placeholder is the name of an attribute"),
        ("A#{0}", "a placeholder is the name"),
        ("A#{a.b}", "a placeholder is the name"),
        ("A#{a!r}", "a placeholder is the name"),
        ("{a}{b}", "directly after"),
        ("A#{a", "cannot be read"),
        ("A#}", "cannot be read"),
    ],
)
def test_what_is_no_template_is_refused(text: str, said: str) -> None:
    with pytest.raises(KeyTemplateError, match=said):
        Template(text)


def test_braces_are_written_twice_to_stand_for_themselves() -> None:
    template = Template("{{A}}#{a}")
    assert template.fields == (Field("{A}#", "a", ""),)


def test_an_item_without_an_index_keys_value_is_left_out_of_the_index() -> None:
    assert Pair(a="a", b="b").__gateleg__.encode(Pair(a="a", b="b")).keys() == {"a", "b", "n", "gpk", "pk", "sk", "_type"}


def test_an_index_key_that_does_not_fit_its_index_is_refused() -> None:
    with pytest.raises(KeyTemplateError, match="not its sort key 'gsk'"):

        class Half(Entity, table=TABLE):
            a: Attr[str]
            key = key("HALF#{a}", "X")
            by_b_key = index_key("by_b", "B#{a}")


def test_an_index_key_of_an_unknown_index_is_refused() -> None:
    with pytest.raises(ValueError, match="has no index 'by_c'; declared: 'by_b'"):

        class Half(Entity, table=TABLE):
            a: Attr[str]
            key = key("HALF#{a}", "X")
            by_c_key = index_key("by_c", "B#{a}")
