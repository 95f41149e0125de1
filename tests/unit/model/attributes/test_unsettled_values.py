"""Validators that change what they made, and parts of values that would come back as others: nothing of it is sent."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Self
from zoneinfo import ZoneInfo

import pytest
from pydantic import AfterValidator, BaseModel, BeforeValidator, JsonValue, SecretStr, field_validator, model_validator

from gateleg.errors import ItemInvalidError
from gateleg.model import Attr, Entity, Table, attr
from gateleg.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = Table("unsettled", partition_key="id")
STORE = Store(TABLE, table_name="t")

Doubled = Annotated[int, AfterValidator(lambda value: value * 2)]
Turned = Annotated[int, AfterValidator(lambda value: -value)]
Folded = Annotated[str, AfterValidator(str.lower)]


class Loud(StrEnum):
    """Text of a class of its own."""

    YES = "yes"


class Open(BaseModel, extra="allow"):
    """What takes whatever comes."""

    a: str = ""
    json_value: JsonValue = None
    doubled: Doubled = 1


class Holder(Entity, table=TABLE):
    """What does not say what it holds."""

    id: Attr[str] = attr(partition_key=True)
    anything: Attr[Any] = attr(default=None)
    several: Attr[list[Any]] = attr(default_factory=list)
    named: Attr[dict[str, Any]] = attr(default_factory=dict)
    deep: Attr[list[dict[str, Any]]] = attr(default_factory=list)
    open: Attr[Open] = attr(default_factory=Open)
    elements: Attr[set[Any] | None] = attr(default=None)
    json_value: Attr[JsonValue] = attr(default=None)
    json_values: Attr[dict[str, JsonValue]] = attr(default_factory=dict)
    secrets: Attr[dict[str, Any | SecretStr]] = attr(default_factory=dict)
    doubled: Attr[list[Doubled]] = attr(default_factory=list)
    folded: Attr[list[Folded]] = attr(default_factory=list)
    loaded: Attr[list[Any]] = attr(default_factory=list, load=list)


DAY = date(2020, 1, 1)


@pytest.mark.parametrize(
    ("update", "told"),
    [
        (
            lambda: Holder.several.append([DAY, (1, 2)]),
            r"Holder.several cannot be \[.*\], which would come back as \['2020-01-01', \[1, 2\]\]",
        ),
        (lambda: Holder.several.append([1.5], at_start=True), r"Holder.several cannot be \[1.5\], which .* \[Decimal\('1.5'\)\]"),
        (lambda: Holder.several[0].set(DAY), r"Holder.several\[0\] cannot be .*, which would come back as '2020-01-01'"),
        (lambda: Holder.several[0].append([DAY]), r"Holder.several\[0\] cannot be .*, which would come back as"),
        (lambda: Holder.named["x"].set(DAY), r"Holder.named\['x'\] cannot be .*, which would come back as '2020-01-01'"),
        (lambda: Holder.named["x"].set(DAY, if_not_exists=True), "which would come back as"),
        (lambda: Holder.named["x"].add({1.5}), r"Holder.named\['x'\] cannot be \{1.5\}, which .* \{Decimal\('1.5'\)\}"),
        (lambda: Holder.deep.append([{"a": (1,)}]), r"which would come back as \[\{'a': \[1\]\}\]"),
        (lambda: Holder.deep[0]["a"].set((1,)), r"which would come back as \[1\]"),
        (lambda: Holder.open["z"].set(1.5), r"Holder.open\['z'\] cannot be 1.5, which would come back as Decimal\('1.5'\)"),
        (lambda: Holder.open["doubled"].set(1), "cannot be 2, which would come back as 4"),
        (lambda: Holder.anything["f"].set(1.5), r"which would come back as Decimal\('1.5'\)"),
        (lambda: Holder.anything["f"].set(Loud.YES), "which would come back as 'yes'"),
        (lambda: Holder.anything.append([{1, 2}, set()]), r"which would come back as \[\{1, 2\}, \[\]\]"),
        (lambda: Holder.anything.add({DAY}), "which would come back as {'2020-01-01'}"),
        (lambda: Holder.elements.add({1.5}), r"which would come back as \{Decimal\('1.5'\)\}"),
        (lambda: Holder.doubled.append([1]), r"cannot be \[2\], which would come back as \[4\]"),
        (lambda: Holder.doubled[0].set(1), "cannot be 2, which would come back as 4"),
    ],
)
def test_a_part_that_would_come_back_as_another_is_refused_as_the_whole_is(update: Callable[[], Any], told: str) -> None:
    with pytest.raises(ItemInvalidError, match=f"{told}.*; declare the type that it has, or turn it into what is stored and back"):
        update()


def test_a_secret_is_not_shown_where_a_part_is_refused() -> None:
    with pytest.raises(ItemInvalidError) as caught:
        Holder.secrets["a"].set((1, "hush"))
    assert "hush" not in f"{caught.value.message} {caught.value.value!r}"


@pytest.mark.parametrize(
    "update",
    [
        lambda: Holder.several.append([1, "a", None, {"b": [Decimal("0.5"), True, b"c"]}, {"d"}]),
        lambda: Holder.several[0].set({"a"}),
        lambda: Holder.named["x"].set(Decimal("1.5")),
        lambda: Holder.named["x"].set(None),
        lambda: Holder.open["z"].set({"a": [1]}),
        lambda: Holder.open["json_value"].set({"a": [1, "b"]}),
        lambda: Holder.open["a"].set("b"),
        lambda: Holder.elements.add({"a", "b"}),
        lambda: Holder.json_value.set({"a": [1.5, None]}),
        lambda: Holder.json_values["a"].set([1.5, None]),
        lambda: Holder.folded.append(["A"]),
        lambda: Holder.folded[0].set("A"),
        lambda: Holder.loaded.append([1.5]),
    ],
)
def test_a_part_that_comes_back_is_taken(update: Callable[[], Any]) -> None:
    assert STORE.prepare.update(Holder.key(id="a"), update()).params()


def test_a_condition_and_a_deletion_of_elements_may_name_any_part() -> None:
    when = (Holder.named["x"] == 1.5) & Holder.several.contains(DAY)
    assert STORE.prepare.update(Holder.key(id="a"), Holder.anything.delete({1.5}), when=when).params()


class Wide(Entity, table=TABLE, extra="allow"):
    """What takes what it does not declare."""

    id: Attr[str] = attr(partition_key=True)


@pytest.mark.parametrize("value", [DAY, 1.5, (1, 2), {"a": Loud.YES}])
def test_what_an_entity_takes_undeclared_comes_back_too_or_is_refused(value: Any) -> None:
    for write in writes(Wide.model_validate({"id": "a", "z": value})):
        with pytest.raises(ItemInvalidError, match=r"Wide\.z cannot be .*, which would come back as .*; declare the type that it has"):
            write()
    for write in writes(Wide.model_validate({"id": "a", "z": {"a": [1, None, Decimal("0.5")]}})):
        write()


# Validators ----------------------------------------------------------------------------------------------------------------------


class ByField(Entity, table=TABLE):
    """A field validator."""

    id: Attr[str] = attr(partition_key=True)
    v: Attr[int]

    @field_validator("v")
    @classmethod
    def _doubled(cls, v: int) -> int:
        return v * 2


class ByModel(Entity, table=TABLE):
    """A validator of the whole."""

    id: Attr[str] = attr(partition_key=True)
    v: Attr[int]

    @model_validator(mode="after")
    def _doubled(self) -> Self:
        vars(self)["v"] *= 2
        return self


class ByBefore(Entity, table=TABLE):
    """A validator of what is given for the whole, which it changes in place."""

    id: Attr[str] = attr(partition_key=True)
    v: Attr[int]

    @model_validator(mode="before")
    @classmethod
    def _doubled(cls, data: dict[str, Any]) -> dict[str, Any]:
        data["v"] *= 2
        return data


class ByInit(Entity, table=TABLE):
    """What is done once the whole is made."""

    id: Attr[str] = attr(partition_key=True)
    v: Attr[int]

    def model_post_init(self, context: Any, /) -> None:  # noqa: ARG002 (as pydantic calls it)
        vars(self)["v"] *= 2


def holding(annotation: Any, settings: Any = None) -> Any:
    declared: Any = attr() if settings is None else settings

    class Thing(Entity, table=Table("unsettled-types", partition_key="id")):
        id: Attr[str] = attr(partition_key=True)
        v: Attr[annotation] = declared  # pyright: ignore[reportInvalidTypeForm]

    return Thing


def writes(entity: Any) -> list[Callable[[], Any]]:
    store = Store(entity.__gateleg__.table, table_name="t")
    return [
        lambda: store.prepare.create(entity).params(),
        lambda: store.prepare.put(entity).params(),
        lambda: store.prepare.batch_put([entity]),
    ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (holding(Doubled), 2),
        (holding(Turned), 2),
        (holding(Doubled | None), 2),
        (holding(list[Doubled]), [1]),
        (holding(dict[str, tuple[Doubled, str]]), {"a": (1, "b")}),
        (holding(Annotated[int, BeforeValidator(lambda value: value * 2)]), 2),
        (holding(Doubled, attr(save=str, load=int)), 2),
        (ByField, 2),
        (ByModel, 2),
        (ByBefore, 2),
        (ByInit, 2),
    ],
)
def test_an_entity_whose_validators_change_what_they_made_is_refused_before_it_is_sent(kind: Any, value: Any) -> None:
    entity = kind(id="a", v=value)
    for write in writes(entity):
        with pytest.raises(
            ItemInvalidError, match=r"\.v cannot be .*, which would come back as .*; write validators that leave what they made as it is"
        ):
            write()


def test_what_is_told_is_what_the_caller_holds_and_what_would_become_of_it() -> None:
    with pytest.raises(
        ItemInvalidError, match=r"Thing.v cannot be 4, which would come back as another with each write: 8, then 16;"
    ) as caught:
        writes(holding(Doubled)(id="a", v=2))[0]()
    assert (caught.value.path, caught.value.value) == ("v", 4)


@pytest.mark.parametrize("kind", [holding(Doubled), holding(Doubled, attr(save=str, load=int)), ByField])
def test_neither_is_such_a_value_set(kind: Any) -> None:
    with pytest.raises(ItemInvalidError, match=r"\.v cannot be 2, which would come back as another with each write: 4, then 8"):
        kind.v.set(2)


def test_an_item_that_is_read_again_by_itself_is_compared_too() -> None:
    for kind in (holding(Doubled), ByField, ByModel):
        entity = kind(id="a", v=2)
        with pytest.raises(ItemInvalidError, match="cannot be 4, which would come back as 8"):
            kind.__gateleg__.read_again(kind.__gateleg__.encode(entity), entity)


class Settled(Entity, table=TABLE):
    """Validators that leave what they made as it is."""

    id: Attr[str] = attr(partition_key=True)
    mail: Attr[Annotated[str, AfterValidator(str.strip), AfterValidator(str.lower)]]
    tags: Attr[list[Folded]] = attr(default_factory=list)
    share: Attr[Annotated[float, AfterValidator(lambda value: round(value, 1))]] = attr(default=0.0)
    price: Attr[Decimal] = attr(default=Decimal(0))
    kind: Attr[str] = attr(default="")
    total: Attr[Decimal] = attr(default=Decimal(0))
    places: Attr[frozenset[str]] = attr(default=frozenset())

    @field_validator("price")
    @classmethod
    def _rounded(cls, price: Decimal) -> Decimal:
        return price.quantize(Decimal("0.01"))

    @model_validator(mode="after")
    def _summed(self) -> Self:
        vars(self)["total"] = self.price * 2
        return self


def test_validators_that_leave_what_they_made_go_on_and_a_list_may_be_changed_in_place() -> None:
    made = Settled(id="a", mail=" Ann@B ", tags=["X"], share=0.26, price=Decimal("1.239"), kind=Loud.YES)
    made.tags.append("Y")
    for write in writes(made):
        write()
    created = STORE.prepare.create(made)
    item = created.params()["Item"]
    read = Settled.__gateleg__.decode(item)
    assert (read.mail, read.tags, read.share, read.price, read.total) == ("ann@b", ["x", "y"], 0.3, Decimal("1.24"), Decimal("2.48"))
    assert STORE.prepare.put(read).params()["Item"] == item
    assert STORE.prepare.update(Settled.key(id="a"), Settled.mail.set(" C "), Settled.price.set(Decimal("0.999"))).params()


class Stamped(Entity, table=TABLE):
    """A time, with nothing that changes it."""

    id: Attr[str] = attr(partition_key=True)
    at: Attr[datetime]
    times: Attr[dict[str, Annotated[datetime, AfterValidator(lambda value: value)]]] = attr(default_factory=dict)
    either: Attr[datetime | int | None] = attr(default=None)

    @model_validator(mode="after")
    def _kept(self) -> Self:
        return self


class OtherDatetime(datetime):
    """What tests put in place of the time."""


@pytest.mark.parametrize("fold", [0, 1])
@pytest.mark.parametrize("kind", [datetime, OtherDatetime])
def test_a_moment_is_one_in_the_hour_that_a_zone_has_twice_and_of_whichever_class(kind: type[datetime], fold: int) -> None:
    at = kind(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Stockholm"), fold=fold)
    either = at if kind is datetime else None
    for write in writes(Stamped(id="a", at=at, times={} if kind is OtherDatetime else {"a": at}, either=either)):
        write()


def test_a_hook_may_store_what_validators_would_make_otherwise() -> None:
    class Hooked(Entity, table=Table("unsettled-hooks", partition_key="id")):
        id: Attr[str] = attr(partition_key=True)
        name: Attr[Folded]

        @classmethod
        def before_save(cls, values: dict[str, Any]) -> dict[str, Any]:
            return {**values, "name": values["name"].upper()}

    for write in writes(Hooked(id="a", name="B")):
        write()


def test_private_attributes_alone_make_nothing_anew() -> None:
    class Private(Entity, table=Table("unsettled-private", partition_key="id")):
        id: Attr[str] = attr(partition_key=True)
        _seen: int = 0

    class Initial(ByInit, table=Table("unsettled-initial", partition_key="id")):
        _seen: int = 0

    layouts: list[Any] = [Private.__gateleg__, Initial.__gateleg__]
    assert [len(layout.validated) for layout in layouts] == [0, 2]


def test_a_transform_may_store_what_validators_would_make_otherwise() -> None:
    for write in writes(holding(Folded, attr(save=lambda value: value[:1]))(id="a", v="Bc")):
        write()


def test_what_is_hidden_is_not_shown_where_validators_change_it() -> None:
    class Hiding(Entity, table=Table("unsettled-hiding", partition_key="id"), hide_input_in_errors=True):
        id: Attr[str] = attr(partition_key=True)
        v: Attr[Doubled]

    with pytest.raises(ItemInvalidError, match="which would come back as another") as caught:
        writes(Hiding(id="a", v=1111))[0]()
    assert not any(told in f"{caught.value.message} {caught.value.value!r}" for told in ("1111", "2222", "4444", "8888"))


def test_a_secret_is_not_shown_where_validators_change_it() -> None:
    longer: Any = Annotated[SecretStr, AfterValidator(lambda value: SecretStr(f"{value.get_secret_value()}hush"))]
    with pytest.raises(ItemInvalidError) as caught:
        writes(holding(longer)(id="a", v=SecretStr("hush")))[0]()
    assert "hush" not in f"{caught.value.message} {caught.value.value!r}"
