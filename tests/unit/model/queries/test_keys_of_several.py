# pyright: reportUnusedClass=false
# (declaring a class is what is tested)
"""Indexes whose keys are of several attributes: what is declared, asked, and refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateleg.errors import AccessPatternError, DeclarationError, ItemInvalidError, KeyTemplateError
from gateleg.expressions import query_params
from gateleg.model import KEYS_ONLY, Attr, Entity, Index, Table, access, attr, include, index_key, key

if TYPE_CHECKING:
    from collections.abc import Callable

GAMES = Table(
    "games",
    partition_key="pk",
    indexes=[
        Index("by_leg", partition_key=("tenant", "region"), sort_key=["leg", "bracket"]),
        Index("by_day", partition_key=["day"], sort_key=("day_sk",), projection=KEYS_ONLY),
    ],
)


class Game(Entity, table=GAMES):
    """A game of a tournament."""

    number: Attr[str]
    tenant: Attr[str]
    area: Attr[str | None] = attr(stored="region", default=None)
    leg: Attr[int]
    bracket: Attr[str] = attr()

    key = key("GAME#{number}")

    @access(index="by_leg")
    def played(
        *,
        tenant: str,
        area: str,
        leg: int | None = None,
        bracket: str | None = None,
    ) -> None: ...
    @access(index="by_leg")
    def since_leg(*, tenant: str, area: str, since: int | None = None, until: int | None = None) -> None: ...
    @access(index="by_leg")
    def brackets(*, tenant: str, area: str, leg: int, prefix: str) -> None: ...


UNTYPED: Any = Game


def asked(query: Any) -> tuple[str, list[Any]]:
    params = query_params(query)
    names: dict[str, str] = params["ExpressionAttributeNames"]
    text: str = params["KeyConditionExpression"]
    for short, name in sorted(names.items(), reverse=True):
        text = text.replace(short, name)
    values = params["ExpressionAttributeValues"]
    return text, [next(iter(values[word.strip("()")].values())) for word in text.replace(",", " ").split() if word.startswith(":")]


@pytest.mark.parametrize(
    ("query", "text", "values"),
    [
        (Game.played(tenant="a", area="eu"), "tenant = :0 AND region = :1", ["a", "eu"]),
        (Game.played(tenant="a", area="eu", leg=3), "tenant = :0 AND region = :1 AND leg = :2", ["a", "eu", "3"]),
        (
            Game.played(tenant="a", area="eu", leg=3, bracket="u"),
            "tenant = :0 AND region = :1 AND leg = :2 AND bracket = :3",
            ["a", "eu", "3", "u"],
        ),
        (Game.since_leg(tenant="a", area="eu"), "tenant = :0 AND region = :1", ["a", "eu"]),
        (Game.since_leg(tenant="a", area="eu", since=2), "tenant = :0 AND region = :1 AND leg >= :2", ["a", "eu", "2"]),
        (
            Game.since_leg(tenant="a", area="eu", since=2, until=4),
            "tenant = :0 AND region = :1 AND leg BETWEEN :2 AND :3",
            ["a", "eu", "2", "4"],
        ),
        (
            Game.brackets(tenant="a", area="eu", leg=3, prefix="up"),
            "tenant = :0 AND region = :1 AND leg = :2 AND begins_with(bracket, :3)",
            ["a", "eu", "3", "up"],
        ),
    ],
)
def test_a_question_names_the_partition_key_and_the_first_of_the_sort_key(query: Any, text: str, values: list[str]) -> None:
    assert asked(query) == (text, values)


def test_an_item_holds_the_attributes_themselves_and_nothing_is_put_together() -> None:
    item = Game.__gateleg__.encode(Game(number="1", tenant="a", area="eu", leg=3, bracket="u"))
    assert set(item) == {"pk", "number", "tenant", "region", "leg", "bracket", "_type"}
    assert "region" not in Game.__gateleg__.encode(Game(number="1", tenant="a", leg=3, bracket="u"))


def test_keys_are_plain_data() -> None:
    [by_leg, by_day] = GAMES.shape().indexes
    assert (by_leg.partition_key, by_leg.sort_key) == (("tenant", "region"), ("leg", "bracket"))
    assert (by_day.partition_key, by_day.sort_key) == (("day",), ("day_sk",))
    assert Index("by_day", partition_key=["day"]) == Index("by_day", partition_key="day")
    assert GAMES.key_types() == {"pk": "S", "tenant": "S", "region": "S", "leg": "N", "bracket": "S", "day": "S", "day_sk": "S"}


@pytest.mark.parametrize(
    ("declare", "said"),
    [
        (lambda: Index("one", partition_key=()), "a tuple of 1 to 4 names"),
        (lambda: Index("one", partition_key=tuple("abcde")), "a tuple of 1 to 4 names"),
        (lambda: Index("one", partition_key="a", sort_key=tuple("bcdef")), "sort_key=.*a tuple of 1 to 4 names"),
        (lambda: Index("one", partition_key=("a", 1)), "a tuple of 1 to 4 names"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        (lambda: Index("one", partition_key=None), "a tuple of 1 to 4 names"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        (lambda: Index("one", partition_key=("a", "")), "empty name"),
        (lambda: Index("one", partition_key=("a", "a")), "'a' twice"),
        (lambda: Index("one", partition_key=("a", "b"), sort_key=("c", "b")), "'b' as partition key and as sort key"),
        (lambda: Table("one", partition_key=("a", "b")), "only an Index has keys of several"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        (
            lambda: Table(
                "one", partition_key="a", indexes=[Index(f"i{n:02}", "b", projection=include(*map(str, range(51)))) for n in (1, 2)]
            ),
            "include 102 attributes together; DynamoDB allows 100",
        ),
    ],
)
def test_keys_that_dynamodb_would_refuse_are_refused_at_once(declare: Callable[[], object], said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        declare()


def test_a_template_for_a_key_of_several_attributes_is_refused_with_what_to_write() -> None:
    with pytest.raises(KeyTemplateError, match="leave the template out, and declare attributes that are stored as tenant, region"):

        class Templated(Entity, table=GAMES):
            """It would have one text for two attributes."""

            number: Attr[str]
            key = key("T#{number}")
            leg_key = index_key("by_leg", "N#{number}")


def test_a_key_that_is_filled_in_part_is_told() -> None:
    table = Table("parts", partition_key="pk", indexes=[Index("by_x", partition_key=("tenant", "region"), sort_key="sk")])
    with pytest.raises(KeyTemplateError, match="but not its partition key 'region'; declare an attribute that is stored as 'region'"):

        class Part(Entity, table=table):
            """It has no region."""

            tenant: Attr[str]
            key = key("T#{tenant}")
            x_key = index_key("by_x", sort="T#{tenant}")

    class Whole(Entity, table=table):
        """Its sort key is made by a template."""

        tenant: Attr[str]
        region: Attr[str]
        key = key("T#{tenant}")
        x_key = index_key("by_x", sort="T#{tenant}")

        @access(index="by_x")
        def found(*, tenant: str, region: str) -> None: ...

    assert asked(Whole.found(tenant="a", region="b")) == ("tenant = :0 AND region = :1 AND sk = :2", ["a", "b", "T#a"])


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: UNTYPED.played(tenant="a"), "area is missing"),
        (lambda: UNTYPED.played(tenant="a", area=None), "needs a value for 'area'"),
        (lambda: Game.played(tenant="a", area="eu", bracket="u"), "'bracket' without 'leg'"),
        (lambda: Game.since_leg(tenant="a", area="eu", since=4, until=2), "holds nothing"),
        (lambda: Game.played(tenant="a" * 1500, area="e" * 1500), "3000 bytes in its attributes together; DynamoDB takes 2048"),
    ],
)
def test_questions_without_an_answer_are_refused(ask: Callable[[], object], said: str) -> None:
    with pytest.raises((AccessPatternError, ItemInvalidError), match=said):
        ask()


def test_what_is_too_long_together_is_not_stored() -> None:
    """Each attribute alone would fit; DynamoDB counts them together."""
    with pytest.raises(ItemInvalidError, match="the partition key of Game in index 'by_leg' has 2100 bytes"):
        Game.__gateleg__.encode(Game(number="1", tenant="a" * 1050, area="e" * 1050, leg=3, bracket="u"))


def test_a_pattern_that_skips_an_attribute_is_refused() -> None:
    with pytest.raises(AccessPatternError, match="takes 'bracket' without 'leg', which comes before it"):

        class Skipping(Game):
            """It asks for the second attribute of the sort key alone."""

            @access(index="by_leg")
            def skipping(*, tenant: str, area: str, bracket: str) -> None: ...

    with pytest.raises(AccessPatternError, match="lacks area"):

        class Lacking(Game):
            """It asks for one attribute of the partition key."""

            @access(index="by_leg")
            def lacking(*, tenant: str) -> None: ...
