"""Keys: how an entity says its own, how a caller makes one."""

from __future__ import annotations

from dataclasses import dataclass, field
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, cast, overload

from gateleg.errors import AttributeUnknownError, ItemInvalidError, KeyTemplateError
from gateleg.model.templates import Template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateleg.model.kinds import Kind
    from gateleg.model.schema import KeySchema
    from gateleg.model.wire import WireValue

P = ParamSpec("P")
E = TypeVar("E", bound="Kind")
E_co = TypeVar("E_co", bound="Kind", covariant=True)


@dataclass(frozen=True)
class Key(Generic[E_co]):
    """The key of one item of one entity.

    Attributes:
        entity: The entity's class.
        wire: The key attributes in wire form, by stored name.
        values: The attribute values that it was made of.
    """

    entity: type[E_co]
    wire: Mapping[str, WireValue]
    values: Mapping[str, Any] = field(compare=False)

    def __hash__(self) -> int:
        return hash((self.entity, repr(sorted(self.wire.items()))))

    @property
    def identity(self) -> tuple[int, str]:
        """What tells items apart, whichever entity they are read as: their table, and the key's wire form."""
        return id(self.entity.__gateleg__.table), repr(sorted(self.wire.items()))

    def __repr__(self) -> str:
        return f"{self.entity.__name__}.key({', '.join(f'{name}={value!r}' for name, value in self.values.items())})"


class KeyMaker(Generic[P, E]):
    """`Message.key`: call it with the attributes that the key is made of."""

    def __init__(self, entity: type[E]) -> None:
        self._entity = entity

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Key[E]:
        """The key of these values.

        Raises:
            AttributeUnknownError: A name that is no part of the key.
            KeyTemplateError: A part of the key is missing.
            ItemInvalidError: A value of the wrong type.
        """
        schema: KeySchema = self._entity.__gateleg__.primary
        wanted = schema.attributes
        label = f"{self._entity.__name__}.key({', '.join(f'{name}=' for name in wanted)})"
        if args:
            raise KeyTemplateError(f"{label} takes keywords only; {args!r} were given without names", value=args)
        for name, value in kwargs.items():
            if name not in wanted:
                raise AttributeUnknownError(f"{name!r} is no part of the key; write {label}", path=name, value=value)
        if missing := [name for name in wanted if name not in kwargs]:
            raise KeyTemplateError(f"the key lacks {', '.join(missing)}; write {label}", path=missing[0], value=kwargs)
        values = {name: attribute.check(kwargs[name]) for name, attribute in wanted.items()}
        return make_key(self._entity, schema, values)


def make_key(entity: type[E], schema: KeySchema, values: Mapping[str, Any]) -> Key[E]:
    """The key of valid values.

    Raises:
        ItemInvalidError: A value that is part of the key is `None`.
    """
    wire = schema.wire(values)
    if len(wire) != len(schema.parts):
        absent = next(name for name in schema.attributes if values.get(name) is None)
        raise ItemInvalidError(f"{entity.__name__}.{absent} is part of the key and cannot be None", path=absent)
    return Key(entity, wire, {name: values[name] for name in schema.attributes})


class KeyDeclaration(Generic[P]):
    """How an entity's key is made; on the class it makes keys, on an entity it is that entity's key.

    Args:
        partition: The template of the partition key; `None` where a plain attribute is the key.
        sort: The template of the sort key.
        parameters: The names that a typed declaration gives, to be checked against the templates.
    """

    def __init__(self, partition: str | None = None, sort: str | None = None, parameters: tuple[str, ...] | None = None) -> None:
        self.partition: Template | None = None if partition is None else Template(partition)
        self.sort: Template | None = None if sort is None else Template(sort)
        self.parameters = parameters

    @overload
    def __get__(self, instance: None, owner: type[E]) -> KeyMaker[P, E]: ...
    @overload
    def __get__(self, instance: E, owner: type[E]) -> Key[E]: ...
    def __get__(self, instance: E | None, owner: type[E]) -> KeyMaker[P, E] | Key[E]:
        """The maker of keys on the class, the entity's own key on an entity."""
        if instance is None:
            return KeyMaker(owner)
        return cast("Key[E]", owner.__gateleg__.key_of(instance))


class PlainKeyDeclaration(KeyDeclaration[...]):
    """What `key(...)` gives: a declaration by itself, and a decorator that adds typed parameters to it."""

    def __call__(self, function: Callable[P, Any]) -> KeyDeclaration[P]:
        """Give the key typed parameters: those of the function, whose body is never run."""
        names = keyword_parameters(function, KeyTemplateError)
        return KeyDeclaration(
            None if self.partition is None else self.partition.text, None if self.sort is None else self.sort.text, tuple(names)
        )


def key(partition: str | None = None, sort: str | None = None) -> PlainKeyDeclaration:
    """Declare how an entity's key is made.

    By itself, `key = key("ROOM#{room}", "MSG#{message_id}")`, whose keywords are checked when it is called; or as a
    decorator, whose keywords type checkers check too::

        @key("ROOM#{room}", "MSG#{message_id}")
        def key(*, room: str, message_id: str) -> None: ...

    Args:
        partition: The template of the partition key; left out where an attribute is declared with `partition_key=True`.
        sort: The template of the sort key, where the table has one.

    Raises:
        KeyTemplateError: A template that cannot be read, or that lets two sets of values make one key.
    """
    return PlainKeyDeclaration(partition, sort)


@dataclass(frozen=True)
class IndexKey:
    """How an entity fills an index's key; made by `index_key`."""

    index: str
    partition: Template | None = None
    sort: Template | None = None


def index_key(index: str, partition: str | None = None, sort: str | None = None) -> IndexKey:
    """Declare how an entity fills the key of an index.

    As in `by_author_key = index_key("by_author", "AUTHOR#{author}", "SENT#{sent_at}")`, under any name. Not needed where the index's keys are plain attributes. An item of which a named attribute is `None` is left out of the index.

    Args:
        index: The index's name.
        partition: The template of its partition key; left out where that is a plain attribute, and for a `LocalIndex`, whose partitions are
            the table's: `index_key("by_state", sort="STATE#{state}")`.
        sort: The template of its sort key, where it has one.

    Raises:
        KeyTemplateError: A template that cannot be read, or that lets two sets of values make one key.
    """
    return IndexKey(index, None if partition is None else Template(partition), None if sort is None else Template(sort))


def keyword_parameters(function: Callable[..., Any], error: type[KeyTemplateError | Any]) -> dict[str, Parameter]:
    """The parameters of a declaring function, all keyword-only.

    Raises:
        KeyTemplateError: One is not; or the given error class.
    """
    parameters = dict(signature(function).parameters)
    for name, parameter in parameters.items():
        if parameter.kind is Parameter.VAR_KEYWORD:
            message = f"{function.__name__} takes **{name}, which names no attribute; write its parameters out: def {function.__name__}(*, room: str)"
            raise error(message, path=function.__name__, value=name)
        if parameter.kind is not Parameter.KEYWORD_ONLY:
            message = (
                f"{function.__name__} takes {name!r} by position; begin its parameters with `*`: def {function.__name__}(*, {name}: ...)"
            )
            raise error(message, path=function.__name__, value=name)
    return parameters
