"""How an entity says what its keys are made of: `key(...)` and `index_key(...)`."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, cast, overload

from gateleg.errors import KeyTemplateError
from gateleg.model.keys.key import Key, KeyMaker
from gateleg.model.keys.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateleg.model.kinds import Kind

P = ParamSpec("P")
E = TypeVar("E", bound="Kind")
E_co = TypeVar("E_co", bound="Kind", covariant=True)


class KeyDeclaration(Generic[P]):
    """How an entity's key is made; on the class it makes keys, on an entity it is that entity's key.

    Args:
        partition: The template of the partition key; `None` where a plain attribute is the key.
        sort: The template of the sort key.
        parameters: The names that a typed declaration gives, to be checked against the templates.
    """

    def __init__(self, partition: Template | None = None, sort: Template | None = None, parameters: tuple[str, ...] | None = None) -> None:
        self.partition = partition
        self.sort = sort
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
        return KeyDeclaration(self.partition, self.sort, tuple(keyword_parameters(function, KeyTemplateError)))


def key(partition: str | None = None, sort: str | None = None, *, percent_encoded: bool = False) -> PlainKeyDeclaration:
    """Declare how an entity's key is made.

    By itself, `key = key("ROOM#{room}", "MSG#{message_id}")`, whose keywords are checked when it is called; or as a
    decorator, whose keywords type checkers check too::

        @key("ROOM#{room}", "MSG#{message_id}")
        def key(*, room: str, message_id: str) -> None: ...

    Args:
        partition: The template of the partition key; left out where an attribute is declared with `partition_key=True`.
        sort: The template of the sort key, where the table has one. Text that ends it sorts as the text does.
        percent_encoded: Text that ends the sort key is written as all other is, `%23` for `#`: for tables whose stored keys are so. It
            does not sort as the text does, so that an access pattern with a range of it is refused.

    Raises:
        KeyTemplateError: A template that cannot be read, or that lets two sets of values make one key. When the class of the entity is made:
            the values or the format of a placeholder do.
    """
    return PlainKeyDeclaration(*_templates(partition, sort, percent_encoded))


@dataclass(frozen=True)
class IndexKey:
    """How an entity fills an index's key; made by `index_key`."""

    index: str
    partition: Template | None = None
    sort: Template | None = None


def index_key(index: str, partition: str | None = None, sort: str | None = None, *, percent_encoded: bool = False) -> IndexKey:
    """Declare how an entity fills the key of an index.

    As in `by_author_key = index_key("by_author", "AUTHOR#{author}", "SENT#{sent_at}")`, under any name. Not needed where the index's keys are plain attributes. An item of which a named attribute is `None` is left out of the index.

    Args:
        index: The index's name.
        partition: The template of its partition key; left out where that is a plain attribute, and for a `LocalIndex`, whose partitions are
            the table's: `index_key("by_state", sort="STATE#{state}")`.
        sort: The template of its sort key, where it has one. Text that ends it sorts as the text does.
        percent_encoded: Text that ends the sort key is written as all other is: see `key`.

    Raises:
        KeyTemplateError: A template that cannot be read, or that lets two sets of values make one key. When the class of the entity is made:
            the values of a placeholder do. A format may leave something out, as in `{at:%Y-%m}`: items may share the key of an index.
    """
    return IndexKey(index, *_templates(partition, sort, percent_encoded))


def _templates(partition: str | None, sort: str | None, percent_encoded: bool) -> tuple[Template | None, Template | None]:  # noqa: FBT001 (passed on)
    in_order = not percent_encoded
    return None if partition is None else Template(partition), None if sort is None else Template(sort, in_order=in_order)


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
