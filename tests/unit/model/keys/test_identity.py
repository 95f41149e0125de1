"""Templates, formats and values that would make one key of two values, or keys in another order, are refused with what to write instead."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address
from typing import Any, Literal

import pytest

from gateleg.errors import AccessPatternError, ItemInvalidError, KeyTemplateError
from gateleg.model import Attr, Entity, Index, LocalIndex, Table, access, attr, index_key, key

UNIONS: Any = {"int | str": int | str, "words": Literal["1"] | int, "True": Literal["True"] | bool, "apart": Literal["latest"] | int}


class Twins(Enum):
    NUMBER = 1
    TEXT = "1"


def declared(annotation: Any, template: str, *, index: str | None = None, **members: Any) -> Any:
    """An entity whose sort key, or whose index's, is the template of its attribute `a`."""
    table = Table("t", partition_key="pk", sort_key="sk", indexes=[Index("other", partition_key="opk", sort_key="osk")])
    if index is not None:
        members["other_key"] = index_key("other", "X", index)
    hints: Any = {"a": Attr[annotation], "b": Attr[str]}
    metaclass: Any = type(Entity)
    return metaclass("E", (Entity,), {"__annotations__": hints, "__module__": __name__, "key": key("P", template), **members}, table=table)


def stored(entity: Any, value: Any, part: str = "sk") -> str:
    item = entity.__gateleg__.encode(entity(a=value, b="b"))
    text: str = item[part]["S"]
    return text


@pytest.mark.parametrize(
    ("annotation", "template", "said", "instead"),
    [
        (int, "{a:0<5d}", "not known to tell all its values apart; write one such as {a:010d}", "{a:010d}"),
        (int, "{a:0^5d}", "write one such as {a:010d}", "{a:010d}"),
        (int, "{a:e}", "write one such as {a:010d}", "{a:010d}"),
        (Decimal, "{a:.2e}", "write one such as {a:012.2f}", "{a:012.2f}"),
        (date, "{a:05d}", "write one such as {a:%Y-%m-%d}", "{a:%Y-%m-%d}"),
        (datetime, "{a:%Y-%m-%d}", "makes one key of several values; write {a}, here or in the other part of the key", "{a}"),
        (date, "{a:%m-%d}", "or make an attribute of what the format keeps, such as a date", "{a:%Y-%m-%d}"),
        (date, "{a:%Y%m%d%-j}", "which makes one key of several values", "{a:%Y%m%d}"),
        (str, "{a}\U0010ffff{b}", "holds U+10FFFF, with which ranges of keys end; write another, such as `#`", "{a}#{b}"),
        (str, "{a}%{b}", "begins with '%', as escapes do; begin it with another, such as `#`", "{a}#{b}"),
    ],
)
def test_a_template_that_makes_one_key_of_two_values_is_refused_with_what_to_write(
    annotation: Any, template: str, said: str, instead: str
) -> None:
    with pytest.raises(KeyTemplateError) as caught:
        declared(annotation, template)
    assert said in caught.value.message
    declared(annotation, instead)


@pytest.mark.parametrize(
    ("annotation", "value", "said"),
    [
        (UNIONS["int | str"], 1, "whose values str and int could make one key"),
        (UNIONS["words"], 1, "whose values '1' and int could make one key"),
        (UNIONS["True"], True, "whose values 'True' and bool could make one key"),
        (Twins, Twins.NUMBER, "could make one key; keep to one of them, or tell them apart with save= and load="),
    ],
)
def test_values_of_one_text_are_refused_in_a_key(annotation: Any, value: Any, said: str) -> None:
    with pytest.raises(KeyTemplateError) as caught:
        declared(annotation, "{a}")
    assert said in caught.value.message
    apart = attr(save=lambda value: f"{type(value).__name__}:{value}", load=lambda _: value)
    assert stored(declared(annotation, "{a}", a=apart), value) == f"{type(value).__name__}:{value}"


def test_a_type_that_is_defined_later_is_looked_at_once_it_is_known() -> None:
    table = Table("t", partition_key="pk", sort_key="sk")
    names: dict[str, Any] = {"Attr": Attr, "Entity": Entity, "key": key, "table": table}
    source = """
class Late(Entity, table=table):
    a: 'Attr[Number]'
    key = key("P", "{a:04d}")
Number = int
"""
    exec(source, names)  # noqa: S102 (a module of its own, in which the name is not yet known)
    names["Late"].model_rebuild(_types_namespace=names)
    assert names["Late"].key(a=7).wire["sk"] == {"S": "0007"}


