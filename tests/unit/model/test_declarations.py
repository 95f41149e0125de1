# pyright: reportUnusedClass=false, reportUnusedFunction=false
# (declaring a class is what is tested)
"""Declarations that cannot work: each is refused as the class or the table is made, in words that say what to write."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from gateleg.errors import AccessPatternError, DeclarationError, KeyTemplateError
from gateleg.model import Attr, Entity, Index, LocalIndex, Table, access, attr, created_at, index_key, key, ttl, updated_at, version

if TYPE_CHECKING:
    from collections.abc import Callable

ANY: Any = None


def table(**options: Any) -> Table:
    given: dict[str, Any] = {"partition_key": "pk", "ttl": "expires", **options}
    return Table("declared", **given)


def bare_attr() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr  # type: ignore[type-arg]  # pyright: ignore[reportMissingTypeArgument, reportUnknownVariableType]


def attr_in_a_union() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        name: Attr[str] | None = None


def misspelled_constraint() -> None:
    constraints: Any = {"min_lenght": 3}
    attr(default=1, **constraints)


def unknown_constraint() -> None:
    constraints: Any = {"colour": "red"}
    attr(default=1, **constraints)


def save_that_cannot_be_called() -> None:
    save: Any = "lower"
    attr(save=save)


def two_defaults() -> None:
    attr(default="a", default_factory=str)


def length_of_a_number() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        size: Attr[int] = attr(default=1, min_length=3)


def bound_of_text() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        name: Attr[str] = attr(default="", ge=1)


def version_of_text() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        revision: Attr[str] = version()


def created_on_a_date() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        made: Attr[date] = created_at()


def updated_as_text() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        changed: Attr[str] = updated_at()


def expiry_of_text() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        until: Attr[str | None] = ttl()


def expiry_that_is_none_and_may_not_be() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        until: Attr[datetime] = ttl()


def object_as_key() -> None:
    class Place(BaseModel):
        city: str

    declared = table()

    class Wrong(Entity, table=declared):
        pk: Attr[Place]

    declared.key_types()


def types_of_a_key_in_an_index_of_which_one_entity_is_not() -> None:
    shared = table(indexes=[Index("by_total", partition_key="name", sort_key="total")])

    class One(Entity, table=shared):
        pk: Attr[str]
        name: Attr[str]
        total: Attr[int]

    class Two(Entity, table=shared):
        pk: Attr[str]
        total: Attr[str]

    shared.key_types()


def keywords_in_a_pattern() -> None:
    @access
    def pattern(**values: Any) -> None: ...


def optional_partition() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]

        @access
        def under(*, pk: str | None = None) -> None: ...


def pattern_of_text() -> None:
    index: Any = "by_name"
    access(index)


def unknown_range() -> None:
    ranges: Any = {"newer": "=>"}
    access(ranges=ranges)


def two_keys_of_one_index() -> None:
    class Wrong(Entity, table=table(indexes=[Index("by_name", partition_key="gpk")])):
        pk: Attr[str]
        one = index_key("by_name", "ONE#{pk}")
        two = index_key("by_name", "TWO#{pk}")


def name_of_a_hook() -> None:
    class Wrong(Entity, table=table()):
        pk: Attr[str]
        after_load: Attr[str]  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]


def unknown_class_keyword() -> None:
    class Wrong(Entity, table=table(), tabel=3):
        pk: Attr[str]


def upgrades_that_are_one_function() -> None:
    upgrades: Any = dict

    class Wrong(Entity, table=table(), upgrades=upgrades):
        pk: Attr[str]


def date_with_the_format_of_a_number() -> None:
    class Wrong(Entity, table=table()):
        at: Attr[date]
        key = key("AT#{at:05d}")


def number_with_no_format() -> None:
    class Wrong(Entity, table=table()):
        n: Attr[int]
        key = key("N#{n:zz}")


def template_of_a_number() -> None:
    template: Any = 5
    key(template)


@pytest.mark.parametrize(
    ("declare", "error", "said"),
    [
        (bare_attr, DeclarationError, r"write Attr\[str\]"),
        (attr_in_a_union, DeclarationError, r"Attr stands around the whole of it: Attr\[str \| None\]"),
        (misspelled_constraint, DeclarationError, r"takes no min_lenght=; write min_length="),
        (unknown_constraint, DeclarationError, r"takes no colour=, and neither does pydantic.Field"),
        (save_that_cannot_be_called, DeclarationError, "save='lower' is called with values; give a function"),
        (two_defaults, DeclarationError, "give one of them"),
        (length_of_a_number, DeclarationError, "numbers have no length"),
        (bound_of_text, DeclarationError, "give a length: min_length="),
        (version_of_text, DeclarationError, r"declared as version\(\), .* write Attr\[int\]"),
        (created_on_a_date, DeclarationError, r"write Attr\[datetime\]"),
        (updated_as_text, DeclarationError, r"write Attr\[datetime\]"),
        (expiry_of_text, DeclarationError, r"write Attr\[datetime \| None\]"),
        (expiry_that_is_none_and_may_not_be, DeclarationError, r"or ttl\(after=timedelta"),
        (object_as_key, KeyTemplateError, "must be text, a number or bytes"),
        (types_of_a_key_in_an_index_of_which_one_entity_is_not, DeclarationError, "'total' .* is N in one entity and S in Two"),
        (keywords_in_a_pattern, AccessPatternError, "write its parameters out"),
        (optional_partition, AccessPatternError, "leave the default out"),
        (pattern_of_text, AccessPatternError, r"write @access\(index='by_name'\)"),
        (unknown_range, AccessPatternError, "'newer' is declared as '=>'; write one of '>='"),
        (two_keys_of_one_index, KeyTemplateError, "twice, by one and by two"),
        (name_of_a_hook, DeclarationError, "name the attribute otherwise"),
        (unknown_class_keyword, DeclarationError, "declared with tabel=; a class takes table="),
        (upgrades_that_are_one_function, DeclarationError, "give a list, the first upgrade first"),
        (date_with_the_format_of_a_number, KeyTemplateError, r"write one such as \{at:%Y-%m-%d\}"),
        (number_with_no_format, KeyTemplateError, r"write one such as \{n:010d\}"),
        (template_of_a_number, KeyTemplateError, "a key template is text; 5 was given"),
        (lambda: table(indexes=["by_name"]), DeclarationError, r"give a list: indexes=\[Index"),
        (lambda: table(indexes=Index("by_name", partition_key="name")), DeclarationError, r"give a list: indexes=\[Index"),
        (lambda: table(stream="NEW"), DeclarationError, "write one of KEYS_ONLY, NEW_IMAGE"),
        (lambda: Table(ANY, partition_key="pk"), DeclarationError, "a table name has"),
        (lambda: Index(ANY, partition_key="pk"), DeclarationError, "an index name has"),
        (lambda: Index("by_name", partition_key="name", projection="ALL"), DeclarationError, "write ALL, KEYS_ONLY or include"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        (lambda: LocalIndex("by_name", sort_key="name", projection=["a"]), DeclarationError, "write ALL, KEYS_ONLY or include"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ],
)
def test_a_declaration_that_cannot_work_is_refused_in_words_that_say_what_to_write(
    declare: Callable[[], object], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        declare()


def test_a_key_that_a_save_turns_into_another_type_is_told_by_the_save_or_refused() -> None:
    coded = table()

    class Coded(Entity, table=coded):
        pk: Attr[int] = attr(save=str, load=int)

    assert coded.key_types() == {"pk": "S"}
    assert Coded.key(pk=5).wire == {"pk": {"S": "5"}}

    class Untold(Entity, table=table()):
        pk: Attr[int] = attr(save=lambda number: f"{number}", load=int)

    with pytest.raises(ValueError, match=r"is declared as N, and its save= made .* annotate what save= returns: -> str"):
        Untold.key(pk=5)


def test_types_that_are_defined_after_the_entity_are_stored_as_those_that_are_defined_before() -> None:
    class Late(Entity, table=table()):
        pk: Attr[str]
        until: Attr[Moment] = attr(stored="expires")
        tags: Attr[Tags]

    class Later(Late):
        more: Attr[str] = attr(default="")

    names = {"Moment": datetime, "Tags": set[str], "Attr": Attr}
    Late.model_rebuild(_types_namespace=names)
    Later.model_rebuild(_types_namespace=names)
    given = Late(pk="a", until=datetime.fromisoformat("2030-01-01T00:00:00Z"), tags=set())
    item = Late.__gateleg__.encode(given)
    assert item["expires"] == {"N": "1893456000"}
    assert Late.__gateleg__.decode(item) == given
    assert [layout.name for layout in Late.__gateleg__.family] == ["Late", "Later"]


if TYPE_CHECKING:
    Moment = datetime
    Tags = set[str]
