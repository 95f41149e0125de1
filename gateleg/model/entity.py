"""`Entity`: a declared kind of item."""

from __future__ import annotations

from dataclasses import replace
from threading import local
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, dataclass_transform
from weakref import ref

from pydantic import BaseModel, ConfigDict, ValidationError

from gateleg.errors import AttributeNotReadError, DeclarationError
from gateleg.model.attributes.checks import UNBUILT, first_unbuilt
from gateleg.model.attributes.declared import attr
from gateleg.model.items.layout import Layout
from gateleg.model.items.options import Options
from gateleg.model.keys.declared import IndexKey, KeyDeclaration, PlainKeyDeclaration
from gateleg.model.kinds import Kind, TableBase
from gateleg.model.naming import check_names
from gateleg.model.paths.path import Path
from gateleg.model.queries.access import AccessPattern
from gateleg.model.queries.plan import make_plans
from gateleg.model.uses import OperationMarker
from gateleg.model.values.hidden import cause, shown_names
from gateleg.model.values.problems import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pydantic import GetCoreSchemaHandler
    from pydantic._internal._model_construction import ModelMetaclass
    from pydantic_core.core_schema import CoreSchema

    from gateleg.model.items.options import Transform, Unknown, Upgrade
    from gateleg.model.queries.plan import Plan

    def _of_any(function: Callable[..., None], /) -> KeyDeclaration[...]: ...

else:
    ModelMetaclass = type(BaseModel)

_D = TypeVar("_D")
_state = local()


@dataclass_transform(kw_only_default=True, field_specifiers=(attr,))
class EntityMeta(ModelMetaclass):
    """Pydantic's metaclass, with a `Path` for each attribute of a class.

    Paths come from `__getattr__`, which type checkers do not see, or they would pass any name: they know them from `Attr.__get__`.
    """

    if not TYPE_CHECKING:

        def __getattr__(cls, name: str) -> Any:  # noqa: N805 (of a metaclass, which its base hides)
            layout = cls.__dict__.get("__gateleg__")
            if layout is not None and name in layout.attributes and not _is_base_of_unfinished(cls):
                return Path(layout.attributes[name])
            if layout is None and name in cls.__dict__.get("__pydantic_fields__", ()) and getattr(_state, "unfinished", None) is None:
                raise AttributeError(f"{cls.__name__} has no table, so that {name!r} has no path there; ask a subclass that has one")
            return super().__getattr__(name)

        def __call__(cls, *args: Any, **values: Any) -> Any:  # noqa: N805 (as above)
            """Make an entity. Only code that constructs one comes by here; pydantic, as it validates the body of a request, does not."""
            try:
                return super().__call__(*args, **values)
            except ValidationError as error:
                raise refusal(error, cls) from cause(error, hidden=shown_names(cls) is not None)


def _is_base_of_unfinished(entity: type[Any]) -> bool:
    """Whether a subclass is being made: pydantic takes what it finds on a base under a field's name for a shadowed attribute, and warns."""
    unfinished: ref[type[Any]] | None = getattr(_state, "unfinished", None)
    subclass = None if unfinished is None else unfinished()
    return subclass is not None and entity in subclass.__mro__[1:]


def _unbuilt(entity: type[Any], error: Exception, name: str | None = None) -> DeclarationError:
    from gateleg.model.attributes.unbuilt import unbuilt  # only where something fails

    return unbuilt(entity, error, name)