def test_a_word_that_is_no_number_stands_beside_numbers() -> None:
    entity = declared(UNIONS["apart"], "A#{a}")
    assert [stored(entity, value) for value in (7, "latest")] == ["A#7", "A#latest"]


def test_a_format_that_leaves_something_out_is_taken_where_the_whole_stands_beside_it_and_in_an_index() -> None:
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    both = declared(datetime, "{a:%Y-%m}#{a}")
    assert stored(both, at) == "2026-11#2026-11-22T12:00:00.000000Z"
    index = declared(datetime, "{a}", index="{a:%Y-%m}")
    assert stored(index, at, "osk") == "2026-11"


@pytest.mark.parametrize(
    ("annotation", "template", "value", "said"),
    [
        (int, "{a:04d}", -1, "sorts from 0 on; declare ge=0"),
        (int, "{a:04d}", 12_345, "cannot hold; widen the format"),
        (Decimal, "{a:08.2f}", Decimal("0.125"), "cannot hold; widen the format"),
        (Decimal, "{a:08.2f}", Decimal(-1), "sorts from 0 on"),
        (Decimal, "{a:06.2f}", Decimal(1000), "cannot hold; widen the format"),
    ],
)
def test_a_value_that_its_format_cannot_hold_is_refused(annotation: Any, template: str, value: Any, said: str) -> None:
    with pytest.raises(ItemInvalidError, match=said):
        declared(annotation, template).key(a=value)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["a#b", 'a"b', "a%b", "a/b", "50%"], ['a""b', 'a"!b', "a%25b", "a/b", "50%25"]),
        (["\U0010ffff", "\U0010fffe"], ['\U0010fffe"', "\U0010fffe!"]),
    ],
)
def test_text_that_ends_a_sort_key_holds_no_separator_of_others_and_keeps_its_order(texts: list[str], expected: list[str]) -> None:
    assert [stored(declared(str, "{b}/{a}"), text)[2:] for text in texts] == expected


def test_all_other_text_is_percent_encoded_and_so_is_that_of_keys_that_are_stored_so() -> None:
    assert stored(declared(str, "{a}#{b}"), 'a#"%/') == 'a%23"%25/#b'
    assert stored(declared(str, "{a}#"), 'a#"%/') == 'a%23"%25/#'
    old = declared(
        str, "X", key=key("P", "{b}/{a}", percent_encoded=True), other_key=index_key("other", "X", "{b}/{a}", percent_encoded=True)
    )
    assert stored(old, 'a#"%/') == stored(old, 'a#"%/', "osk") == 'b/a%23"%25%2F'
    assert declared(str, "{a}").key(a="#").wire != declared(str, "X", key=key("P", "{a}", percent_encoded=True)).key(a="#").wire

    @key("P", "{a}", percent_encoded=True)
    def typed(*, a: str) -> None: ...

    assert stored(declared(str, "X", key=typed), "#") == "%23"


def since(annotation: Any, declaration: str | dict[str, Any]) -> Any:
    @access
    def asked(*, since: Any) -> None: ...

    members: dict[str, Any] = {"key": key("P", declaration)} if isinstance(declaration, str) else declaration
    return declared(annotation, "X", asked=asked, **members)


def as_text(value: Any) -> str:
    return str(value)


@pytest.mark.parametrize(
    ("annotation", "declaration", "said", "instead"),
    [
        (int, "{a}", "pad the number: {a:010d}", "{a:010d}"),
        (int, "{a:x}", "pad the number: {a:010d}", "{a:010d}"),
        (Decimal, "{a}", "pad the number: {a:012.2f}", "{a:012.2f}"),
        (date, "{a:%Y-%m-%d}", "leave its format out: {a}", "{a}"),
        (str, "{a}#", "put it last in the template of a sort key, with nothing after it", "{a}"),
        (str, {"key": key("P", "{a}", percent_encoded=True)}, "without percent_encoded=True", "{a}"),
        (time, "{a}", "annotate the function `-> str`, and let it end the key", {"a": attr(save=as_text), "key": key("P", "{a}")}),
    ],
)
def test_a_range_of_what_does_not_sort_is_refused_with_what_to_write(annotation: Any, declaration: Any, said: str, instead: Any) -> None:
    with pytest.raises(AccessPatternError) as caught:
        since(annotation, declaration)
    assert said in caught.value.message
    since(annotation, instead)


