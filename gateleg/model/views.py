"""Views: models of some of an entity's attributes, for answers that do not show all of it."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from pydantic import BaseModel, ConfigDict

from gateleg.errors import AttributeUnknownError, DeclarationError
from gateleg.model.queries.page import Page
from gateleg.model.queries.projection import of_entity
from gateleg.model.values.storage import Storage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from pydantic._internal._model_construction import ModelMetaclass
    from pydantic.fields import FieldInfo

    from gateleg.model.entity import Entity
    from gateleg.model.paths.path import Path
else:
    ModelMetaclass = type(BaseModel)

E = TypeVar("E", bound="Entity")


def _entity_of(bases: tuple[Any, ...]) -> Any:
    for base in bases:
        generic = getattr(base, "__pydantic_generic_metadata__", {"args": ()})
        if generic["args"] and not isinstance(generic["args"][0], TypeVar):
            return generic["args"][0]
        if (inherited := getattr(base, "__gateleg_entity__", None)) is not None:
            return inherited
    return None


def _fields(view: str, entity: Any, include: Iterable[Path[Any]] | None, exclude: Iterable[Path[Any]] | None) -> dict[str, FieldInfo]:
    if include is not None and exclude is not None:
        raise DeclarationError(f"the view {view} has include= and exclude=; give one of them", path=view)
    chosen = {_name(view, entity, path) for path in (include or exclude or ())}
    fields: dict[str, FieldInfo] = {}
    for name, field in entity.model_fields.items():
        if (name in chosen) == (include is not None):
            fields[name] = _shown(field)
    if not fields:
        raise DeclarationError(f"the view {view} shows nothing of {entity.__name__}; leave it out, or exclude less", path=view)
    return fields


def _name(view: str, entity: Any, path: Any) -> str:
    attribute = getattr(path, "attribute", None)
    name = str(getattr(attribute, "name", path))
    if attribute is None or path.steps or not of_entity(entity, path):
        message = f"the view {view} names {path!r}, which is not an attribute of {entity.__name__}; write {entity.__name__}.<one of: {', '.join(entity.model_fields)}>"
        raise AttributeUnknownError(message, path=view, value=path)
    return name


def _shown(field: FieldInfo) -> FieldInfo:
    shown = copy(field)
    shown.metadata = [item for item in field.metadata if not isinstance(item, Storage)]
    return shown


class ViewMeta(ModelMetaclass):
    """Pydantic's metaclass, which gives a view the fields of its entity."""

    if not TYPE_CHECKING:

        def __new__(mcs, name, bases, namespace, *, include=None, exclude=None, **options):  # noqa: ANN001, ANN003, ANN204 (typed by View.__init_subclass__)
            """Make the class of a view, with the fields that are left."""
            entity = _entity_of(bases)
            if entity is None:
                return super().__new__(mcs, name, bases, namespace, **options)
            fields = _fields(name, entity, include, exclude)
            own = namespace.get("__annotations__", {})
            annotations = {field: entity.__gateleg__.attributes[field].annotation for field in fields}
            members = {**fields, **namespace, "__annotations__": {**annotations, **own}, "__gateleg_entity__": entity}
            return super().__new__(mcs, name, bases, members, **options)


class View(BaseModel, Generic[E], metaclass=ViewMeta, defer_build=True):
    """A model with some of an entity's attributes, as in `class PublicMessage(View[Message], exclude=[Message.author])`.

    The attributes keep their types, constraints, aliases and descriptions, so that a view can be the return annotation of a route and
    stand in its OpenAPI document. Attributes that code reads from a view are annotated in its body (`body: str`), for type checkers.

    Args:
        include: The attributes that it has; all where neither is given.
        exclude: The attributes that it lacks.

    Raises:
        DeclarationError: Both are given, or nothing is left.
        AttributeUnknownError: An attribute of another entity is named.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, validate_by_name=True, ser_json_bytes="base64", val_json_bytes="base64")

    __gateleg_entity__: ClassVar[Any]

    if TYPE_CHECKING:

        def __init_subclass__(
            cls, *, include: Iterable[Path[Any]] | None = None, exclude: Iterable[Path[Any]] | None = None, **config: Any
        ) -> None: ...

    @classmethod
    def of(cls, entity: E) -> Self:
        """The view of an entity, or of one of a subclass."""
        attributes = cls.__gateleg_entity__.__gateleg__.attributes
        return cls.model_construct(**{name: getattr(entity, name) for name in cls.model_fields if name in attributes})

    @classmethod
    def page_of(cls, page: Page[E]) -> Page[Self]:
        """A page of views, with the cursor of the page of entities."""
        views: list[Any] = [cls.of(entity) for entity in page.items]
        return cast("Page[Self]", Page[Any](items=views, cursor=page.cursor))


# Of `View` alone, which shows nothing: views are built as they are declared.
del View.model_config["defer_build"]