class Entity(Kind, metaclass=EntityMeta):
    """A kind of item, declared once: `class Message(Entity, table=CHAT)`.

    A pydantic model, strict about the types of its values, that refuses attributes it does not declare. Without `table=` it
    is a base that shares attributes, keys and access patterns with its subclasses, and has no items itself.

    Args:
        table: The table in which its items live; a subclass inherits it.
        name: What its items carry under the table's type attribute; by default the class's name.
        unknown: What becomes of stored attributes that it does not declare: "drop" (the default) leaves them out, "keep" writes them again
            with a put and shows them by `unknown_attributes(entity)`, "refuse" raises `StoredItemInvalidError`.
        upgrades: Functions that bring stored items up to date as they are read; the first one those that were stored before there was
            any, each later one those of the version before. Each takes and gives the dict of the attributes by stored name. An update brings
            an item up to date before it changes it; other conditions, and filters, are of what is stored, until `gateleg backfill` was there.
        remember: Whether entities that are read keep their items beside them, at the cost of the memory: `original(entity)` is then the
            entity as it was read, and `store.update(entity, *changes(entity))` writes what was assigned since, and nothing else.
        tenant: The attribute that says whose an item is, such as "tenant_id"; each key and index of the entity begins with it. What a handler declares
            of the entity is then granted to sessions of one tenant alone (`Tenants`), unless it writes `across_tenants(...)`.

    Reading an entity also finds its subclasses in the same table, as what they are.

    Raises:
        ItemInvalidError: From the constructor and on assignment, for values that the entity refuses; from the store, for values that cannot
            be stored. `model_validate` and the body of a request raise pydantic's own `ValidationError`.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid",
        validate_assignment=True,
        validate_by_name=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
        ignored_types=(AccessPattern, KeyDeclaration, IndexKey, OperationMarker),
        defer_build=True,
    )

    __gateleg__: ClassVar[Layout]
    __gateleg_plans__: ClassVar[Mapping[str, Plan]]
    __gateleg_options__: ClassVar[Options] = Options()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            layout = getattr(type(self), "__gateleg__", None)
            if layout is not None and name in layout.attributes:
                label = f"{type(self).__name__}.{name}"
                raise AttributeNotReadError(f"{label} was not read with this item; add it: only(..., {label})", path=label)
            return super().__getattr__(name)

    if TYPE_CHECKING:
        # With an annotation it would be an attribute, and without a guess of each type checker.
        @_of_any
        def key(**attributes: Any) -> None:
            """On the class, makes keys from the attributes that they are made of; on an entity, its own key."""
    else:
        key = PlainKeyDeclaration()
    """On the class, makes keys from the attributes that they are made of; on an entity, its own key."""

    get: ClassVar[OperationMarker] = OperationMarker("get")
    put: ClassVar[OperationMarker] = OperationMarker("put")
    create: ClassVar[OperationMarker] = OperationMarker("create")
    update: ClassVar[OperationMarker] = OperationMarker("update")
    delete: ClassVar[OperationMarker] = OperationMarker("delete")
    check: ClassVar[OperationMarker] = OperationMarker("check")
    scan: ClassVar[OperationMarker] = OperationMarker("scan")
    batch_get: ClassVar[OperationMarker] = OperationMarker("batch_get")
    batch_write: ClassVar[OperationMarker] = OperationMarker("batch_write")
    partiql_select: ClassVar[OperationMarker] = OperationMarker("partiql_select")
    partiql_insert: ClassVar[OperationMarker] = OperationMarker("partiql_insert")
    partiql_update: ClassVar[OperationMarker] = OperationMarker("partiql_update")
    partiql_delete: ClassVar[OperationMarker] = OperationMarker("partiql_delete")

    @classmethod
    def before_save(cls, values: dict[str, Any]) -> dict[str, Any]:
        """A hook on whole items: the values to store, by attribute name, from those of the entity; each attribute's `save` comes after.

        The table's own key stays that of the entity, so that it is found again; an update, which knows no whole item, does not come by.
        """
        return values

    @classmethod
    def after_load(cls, values: dict[str, Any]) -> dict[str, Any]:
        """A hook on whole items: the values of the entity, by attribute name, from those stored; each attribute's `load` came before."""
        return values

    def __init_subclass__(
        cls,
        *,
        table: TableBase | None = None,
        name: str | None = None,
        unknown: Unknown | None = None,
        upgrades: Iterable[Upgrade] | None = None,
        remember: bool | None = None,
        tenant: str | None = None,
        **config: Any,
    ) -> None:
        """Take the class's keywords; the layout is made once pydantic has its fields."""
        try:
            super().__init_subclass__(**config)
        except TypeError as error:
            message = f"{cls.__name__} is declared with {', '.join(config)}=; a class takes table=, name=, unknown=, upgrades=, remember=, tenant= and pydantic's settings"
            raise DeclarationError(message, path=cls.__name__, value=config) from error
        check_names(cls, Entity)
        cls.__gateleg_options__ = cls.__gateleg_options__.changed(cls.__name__, unknown, upgrades, remember=remember, tenant=tenant)
        _state.unfinished = ref(cls)

    @classmethod
    def __pydantic_init_subclass__(
        cls,
        *,
        table: TableBase | None = None,
        name: str | None = None,
        unknown: Unknown | None = None,
        upgrades: Iterable[Upgrade] | None = None,
        remember: bool | None = None,
        tenant: str | None = None,
        **config: Any,
    ) -> None:
        """Lay the entity out in its table.

        Raises:
            DeclarationError: The declarations do not fit together.
        """
        super().__pydantic_init_subclass__(**config)
        _state.unfinished = None
        inherited: Layout | None = getattr(cls, "__gateleg__", None)
        if table is not None and not isinstance(table, TableBase):  # pyright: ignore[reportUnnecessaryIsInstance] (checkers pass class keywords)
            message = f"{cls.__name__} is declared with table={table!r}; give the Table itself: table=Table(...)"
            raise DeclarationError(message, path=cls.__name__, value=table)
        table = table or (inherited.table if inherited is not None else None)
        if table is None or cls.__pydantic_generic_metadata__["origin"] is not None:
            return
        cls._lay_out(table, name or cls.__name__)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema of the entity as pydantic makes it.

        Raises:
            DeclarationError: Pydantic makes no schema of it.
        """
        try:
            schema = handler(source)
        except UNBUILT as error:
            raise _unbuilt(cls, error) from error
        if (found := first_unbuilt(schema, cls.model_config)) is not None:
            name, reason = found
            raise _unbuilt(cls, reason, name) from reason
        return schema

    @classmethod
    def __pydantic_on_complete__(cls) -> None:
        """Lay the entity out again where it names types that were defined after it, and are known only now."""
        super().__pydantic_on_complete__()
        before: Layout | None = vars(cls).get("__gateleg__")
        if before is not None:
            try:
                cls._lay_out(before.table, before.name)
            except DeclarationError as error:
                raise error.at(cls) from None  # what runs now is the class that was waited for, or whoever asks for this one
            cls.__gateleg__.adopt(before)

    @classmethod
    def _lay_out(cls, table: TableBase, name: str) -> None:
        layout = Layout(
            cls,
            table,
            name,
            key=cls._declared(KeyDeclaration)["key"],
            index_keys=cls._declared(IndexKey),
            options=replace(cls.__gateleg_options__, before_save=cls._hook("before_save"), after_load=cls._hook("after_load")),
        )
        cls.__gateleg_plans__ = make_plans(layout, cls._declared(AccessPattern))
        cls.__gateleg__ = layout
        layout.join_family()
        table.register(name, cls)

    if not TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None:
            try:
                super().__setattr__(name, value)
            except ValidationError as error:
                kind = type(self)
                raise refusal(error, kind, "stays as it was") from cause(error, hidden=shown_names(kind) is not None)

    @classmethod
    def _hook(cls, name: str) -> Transform | None:
        hook: Any = getattr(cls, name)
        return None if getattr(hook, "__func__", hook) is vars(Entity)[name].__func__ else hook

    @classmethod
    def _declared(cls, kind: type[_D]) -> dict[str, _D]:
        """The declarations of a kind, in the class and its bases; the nearest of a name counts."""
        found: dict[str, Any] = {}
        for base in reversed(cls.__mro__):
            found.update({name: value for name, value in vars(base).items() if isinstance(value, kind) or name in found})
        return {name: value for name, value in found.items() if isinstance(value, kind)}


# Of itself alone: to build what has no attributes takes as long as to build what has, and is for nothing. Entities are built as they are declared.
del Entity.model_config["defer_build"]