@pytest.mark.parametrize("annotation", [time, timedelta, IPv4Address])
def test_a_range_of_a_plain_key_that_does_not_sort_is_refused(annotation: Any) -> None:
    def made(**members: Any) -> Any:
        @access
        def asked(*, p: str, since: Any) -> None: ...

        table = Table("t", partition_key="p", sort_key="s")
        metaclass: Any = type(Entity)
        hints = {"p": Attr[str], "s": Attr[annotation]}
        return metaclass("E", (Entity,), {"__annotations__": hints, "__module__": __name__, "asked": asked, **members}, table=table)

    with pytest.raises(AccessPatternError, match="key by itself does not sort as its values do; store it with save= and load= as text"):
        made()
    made(s=attr(save=as_text))


@pytest.mark.parametrize(
    ("annotation", "template", "said", "instead"),
    [
        (int, "I#{a:04d}a", "; begin the text after each placeholder with another character than 'a', which is escaped", "I#{a:04d}#a"),
        (int, "{a:04d}0{b}", "; begin the text after each placeholder with another character than '0', which is escaped", "{a:04d}#0{b}"),
        (
            int,
            "I#{a}a",
            "; pad the number: {a:010d}, and begin the text after each placeholder with another character than 'a'",
            "I#{a:010d}#a",
        ),
        (date, "V#{a}0z", "; begin the text after each placeholder with another character than '0', which is escaped", "V#{a}#0z"),
        (datetime, "V#{a}F{b}2", "with another character than '2' or 'F', which is escaped where a value has it: `#`, say", "V#{a}#F{b}#2"),
        (date, "V#{a:%Y-%m-%d}0z", "; leave its format out: {a}, and begin the text after each placeholder with another", "V#{a}#0z"),
    ],
)
def test_a_range_of_digits_that_a_separator_would_escape_is_refused(annotation: Any, template: str, said: str, instead: str) -> None:
    with pytest.raises(AccessPatternError, match="does not sort") as caught:
        since(annotation, template)
    assert said in caught.value.message
    since(annotation, instead)


def test_dates_that_save_turns_into_others_are_stored_as_text_that_sorts() -> None:
    with pytest.raises(AccessPatternError, match=r"store it with save= and load= as text that sorts, annotate the function `-> str`"):
        since(date, {"a": attr(save=lambda value: value), "key": key("P", "V#{a}")})
    since(date, {"a": attr(save=as_text), "key": key("P", "V#{a}")})


def test_what_is_saved_as_something_else_than_text_does_not_pass_for_it() -> None:
    measured = declared(str, "{a}", a=attr(save=len))
    with pytest.raises(ItemInvalidError, match="is text in a key, and its save= made 3; annotate what save= returns: -> int"):
        measured.key(a="abc")

    def length(text: str) -> int:
        return len(text)

    assert declared(str, "{a}", a=attr(save=length)).key(a="abc").wire["sk"] == {"S": "3"}


class Plain(Entity, table=Table("plain", partition_key="p", sort_key="s", indexes=[LocalIndex("by_t", sort_key="t")])):
    p: Attr[str]
    s: Attr[str]
    t: Attr[bytes] = attr(default=b"t")

    @access
    def asked(*, p: str, since: str | None = None, until: str | None = None) -> None: ...

    @access
    def strictly(*, p: str, before: str) -> None: ...

    @access
    def after_(*, p: str, after: str) -> None: ...

    @access
    def begun(*, p: str, prefix: str) -> None: ...


def test_a_range_of_a_plain_key_asks_for_no_empty_one() -> None:
    everything = [Plain.asked(p="p"), Plain.asked(p="p", since=""), Plain.after_(p="p", after=""), Plain.begun(p="p", prefix="")]
    assert [query.sort for query in everything] == [()] * 4
    [bounded] = Plain.asked(p="p", since="", until="a").sort
    assert (bounded.operator, bounded.values) == ("<=", ({"S": "a"},))
    with pytest.raises(ItemInvalidError, match="holds nothing"):
        Plain.asked(p="p", until="")
    with pytest.raises(ItemInvalidError, match="holds nothing"):
        Plain.strictly(p="p", before="")
