"""References: attributes that say which other entity is meant, by the attributes of its key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, get_args

from pydantic_core import PydanticCustomError, core_schema

from gateleg.errors import DeclarationError, GatelegError
from gateleg.model.keys.key import Key, KeyMaker
from gateleg.model.values.annotations import class_of

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

    from gateleg.model.kinds import Kind

E = TypeVar("E", bound="Kind")
F = TypeVar("F", bound="Kind")


class Ref(Mapping[str, Any], Generic[E]):
    """A reference to an entity of this or another table: `author: Attr[Ref[User]]`, made by `Ref.to(user)`.

    It is stored, and shown in JSON, as the attributes that the entity's key is made of. Nothing sees to it that there is such an item.
    `store.get(message.author.key)` reads it, `store.resolve(message.author for message in page.items)` reads many at once.

    Attributes:
        key: The key of the entity that is meant.
    """

    __gateleg_refers__ = True
    """Says that it holds nothing of the entity that it names but the key."""

    def __init__(self, key: Key[E]) -> None:
        self.key = key

    @staticmethod
    def to(target: F | Key[F]) -> Ref[F]:
        """The reference to an entity, or to what is under a key.

        Raises:
            AttributeNotReadError: The entity was read without an attribute that its key is made of.
        """
        return Ref(target if isinstance(target, Key) else cast("Key[F]", target.__gateleg__.key_of(target)))

    def __repr__(self) -> str:
        return f"Ref({self.key!r})"

    def __eq__(self, other: object) -> bool:
        return issubclass(class_of(other), Ref) and self.key.identity == cast("Any", other).key.identity

    def __hash__(self) -> int:
        return hash(self.key.identity)

    def __getitem__(self, name: str) -> Any:
        return self.key.values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.key.values)

    def __len__(self) -> int:
        return len(self.key.values)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """The schema of an object with the attributes of the key."""
        del handler  # The entity's own schema says how it is stored, not how it is referred to.
        arguments = get_args(source)
        if not arguments or not isinstance(arguments[0], type):
            message = f"{source!r} does not say of which entity it is a reference; write Ref[User], of a class that is defined before, or is this one"
            raise DeclarationError(message, path="Ref", value=source)
        return core_schema.no_info_before_validator_function(
            partial(_as_object, arguments[0]),
            core_schema.no_info_after_validator_function(
                partial(_referring, arguments[0]), core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema())
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(dict[str, Any]),
        )


def _as_object(entity: type[Kind], value: Any) -> Any:
    """What a program may give in place of an object: a reference, a key, or the entity itself, of the right kind."""
    kind = class_of(value)
    if issubclass(kind, Key):
        return _values_of(entity, value)
    return _values_of(entity, value.key) if issubclass(kind, (Ref, entity)) else value


def _values_of(entity: type[Kind], key: Key[Any]) -> dict[str, Any]:
    if not issubclass(key.entity, entity):
        shown = {"wanted": entity.__name__, "given": key.entity.__name__}
        raise PydanticCustomError("reference", "Value error, a reference to {wanted}, not to {given}", shown)
    return dict(key.values)


def _referring(entity: type[Kind], values: dict[str, Any]) -> Ref[Any]:
    try:
        return Ref(KeyMaker[..., Any](entity)(**values))
    except GatelegError as error:
        raise PydanticCustomError("reference", "Value error, {reason}", {"reason": error.message}) from error
